/**
 * Is the search good on my data? nDCG, recall, MRR and their kin, with intervals, and a paired test of two set-ups.
 *
 * The search is handed in: whatever turns a question into document ids can be judged. Each query gets its own figures; the
 * mean over queries is what papers print, the bootstrap over queries says how far it can be trusted, and two set-ups
 * asked the same queries are compared query by query, which sees differences that two intervals side by side hide.
 */
import {
  LociError,
  type LongOptions,
  Rng,
  type Step,
  checkWhole,
  drain,
  nextTask,
  phaseClock,
  platform,
} from "../core/index.ts";
import { averagePrecision, mean, ndcg, precisionAt, recallAt, reciprocalRank } from "../math/index.ts";
import { type Interval, type IntervalOptions, bootstrapInterval } from "./bootstrap.ts";
import type { JudgedQuery } from "./retrieval-set.ts";

/** A measure of one ranking, of its first `@k`; without a number, of all that was asked for. See math/ranking.ts. */
export type RetrievalMeasure =
  | `ndcg@${number}`
  | `recall@${number}`
  | `precision@${number}`
  | "mrr"
  | `mrr@${number}`
  | "map"
  | `map@${number}`;

/** Finds documents: the ids of the k best for a query, best first. Fewer may come; an id must not come twice. */
export type RetrievalSearch = (query: JudgedQuery, k: number) => readonly string[] | Promise<readonly string[]>;

export interface RetrievalOptions extends LongOptions {
  readonly queries: readonly JudgedQuery[];
  readonly search: RetrievalSearch;
  /** Default nDCG@10, recall@100, MRR, MAP and precision@10. */
  readonly measures?: readonly RetrievalMeasure[];
  /** How many documents are asked for. Default: the largest number in the measures, at least 100. */
  readonly depth?: number;
  /** Also the bootstrap interval of each mean: true, or how to draw it. Default false. */
  readonly interval?: boolean | IntervalOptions;
}

/** What came out for one query. */
export interface JudgedRanking {
  readonly id: string;
  readonly figures: Readonly<Record<string, number>>;
}

export interface RetrievalResult {
  /** The means over all queries, by measure. */
  readonly figures: Readonly<Record<string, number>>;
  /** Their intervals, where they were asked for. */
  readonly intervals?: Readonly<Record<string, Interval>>;
  /** How many queries counted: those with at least one relevant document. */
  readonly count: number;
  /** The ids of those that did not, having none. */
  readonly skipped: readonly string[];
  /** By query, in the order given. */
  readonly rankings: readonly JudgedRanking[];
}

const DEFAULT_MEASURES: readonly RetrievalMeasure[] = ["ndcg@10", "recall@100", "mrr", "map", "precision@10"];
const SLICE_SECONDS = 0.008;

/** Asks every query and judges the answers. */
export function evaluateRetrieval(options: RetrievalOptions): Promise<RetrievalResult> {
  return drain(evaluateRetrievalSteps(options), options);
}

/** The same in steps, one or more queries each. */
export async function* evaluateRetrievalSteps(
  options: Omit<RetrievalOptions, keyof LongOptions>,
): AsyncGenerator<Step, RetrievalResult, void> {
  const { queries, search, measures = DEFAULT_MEASURES, interval = false } = options;
  const judges = measures.map(judgeOf);
  const { depth = Math.max(100, ...judges.map(({ k }) => k ?? 0)) } = options;
  checkWhole("depth", depth, 1);
  const rankings: JudgedRanking[] = [];
  const skipped: string[] = [];
  const step = phaseClock("evaluate", queries.length);
  let since = platform.now();
  for (const query of queries) {
    if ([...query.relevant.values()].some((grade) => grade > 0)) {
      const found = await search(query, depth);
      rankings.push({ id: query.id, figures: figuresOf(query, found.slice(0, depth), judges) });
    } else skipped.push(query.id);
    if (platform.now() - since < SLICE_SECONDS) continue;
    yield step(rankings.length + skipped.length);
    await nextTask();
    since = platform.now();
  }
  const values = (measure: string) => rankings.map(({ figures }) => figures[measure]!);
  const byMeasure = <V>(make: (values: number[]) => V) =>
    Object.fromEntries(measures.map((measure) => [measure, make(values(measure))]));
  return {
    figures: byMeasure(mean),
    ...(interval && { intervals: byMeasure((list) => meanInterval(list, interval === true ? {} : interval)) }),
    count: rankings.length,
    skipped,
    rankings,
  };
}

/** How two set-ups differ in one measure, over the queries both were asked. Differences are b − a: above 0, b is better. */
export interface RetrievalComparison {
  readonly measure: string;
  readonly count: number;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** Of the mean difference, by the bootstrap over queries. */
  readonly interval: Interval;
  /** How often chance alone would make a difference this large, either way. Below 0.05 is the custom; see `compareRetrieval`. */
  readonly p: number;
  /** Queries for which b did better, worse, and the same. */
  readonly better: number;
  readonly worse: number;
  readonly equal: number;
}

/**
 * Compares two results query by query: Fisher's randomisation test (as Smucker, Allan & Carterette, 2007, recommend for
 * retrieval). If the two were alike, each query's difference might as well have the other sign; `p` is the part of random
 * signs that give a mean at least as far from 0 as the one seen. Throws `bad-argument` unless both judged the same queries.
 */
export function compareRetrieval(
  a: RetrievalResult,
  b: RetrievalResult,
  {
    measure = "ndcg@10",
    resamples = 10_000,
    seed = 1,
    level = 0.95,
  }: IntervalOptions & { readonly measure?: RetrievalMeasure } = {},
): RetrievalComparison {
  const [before, after] = [valuesOf(a, measure), valuesOf(b, measure)];
  const ids = a.rankings.map(({ id }) => id);
  if (ids.length !== b.rankings.length || b.rankings.some(({ id }, i) => id !== ids[i])) {
    throw new LociError(
      "bad-argument",
      "Expected two results over the same queries in the same order. Evaluate both on one set.",
    );
  }
  const differences = before.map((value, i) => after[i]! - value);
  const better = differences.filter((value) => value > 0).length;
  const worse = differences.filter((value) => value < 0).length;
  return {
    measure,
    count: ids.length,
    a: mean(before),
    b: mean(after),
    difference: mean(differences),
    interval: meanInterval(differences, { resamples, seed, level }),
    p: chanceOf(differences, resamples, seed),
    better,
    worse,
    equal: ids.length - better - worse,
  };
}

function valuesOf({ rankings }: RetrievalResult, measure: string): number[] {
  return rankings.map(({ figures }) => {
    const value = figures[measure];
    if (value !== undefined) return value;
    const known = Object.keys(figures).join(", ");
    throw new LociError("bad-argument", `This result holds no ${measure}; it holds ${known}. Name it in \`measures\`.`);
  });
}

function meanInterval(values: readonly number[], options: IntervalOptions): Interval {
  const figure = (items: Uint32Array): number => {
    let sum = 0;
    for (let i = 0; i < items.length; i++) sum += values[items[i]!]!;
    return sum / items.length;
  };
  return bootstrapInterval(values.length, figure, options);
}

/** The part of random signs that give a sum at least as far from 0; the signs seen count as one of them. */
function chanceOf(differences: readonly number[], resamples: number, seed: number): number {
  const rng = new Rng(seed, 1);
  const moving = differences.filter((value) => value !== 0);
  const seen = Math.abs(moving.reduce((sum, value) => sum + value, 0)) * (1 - 1e-12); // sums in another order round otherwise
  let asFar = 1;
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    let signs = 0;
    for (let i = 0; i < moving.length; i++) {
      if (i % 32 === 0) signs = rng.nextWord();
      sum += signs & 1 ? moving[i]! : -moving[i]!;
      signs >>>= 1;
    }
    if (Math.abs(sum) >= seen) asFar++;
  }
  return asFar / (resamples + 1);
}

/** A measure by name, ready to be taken. */
interface Judge {
  readonly measure: string;
  readonly k: number | undefined;
  take(grades: readonly number[], judged: readonly number[], relevant: number): number;
}

function judgeOf(measure: RetrievalMeasure): Judge {
  const [, name, written] = /^(ndcg|recall|precision|mrr|map)(?:@([1-9]\d{0,8}))?$/.exec(measure) ?? [];
  const k = written === undefined ? undefined : Number(written);
  const take = TAKE[name as keyof typeof TAKE];
  if (!take || (k === undefined && name !== "mrr" && name !== "map")) {
    throw new LociError(
      "bad-argument",
      `Expected a measure such as ndcg@10, recall@100, precision@10, mrr or map, got ${JSON.stringify(measure)}.`,
    );
  }
  return {
    measure,
    k,
    take: (grades, judged, relevant) => take(grades, judged, relevant, k ?? Math.max(1, grades.length)),
  };
}

type Take = (grades: readonly number[], judged: readonly number[], relevant: number, k: number) => number;

const TAKE: Readonly<Record<"ndcg" | "recall" | "precision" | "mrr" | "map", Take>> = {
  ndcg: (grades, judged, _relevant, k) => ndcg(grades, judged, k),
  recall: (grades, _judged, relevant, k) => recallAt(grades, relevant, k),
  precision: (grades, _judged, _relevant, k) => precisionAt(grades, k),
  mrr: (grades, _judged, _relevant, k) => reciprocalRank(grades, k),
  map: (grades, _judged, relevant, k) => averagePrecision(grades, relevant, k),
};

function figuresOf(
  { id, relevant }: JudgedQuery,
  found: readonly string[],
  judges: readonly Judge[],
): Record<string, number> {
  if (new Set(found).size !== found.length) {
    throw new LociError(
      "bad-argument",
      `The search gave a document twice for query "${id}". Keep the best chunk of each.`,
    );
  }
  const grades = found.map((document) => relevant.get(document) ?? 0);
  const judged = [...relevant.values()];
  const count = judged.filter((grade) => grade > 0).length;
  return Object.fromEntries(judges.map((judge) => [judge.measure, judge.take(grades, judged, count)]));
}
