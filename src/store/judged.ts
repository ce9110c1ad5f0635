/** Questions whose answers are known, and how well a search does on them. */
import { LociError } from "../core/index.ts";
import { ndcg, recallAt, reciprocalRank } from "../math/index.ts";

/** A question, and the ids of the documents that answer it, each with its grade: above 0 is relevant, more is better. */
export interface JudgedQuestion {
  readonly text: string;
  readonly relevant: ReadonlyMap<string, number>;
}

/** Means over judged questions, each within [0, 1]. */
export interface Judgement {
  readonly "ndcg@10": number;
  readonly "recall@100": number;
  readonly mrr: number;
}

/** Which measures look how deep. */
export const JUDGED_DEPTH = 100;

/** Throws `bad-argument` where there is no question with a relevant document. */
export function checkJudged(judged: readonly JudgedQuestion[]): void {
  const answered = judged.some(({ relevant }) => [...relevant.values()].some((grade) => grade > 0));
  if (!answered)
    throw new LociError(
      "bad-argument",
      "Expected judged questions with documents that answer them (a grade above 0), got none.",
    );
}

/** nDCG of the first 10 documents of one ranking, ids best first. */
export function ndcgAt10(ranking: readonly string[], relevant: ReadonlyMap<string, number>): number {
  return ndcg(
    ranking.slice(0, 10).map((id) => relevant.get(id) ?? 0),
    [...relevant.values()],
    10,
  );
}

/** All measures of one ranking of up to 100 documents, ids best first. */
export function judge(ranking: readonly string[], relevant: ReadonlyMap<string, number>): Judgement {
  const grades = ranking.map((id) => relevant.get(id) ?? 0);
  const answers = [...relevant.values()].filter((grade) => grade > 0).length;
  return {
    "ndcg@10": ndcgAt10(ranking, relevant),
    "recall@100": recallAt(grades, answers, JUDGED_DEPTH),
    mrr: reciprocalRank(grades),
  };
}

/** The means of many; zeros of none. */
export function meanJudgement(all: readonly Judgement[]): Judgement {
  const mean = (of: (one: Judgement) => number): number =>
    all.length === 0 ? 0 : all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return {
    "ndcg@10": mean((one) => one["ndcg@10"]),
    "recall@100": mean((one) => one["recall@100"]),
    mrr: mean((one) => one.mrr),
  };
}
