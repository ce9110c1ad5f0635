/**
 * How an index turns vectors into short codes: the projection, the step, and the numbers that kernels need.
 *
 * Trained once on a sample: the mean, the leading principal axes (subspace iteration on the covariance), turned by a random
 * rotation so that all code dimensions vary alike and one step size fits all. A code is a row of whole cache lines, its
 * last four bytes a constant, so the number of dimensions is 64 j − 4: the smallest that keeps nine tenths of the variance,
 * or all of them. LeanVec (Tepper et al., 2023) is the model; figures are in docs/decisions/0010-codes.md.
 *
 * Sums run in fixed orders and nothing but + − × ÷ √ is used: the same sample gives the same bits everywhere.
 */
import { type Part, Rng, bytes, floats, openWorkspace, words } from "../core/index.ts";
import { type KernelExports, instantiate, searchModule } from "../kernels/index.ts";
import type { IndexMetric } from "./vector-index.ts";

/** Rows that training looks at; more change nothing that matters. */
export const SAMPLE_ROWS = 3000;
const VARIANCE_KEPT = 0.9;
const BETA = 0.5; // the best of 0, 0.5 and 1 where the projection drops something
const LINE = 64;
const CONSTANT_BYTES = 4;
const MATRIX_SCALE = 16384; // 2¹⁴
/** Values of `transform` in kernels/assembly/search/codec.ts, by metric. */
const TRANSFORM: Readonly<Record<IndexMetric, number>> = { euclidean: 0, cosine: 1, dot: 2 };

/** The fields of the record that kernels read, in its order, each 32 bits. */
export const CODEC_FIELDS = [
  "dim",
  "width",
  "codes",
  "stride",
  "transform",
  "mean",
  "matrix",
  "inverseStep",
  "inputScale",
  "beta",
  "ceiling",
] as const;

/** What a codec is, apart from where it lies. Plain data: it goes to workers and into files. */
export interface Codec {
  readonly dim: number;
  /** Numbers that are projected: dim, one more for dot products, zeros up to a multiple of 8. */
  readonly width: number;
  /** Numbers of a code: d'. */
  readonly codes: number;
  /** Bytes of a code row. */
  readonly stride: number;
  readonly transform: number;
  /** One step of the code, in units of the (transformed) vectors. */
  readonly step: number;
  readonly inverseStep: number;
  readonly inputScale: number;
  readonly beta: number;
  /** Dot products: the length to which rows are lifted by their extra number. */
  readonly ceiling: number;
  /** Share of the sample's variance inside the projection. */
  readonly kept: number;
  /** width float32, in steps. */
  readonly mean: Float32Array;
  /** codes × width, rows 2¹⁴ long. */
  readonly matrix: Int16Array;
}

/** Parts of a workspace that hold a codec: spread them into its layout. */
export function codecParts({ width, codes }: Pick<Codec, "width" | "codes">): {
  codec: Part<Uint32Array>;
  mean: Part<Float32Array>;
  matrix: Part<Uint8Array>;
} {
  return { codec: words(CODEC_FIELDS.length), mean: floats(width), matrix: bytes(2 * codes * width) };
}

/** Writes a codec into such parts. `space.codec.byteOffset` is then what kernels take. */
export function writeCodec(
  space: { readonly codec: Uint32Array; readonly mean: Float32Array; readonly matrix: Uint8Array },
  codec: Codec,
): void {
  space.mean.set(codec.mean);
  space.matrix.set(new Uint8Array(codec.matrix.buffer, codec.matrix.byteOffset, codec.matrix.byteLength));
  const record = { ...codec, mean: space.mean.byteOffset, matrix: space.matrix.byteOffset };
  const asFloat = new Float32Array(space.codec.buffer, space.codec.byteOffset, CODEC_FIELDS.length);
  CODEC_FIELDS.forEach((field, i) => {
    if (FLOATS.has(field)) asFloat[i] = record[field];
    else space.codec[i] = record[field];
  });
}

const FLOATS: ReadonlySet<string> = new Set(["inverseStep", "inputScale", "beta", "ceiling"]);

/** Bytes that a kernel needs to encode: what `encodeScratchBytes` says. */
export function encodeBytes({ width, codes }: Pick<Codec, "width" | "codes">): number {
  return 2 * width + 4 * codes + 128;
}

/** What training is given. */
export interface CodecSample {
  readonly metric: IndexMetric;
  readonly dim: number;
  /** Rows × dim, as the user gave them; at most SAMPLE_ROWS of them. */
  readonly rows: Float32Array;
  /** Dot products: the length of the longest of all rows, which nothing in the sample may exceed. Else ignored. */
  readonly longest?: number;
}

/** Which of `count` rows make a sample: evenly spaced, so that sorted data is seen whole. */
export function sampledRows(count: number, dim: number): number[] {
  // Past this width the covariance costs more than it is worth.
  const most = Math.max(256, Math.floor(SAMPLE_ROWS * Math.min(1, 1536 / dim)));
  const sample = Math.min(count, most);
  return Array.from({ length: sample }, (_, i) => Math.floor((i * count) / sample));
}

/** Trains a codec; yields about every millisecond, so that whoever pulls can let others have a turn. */
export function* trainCodec({ metric, dim, rows, longest = 0 }: CodecSample): Generator<void, Codec, void> {
  const width = Math.ceil((dim + (metric === "dot" ? 1 : 0)) / 8) * 8;
  const real = dim + (metric === "dot" ? 1 : 0);
  const count = rows.length / dim;
  const space = openTraining(count, width);
  yield* center(space, metric, dim, rows, longest);
  const { basis, kept } = yield* principalSpace(space, count, width, real);
  const codes = basis.length / width;
  const matrix = yield* rotated(space, basis, codes, width);
  const { step, inputScale } = yield* measure(space, matrix, count, width, codes);
  const integers = new Int16Array(codes * width);
  for (let i = 0; i < integers.length; i++) integers[i] = Math.round(matrix[i]! * MATRIX_SCALE);
  return {
    dim,
    width,
    codes,
    stride: strideOf(codes),
    transform: TRANSFORM[metric],
    step,
    inverseStep: Math.fround(1 / step),
    inputScale: Math.fround(inputScale * step),
    beta: kept < 1 ? BETA : 0,
    ceiling: Math.fround(longest),
    kept,
    mean: Float32Array.from(space.average, (value) => value / step),
    matrix: integers,
  };
}

/** Whole cache lines that hold the codes and the constant. */
export function strideOf(codes: number): number {
  return Math.ceil((codes + CONSTANT_BYTES) / LINE) * LINE;
}

interface Training {
  readonly kernels: KernelExports;
  /** Rows × width: transformed, less their mean. */
  readonly rows: Float32Array;
  readonly covariance: Float32Array;
  /** Two blocks of width × width at most. */
  readonly basis: Float32Array;
  readonly other: Float32Array;
  readonly turn: Float32Array;
  readonly average: Float64Array;
}

function openTraining(count: number, width: number): Training {
  const space = openWorkspace({
    rows: floats(count * width),
    covariance: floats(width * width),
    basis: floats(width * width),
    other: floats(width * width),
    turn: floats(width * width),
    spill: words(16),
  });
  const kernels = instantiate(searchModule(false), space.memory);
  kernels.openScratch!(space.spill.byteOffset);
  return { ...space, kernels, average: new Float64Array(width) };
}

/** Writes the sample as the kernels will see it (unit, lifted, or as it is), less its mean. */
function* center(space: Training, metric: IndexMetric, dim: number, given: Float32Array, longest: number) {
  const { rows, average } = space;
  const width = average.length;
  const count = given.length / dim;
  for (let r = 0; r < count; r++) {
    let squares = 0;
    for (let i = 0; i < dim; i++) squares += given[r * dim + i]! ** 2;
    const factor = metric === "cosine" ? (squares > 0 ? 1 / Math.sqrt(squares) : 0) : 1;
    for (let i = 0; i < dim; i++) rows[r * width + i] = given[r * dim + i]! * factor;
    if (metric === "dot") rows[r * width + dim] = Math.sqrt(Math.max(0, longest * longest - squares));
    for (let i = 0; i < width; i++) average[i]! += rows[r * width + i]!;
    if ((r & 255) === 0) yield;
  }
  for (let i = 0; i < width; i++) average[i]! /= count;
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < width; i++) rows[r * width + i] = rows[r * width + i]! - average[i]!;
    if ((r & 255) === 0) yield;
  }
}

/** The axes that keep enough of the variance, most important first, and how much they keep. */
function* principalSpace(space: Training, count: number, width: number, real: number) {
  const { kernels, rows, covariance, basis } = space;
  const all = Math.ceil(real / 4) * 4;
  const sizes: number[] = [];
  for (let size = LINE - CONSTANT_BYTES; size < all; size += LINE) sizes.push(size);
  if (sizes.length > 0) {
    for (let r = 0; r < count; r += 64) {
      const here = Math.min(64, count - r);
      const at = rows.byteOffset + 4 * r * width;
      kernels.addCovariance!(at, here, width, 0, width, covariance.byteOffset);
      yield;
    }
    kernels.mirror!(covariance.byteOffset, width);
    let total = 0;
    for (let i = 0; i < width; i++) total += covariance[i * width + i]!;
    for (let block = 0; block < sizes.at(-1)!;) {
      const larger = Math.min(sizes.at(-1)!, block === 0 ? 124 : 2 * block + 4);
      yield* iterate(space, block, larger, width);
      block = larger;
      const shares = sharesOf(space, block, width, total);
      for (const size of sizes.filter((one) => one <= block)) {
        if (shares[size - 1]! >= VARIANCE_KEPT) return { basis: basis.slice(0, size * width), kept: shares[size - 1]! };
      }
    }
  }
  // Everything: the axes themselves, which the rotation turns.
  const axes = new Float32Array(all * width);
  for (let i = 0; i < Math.min(all, real); i++) axes[i * width + i] = 1;
  return { basis: axes, kept: 1 };
}

/** Rows of the basis become the leading axes: random ones from `from` on, then a few powers of the covariance. */
function* iterate({ kernels, covariance, basis, other }: Training, from: number, to: number, width: number) {
  const rng = new Rng(1, from);
  for (let i = from * width; i < to * width; i++) basis[i] = 2 * rng.next() - 1;
  const rounds = width <= 1024 ? 6 : 4;
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < to; i++) {
      kernels.orthonormalize!(basis.byteOffset, i, width);
      if ((i & 7) === 0) yield;
    }
    if (round === rounds) return;
    for (let i = 0; i < to; i += 4) {
      kernels.multiplyRows!(
        basis.byteOffset,
        i,
        Math.min(to, i + 4),
        width,
        covariance.byteOffset,
        width,
        other.byteOffset,
      );
      yield;
    }
    basis.set(other.subarray(0, to * width));
  }
}

/** Which share of the variance the first i + 1 axes keep. */
function sharesOf(
  { kernels, covariance, basis, other }: Training,
  block: number,
  width: number,
  total: number,
): number[] {
  kernels.multiplyRows!(basis.byteOffset, 0, block, width, covariance.byteOffset, width, other.byteOffset);
  let sum = 0;
  return Array.from({ length: block }, (_, i) => {
    sum += kernels.dotRows!(basis.byteOffset + 4 * i * width, other.byteOffset + 4 * i * width, width);
    return total > 0 ? sum / total : 1;
  });
}

/** A random rotation of the basis: rows that are orthonormal and vary alike. */
function* rotated(space: Training, axes: Float32Array, codes: number, width: number) {
  const { kernels, basis, other, turn } = space;
  const inner = Math.ceil(codes / 4) * 4;
  const rng = new Rng(2);
  turn.fill(0);
  for (let i = 0; i < codes; i++) {
    // A sum of four is normal enough for a direction.
    for (let k = 0; k < codes; k++) turn[i * inner + k] = rng.next() + rng.next() + rng.next() + rng.next() - 2;
    kernels.orthonormalize!(turn.byteOffset, i, inner);
    if ((i & 7) === 0) yield;
  }
  basis.set(axes);
  for (let i = 0; i < codes; i += 4) {
    kernels.multiplyRows!(turn.byteOffset, i, Math.min(codes, i + 4), inner, basis.byteOffset, width, other.byteOffset);
    yield;
  }
  return other.slice(0, codes * width);
}

/** Step and scale: codes reach ±63 for 99 in 100, and i16 hold vectors twice as long as any seen. */
function* measure(
  { kernels, rows, other }: Training,
  matrix: Float32Array,
  count: number,
  width: number,
  codes: number,
) {
  other.set(matrix);
  let longest = 0;
  let largest = 0;
  const reach: number[] = [];
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * width, (r + 1) * width);
    let squares = 0;
    for (const value of row) {
      squares += value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    longest = Math.max(longest, Math.sqrt(squares));
    if ((r & 31) === 0) yield;
    if (r % 4 !== 0) continue;
    let most = 0;
    for (let j = 0; j < codes; j++) {
      most = Math.max(most, Math.abs(kernels.dotRows!(row.byteOffset, other.byteOffset + 4 * j * width, width)));
    }
    reach.push(most);
  }
  reach.sort((a, b) => a - b);
  const quantile = reach[Math.floor(reach.length * 0.99)] ?? 0;
  // Equal vectors vary nowhere: any step will do.
  if (!(quantile > 0 && longest > 0)) return { step: 1, inputScale: 1 };
  return { step: quantile / 63, inputScale: Math.min(30000 / longest, 16000 / largest) };
}
