/**
 * How much each word of a text counts: smooth inverse frequency (Arora, Liang & Ma, 2017), a / (a + p(w)).
 *
 * "the" says little about what a text is about and "turbine" much. p(w) is the word's share in the running text; at a =
 * 0.001 a word that is every thousandth counts half, a rare one fully.
 */
import type { Vocabulary } from "../core/index.ts";

/** Zipf's law as Mandelbrot (1953) shifted it: the frequency of rank r (from 0) goes as 1 / (r + 2.7). */
const MANDELBROT_SHIFT = 2.7;

/** The share of each key in running text, p(w). Where the vocabulary has no counts its order is taken for that of frequency. */
export function frequencyShares({ size, counts }: Vocabulary): Float64Array {
  const known = counts.some((count) => count > 0);
  const shares = Float64Array.from({ length: size }, (_, id) => (known ? counts[id]! : 1 / (id + MANDELBROT_SHIFT)));
  let total = 0;
  for (let id = 0; id < size; id++) total += shares[id]!;
  return shares.map((share) => share / total);
}

/** One weight a key, 0 to 1. */
export function frequencyWeights(vocabulary: Vocabulary, smoothing: number): Float64Array {
  return frequencyShares(vocabulary).map((share) => smoothing / (smoothing + share));
}
