/** How unusual a similarity is in its own space. */
import { Rng, checkWhole } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import type { Embedding } from "../table/index.ts";

/**
 * The share, 0 to 100, of `pairs` random pairs of different keys whose cosine is below `score`; pairs equal to it
 * count half. The same seed draws the same pairs. 100 where there is only one key.
 */
export function percentileOf(
  { matrix, size }: Embedding,
  score: number,
  { pairs, seed }: { readonly pairs: number; readonly seed: number },
): number {
  checkWhole("pairs", pairs, 1);
  if (size < 2) return 100;
  const rng = new Rng(seed);
  let below = 0;
  for (let i = 0; i < pairs; i++) {
    const a = rng.nextBelow(size);
    const b = (a + 1 + rng.nextBelow(size - 1)) % size;
    const other = cosine(matrix.row(a), matrix.row(b));
    below += other < score ? 1 : other === score ? 0.5 : 0;
  }
  return (100 * below) / pairs;
}
