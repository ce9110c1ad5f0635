/**
 * Product quantisation: a vector in parts, each part a byte (Jégou, Douze and Schmid, 2011).
 *
 * Each part has 256 centroids of its own, found by k-means (Lloyd, 1957), and is kept as the number of the nearest. A query is
 * compared with all centroids once; after that the closeness of a row is a sum of table entries.
 */
import { type Matrix, Rng, bytes, floats, openWorkspace } from "../core/index.ts";
import { type Scans, openScans } from "../kernels/index.ts";
import { sampledRows } from "./codec.ts";
import { type KindMaker, closest } from "./row-kinds.ts";

const CENTROIDS = 256;
const ROUNDS = 8;
/** Rows compared at a time. */
const BLOCK = 2048;

/** Parts of `partDim` numbers, the last maybe fewer; as many bytes a vector as there are parts. */
export function keepProduct(partDim: number): KindMaker {
  return function* ({ metric, vectors }) {
    const { rows, dim } = vectors;
    const parts = Math.ceil(dim / partDim);
    const codes = new Uint8Array(rows * parts);
    const sample = sampledRows(rows, dim);
    const judge = new NearestCentroid(partDim);
    const books: Float32Array[] = [];
    for (let part = 0; part < parts; part++) {
      const values = columns(vectors, part * partDim, Math.min(partDim, dim - part * partDim));
      const book = yield* centroidsOf(values, sample, judge, new Rng(4, part));
      const nearest = yield* judge.of(values, book);
      for (let r = 0; r < rows; r++) codes[r * parts + part] = nearest[r]!;
      books.push(book);
    }
    return {
      kind: `pq-${parts}`,
      bytesPerVector: parts,
      nearest(query, count) {
        const table = tableOf(query, books, partDim, metric === "euclidean");
        return closest(rows, count, (r) => {
          let sum = 0;
          for (let part = 0, place = r * parts; part < parts; part++, place++)
            sum += table[part * CENTROIDS + codes[place]!]!;
          return sum;
        });
      },
      decode: (row) => decode(row, codes, books, partDim, dim),
    };
  };
}

/** The closeness of each part of the query to each of its centroids. */
function tableOf(
  query: Float32Array,
  books: readonly Float32Array[],
  partDim: number,
  distances: boolean,
): Float32Array {
  const table = new Float32Array(books.length * CENTROIDS);
  for (const [part, book] of books.entries()) {
    const width = book.length / CENTROIDS;
    for (let c = 0; c < CENTROIDS; c++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const [q, x] = [query[part * partDim + i]!, book[c * width + i]!];
        sum += distances ? -((q - x) ** 2) : q * x;
      }
      table[part * CENTROIDS + c] = sum;
    }
  }
  return table;
}

function decode(
  row: number,
  codes: Uint8Array,
  books: readonly Float32Array[],
  partDim: number,
  dim: number,
): Float32Array {
  const out = new Float32Array(dim);
  for (const [part, book] of books.entries()) {
    const width = book.length / CENTROIDS;
    const start = codes[row * books.length + part]! * width;
    out.set(book.subarray(start, start + width), part * partDim);
  }
  return out;
}

/** Some columns of a matrix: rows of `width` numbers. */
interface Columns {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

function columns({ data, rows, dim }: Matrix, from: number, width: number): Columns {
  const out = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) out.set(data.subarray(r * dim + from, r * dim + from + width), r * width);
  return { data: out, rows, width };
}

/** k-means on a sample, begun at rows of it; a centroid that loses all its rows stays where it is. */
function* centroidsOf(
  { data, width }: Columns,
  sample: readonly number[],
  judge: NearestCentroid,
  rng: Rng,
): Generator<void, Float32Array, void> {
  const rows = new Float32Array(sample.length * width);
  sample.forEach((r, i) => rows.set(data.subarray(r * width, (r + 1) * width), i * width));
  const order = rng.shuffle(Array.from(sample, (_, i) => i));
  const book = new Float32Array(CENTROIDS * width);
  for (let c = 0; c < CENTROIDS; c++) {
    const start = order[c % order.length]! * width;
    book.set(rows.subarray(start, start + width), c * width);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const nearest = yield* judge.of({ data: rows, rows: sample.length, width }, book);
    const sums = new Float64Array(CENTROIDS * width);
    const counts = new Uint32Array(CENTROIDS);
    for (const [r, c] of nearest.entries()) {
      counts[c]!++;
      for (let i = 0; i < width; i++) sums[c * width + i]! += rows[r * width + i]!;
    }
    for (let c = 0; c < CENTROIDS; c++) {
      for (let i = 0; i < width && counts[c]! > 0; i++) book[c * width + i] = sums[c * width + i]! / counts[c]!;
    }
  }
  return book;
}

/** Finds the nearest of the centroids. Products with rows are the kernels', eight centroids at a time. */
class NearestCentroid {
  readonly #space;
  readonly #scans: Scans;

  constructor(widest: number) {
    this.#space = openWorkspace({
      rows: floats(BLOCK * widest),
      some: floats(8 * widest),
      packed: floats(8 * widest),
      out: floats(8 * BLOCK),
      spill: bytes(64),
    });
    this.#scans = openScans(this.#space.memory, this.#space.spill);
  }

  /** The nearest centroid of each row. */
  *of({ data, rows, width }: Columns, book: Float32Array): Generator<void, Uint8Array, void> {
    const { rows: staged, some, packed, out } = this.#space;
    const nearest = new Uint8Array(rows);
    const halves = halfSquares(book, width);
    for (let first = 0; first < rows; first += BLOCK) {
      const count = Math.min(BLOCK, rows - first);
      staged.set(data.subarray(first * width, (first + count) * width));
      const best = new Float64Array(count).fill(-Infinity);
      for (let c = 0; c < CENTROIDS; c += 8) {
        some.set(book.subarray(c * width, (c + 8) * width));
        const eight = packed.subarray(0, 8 * width);
        this.#scans.packQueries(some.subarray(0, 8 * width), width, eight);
        this.#scans.batchProducts(eight, staged, count, out, BLOCK);
        for (let j = 0; j < 8; j++) {
          for (let r = 0; r < count; r++) {
            // ‖x − c‖² is least where x·c − ‖c‖²/2 is most.
            const closeness = out[j * BLOCK + r]! - halves[c + j]!;
            if (closeness <= best[r]!) continue;
            best[r] = closeness;
            nearest[first + r] = c + j;
          }
        }
      }
      yield;
    }
    return nearest;
  }
}

function halfSquares(book: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: CENTROIDS }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += book[c * width + i]! ** 2;
    return sum / 2;
  });
}
