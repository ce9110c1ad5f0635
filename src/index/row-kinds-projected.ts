/**
 * Compressed rows behind a projection: principal components, and the 7-bit and 4-bit codes that indexes scan.
 *
 * Turned to its principal axes, a set of vectors needs fewer of its numbers; turned once more by chance, all of them vary
 * alike, so that one step size fits all (codec.ts).
 */
import { Matrix, type Part, bytes, integers, openWorkspace, words } from "../core/index.ts";
import { openScans } from "../kernels/index.ts";
import { principalAxes } from "../math/index.ts";
import { encodeQuestion } from "./certify.ts";
import { CodeSpace } from "./code-space.ts";
import { sampledRows } from "./codec.ts";
import { Question } from "./question.ts";
import { RowSpace } from "./row-space.ts";
import { type CompressedRows, DecodedScan, type KindInput, type KindMaker } from "./row-kinds.ts";
import { Turn } from "./turn.ts";

/** Rows unpacked and scanned at a time. */
const BLOCK = 1024;

/** The `kept` principal components, in float32. */
export function keepPrincipal(kept: number): KindMaker {
  return function* ({ metric, vectors }) {
    const { rows, dim } = vectors;
    const sample = Matrix.of(sampledRows(rows, dim).map((r) => vectors.row(r)));
    const { mean, axes } = yield* principalAxes(sample, kept);
    const project = (x: Float32Array): Float32Array =>
      Float32Array.from({ length: kept }, (_, a) => {
        let sum = 0;
        for (let i = 0; i < dim; i++) sum += axes.data[a * dim + i]! * (x[i]! - mean[i]!);
        return sum;
      });
    const parts = new Float32Array(rows * kept);
    for (let r = 0; r < rows; r++) {
      parts.set(project(vectors.row(r)), r * kept);
      if ((r & 15) === 0) yield;
    }
    // Dot products need the mean back: q·x = (q − m)·(x − m) + m·x + constant.
    const along = Float64Array.from({ length: rows }, (_, r) => {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += mean[i]! * vectors.data[r * dim + i]!;
      return sum;
    });
    const scan = new DecodedScan(metric === "dot" ? "dot" : "euclidean", rows, kept);
    return {
      kind: `pca-${kept}`,
      bytesPerVector: 4 * kept + (metric === "dot" ? 4 : 0),
      nearest: (query, count) => scan.nearestOf(project(query), count, parts, metric === "dot" ? along : undefined),
      decode(row) {
        const out = Float32Array.from(mean);
        for (let a = 0; a < kept; a++) {
          const part = parts[row * kept + a]!;
          for (let i = 0; i < dim; i++) out[i] = out[i]! + part * axes.data[a * dim + i]!;
        }
        return out;
      },
    };
  };
}

/** The 7-bit codes that indexes scan; undefined codes (numbers of no ordinary size, no WebAssembly) make the kind missing. */
export async function* keepInt7(input: KindInput): AsyncGenerator<void, CompressedRows | undefined, void> {
  const made = yield* codesOf(input);
  if (!made) return undefined;
  const { codes, rows, bitmap } = made;
  const { codec } = codes;
  return {
    kind: `int7-${codec.codes}`,
    bytesPerVector: codec.stride,
    nearest(query, count) {
      if (!encodeQuestion(codes, new Question(input.metric, query, rows))) return [];
      codes.bitmap.fill(0);
      codes.bitmap.set(bitmap);
      const top = { entries: codes.top.subarray(0, Math.min(count, input.vectors.rows)), size: 0 };
      const range = { first: 0, end: 32 * bitmap.length, bitmap: codes.bitmap };
      codes.scans.scanCodes(codes.queryCode, codes.codes, range, undefined, top);
      return Array.from(top.entries.subarray(0, top.size), (entry) => Number(entry & 0xffffffffn));
    },
    decode: (row) => decoded(input, codes, (i) => signed(codes.codes[row * codec.stride + i]!)),
  };
}

/** The same codes in half the bits: each 7-bit number falls into one of 16 steps. */
export async function* keep4bit(input: KindInput): AsyncGenerator<void, CompressedRows | undefined, void> {
  const made = yield* codesOf(input);
  if (!made) return undefined;
  const { codes, rows, bitmap } = made;
  const { stride } = codes.codec;
  const count = input.vectors.rows;
  const half = stride / 2;
  const capacity = 32 * bitmap.length;
  const space = openWorkspace({
    packed: bytes(capacity * half),
    constants: integers(capacity),
    unpacked: bytes(BLOCK * stride),
    query: bytes(stride),
    bitmap: words(BLOCK / 32),
    top: longs(8192),
    spill: bytes(64),
  });
  const scans = openScans(space.memory, space.spill);
  for (let r = 0; r < count; r++) {
    space.constants[r] = pack(codes, r, space.packed.subarray(r * half, (r + 1) * half));
    if ((r & 255) === 0) yield;
  }
  return {
    kind: `4bit-${codes.codec.codes}`,
    bytesPerVector: half + 4,
    nearest(query, most) {
      if (!encodeQuestion(codes, new Question(input.metric, query, rows))) return [];
      space.query.set(codes.queryCode);
      const best: { row: number; key: number }[] = [];
      for (let first = 0; first < capacity; first += BLOCK) {
        const size = Math.min(BLOCK, capacity - first);
        space.bitmap.fill(0);
        space.bitmap.set(bitmap.subarray(first / 32, (first + size) / 32));
        scans.unpackCodes(space.packed.subarray(first * half, (first + size) * half), space.constants.subarray(first, first + size), stride, space.unpacked); // prettier-ignore
        const top = { entries: space.top.subarray(0, Math.min(most, count)), size: 0 };
        scans.scanCodes(space.query, space.unpacked, { first: 0, end: size, bitmap: space.bitmap }, undefined, top);
        for (const entry of top.entries.subarray(0, top.size)) {
          best.push({ row: first + Number(entry & 0xffffffffn), key: Number(entry >> 32n) });
        }
        best.sort((a, b) => a.key - b.key || a.row - b.row).splice(most);
      }
      return best.map(({ row }) => row);
    },
    decode(row) {
      const packed = space.packed.subarray(row * half, (row + 1) * half);
      return decoded(input, codes, (i) => 8 * (i < half ? packed[i]! & 15 : packed[i - half]! >> 4) - 60);
    },
  };
}

const longs = (count: number): Part<BigInt64Array> => ({
  bytes: 8 * count,
  view: (buffer, offset) => new BigInt64Array(buffer as ArrayBuffer, offset, count),
});

/** Writes the 4-bit form of a code and returns its constant: ‖code‖² + 128 Σ code + what stands for the energy outside. */
function pack({ codes, codec, biases }: CodeSpace, row: number, out: Uint8Array): number {
  let constant = biases[row]!;
  for (let i = 0; i < codec.stride; i++) {
    const inside = i < codec.codes;
    const level = inside ? Math.max(0, Math.min(15, (signed(codes[row * codec.stride + i]!) + 64) >> 3)) : 0;
    if (inside) constant += (8 * level - 60) ** 2 + 128 * (8 * level - 60);
    if (i < out.length) out[i] = level;
    else out[i - out.length] = out[i - out.length]! | (level << 4);
  }
  return constant;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** Codes of all vectors, in an index's row space of their own. */
async function* codesOf({ metric, vectors }: KindInput) {
  const rows = new RowSpace(vectors.dim, metric === "cosine" ? "inverse" : "length");
  rows.reserve(vectors.rows);
  for (let r = 0; r < vectors.rows; r++) {
    rows.set(r, vectors.row(r));
    if ((r & 255) === 0) yield;
  }
  const all = Array.from({ length: vectors.rows }, (_, r) => r);
  const codes = await CodeSpace.build(metric, rows, all, new Turn());
  const bitmap = new Uint32Array(Math.ceil(vectors.rows / 32));
  for (const r of all) bitmap[r >>> 5]! |= 1 << (r & 31);
  return codes && { codes, rows, bitmap };
}

/** The vector that a code stands for: mean + Pᵀ code, in units of the input. */
function decoded({ vectors: { dim } }: KindInput, { codec }: CodeSpace, code: (i: number) => number): Float32Array {
  const out = Float64Array.from(codec.mean.subarray(0, dim));
  for (let a = 0; a < codec.codes; a++) {
    const part = code(a) / 2 ** 14;
    for (let i = 0; i < dim; i++) out[i] = out[i]! + part * codec.matrix[a * codec.width + i]!;
  }
  return Float32Array.from(out, (value) => value * codec.step);
}
