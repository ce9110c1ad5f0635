/**
 * Results that do not all say the same: maximal marginal relevance (Carbonell & Goldstein, 1998).
 *
 * One after the other is taken: whoever is relevant and unlike those already taken. Each taken one costs one comparison with
 * each that is left, so k × candidates in all.
 */
import { checkNumber, checkWhole } from "../core/index.ts";
import { cosine } from "../math/index.ts";

/** What may be taken: how relevant it is, within [0, 1], and where it lies; undefined where it has no vector. */
export interface Diverse {
  readonly relevance: number;
  readonly vector: ArrayLike<number> | undefined;
}

export interface DiversityOptions {
  /** How many are taken. */
  readonly k: number;
  /** From 0 (by relevance alone) to 1 (as unlike each other as can be): λ of the paper is 1 − diversity. */
  readonly diversity: number;
}

/**
 * The places of those taken, in the order of taking: each is the best by (1 − diversity) · relevance − diversity · (its highest
 * cosine with one already taken). Ties go to whoever stands first, so candidates should come best first. What has no vector is
 * like nothing.
 */
export function maximalMarginalRelevance(candidates: readonly Diverse[], { k, diversity }: DiversityOptions): number[] {
  checkWhole("k", k, 0);
  checkNumber("diversity", diversity, 0, 1);
  // How like the taken ones each is; before the first, nothing is like anything.
  const likeness = new Float64Array(candidates.length).fill(-Infinity);
  const left = new Set(candidates.keys());
  const taken: number[] = [];
  while (taken.length < k && left.size > 0) {
    let best = -1;
    let bestValue = -Infinity;
    for (const i of left) {
      const likest = likeness[i] === -Infinity ? 0 : likeness[i]!;
      const value = (1 - diversity) * candidates[i]!.relevance - diversity * likest;
      if (best < 0 || value > bestValue) {
        best = i;
        bestValue = value;
      }
    }
    left.delete(best);
    taken.push(best);
    const { vector } = candidates[best]!;
    for (const i of left) {
      const other = candidates[i]!.vector;
      likeness[i] = Math.max(likeness[i]!, vector && other ? cosine(vector, other) : 0);
    }
  }
  return taken;
}
