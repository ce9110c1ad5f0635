/**
 * Ways to keep vectors in fewer bytes, each as plain as it can be written.
 *
 * A kind encodes rows and finds, for a query, those that look closest by their codes; whoever wants to be sure scores the
 * best of them again in float32. Cosines are treated as dot products of vectors made one long. Where the search module
 * has a kernel the kind uses it (projected codes, bits), else the loops here are what runs.
 */
import { Matrix, bytes, floats, openWorkspace } from "../core/index.ts";
import { fromHalf, toHalf } from "../formats/index.ts";
import { type Scans, openScans } from "../kernels/index.ts";
import { TopK, normalize } from "../math/index.ts";
import type { IndexMetric } from "./vector-index.ts";

/** Rows kept as a kind keeps them. */
export interface CompressedRows {
  /** "int8", "pca-64", …: the kind, with its width where it has one. */
  readonly kind: string;
  readonly bytesPerVector: number;
  /** The rows that look closest to a query, closest first; of equals the lower row first. */
  nearest(query: Float32Array, count: number): number[];
  /** What is left of a row: the vector that its code stands for. Undefined where only an order is kept. */
  decode(row: number): Float32Array | undefined;
}

/** What a kind is made of. Cosine: the vectors are one long already. */
export interface KindInput {
  readonly metric: IndexMetric;
  readonly vectors: Matrix;
}

/** A kind is made in steps, so that others get a turn. */
export type KindMaker = (
  input: KindInput,
) => Generator<void, CompressedRows, void> | AsyncGenerator<void, CompressedRows, void>;

/** Vectors as kinds take them: for cosines each one long, else as they are. */
export function prepared(metric: IndexMetric, vectors: Matrix): Matrix {
  if (metric !== "cosine") return vectors;
  const out = Matrix.zeros(vectors.rows, vectors.dim);
  for (let r = 0; r < vectors.rows; r++) out.row(r).set(normalize(vectors.row(r)));
  return out;
}

/** The rows with the highest closeness, by a function that tells it. */
export function closest(rows: number, count: number, closeness: (row: number) => number): number[] {
  const top = new TopK(Math.max(1, Math.min(count, rows)));
  for (let r = 0; r < rows; r++) {
    const value = closeness(r);
    if (value >= top.threshold) top.offer(r, value);
  }
  return top.take().map(({ id }) => id);
}

/** Rows decoded and scanned at a time: they stay in the cache. */
const BLOCK = 256;

/** Scans rows that can be decoded to float32: a block of them at a time, by the kernels. */
export class DecodedScan {
  readonly #space;
  readonly #scans: Scans;
  readonly #rows: number;
  readonly #dim: number;
  readonly #metric: IndexMetric;

  constructor(metric: IndexMetric, rows: number, dim: number) {
    this.#metric = metric;
    this.#rows = rows;
    this.#dim = dim;
    this.#space = openWorkspace({ block: floats(BLOCK * dim), query: floats(dim), scores: floats(BLOCK), spill: bytes(64) }); // prettier-ignore
    this.#scans = openScans(this.#space.memory, this.#space.spill);
  }

  /** The closest rows. `decode` writes rows first … first + count to `out`; `extra` adds to the closeness of a row. */
  nearest(
    query: Float32Array,
    count: number,
    decode: (first: number, count: number, out: Float32Array) => void,
    extra?: Float64Array,
  ): number[] {
    const { block, scores } = this.#space;
    const distances = this.#metric === "euclidean";
    const top = new TopK(Math.max(1, Math.min(count, this.#rows)));
    this.#space.query.set(query);
    for (let first = 0; first < this.#rows; first += BLOCK) {
      const here = Math.min(BLOCK, this.#rows - first);
      decode(first, here, block);
      const out = scores.subarray(0, here);
      if (distances) this.#scans.scanSquares(this.#space.query, block, undefined, out);
      else this.#scans.scanProducts(this.#space.query, block, undefined, out);
      for (let i = 0; i < here; i++) {
        const closeness = (distances ? -out[i]! : out[i]!) + (extra ? extra[first + i]! : 0);
        if (closeness >= top.threshold) top.offer(first + i, closeness);
      }
    }
    return top.take().map(({ id }) => id);
  }

  /** The same for rows that lie in float32 already. */
  nearestOf(query: Float32Array, count: number, rows: Float32Array, extra?: Float64Array): number[] {
    const dim = this.#dim;
    const copy = (first: number, here: number, out: Float32Array): void =>
      out.set(rows.subarray(first * dim, (first + here) * dim));
    return this.nearest(query, count, copy, extra);
  }
}

/** Float32, as it is: what all others are measured against. */
export function* keepF32({ metric, vectors }: KindInput): Generator<void, CompressedRows, void> {
  yield;
  const { data, rows, dim } = vectors;
  const scan = new DecodedScan(metric, rows, dim);
  return {
    kind: "f32",
    bytesPerVector: 4 * dim,
    nearest: (query, count) => scan.nearestOf(query, count, data),
    decode: (row) => vectors.row(row).slice(),
  };
}

/** Half precision: 10 bits of fraction are enough for any ranking, as long as no number is past 65,504. */
export function* keepF16({ metric, vectors }: KindInput): Generator<void, CompressedRows, void> {
  const { data, rows, dim } = vectors;
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    halves[i] = toHalf(data[i]!);
    if ((i & 65_535) === 0) yield;
  }
  const values = Float32Array.from({ length: 65_536 }, (_, half) => fromHalf(half));
  const scan = new DecodedScan(metric, rows, dim);
  const decode = (first: number, count: number, out: Float32Array): void => {
    for (let i = 0, from = first * dim; i < count * dim; i++) out[i] = values[halves[from + i]!]!;
  };
  return {
    kind: "f16",
    bytesPerVector: 2 * dim,
    nearest: (query, count) => scan.nearest(query, count, decode),
    decode: (row) => Float32Array.from(halves.subarray(row * dim, (row + 1) * dim), (half) => values[half]!),
  };
}

/** A byte a number and a float32 a row: its largest number is 127. */
export function* keepInt8({ metric, vectors }: KindInput): Generator<void, CompressedRows, void> {
  const { rows, dim } = vectors;
  const codes = new Int8Array(rows * dim);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = vectors.row(r);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = Math.fround(largest / 127);
    scales[r] = scale;
    for (let i = 0; i < dim; i++)
      codes[r * dim + i] = scale > 0 ? Math.max(-127, Math.min(127, Math.round(row[i]! / scale))) : 0;
    if ((r & 255) === 0) yield;
  }
  const scan = new DecodedScan(metric, rows, dim);
  const decode = (first: number, count: number, out: Float32Array): void => {
    for (let r = 0; r < count; r++) {
      const scale = scales[first + r]!;
      for (let i = r * dim, from = (first + r) * dim; i < (r + 1) * dim; i++) out[i] = scale * codes[from++]!;
    }
  };
  return {
    kind: "int8",
    bytesPerVector: dim + 4,
    nearest: (query, count) => scan.nearest(query, count, decode),
    decode: (row) => Float32Array.from(codes.subarray(row * dim, (row + 1) * dim), (code) => scales[row]! * code),
  };
}

/** The first `kept` numbers alone: for models that put what matters first (Matryoshka; Kusupati et al., 2022). */
export function keepLeading(kept: number): KindMaker {
  return function* ({ metric, vectors }) {
    const { rows, dim } = vectors;
    const cut = Matrix.zeros(rows, kept);
    for (let r = 0; r < rows; r++) {
      const head = vectors.row(r).subarray(0, kept);
      // A cut vector is shorter; its direction is what counts.
      cut.row(r).set(metric === "cosine" ? normalize(head) : head);
      if ((r & 1023) === 0) yield;
    }
    const scan = new DecodedScan(metric, rows, kept);
    return {
      kind: `leading-${kept}`,
      bytesPerVector: 4 * kept,
      nearest(query, count) {
        const head = query.subarray(0, kept);
        return scan.nearestOf(metric === "cosine" ? normalize(head) : head, count, cut.data);
      },
      decode(row) {
        const out = new Float32Array(dim);
        out.set(vectors.row(row).subarray(0, kept));
        return out;
      },
    };
  };
}
