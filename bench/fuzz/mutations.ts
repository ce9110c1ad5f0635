/**
 * Damage to files: cuts, flipped bits, bytes put in and taken out, parts of other files, and numbers in headers made
 * hostile. Everything follows from the Rng, so that a case is named by its seed.
 */
import type { Rng } from "../../src/core/index.ts";

const HOSTILE_TEXT = [
  "0",
  "-1",
  "1",
  "2",
  "7",
  "255",
  "65536",
  "2147483647",
  "4294967296",
  "999999999999",
  "1e9",
  "0x10",
];
const HOSTILE_TEXT_LONG = [
  "9007199254740993",
  "00000000000000000003",
  "99999999999999999999999",
  "nan",
  "inf",
  "1e99",
  "",
];
const HOSTILE_INTEGERS = [
  0n,
  1n,
  2n,
  3n,
  255n,
  256n,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  1n << 40n,
];
const HOSTILE_WIDE = [(1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, (1n << 53n) + 1n, 1n << 32n];
const TELLING_BYTES = [0, 1, 9, 10, 13, 32, 45, 46, 48, 57, 101, 127, 128, 255];

type Mutation = (bytes: Uint8Array, rng: Rng, others: readonly Uint8Array[]) => Uint8Array;

const below = (rng: Rng, count: number): number => (count <= 1 ? 0 : rng.nextBelow(count));
const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)]!;

/** A position, half the time among the first 128, where headers are. */
function somewhere(rng: Rng, length: number): number {
  return below(rng, rng.nextBelow(2) === 0 ? Math.min(length, 128) : length);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const cut: Mutation = (bytes, rng) => bytes.slice(0, below(rng, bytes.length + 1));

const flip: Mutation = (bytes, rng) => {
  const out = bytes.slice();
  for (let n = 1 + rng.nextBelow(8); n > 0 && out.length > 0; n--)
    out[somewhere(rng, out.length)]! ^= 1 << rng.nextBelow(8);
  return out;
};

const overwrite: Mutation = (bytes, rng) => {
  const out = bytes.slice();
  for (let n = 1 + rng.nextBelow(3); n > 0 && out.length > 0; n--)
    out[somewhere(rng, out.length)] = pick(rng, TELLING_BYTES);
  return out;
};

const insert: Mutation = (bytes, rng) => {
  const at = somewhere(rng, bytes.length + 1);
  const many = rng.nextBelow(16) === 0 ? 4096 : 1 + rng.nextBelow(8);
  const telling = rng.nextBelow(2) === 0 ? pick(rng, TELLING_BYTES) : undefined;
  const extra = Uint8Array.from({ length: many }, () => telling ?? rng.nextBelow(256));
  return joined(bytes.subarray(0, at), extra, bytes.subarray(at));
};

const remove: Mutation = (bytes, rng) => {
  const at = somewhere(rng, bytes.length + 1);
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + rng.nextBelow(64)));
};

const splice: Mutation = (bytes, rng, others) => {
  const other = pick(rng, others);
  return joined(bytes.subarray(0, below(rng, bytes.length + 1)), other.subarray(below(rng, other.length + 1)));
};

const repeat: Mutation = (bytes, rng) => {
  const from = below(rng, bytes.length + 1);
  const to = Math.min(bytes.length, from + 1 + rng.nextBelow(200));
  const times = 1 + rng.nextBelow(20);
  return joined(
    bytes.subarray(0, to),
    ...Array.from({ length: times }, () => bytes.subarray(from, to)),
    bytes.subarray(to),
  );
};

/** Puts another number where digits stand, in the first part of the file or anywhere. */
const textNumber: Mutation = (bytes, rng) => {
  const start = somewhere(rng, bytes.length);
  let from = start;
  while (from < bytes.length && !(bytes[from]! >= 48 && bytes[from]! <= 57)) from++;
  let to = from;
  while (to < bytes.length && bytes[to]! >= 48 && bytes[to]! <= 57) to++;
  const text = pick(rng, rng.nextBelow(3) === 0 ? HOSTILE_TEXT_LONG : HOSTILE_TEXT);
  return joined(bytes.subarray(0, from), new TextEncoder().encode(text), bytes.subarray(to));
};

/** Puts another whole number of 2, 4 or 8 bytes, little-endian, over what is there. */
const binaryNumber: Mutation = (bytes, rng) => {
  const out = bytes.slice();
  const width = pick(rng, [2, 4, 8]);
  let value = pick(rng, rng.nextBelow(3) === 0 ? HOSTILE_WIDE : HOSTILE_INTEGERS);
  const at = somewhere(rng, Math.max(1, out.length - width)) & (rng.nextBelow(2) === 0 ? ~3 : ~0);
  for (let i = 0; i < width && at + i < out.length; i++) {
    out[at + i] = Number(value & 255n);
    value >>= 8n;
  }
  return out;
};

const MUTATIONS: readonly Mutation[] = [cut, flip, overwrite, insert, remove, splice, repeat, textNumber, binaryNumber];

/** One to three kinds of damage to one of the files. */
export function mutate(files: readonly Uint8Array[], rng: Rng): Uint8Array {
  let bytes = pick(rng, files);
  for (let n = 1 + rng.nextBelow(3); n > 0; n--) bytes = pick(rng, MUTATIONS)(bytes, rng, files);
  return bytes;
}
