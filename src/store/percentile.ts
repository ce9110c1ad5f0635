/**
 * What a score is worth in its own space: "closer than 99.2 % of random pairs".
 *
 * A cosine of 0.6 means much in one space and nothing in another. So the scores of random pairs of the collection are kept,
 * as ranks: sorted, thinned out where they lie close, whole at the upper end, where hits are. All pairs of a few hundred sampled
 * vectors give a hundred thousand scores for the price of reading a few hundred rows.
 */
import { LociError, type Matrix, Rng, checkWhole } from "../core/index.ts";
import type { IndexMetric } from "../index/index.ts";
import { scoreBetween } from "./metric.ts";

/** The scores of random pairs, thinned out. Plain data: it is kept as a setting. */
export interface PairScores {
  /** How many pairs were scored. */
  readonly pairs: number;
  /** Ascending. */
  readonly scores: readonly number[];
  /** ranks[i] of the pairs score below scores[i], those equal to it counted half. */
  readonly ranks: readonly number[];
}

/** With fewer pairs than this a percentage would say more than is known: 15 vectors make 105 pairs. */
export const LEAST_PAIRS = 100;

const KEPT = 512; // over the whole range: steps of 0.2 %
const KEPT_AT_THE_END = 256; // of the highest scores each is kept

/** Scores all pairs of the rows of `vectors`, a random sample of a collection. Throws `bad-argument` for fewer than 2 rows. */
export function scorePairs(vectors: Matrix, metric: IndexMetric): PairScores {
  const { rows } = vectors;
  if (rows < 2) throw new LociError("bad-argument", `Random pairs need at least 2 vectors, got ${rows}.`);
  const score = scoreBetween(metric);
  const all = new Float64Array((rows * (rows - 1)) / 2);
  let at = 0;
  for (let a = 1; a < rows; a++) {
    const row = vectors.row(a);
    for (let b = 0; b < a; b++) all[at++] = score(row, vectors.row(b));
  }
  return thinned(all.sort());
}

/** The share of random pairs, 0 to 100, that lie less close than `score`; between two kept scores in proportion. */
export function percentileOf({ pairs, scores, ranks }: PairScores, score: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! < score) low = middle + 1;
    else high = middle;
  }
  if (low === scores.length) return 100;
  if (scores[low] === score) return (100 * ranks[low]!) / pairs;
  if (low === 0) return 0;
  const share = (score - scores[low - 1]!) / (scores[low]! - scores[low - 1]!);
  return (100 * (ranks[low - 1]! + share * (ranks[low]! - ranks[low - 1]!))) / pairs;
}

/** Up to `count` different numbers of 0 … below − 1, ascending; the same seed draws the same. */
export function sampleOf(below: number, count: number, seed: number): number[] {
  checkWhole("below", below, 0);
  if (below <= count) return Array.from({ length: below }, (_, i) => i);
  const rng = new Rng(seed, SAMPLE_STREAM);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(rng.nextBelow(below));
  return [...drawn].sort((a, b) => a - b);
}

const SAMPLE_STREAM = 0x5a;

/** Distinct scores of a sorted list with their ranks, evenly chosen, the last ones all. */
function thinned(sorted: Float64Array): PairScores {
  const scores: number[] = [];
  const ranks: number[] = [];
  const step = Math.max(1, Math.floor(sorted.length / KEPT));
  for (let i = 0; i < sorted.length;) {
    let end = i + 1;
    while (end < sorted.length && sorted[end] === sorted[i]) end++;
    scores.push(sorted[i]!);
    ranks.push((i + end) / 2);
    const atTheEnd = Math.max(end, sorted.length - KEPT_AT_THE_END);
    // The lowest and the highest are always among the kept.
    i = end < atTheEnd ? Math.min(Math.max(end, i + step), atTheEnd) : end;
    while (i > end && i < sorted.length && sorted[i] === sorted[i - 1]) i--; // to the first of equals
  }
  return { pairs: sorted.length, scores, ranks };
}
