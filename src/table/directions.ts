/**
 * Directions as meanings: an axis from "man" to "woman", and what lies where along it.
 *
 * Offsets are taken between unit vectors, so that frequent words, which tend to be long, do not outweigh the
 * rest (Bolukbasi et al., 2016, do the same).
 */
import { LociError, Rng, checkWhole } from "../core/index.ts";
import { cosine, mean, norm, normalize } from "../math/index.ts";

/** Whatever gives keys their vectors: an `Embedding` does. */
export interface HasVectors {
  readonly dim: number;
  vector(key: string): Float32Array;
}

/** Pairs of keys that stand for one relation: [["man", "woman"], ["king", "queen"]]. */
export type KeyPairs = readonly (readonly [from: string, to: string])[];

/** Two groups of keys, one at each end of an axis; they need not be of one size. */
export interface Poles {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/**
 * The direction from the first of each pair to the second, or from one group to another: the mean offset of the unit
 * vectors, one long, `dim` numbers. Throws `bad-argument` where the offsets add up to nothing.
 */
export function directionOf(space: HasVectors, between: KeyPairs | Poles): Float32Array {
  const { from, to } = isPairs(between) ? polesOf(between) : between;
  if (from.length === 0 || to.length === 0) {
    throw new LociError("bad-argument", "A direction needs at least one key at each end.");
  }
  const offset = meanUnit(space, to);
  meanUnit(space, from).forEach((x, i) => (offset[i] = offset[i]! - x));
  if (norm(offset) === 0)
    throw new LociError("bad-argument", "Both ends are the same place, so there is no direction.");
  return normalize(offset);
}

/** The angle between two directions in degrees, 0 to 180; 90 means that one says nothing about the other. */
export function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  // Kahan's form: exact for tiny and for flat angles, where arccos of the cosine loses half its digits. The last
  // bit of atan2 is the engine's own.
  const u = normalize(a);
  const v = normalize(b);
  if (norm(u) === 0 || norm(v) === 0) return 90; // zeros have no direction: their cosine is 0
  const apart = norm(u.map((x, i) => x - v[i]!));
  const along = norm(u.map((x, i) => x + v[i]!));
  return (2 * Math.atan2(apart, along) * 180) / Math.PI;
}

/** How alike the offsets of pairs are, and how alike those of pairs joined by chance. */
export interface OffsetAgreement {
  /** The mean cosine between the offsets of any two pairs: 1 where the relation is one direction. */
  readonly meanCosine: number;
  /** The same after the second keys were dealt out anew, averaged over the shuffles. */
  readonly baseline: number;
  readonly pairs: number;
}

/**
 * Whether a relation is a direction: the mean cosine among the offsets of its pairs, against a baseline in which
 * the second keys change partners (same words, no relation). Needs at least 2 pairs.
 */
export function offsetAgreement(
  space: HasVectors,
  pairs: KeyPairs,
  { shuffles = 100, seed = 1 }: { readonly shuffles?: number; readonly seed?: number } = {},
): OffsetAgreement {
  checkWhole("pairs", pairs.length, 2);
  checkWhole("shuffles", shuffles, 1);
  const from = pairs.map(([key]) => normalize(space.vector(key)));
  const to = pairs.map(([, key]) => normalize(space.vector(key)));
  const rng = new Rng(seed);
  const shuffled = Array.from({ length: shuffles }, () => meanOffsetCosine(from, rng.shuffle([...to])));
  return { meanCosine: meanOffsetCosine(from, to), baseline: mean(shuffled), pairs: pairs.length };
}

function meanOffsetCosine(from: readonly Float32Array[], to: readonly Float32Array[]): number {
  const offsets = from.map((a, i) => a.map((x, j) => to[i]![j]! - x));
  let sum = 0;
  for (let i = 0; i < offsets.length; i++) for (let j = 0; j < i; j++) sum += cosine(offsets[i]!, offsets[j]!);
  return sum / ((offsets.length * (offsets.length - 1)) / 2);
}

/** The mean of the keys' unit vectors. */
function meanUnit(space: HasVectors, keys: readonly string[]): Float64Array {
  const sum = new Float64Array(space.dim);
  for (const key of keys) normalize(space.vector(key)).forEach((x, i) => (sum[i] = sum[i]! + x));
  return sum.map((x) => x / keys.length);
}

function isPairs(between: KeyPairs | Poles): between is KeyPairs {
  return Array.isArray(between);
}

function polesOf(pairs: KeyPairs): Poles {
  return { from: pairs.map(([from]) => from), to: pairs.map(([, to]) => to) };
}
