/**
 * Vectors in and out, and the search among them.
 *
 * pgvector finds candidates with float32 arithmetic; their scores are computed here, in float64 from the stored numbers, so that a
 * hit has the same score in every store. pgvector stops a filtered search of its index at some point; where that leaves fewer
 * than k, the exact search answers instead, so that min(k, how many pass) hits always come back.
 */
import { Matrix } from "../../core/index.ts";
import { scoreBetween } from "../metric.ts";
import type { Filter } from "../filter.ts";
import type { ScoredChunk, Space } from "../store.ts";
import { Parameters, filterSql } from "./conditions.ts";
import { type PostgresClient, type Row, rowsOf } from "./connection.ts";
import { readVector, vectorArrayBytes, vectorBytes } from "./encoding.ts";
import { METRICS } from "./schema.ts";

const ROWS = 2000;
/** pgvector takes no higher `ef_search`. */
const MOST_EF_SEARCH = 1000;

/** Inserts vectors, row i under chunks[i]; a chunk that has one is given the new one. */
export async function insertVectors(
  client: PostgresClient,
  table: string,
  chunks: readonly number[],
  vectors: readonly Float32Array[],
): Promise<void> {
  if (chunks.length === 0) return;
  const [type] = await rowsOf(client, "select 'vector'::regtype::oid::int as oid");
  for (let at = 0; at < chunks.length; at += ROWS) {
    await rowsOf(
      client,
      `insert into ${table} (chunk, vector) select * from unnest($1::bigint[], $2::vector[])
       on conflict (chunk) do update set vector = excluded.vector`,
      [chunks.slice(at, at + ROWS), vectorArrayBytes(vectors.slice(at, at + ROWS), Number(type!["oid"]))],
    );
  }
}

/** The next vectors above a chunk number, some thousands. */
export async function vectorsAfter(
  client: PostgresClient,
  table: string,
  dim: number,
  after: number,
): Promise<{ chunks: number[]; vectors: Matrix }> {
  const rows = await rowsOf(
    client,
    `select chunk, vector_send(vector) as bytes from ${table} where chunk > $1 order by chunk limit ${ROWS}`,
    [after],
  );
  const vectors = Matrix.zeros(rows.length, dim);
  rows.forEach(({ bytes }, r) => readVector(bytes as Uint8Array, vectors.row(r)));
  return { chunks: rows.map(({ chunk }) => Number(chunk)), vectors };
}

/** The vectors of some chunks, in their order; a row of NaN where there is none. */
export async function vectorsOf(
  client: PostgresClient,
  table: string,
  dim: number,
  numbers: readonly number[],
): Promise<Matrix> {
  const vectors = new Matrix(new Float32Array(numbers.length * dim).fill(NaN), dim);
  for (let at = 0; at < numbers.length; at += ROWS) {
    const rows = await rowsOf(
      client,
      `select asked.place, vector_send(v.vector) as bytes
       from unnest($1::bigint[]) with ordinality as asked(chunk, place) join ${table} v on v.chunk = asked.chunk`,
      [numbers.slice(at, at + ROWS)],
    );
    for (const { place, bytes } of rows) readVector(bytes as Uint8Array, vectors.row(at + Number(place) - 1));
  }
  return vectors;
}

/** What is asked of the search for the nearest. */
export interface NearestQuestion {
  readonly query: Float32Array;
  readonly k: number;
  readonly filter: Filter | undefined;
  readonly exact: boolean;
  readonly efSearch: number;
}

/** The k nearest chunks, best first, ties by number. Inside a transaction, since settings of pgvector are set for it alone. */
export async function nearestChunks(
  client: PostgresClient,
  schema: string,
  space: Space,
  question: NearestQuestion,
): Promise<ScoredChunk[]> {
  const { query, k, exact } = question;
  if (k === 0) return [];
  const zero = space.metric === "cosine" && query.every((number) => number === 0);
  if (zero) return (await zeroQuery(client, schema, question)).map(({ chunk }) => ({ chunk: Number(chunk), score: 0 }));
  if (!exact) {
    const found = scored(await throughIndex(client, schema, space, question), space, question);
    if (found.length === k) return found;
  }
  return scored(await byScan(client, schema, space, question), space, question);
}

/** Chunks with their vectors, from the index; for cosine also the zero vectors, which it leaves out and whose cosine is 0. */
async function throughIndex(
  client: PostgresClient,
  schema: string,
  space: Space,
  { query, k, filter, efSearch }: NearestQuestion,
): Promise<Row[]> {
  await rowsOf(
    client,
    `select set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
            set_config('hnsw.scan_mem_multiplier', '4', true)`,
    [String(Math.min(MOST_EF_SEARCH, Math.max(k, efSearch)))],
  );
  const parameters = new Parameters();
  const vector = parameters.add(vectorBytes(query));
  const limit = parameters.add(k);
  const { joined, passes } = joinFor(schema, filter, parameters);
  const select = `select v.chunk, vector_send(v.vector) as bytes from ${schema}.vectors v ${joined} where ${passes}`;
  const nearest = `(${select} order by v.vector ${METRICS[space.metric].operator} ${vector}::vector limit ${limit})`;
  const zeros = `union all (${select} and vector_norm(v.vector) = 0 order by v.chunk limit ${limit})`;
  return rowsOf(client, space.metric === "cosine" ? `${nearest} ${zeros}` : nearest, parameters.values);
}

/** The same from all vectors. Some more than k, since float32 distances may order near ties otherwise than float64. */
async function byScan(
  client: PostgresClient,
  schema: string,
  space: Space,
  { query, k, filter }: NearestQuestion,
): Promise<Row[]> {
  const parameters = new Parameters();
  const vector = parameters.add(vectorBytes(query));
  const { joined, passes } = joinFor(schema, filter, parameters);
  // Not the bare distance, or the index would be used. A NaN is a zero vector's cosine: 0, a distance of 1.
  const distance = `coalesce(nullif(v.vector ${METRICS[space.metric].operator} ${vector}::vector, 'NaN'), 1)`;
  return rowsOf(
    client,
    `select v.chunk, vector_send(v.vector) as bytes from ${schema}.vectors v ${joined} where ${passes}
     order by ${distance}, v.chunk limit ${parameters.add(k + 10 + Math.floor(k / 10))}`,
    parameters.values,
  );
}

/** A query of zeros has cosine 0 with everything: the first k by number. */
async function zeroQuery(client: PostgresClient, schema: string, { k, filter }: NearestQuestion): Promise<Row[]> {
  const parameters = new Parameters();
  const { joined, passes } = joinFor(schema, filter, parameters);
  return rowsOf(
    client,
    `select v.chunk from ${schema}.vectors v ${joined} where ${passes} order by v.chunk limit ${parameters.add(k)}`,
    parameters.values,
  );
}

function joinFor(
  schema: string,
  filter: Filter | undefined,
  parameters: Parameters,
): { joined: string; passes: string } {
  if (!filter) return { joined: "", passes: "true" };
  return {
    joined: `join ${schema}.chunks c on c.chunk = v.chunk join ${schema}.documents d on d.id = c.document`,
    passes: filterSql(filter, "d.facts", parameters),
  };
}

function scored(rows: readonly Row[], { dim, metric }: Space, { query, k }: NearestQuestion): ScoredChunk[] {
  const score = scoreBetween(metric);
  const vector = new Float32Array(dim);
  const hits = new Map<number, number>();
  for (const { chunk, bytes } of rows) {
    readVector(bytes as Uint8Array, vector);
    hits.set(Number(chunk), score(query, vector));
  }
  return [...hits]
    .map(([chunk, score]) => ({ chunk, score }))
    .sort((a, b) => b.score - a.score || a.chunk - b.chunk)
    .slice(0, k);
}
