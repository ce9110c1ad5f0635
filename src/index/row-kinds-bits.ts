/**
 * One bit a number: on which side of the middle it lies.
 *
 * Vectors are centred and turned by chance first, so that every bit tells as much as every other (the idea of RaBitQ; Gao and
 * Long, 2024). A fast turn will do: signs by chance and a Walsh–Hadamard transform, three times (Ailon and Chazelle, 2006). The
 * share of bits that differ then estimates the angle between two vectors; it is a first stage, and never the last word.
 */
import { type Part, Rng, bytes, openWorkspace, words } from "../core/index.ts";
import { openScans } from "../kernels/index.ts";
import type { CompressedRows, KindInput } from "./row-kinds.ts";

const ROUNDS = 3;
/** What the kernel's sums hold: 31 groups of 16 bytes. */
const MOST_BITS = 31 * 128;

const longs = (count: number): Part<BigInt64Array> => ({
  bytes: 8 * count,
  view: (buffer, offset) => new BigInt64Array(buffer as ArrayBuffer, offset, count),
});

/** Undefined for vectors too wide for the kernel. */
export function* keepBits({ vectors }: KindInput): Generator<void, CompressedRows | undefined, void> {
  const { rows, dim, data } = vectors;
  let width = 128;
  while (width < dim) width *= 2;
  if (width > MOST_BITS) return undefined;
  const mean = new Float64Array(dim);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < dim; i++) mean[i]! += data[r * dim + i]! / rows;
    if ((r & 1023) === 0) yield;
  }
  const signs = chanceSigns(width);
  const stride = width / 8;
  const capacity = Math.ceil(rows / 32) * 32;
  const space = openWorkspace({
    codes: bytes(capacity * stride),
    query: bytes(stride),
    bitmap: words(capacity / 32),
    top: longs(8192),
    spill: bytes(64),
  });
  const scans = openScans(space.memory, space.spill);
  for (let r = 0; r < rows; r++) {
    encode(vectors.row(r), mean, signs, space.codes.subarray(r * stride, (r + 1) * stride));
    space.bitmap[r >>> 5]! |= 1 << (r & 31);
    if ((r & 255) === 0) yield;
  }
  return {
    kind: "1bit",
    bytesPerVector: stride,
    nearest(query, count) {
      encode(query, mean, signs, space.query);
      const top = { entries: space.top.subarray(0, Math.min(count, rows)), size: 0 };
      scans.scanBits(space.query, space.codes, { first: 0, end: capacity, bitmap: space.bitmap }, top);
      return Array.from(top.entries.subarray(0, top.size), (entry) => Number(entry & 0xffffffffn));
    },
    decode: () => undefined,
  };
}

function chanceSigns(width: number): Int8Array {
  const rng = new Rng(3);
  return Int8Array.from({ length: ROUNDS * width }, () => (rng.nextWord() & 1 ? 1 : -1));
}

/** Bit i of `out`: whether number i of the turned vector is positive. */
function encode(vector: Float32Array, mean: Float64Array, signs: Int8Array, out: Uint8Array): void {
  const width = 8 * out.length;
  const turned = new Float64Array(width);
  for (let i = 0; i < vector.length; i++) turned[i] = vector[i]! - mean[i]!;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < width; i++) turned[i] = turned[i]! * signs[round * width + i]!;
    walshHadamard(turned);
  }
  out.fill(0);
  for (let i = 0; i < width; i++) if (turned[i]! > 0) out[i >>> 3]! |= 1 << (i & 7);
}

/** In place, without the factor that would keep lengths: only signs are looked at. */
function walshHadamard(x: Float64Array): void {
  for (let half = 1; half < x.length; half *= 2) {
    for (let start = 0; start < x.length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const [a, b] = [x[i]!, x[i + half]!];
        x[i] = a + b;
        x[i + half] = a - b;
      }
    }
  }
}
