/**
 * The two tables that frequency decides: which tokens are kept, and which words are drawn as negatives.
 *
 * Both become whole numbers of 32 bits once, so that kernels compare integers and every machine chooses alike.
 */
import { reference } from "../kernels/index.ts";

const TWO_32 = 2 ** 32;
const ALL = 0xffffffff;

/**
 * Thresholds of sub-sampling, one a word: a token is kept when its random u32 is not above.
 * P(keep) = min(1, (√(f/t) + 1) · t/f) with f the word's share and t = `subsample` (Mikolov et al. 2013, in
 * the form of word2vec.c); 0 keeps all.
 */
export function keepThresholds(counts: ArrayLike<number>, subsample: number): Uint32Array {
  return Uint32Array.from(keepProbabilities(counts, subsample), (p) => (p >= 1 ? ALL : Math.floor(p * TWO_32)));
}

export function keepProbabilities(counts: ArrayLike<number>, subsample: number): Float64Array {
  const total = sum(counts);
  return Float64Array.from(counts, (count) => {
    const share = count / total;
    return subsample > 0 ? Math.min(1, (Math.sqrt(share / subsample) + 1) * (subsample / share)) : 1;
  });
}

/** The weights of the noise distribution: count^0.75 (Mikolov et al. 2013). */
export function noiseWeights(counts: ArrayLike<number>): Float64Array {
  return Float64Array.from(counts, (count) => reference.pow(count, 0.75));
}

/** A distribution to draw from by one random u32. */
export interface NoiseTable {
  /** u32 a word: the upper end of its stretch of [0, 2³²). */
  readonly cumulative: Uint32Array;
  /** For each value of h's top 16 bits, the first word that can be meant; the search goes on from there. */
  readonly guide: Uint32Array;
}

export function noiseTable(weights: Float64Array): NoiseTable {
  const total = sum(weights);
  const cumulative = new Uint32Array(weights.length);
  let below = 0;
  for (let id = 0; id < weights.length; id++) {
    below += weights[id]!;
    cumulative[id] = Math.min(ALL, Math.floor((below / total) * TWO_32));
  }
  cumulative[weights.length - 1] = ALL;
  const guide = new Uint32Array(65536);
  for (let top = 0, id = 0; top < guide.length; top++) {
    while (cumulative[id]! < top * 65536) id++;
    guide[top] = id;
  }
  return { cumulative, guide };
}

/** The largest share of a distribution that one entry has. */
export function greatestShare(weights: ArrayLike<number>): number {
  let greatest = 0;
  for (let i = 0; i < weights.length; i++) greatest = Math.max(greatest, weights[i]!);
  return greatest / sum(weights);
}

/** The sum of numbers, in order. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
