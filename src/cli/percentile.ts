/** How unusual a similarity is in its own space. */
import { Rng, checkWhole } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import type { Embedding } from "../table/index.ts";

/** What random pairs of keys say of a score. */
export interface Among {
  /** The share of pairs, 0 to 100, whose cosine is below the score; equal ones count half. 100 where there is only one key. */
  readonly percentile: number;
  /** Mean and standard deviation of the pairs' cosines; NaN where there are no two keys. */
  readonly mean: number;
  readonly deviation: number;
}

/** Compares a score with `pairs` random pairs of different keys. The same seed draws the same pairs. */
export function amongPairs(
  { matrix, size }: Embedding,
  score: number,
  { pairs, seed }: { readonly pairs: number; readonly seed: number },
): Among {
  checkWhole("pairs", pairs, 1);
  if (size < 2) return { percentile: 100, mean: NaN, deviation: NaN };
  const rng = new Rng(seed);
  let below = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < pairs; i++) {
    const a = rng.nextBelow(size);
    const b = (a + 1 + rng.nextBelow(size - 1)) % size;
    const other = cosine(matrix.row(a), matrix.row(b));
    below += other < score ? 1 : other === score ? 0.5 : 0;
    sum += other;
    squares += other * other;
  }
  const mean = sum / pairs;
  return { percentile: (100 * below) / pairs, mean, deviation: Math.sqrt(Math.max(0, squares / pairs - mean * mean)) };
}
