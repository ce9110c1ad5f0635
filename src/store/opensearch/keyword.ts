/**
 * Keyword search: OpenSearch finds, exact BM25 (k1 1.2, b 0.75) decides.
 *
 * Lucene keeps lengths in one byte and counts deleted documents in its statistics until it merges, so its scores are near, not
 * equal. Its best, and some more than asked for, are therefore scored again here from their texts, with the numbers of what counts:
 * the same scores as in every other store. A chunk that Lucene puts below all of these is missed; at three times k and fifty more
 * that takes statistics which are far off.
 */
import { keywordTerms } from "../../index/index.ts";
import { reference } from "../../kernels/index.ts";
import { fromSafeText } from "../safe-text.ts";
import type { ScoredChunk } from "../store.ts";
import type { Client, Json } from "./client.ts";
import { filterQuery } from "./conditions.ts";
import type { Filter } from "../filter.ts";
import type { Names } from "./layout.ts";
import { MOST_HITS, type View, hitsOf } from "./reads.ts";

const K1 = 1.2;
const B = 0.75;
/** Longer terms (encoded data, mostly) are cut. */
const MOST_UNITS = 512;
/** A query of more different terms than this is cut: OpenSearch refuses more than 1,024 clauses. */
const MOST_TERMS = 1000;

/** The terms of a text, in order. */
export function termsOf(text: string): string[] {
  return keywordTerms(text).map((term) => term.slice(0, MOST_UNITS));
}

/** The k best chunks for a query, best first, ties by number. */
export async function keywordSearch(
  client: Client,
  names: Names,
  { state, filter }: View,
  query: string,
  { k, filter: asked }: { k: number; filter?: Filter | undefined },
): Promise<ScoredChunk[]> {
  const wanted = new Map([...countsOf(termsOf(query))].slice(0, MOST_TERMS));
  if (wanted.size === 0 || k === 0) return [];
  const should = [...wanted].map(([term, times]) => ({ term: { terms: { value: term, boost: times } } }));
  const hits = await hitsOf(client, names.chunks, {
    query: { bool: { should, minimum_should_match: 1, filter: [...filter, ...(asked ? [filterQuery(asked)] : [])] } },
    size: 3 * k + 50,
    sort: [{ _score: "desc" }, { chunk: "asc" }],
    source: ["chunk", "text"],
    page: Math.min(MOST_HITS, 1000),
    global: true,
  });
  const texts = hits.map(({ _source }) => ({
    chunk: Number(_source["chunk"]),
    terms: termsOf(fromSafeText(String(_source["text"]))),
  }));
  const frequencies = await frequenciesOf(client, names, filter, [...wanted.keys()]);
  const average = Math.max(state.terms / Math.max(state.chunks, 1), 1e-9);
  const weights = [...wanted].map(([term, times]) => {
    const df = frequencies.get(term)!;
    return { term, weight: times * reference.log(1 + (state.chunks - df + 0.5) / (df + 0.5)) };
  });
  return texts
    .map(({ chunk, terms }) => {
      const counts = countsOf(terms);
      const length = K1 * (1 - B + (B * terms.length) / average);
      let score = 0;
      for (const { term, weight } of weights) {
        const n = counts.get(term);
        if (n !== undefined) score += (weight * n * (K1 + 1)) / (n + length);
      }
      return { chunk, score };
    })
    .sort((a, b) => b.score - a.score || a.chunk - b.chunk)
    .slice(0, k);
}

/** In how many chunks that count each term stands. */
async function frequenciesOf(
  client: Client,
  names: Names,
  filter: readonly Json[],
  terms: readonly string[],
): Promise<Map<string, number>> {
  const aggs = Object.fromEntries(terms.map((term, t) => [`t${t}`, { filter: { term: { terms: term } } }]));
  const body = { size: 0, track_total_hits: false, query: { bool: { filter } }, aggs };
  const path = `/${names.chunks}/_search?allow_partial_search_results=false`;
  const { aggregations } = (await client.request("POST", path, body)) as {
    aggregations: Record<string, { doc_count: number }>;
  };
  return new Map(terms.map((term, t) => [term, aggregations[`t${t}`]!.doc_count]));
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
