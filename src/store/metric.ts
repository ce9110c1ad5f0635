/** The score of two vectors by a metric, in float64: the one that indexes give their hits, so that all scores compare. */
import type { IndexMetric } from "../index/index.ts";
import { cosine, dot, euclidean } from "../math/index.ts";

type Score = (a: ArrayLike<number>, b: ArrayLike<number>) => number;

/** Cosine, dot product or negative distance: higher is always closer. */
export function scoreBetween(metric: IndexMetric): Score {
  if (metric === "cosine") return cosine;
  if (metric === "dot") return dot;
  return (a, b) => -euclidean(a, b);
}
