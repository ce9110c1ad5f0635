/**
 * Reading what counts, and only that.
 *
 * Who reads looks at the state, asks the indices for what that state says counts, and looks at the state again. What was there in
 * that version stays there until the version after next, so a write meanwhile does no harm; only if the removals of a
 * later version were deleted already is the question asked again. While nothing is being written the filter is left out, and any
 * change of the state asks again.
 */
import { LociError } from "../../core/index.ts";
import { type Client, type Json, Missing } from "./client.ts";
import { readState } from "./control.ts";
import { type Names, type State, visible } from "./layout.ts";

const MOST_TRIES = 40;
/** OpenSearch gives no more than 10,000 hits at once. */
export const MOST_HITS = 10_000;

/** A state, and the conditions (as filters of a query) under which something belongs to it. */
export interface View {
  readonly state: State;
  readonly filter: readonly Json[];
}

/** Runs `work`, which only reads, on one version of the collection. */
export async function consistently<T>(client: Client, names: Names, work: (view: View) => Promise<T>): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await readState(client, names);
    const state = before.value;
    const quiet = tries === 0 && !state.pending && state.removing.length === 0 && state.aborted.length === 0;
    let result: T | undefined;
    let failure: Missing | undefined;
    try {
      result = await work({ state, filter: quiet ? [] : [visible(state)] });
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      failure = error; // an index that a migration has dropped meanwhile, or one that is gone for good
    }
    const after = await readState(client, names);
    const same = after.seqNo === before.seqNo;
    const holds = quiet ? same : after.value.cleaned <= state.version && after.value.vectors === state.vectors;
    if (failure === undefined && holds) return result as T;
    if (failure !== undefined && same)
      throw new LociError(
        "bad-file",
        `An index of ${names.base}-* is gone (${failure.message}). Restore it from a snapshot of the cluster.`,
      );
  }
  throw new LociError(
    "network",
    `The collection in ${names.base}-* was written to faster than it could be read, ${MOST_TRIES} times. Ask again.`,
  );
}

/** A hit of a search. */
export interface Hit {
  readonly _id: string;
  readonly _score: number | null;
  readonly _source: Json;
  readonly sort?: readonly unknown[];
}

/** A query as `_search` takes it. `size` is how many hits in all; they come in pages where that is more than OpenSearch gives. */
export interface Question {
  readonly query: Json;
  readonly size: number;
  /** The order, which must end in something that no two share. */
  readonly sort: readonly Json[];
  /** The fields to return; false for none. */
  readonly source: readonly string[] | false;
  /** Hits of one page, where they are large. */
  readonly page?: number;
  /** Statistics of terms over all shards, not of each for itself. */
  readonly global?: boolean;
}

/** All hits of a question, page by page. */
export async function* pagesOf(client: Client, index: string, question: Question): AsyncGenerator<Hit[], void, void> {
  const { query, sort, source, page = MOST_HITS, global = false } = question;
  let left = question.size;
  let after: readonly unknown[] | undefined;
  while (left > 0) {
    const size = Math.min(left, page);
    const body = { query, sort, size, track_total_hits: false, _source: source, ...(after && { search_after: after }) };
    const hits = await searchOnce(client, index, body, global);
    if (hits.length > 0) yield hits;
    if (hits.length < size) return;
    left -= hits.length;
    after = hits.at(-1)!.sort;
  }
}

/** The hits of a question together. */
export async function hitsOf(client: Client, index: string, question: Question): Promise<Hit[]> {
  const hits: Hit[] = [];
  for await (const page of pagesOf(client, index, question)) for (const hit of page) hits.push(hit);
  return hits;
}

/** One search. Throws where a shard did not answer: an answer that lacks a part is none. */
export async function searchOnce(client: Client, index: string, body: Json, global = false): Promise<Hit[]> {
  const type = global ? "&search_type=dfs_query_then_fetch" : "";
  const path = `/${index}/_search?allow_partial_search_results=false${type}`;
  const { hits } = (await client.request("POST", path, body)) as { hits: { hits: Hit[] } };
  return hits.hits;
}

/** How many documents of an index a query matches. */
export async function countOf(client: Client, index: string, query: Json): Promise<number> {
  const { count } = (await client.request("POST", `/${index}/_count`, { query })) as { count: number };
  return count;
}

/** Lists cut into pieces, for queries and requests that have a limit. */
export function* inPieces<T>(list: readonly T[], size: number): Generator<T[], void, void> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
