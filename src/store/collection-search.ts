/**
 * How a question is answered: candidates from words and from meaning, one order out of both, then what was asked for on top
 * (few of one document, unlike each other).
 *
 * Everything below works with chunk numbers and scores; documents are read at the end, for the hits alone.
 */
import { LociError, checkNumber, checkOneOf, checkWhole } from "../core/index.ts";
import { norm } from "../math/index.ts";
import { type Calibration, floorOf } from "./calibration.ts";
import type { CollectionAnswer, CollectionHit, CollectionSearchOptions, SearchMode } from "./collection-types.ts";
import { meets, parseFilter } from "./condition.ts";
import { maximalMarginalRelevance } from "./diversity.ts";
import {
  type Candidate,
  type Fused,
  type FusionWeights,
  type Ranked,
  fuseReciprocalRanks,
  fuseWeighted,
  mergeCandidates,
  normalizedParts,
} from "./fusion.ts";
import { scoreBetween } from "./metric.ts";
import { LEAST_PAIRS, percentileOf } from "./percentile.ts";
import type { Store, StoredChunk } from "./store.ts";
import type { VectorSide } from "./vector-side.ts";

/** A question taken apart. */
export interface Question {
  readonly mode: SearchMode;
  /** Undefined in vector mode. */
  readonly text: string | undefined;
  /** Undefined in keyword mode. */
  readonly vector: Float32Array | undefined;
}

/** Who answers. */
export interface Sources {
  readonly store: Store;
  /** Undefined in keyword mode. */
  readonly side: VectorSide | undefined;
  /** Of hybrid search, where the question brings none. */
  readonly weights: FusionWeights;
}

/** Both lists, and what is known of them. */
export interface Candidates {
  readonly all: readonly Candidate[];
  readonly lists: { readonly keyword: readonly Ranked[]; readonly vector: readonly Ranked[] };
  /** Whether there is nothing more to be found by asking deeper. */
  readonly whole: boolean;
  readonly exact: boolean;
  readonly recall: number;
  readonly calibration: Calibration | undefined;
  /** The lowest score of the question with a sample of the collection. */
  readonly floor: number;
}

/** How deep each side is asked at least in hybrid mode, so that what both find in the middle can come out on top. */
const DEPTH = 100;
/** Words are asked deeper: it costs them little, and each hit of the other side gets its score. */
const KEYWORD_DEPTH = 1000;
/** How many candidates diversity chooses from, for each hit. */
const CHOICE = 5;
const LEAST_CHOICE = 50;

/** Throws `bad-argument` for options out of their range; the rest is checked where it is used. */
export function checkSearchOptions(options: CollectionSearchOptions): void {
  const { k = 10, diversity = 0, perDocument = 1, fusion = "weighted", recall = 1 } = options;
  checkWhole("k", k, 1);
  checkNumber("diversity", diversity, 0, 1);
  checkWhole("perDocument", perDocument, 1);
  checkOneOf("fusion", fusion, ["weighted", "reciprocal-rank"]);
  checkNumber("recall", recall, 0, 1);
}

/**
 * An answer, or undefined where the store has moved on while it was being found: then it is to be asked again. With `settle`
 * there always is one, of what is still there.
 */
export async function searchOnce(
  sources: Sources,
  question: Question,
  options: CollectionSearchOptions,
  settle = false,
): Promise<CollectionAnswer | undefined> {
  const { k = 10, diversity = 0, perDocument } = options;
  const wanted = diversity > 0 ? Math.max(CHOICE * k, LEAST_CHOICE) : k;
  for (let depth = perDocument === undefined ? wanted : 4 * wanted; ; depth *= 4) {
    const candidates = await candidatesOf(sources, question, depth, options);
    const order = orderOf(candidates, question.mode, sources.weights, options);
    const hits = await readHits(sources, order, wanted, options, settle);
    if (!hits) return undefined;
    // Several chunks of one document may have filled the list: then deeper, until there is no more.
    if (hits.length < wanted && !candidates.whole) continue;
    const chosen = diversity > 0 ? await diverse(sources, candidates, hits, options) : hits;
    if (options.filter && !settle && sources.side?.moved()) return undefined;
    const { exact, recall, calibration } = candidates;
    return { hits: chosen.map((hit) => hitOf(hit, calibration)), mode: question.mode, exact, recall };
  }
}

/** What the sides find, `depth` chunks or more each. */
export async function candidatesOf(
  { store, side }: Sources,
  { mode, text, vector }: Question,
  depth: number,
  { filter, recall, exact, signal }: CollectionSearchOptions,
): Promise<Candidates> {
  const hybrid = mode === "hybrid";
  const keywordDepth = hybrid ? Math.max(KEYWORD_DEPTH, 10 * depth) : depth;
  const vectorDepth = hybrid ? Math.max(DEPTH, 4 * depth) : depth;
  // A text in which the model found nothing points nowhere: in a hybrid search the words alone decide.
  const asksVectors = side !== undefined && vector !== undefined && !(hybrid && norm(vector) === 0);
  const [byWords, byMeaning, calibration] = await Promise.all([
    text === undefined || mode === "vector" ? [] : store.keyword(text, { k: keywordDepth, ...(filter && { filter }) }),
    asksVectors ? side.nearest(vector, { k: vectorDepth, filter, recall, exact, signal }) : undefined,
    asksVectors ? side.calibration() : undefined,
  ]);
  signal?.throwIfAborted();
  const vectorHits = byMeaning?.hits ?? [];
  const known = hybrid && asksVectors ? await withVectors(side, vector, byWords, vectorHits, depth) : vectorHits;
  const lists = { keyword: byWords, vector: known };
  return {
    all: mergeCandidates(lists),
    lists: { keyword: byWords, vector: vectorHits },
    whole: byWords.length < keywordDepth && vectorHits.length < vectorDepth,
    exact: byMeaning?.exact ?? true,
    recall: byMeaning?.recall ?? 1,
    calibration,
    floor: asksVectors ? floorOf(vector, calibration, side.space) : 0,
  };
}

/** The vector list, and the scores of those that only words found: they are close too, only not among the closest. */
async function withVectors(
  side: VectorSide,
  query: Float32Array,
  byWords: readonly Ranked[],
  byMeaning: readonly Ranked[],
  depth: number,
): Promise<Ranked[]> {
  const found = new Set(byMeaning.map(({ chunk }) => chunk));
  const lacking = byWords.slice(0, Math.max(DEPTH, 4 * depth)).flatMap(({ chunk }) => (found.has(chunk) ? [] : chunk));
  const vectors = await side.vectorsOf(lacking);
  const score = scoreBetween(side.space.metric);
  const scored = lacking.flatMap((chunk, i) => {
    const vector = vectors[i];
    return vector ? [{ chunk, score: score(query, vector) }] : [];
  });
  return [...byMeaning, ...scored];
}

/** The candidates in the order in which they answer. */
function orderOf(
  { all, lists, floor }: Candidates,
  mode: SearchMode,
  weights: FusionWeights,
  options: CollectionSearchOptions,
): readonly Fused[] {
  if (mode === "hybrid" && options.fusion === "reciprocal-rank") {
    const fused = fuseReciprocalRanks(lists, options.weights);
    const parts = new Map(all.map((candidate) => [candidate.chunk, candidate]));
    return fused.map((one) => ({ ...one, ...parts.get(one.chunk)! }));
  }
  if (mode === "hybrid") return fuseWeighted(all, floor, options.weights ?? weights);
  return (mode === "vector" ? lists.vector : lists.keyword).map(({ chunk, score }) => ({
    chunk,
    score,
    vector: mode === "vector" ? score : undefined,
    keyword: mode === "keyword" ? score : undefined,
  }));
}

interface Read extends Fused {
  readonly stored: StoredChunk;
}

const READ_AT_ONCE = 64;

/**
 * The first `wanted` of an order with their texts, at most `perDocument` of one document; undefined where one is gone, or no
 * longer passes the filter: the store has moved on since the sides were asked.
 */
async function readHits(
  { store }: Sources,
  order: readonly Fused[],
  wanted: number,
  { filter, perDocument = Infinity }: CollectionSearchOptions,
  settle: boolean,
): Promise<Read[] | undefined> {
  const condition = filter && parseFilter(filter);
  const of = new Map<string, number>();
  const hits: Read[] = [];
  for (let at = 0; at < order.length && hits.length < wanted;) {
    const some = order.slice(
      at,
      at + (perDocument === Infinity ? wanted - hits.length : Math.max(READ_AT_ONCE, wanted)),
    );
    at += some.length;
    const chunks = await store.chunks(some.map(({ chunk }) => chunk));
    for (const [i, stored] of chunks.entries()) {
      if (!stored || (condition && !meets(stored.meta, condition))) {
        if (!settle) return undefined;
        continue;
      }
      const seen = of.get(stored.document) ?? 0;
      if (seen >= perDocument || hits.length === wanted) continue;
      of.set(stored.document, seen + 1);
      hits.push({ ...some[i]!, stored });
    }
  }
  return hits;
}

/** k of the hits, each relevant and unlike those before it. */
async function diverse(
  { side }: Sources,
  { floor }: Candidates,
  hits: readonly Read[],
  { k = 10, diversity = 0 }: CollectionSearchOptions,
): Promise<readonly Read[]> {
  if (!side)
    throw new LociError(
      "bad-argument",
      "Diversity compares vectors, and this search has none. Open the collection with an encoder, or leave `diversity` out.",
    );
  const vectors = await side.vectorsOf(hits.map(({ chunk }) => chunk));
  const relevance = relevanceOf(hits, floor);
  const places = maximalMarginalRelevance(
    hits.map((_, i) => ({ relevance: relevance[i]!, vector: vectors[i] })),
    { k, diversity },
  );
  return places.map((place) => hits[place]!);
}

/** Scores within [0, 1], whatever they are made of: cosines by the floor of the question, all others by the best one. */
function relevanceOf(hits: readonly Read[], floor: number): number[] {
  const byMeaning = hits.every(({ vector, score }) => vector === score);
  if (byMeaning) return normalizedParts(hits, floor).map(({ vector }) => vector);
  const best = Math.max(...hits.map(({ score }) => score));
  return hits.map(({ score }) => (best > 0 ? score / best : 1));
}

function hitOf({ stored, score, vector, keyword, chunk }: Read, calibration: Calibration | undefined): CollectionHit {
  return {
    id: stored.document,
    chunk,
    score,
    parts: { vector, keyword },
    percentile:
      vector !== undefined && calibration && calibration.pairs.pairs >= LEAST_PAIRS
        ? percentileOf(calibration.pairs, vector)
        : undefined,
    text: stored.text,
    range: { start: stored.start, end: stored.end },
    meta: stored.meta,
  };
}
