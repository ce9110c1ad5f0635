/**
 * One order out of two: what words say and what meaning says.
 *
 * The two speak different languages: BM25 is a sum without an upper end whose zero means "no word in common", a
 * cosine is never far from its neighbours and its zero means little. So each is first brought into [0, 1] by what *this
 * question* could have scored. Words: score ÷ best score. Meaning: (score − floor) ÷ (best − floor), where the floor is the
 * lowest score of the question with a sample of the whole collection, not with the hits: min–max over a short list of hits
 * would blow the difference between two equally good ones up to 1, and with one hit it is 0 ÷ 0.
 * What a list does not hold counts 0 there. The weighted sum is then within [0, 1] too.
 */
import { LociError, checkNumber } from "../core/index.ts";

/** How much each side counts; only their proportion matters. */
export interface FusionWeights {
  readonly keyword: number;
  readonly vector: number;
}

/**
 * What counts where nothing was fitted. Chosen on SciFact's 809 training questions alone (not its test questions, nor any other
 * collection's): nDCG@10 of words alone is .668; with word vectors learnt from the documents a share of words of .8, .7, .6, .5 gives
 * .672, .672, .676, .673. Trained sentence vectors do equally well from .7 to .6.
 */
export const DEFAULT_WEIGHTS: FusionWeights = { keyword: 0.6, vector: 0.4 };

/** A chunk that one of the two found, or both, with what each said; undefined where that side did not find it. */
export interface Candidate {
  readonly chunk: number;
  readonly vector: number | undefined;
  readonly keyword: number | undefined;
}

export interface Fused extends Candidate {
  /** Higher is better. */
  readonly score: number;
}

/** A candidate with both sides brought into [0, 1]. */
export interface Parts {
  readonly chunk: number;
  readonly keyword: number;
  readonly vector: number;
}

/** `weights` as proportions that sum to 1. Throws `bad-argument` for negative ones, or where both are 0. */
export function proportions({ keyword, vector }: FusionWeights): FusionWeights {
  checkNumber("weights.keyword", keyword, 0);
  checkNumber("weights.vector", vector, 0);
  const sum = keyword + vector;
  if (sum === 0 || sum === Infinity)
    throw new LociError(
      "bad-argument",
      "Expected one of `weights.keyword` and `weights.vector` to be above 0, got 0 and 0.",
    );
  return { keyword: keyword / sum, vector: vector / sum };
}

/** Both sides of each candidate within [0, 1]; `floor` is the lowest score of the question with a sample of the collection. */
export function normalizedParts(candidates: readonly Candidate[], floor: number): Parts[] {
  let bestKeyword = 0;
  let bestVector = -Infinity;
  for (const { keyword, vector } of candidates) {
    if (keyword !== undefined) bestKeyword = Math.max(bestKeyword, keyword);
    if (vector !== undefined) bestVector = Math.max(bestVector, vector);
  }
  const span = bestVector - floor;
  return candidates.map(({ chunk, keyword, vector }) => ({
    chunk,
    keyword: keyword === undefined || bestKeyword <= 0 ? 0 : Math.max(0, keyword / bestKeyword),
    // Where everything is equally far, the best is still the best.
    vector: vector === undefined ? 0 : span > 0 ? Math.max(0, Math.min(1, (vector - floor) / span)) : 1,
  }));
}

/** The weighted sum of both sides, each within [0, 1]; best first, ties by lower number. */
export function fuseWeighted(candidates: readonly Candidate[], floor: number, weights: FusionWeights): Fused[] {
  const { keyword, vector } = proportions(weights);
  const parts = normalizedParts(candidates, floor);
  return sorted(
    candidates.map((candidate, i) => ({
      ...candidate,
      score: keyword * parts[i]!.keyword + vector * parts[i]!.vector,
    })),
  );
}

/** How much the first ranks stand out: the value of the paper, which nobody had reason to change since. */
const RANK_CONSTANT = 60;

/**
 * Reciprocal rank fusion (Cormack, Clarke & Büttcher, 2009): Σ weight ÷ (60 + rank) over the two lists. Scores do not count, only
 * places: for lists whose scores cannot be trusted. Both lists best first; `weights` are taken as they are, 1 and 1 by default.
 */
export function fuseReciprocalRanks(
  lists: { readonly keyword: readonly Ranked[]; readonly vector: readonly Ranked[] },
  weights: FusionWeights = { keyword: 1, vector: 1 },
): Fused[] {
  proportions(weights); // checks them
  const merged = mergeCandidates(lists);
  const scores = new Map<number, number>();
  for (const side of ["keyword", "vector"] as const) {
    lists[side].forEach(({ chunk }, at) =>
      scores.set(chunk, (scores.get(chunk) ?? 0) + weights[side] / (RANK_CONSTANT + at + 1)),
    );
  }
  return sorted(merged.map((candidate) => ({ ...candidate, score: scores.get(candidate.chunk)! })));
}

/** A chunk in a list, best first. */
export interface Ranked {
  readonly chunk: number;
  readonly score: number;
}

/** Two lists as one of candidates, each chunk once. */
export function mergeCandidates({
  keyword,
  vector,
}: {
  readonly keyword: readonly Ranked[];
  readonly vector: readonly Ranked[];
}): Candidate[] {
  const byWords = new Map(keyword.map(({ chunk, score }) => [chunk, score]));
  const byMeaning = new Map(vector.map(({ chunk, score }) => [chunk, score]));
  return [...new Set([...byMeaning.keys(), ...byWords.keys()])].map((chunk) => ({
    chunk,
    vector: byMeaning.get(chunk),
    keyword: byWords.get(chunk),
  }));
}

const sorted = (fused: Fused[]): Fused[] => fused.sort((a, b) => b.score - a.score || a.chunk - b.chunk);
