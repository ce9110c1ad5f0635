/**
 * The nearest vectors: found by Lucene's HNSW under the filter, scored here in float64 from the stored numbers, as in every store.
 *
 * Where the graph brings fewer than k although more pass, all that pass are scored instead, so that min(k, how many pass)
 * hits always come back. Vectors of zeros, which OpenSearch does not index for cosine, come in with their score, 0.
 */
import { LociError, Matrix } from "../../core/index.ts";
import type { Filter } from "../filter.ts";
import { scoreBetween } from "../metric.ts";
import type { ScoredChunk, Space } from "../store.ts";
import type { Client, Json } from "./client.ts";
import { filterQuery } from "./conditions.ts";
import { type Names, SPACE_TYPES } from "./layout.ts";
import { type Hit, MOST_HITS, type View, hitsOf } from "./reads.ts";

const ROWS = 1000;
const CHUNK_ORDER = [{ chunk: "asc" }];

/** What is asked. */
export interface NearestQuestion {
  readonly query: Float32Array;
  readonly k: number;
  readonly filter: Filter | undefined;
  readonly exact: boolean;
  readonly efSearch: number;
}

/** The k nearest chunks, best first, ties by number. */
export async function nearestChunks(
  client: Client,
  names: Names,
  { state, filter: counts }: View,
  space: Space,
  { query, k, filter, exact, efSearch }: NearestQuestion,
): Promise<ScoredChunk[]> {
  if (k === 0) return [];
  const index = names.vectors(state.vectors);
  const passes = [...counts, ...(filter ? [filterQuery(filter)] : [])];
  const cosine = space.metric === "cosine";
  if (cosine && query.every((number) => number === 0)) {
    const all = { query: { bool: { filter: passes } }, size: k, sort: CHUNK_ORDER, source: ["chunk"] };
    return (await hitsOf(client, index, all)).map(({ _source }) => ({ chunk: Number(_source["chunk"]), score: 0 }));
  }
  const vector = Array.from(query);
  const score = (hits: readonly Hit[], zeros: readonly Hit[]): ScoredChunk[] =>
    scored(space, query, hits, zeros).slice(0, k);
  const zeroQuery = { bool: { filter: [...passes, { term: { zero: true } }] } };
  const zeros =
    cosine && state.zeros
      ? await hitsOf(client, index, { query: zeroQuery, size: k, sort: CHUNK_ORDER, source: ["chunk"] })
      : [];
  const sort = [{ _score: "desc" }, ...CHUNK_ORDER];
  const source = ["chunk", "vector"];
  const candidates = Math.max(k, efSearch);
  if (!exact && candidates <= MOST_HITS) {
    const knn = { vector, k: candidates, ...(passes.length > 0 && { filter: { bool: { filter: passes } } }) };
    const hits = await hitsOf(client, index, { query: { knn: { vector: knn } }, size: k, sort, source, page: ROWS });
    if (hits.length + zeros.length >= k) return score(hits, zeros);
  }
  const params = { field: "vector", query_value: vector, space_type: SPACE_TYPES[space.metric] };
  const all = {
    script_score: {
      query: { bool: { filter: [...passes, { term: { zero: false } }] } },
      script: { lang: "knn", source: "knn_score", params },
    },
  };
  // Some more than k: scores in float32 may order near ties otherwise than in float64.
  const size = k + 10 + Math.floor(k / 10);
  return score(await hitsOf(client, index, { query: all, size, sort, source, page: ROWS }), zeros);
}

function scored(
  { dim, metric }: Space,
  query: Float32Array,
  hits: readonly Hit[],
  zeros: readonly Hit[],
): ScoredChunk[] {
  const between = scoreBetween(metric);
  const vector = new Float32Array(dim);
  const all = hits.map(({ _source }) => {
    readVector(_source, vector);
    return { chunk: Number(_source["chunk"]), score: between(query, vector) };
  });
  for (const { _source } of zeros) all.push({ chunk: Number(_source["chunk"]), score: 0 });
  return all.sort((a, b) => b.score - a.score || a.chunk - b.chunk);
}

/** The vector of a row, into `into`; zeros where it was noted as such. */
function readVector(row: Json, into: Float32Array): void {
  const vector = row["vector"] as readonly number[] | undefined;
  if (!vector) {
    into.fill(0);
    return;
  }
  if (vector.length !== into.length)
    throw new LociError(
      "bad-file",
      `Chunk ${String(row["chunk"])} has a vector of dim ${vector.length}, not ${into.length}. Run verify().`,
    );
  into.set(vector);
}

/** The next vectors above a chunk number, about a thousand. */
export async function vectorsAfter(
  client: Client,
  index: string,
  { filter }: View,
  dim: number,
  after: number,
): Promise<{ chunks: number[]; vectors: Matrix }> {
  const query = { bool: { filter: [...filter, { range: { chunk: { gt: after } } }] } };
  const question = { query, size: ROWS, sort: CHUNK_ORDER, source: ["chunk", "vector"] };
  const hits = await hitsOf(client, index, question);
  const vectors = Matrix.zeros(hits.length, dim);
  hits.forEach(({ _source }, r) => readVector(_source, vectors.row(r)));
  return { chunks: hits.map(({ _source }) => Number(_source["chunk"])), vectors };
}

/** The vectors of some chunks, in their order; a row of NaN where there is none. */
export async function vectorsOf(
  client: Client,
  index: string,
  { filter }: View,
  dim: number,
  numbers: readonly number[],
): Promise<Matrix> {
  const vectors = new Matrix(new Float32Array(numbers.length * dim).fill(NaN), dim);
  const rows = new Map<number, number[]>();
  numbers.forEach((chunk, r) => rows.set(chunk, [...(rows.get(chunk) ?? []), r]));
  const wanted = [...rows.keys()];
  for (let at = 0; at < wanted.length; at += ROWS) {
    const query = { bool: { filter: [...filter, { terms: { chunk: wanted.slice(at, at + ROWS) } }] } };
    const question = { query, size: ROWS, sort: CHUNK_ORDER, source: ["chunk", "vector"] };
    for (const { _source } of await hitsOf(client, index, question))
      for (const r of rows.get(Number(_source["chunk"])) ?? []) readVector(_source, vectors.row(r));
  }
  return vectors;
}
