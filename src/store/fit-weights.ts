/**
 * How much words and meaning should count in hybrid search, learnt from judged questions.
 *
 * One number is fitted, the share of words, on a grid of steps of 0.05 by nDCG@10: each question is searched once, and the lists
 * are then joined anew for each share. A handful of questions would always find some share that suits them, so the choice must prove
 * itself on questions it has not seen: in five folds, a share is chosen on four and judged on the fifth. Only if the shares chosen that
 * way do better than the default on the same questions, by more than the standard error of that difference, are they kept.
 */
import { type Step, Rng, checkWhole, phaseClock } from "../core/index.ts";
import { type Candidates, type Question, type Sources, candidatesOf } from "./collection-search.ts";
import { DEFAULT_WEIGHTS, type FusionWeights, normalizedParts, proportions } from "./fusion.ts";
import { type JudgedQuestion, checkJudged, ndcgAt10 } from "./judged.ts";
import type { Store } from "./store.ts";

export interface FitWeightsOptions {
  /** How many parts the questions are cut into for judging the choice. Default 5. */
  readonly folds?: number;
  /** Which questions go into which part. Default 1. */
  readonly seed?: number;
}

/** What was found. All figures are means of nDCG@10 over the questions. */
export interface FittedWeights {
  /** What hybrid search uses from now on: the fitted weights if they proved themselves, else the default. */
  readonly weights: FusionWeights;
  /** Whether the fitted weights proved themselves, and were kept. */
  readonly kept: boolean;
  readonly questions: number;
  readonly ndcg: {
    readonly keyword: number;
    readonly vector: number;
    readonly default: number;
    /** With the weights chosen on all questions: too kind, since they were chosen for them. */
    readonly fitted: number;
    /** Chosen without the questions they are judged on: what to expect of the fitted weights. */
    readonly crossValidated: number;
  };
}

const SHARES = Array.from({ length: 21 }, (_, i) => i / 20);
const DEPTH = 100;

/** nDCG@10 of one question for each share of words in SHARES. */
type Curve = readonly number[];

/** Fits, in steps of one question each. Keeps nothing: see `Collection.fitWeights`. */
export async function* fitWeightsSteps(
  sources: Sources,
  judged: readonly JudgedQuestion[],
  questionOf: (text: string) => Promise<Question>,
  { folds = 5, seed = 1 }: FitWeightsOptions = {},
): AsyncGenerator<Step, FittedWeights, void> {
  checkWhole("folds", folds, 2);
  checkJudged(judged);
  const curves: Curve[] = [];
  const step = phaseClock("judge", judged.length);
  for (const { text, relevant } of judged) {
    const candidates = await candidatesOf(sources, await questionOf(text), DEPTH, {});
    curves.push(curveOf(candidates, await documentsOf(sources.store, candidates), relevant));
    yield step(curves.length);
  }
  return chosenFrom(curves, folds, seed);
}

/** The choice, from the curves of all questions. */
export function chosenFrom(curves: readonly Curve[], folds: number, seed: number): FittedWeights {
  const all = [...curves.keys()];
  const fold = foldsOf(curves.length, folds, seed);
  const best = shareFor(curves, all);
  const unseen = all.map((q) => {
    const others = all.filter((other) => fold[other] !== fold[q]);
    return curves[q]![shareFor(curves, others.length > 0 ? others : all)]!;
  });
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = (share: number): number => mean(curves.map((curve) => curve[share]!));
  const usual = indexOfShare(proportions(DEFAULT_WEIGHTS).keyword);
  const ndcg = {
    keyword: at(SHARES.length - 1),
    vector: at(0),
    default: at(usual),
    fitted: at(best),
    crossValidated: mean(unseen),
  };
  const gains = unseen.map((value, q) => value - curves[q]![usual]!);
  const gain = mean(gains);
  const squares = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0);
  const standardError = Math.sqrt(squares / Math.max(1, gains.length - 1) / gains.length);
  const kept = best !== usual && curves.length >= folds && gain > Math.max(standardError, 1e-9);
  const share = SHARES[best]!;
  const weights = kept ? { keyword: share, vector: (SHARES.length - 1 - best) / (SHARES.length - 1) } : DEFAULT_WEIGHTS;
  return { weights, kept, questions: curves.length, ndcg };
}

/**
 * The share that does best on some questions: of the curve smoothed over three neighbours, since a single share's figure jumps with
 * every pair of documents that change places; of equals the one nearest to the default.
 */
function shareFor(curves: readonly Curve[], questions: readonly number[]): number {
  const sums = SHARES.map((_, s) => questions.reduce((sum, q) => sum + curves[q]![s]!, 0));
  const smooth = sums.map((sum, s) => {
    const around = [sums[s - 1], sum, sums[s + 1]].filter((value) => value !== undefined);
    return around.reduce((a, b) => a + b, 0) / around.length;
  });
  const usual = indexOfShare(proportions(DEFAULT_WEIGHTS).keyword);
  let best = usual;
  for (const s of SHARES.keys()) {
    const gain = smooth[s]! - smooth[best]!;
    if (gain > 1e-12 || (gain >= -1e-12 && Math.abs(s - usual) < Math.abs(best - usual))) best = s;
  }
  return best;
}

const indexOfShare = (share: number): number => Math.round(share * (SHARES.length - 1));

/** Which fold each question is in: as even as can be, dealt out by chance. */
function foldsOf(questions: number, folds: number, seed: number): readonly number[] {
  const dealt = new Rng(seed).shuffle(Array.from({ length: questions }, (_, i) => i));
  const fold: number[] = [];
  dealt.forEach((q, place) => (fold[q] = place % folds));
  return fold;
}

async function documentsOf(store: Store, { all }: Candidates): Promise<ReadonlyMap<number, string>> {
  const stored = await store.chunks(all.map(({ chunk }) => chunk));
  return new Map(stored.flatMap((one) => (one ? [[one.chunk, one.document] as const] : [])));
}

/** What each share of words would give: documents by their best chunk, ties by lower chunk number as in a search. */
function curveOf(
  { all, floor }: Candidates,
  documents: ReadonlyMap<number, string>,
  relevant: ReadonlyMap<string, number>,
): Curve {
  const parts = normalizedParts(all, floor);
  return SHARES.map((share) => {
    const scored = parts
      .map(({ chunk, keyword, vector }) => ({ chunk, score: share * keyword + (1 - share) * vector }))
      .sort((a, b) => b.score - a.score || a.chunk - b.chunk);
    const ranking = new Set<string>();
    for (const { chunk } of scored) {
      const id = documents.get(chunk);
      if (id !== undefined) ranking.add(id);
      if (ranking.size === 10) break;
    }
    return ndcgAt10([...ranking], relevant);
  });
}
