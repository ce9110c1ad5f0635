/**
 * How good one ranking is: the measures of information retrieval, one query at a time.
 *
 * A ranking comes as the grades of its documents, best-placed first: 0 for what is not relevant (or not judged), more for
 * more relevant. Definitions are those of TREC's trec_eval, so that figures can be put beside published ones: ranks count
 * from 1, gains are linear, what was not judged counts as not relevant.
 */
import { checkWhole } from "../core/index.ts";
import { reference } from "../kernels/index.ts";

/**
 * Normalised discounted cumulative gain (Järvelin & Kekäläinen, 2002) of the first k: Σ grade / log₂(rank + 1), over that
 * of the best ranking there could be. `judged` are the grades of all documents judged for this query, in any order.
 * 0 where none of them is above 0.
 */
export function ndcg(grades: ArrayLike<number>, judged: ArrayLike<number>, k: number): number {
  const ideal = Float64Array.from(judged).sort((a, b) => b - a);
  const best = discountedGain(ideal, k);
  return best === 0 ? 0 : discountedGain(grades, k) / best;
}

/** The part of the relevant documents that stand among the first k; 0 where none is relevant. */
export function recallAt(grades: ArrayLike<number>, relevant: number, k: number): number {
  return relevant === 0 ? 0 : relevantAmong(grades, k) / relevant;
}

/** The part of the first k places that relevant documents hold; places that were left empty count as wrong. */
export function precisionAt(grades: ArrayLike<number>, k: number): number {
  return relevantAmong(grades, k) / k;
}

/** 1 over the rank of the first relevant document among the first k; 0 where there is none. */
export function reciprocalRank(grades: ArrayLike<number>, k: number = grades.length): number {
  for (let i = 0; i < Math.min(k, grades.length); i++) if (grades[i]! > 0) return 1 / (i + 1);
  return 0;
}

/**
 * Average precision of the first k: the precision at the rank of each relevant document that was found, summed, over how
 * many are relevant in all. Its mean over queries is MAP.
 */
export function averagePrecision(grades: ArrayLike<number>, relevant: number, k: number = grades.length): number {
  let found = 0;
  let sum = 0;
  for (let i = 0; i < Math.min(k, grades.length); i++) if (grades[i]! > 0) sum += ++found / (i + 1);
  return relevant === 0 ? 0 : sum / relevant;
}

const LN2 = reference.log(2);

function discountedGain(grades: ArrayLike<number>, k: number): number {
  checkWhole("k", k, 1);
  let gain = 0;
  for (let i = 0; i < Math.min(k, grades.length); i++) {
    if (grades[i]! > 0) gain += (grades[i]! * LN2) / reference.log(i + 2);
  }
  return gain;
}

function relevantAmong(grades: ArrayLike<number>, k: number): number {
  checkWhole("k", k, 1);
  let found = 0;
  for (let i = 0; i < Math.min(k, grades.length); i++) if (grades[i]! > 0) found++;
  return found;
}
