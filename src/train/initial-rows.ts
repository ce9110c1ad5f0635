/**
 * Where rows start: uniform in ±spread, each number a function of the seed and its place.
 *
 * So any thread can fill any row, and a row that no training ever touched need not be kept anywhere to be told.
 */
import { reference } from "../kernels/index.ts";

export interface InitialRows {
  readonly seed: number;
  readonly dim: number;
  readonly spread: number;
}

/** Writes the start of row number `row` to `out` from `at` on: `dim` numbers. */
export function initialRow({ seed, dim, spread }: InitialRows, row: number, out: Float32Array, at: number): void {
  const key = reference.mix(row ^ reference.mix(seed >>> 0) ^ reference.mix(Math.floor(seed / 2 ** 32)));
  const scale = (2 * spread) / 2 ** 32;
  for (let i = 0; i < dim; i++) out[at + i] = reference.mix(key ^ i) * scale - spread;
}

/** How far from 0 rows start: word2vec's spread, and fastText's where inputs are means of several rows. */
export function initialSpread(dim: number, subwords: boolean): number {
  return (subwords ? 1 : 0.5) / dim;
}
