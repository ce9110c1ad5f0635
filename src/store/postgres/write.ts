/**
 * A batch of documents written in one transaction: what was there under their ids goes, rows and postings and vectors alike.
 */
import { type Step, phaseClock } from "../../core/index.ts";
import type { CheckedBatch } from "../check-batch.ts";
import { metaToJson } from "../meta.ts";
import type { Committed, PutDocument } from "../store.ts";
import { factsOf } from "./conditions.ts";
import { type PostgresClient, rowsOf } from "./connection.ts";
import { fromSafeText, toSafeText } from "../safe-text.ts";
import { type IndexedText, addPostings, removePostings, termsOf } from "./keyword.ts";
import type { State } from "./schema.ts";
import { insertVectors } from "./vectors.ts";

/** Documents (and characters of them) of one statement. */
const DOCUMENTS = 500;
const CHARACTERS = 4_000_000;
/** Every so many versions the log of removals is shortened to this many rows; whoever is further behind starts anew. */
const PRUNE_EVERY = 256;
const REMOVALS_KEPT = 200_000;

/** Counts that `state` keeps, as they change. */
interface Tally {
  documents: number;
  chunks: number;
  terms: number;
}

/** Writes a batch inside a transaction that holds `state`, and raises the version if it touched anything. */
export async function* writeBatch(
  client: PostgresClient,
  schema: string,
  state: State,
  batch: CheckedBatch,
): AsyncGenerator<Step, Committed, void> {
  const tally: Tally = { documents: state.documents, chunks: state.chunks, terms: state.terms };
  const version = state.version + 1;
  const removed: number[] = [];
  const ids = [...batch.remove, ...batch.put.map(({ id }) => id)];
  const clock = phaseClock("write", ids.length + batch.put.length);
  let touched = batch.put.length > 0;
  for (let at = 0; at < ids.length; at += DOCUMENTS) {
    const gone = await removeDocuments(client, schema, state, version, ids.slice(at, at + DOCUMENTS), tally);
    removed.push(...gone.chunks);
    touched ||= gone.documents > 0;
    yield clock(Math.min(ids.length, at + DOCUMENTS));
  }
  if (!touched) return { version: state.version, added: [], removed: [] };
  const added: number[] = [];
  let done = ids.length;
  for (const documents of pieces(batch.put)) {
    await insertDocuments(client, schema, documents);
    added.push(...(await insertChunks(client, schema, version, state.nextChunk + added.length, documents, tally)));
    yield clock((done += documents.length));
  }
  await rowsOf(
    client,
    `update ${schema}.state set version = $1, next_chunk = $2, documents = $3, chunks = $4, terms = $5`,
    [version, state.nextChunk + added.length, tally.documents + batch.put.length, tally.chunks, tally.terms],
  );
  if (version % PRUNE_EVERY === 0) await pruneRemovals(client, schema);
  return { version, added, removed: removed.sort((a, b) => a - b) };
}

function* pieces(documents: readonly PutDocument[]): Generator<PutDocument[]> {
  let piece: PutDocument[] = [];
  let characters = 0;
  for (const document of documents) {
    piece.push(document);
    characters += document.text.length;
    if (piece.length < DOCUMENTS && characters < CHARACTERS) continue;
    yield piece;
    [piece, characters] = [[], 0];
  }
  if (piece.length > 0) yield piece;
}

async function removeDocuments(
  client: PostgresClient,
  schema: string,
  state: State,
  version: number,
  ids: readonly string[],
  tally: Tally,
): Promise<{ documents: number; chunks: number[] }> {
  const columns = ids.map(toSafeText);
  const documents = await rowsOf(client, `delete from ${schema}.documents where id = any($1::text[]) returning 1`, [
    columns,
  ]);
  if (documents.length === 0) return { documents: 0, chunks: [] };
  const rows = await rowsOf(
    client,
    `delete from ${schema}.chunks where document = any($1::text[]) returning chunk, version, text, terms`,
    [columns],
  );
  const chunks = rows.map(({ chunk }) => Number(chunk));
  const texts = rows.map(({ chunk, text }) => ({
    chunk: Number(chunk),
    counts: termsOf(fromSafeText(String(text))).counts,
  }));
  await removePostings(client, schema, texts);
  const tables = [...(state.space ? ["vectors"] : []), ...(state.nextSpace ? ["next_vectors"] : [])];
  for (const table of tables)
    await rowsOf(client, `delete from ${schema}.${table} where chunk = any($1::bigint[])`, [chunks]);
  await rowsOf(
    client,
    `insert into ${schema}.removals (chunk, added, removed) select c, a, $3 from unnest($1::bigint[], $2::bigint[]) as given(c, a)`,
    [chunks, rows.map(({ version }) => version), version],
  );
  tally.documents -= documents.length;
  tally.chunks -= rows.length;
  for (const { terms } of rows) tally.terms -= Number(terms);
  return { documents: documents.length, chunks };
}

async function insertDocuments(
  client: PostgresClient,
  schema: string,
  documents: readonly PutDocument[],
): Promise<void> {
  await rowsOf(
    client,
    `insert into ${schema}.documents (id, text, meta, facts, hash)
     select i, t, m::json, f::jsonb, h from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as given(i, t, m, f, h)`,
    [
      documents.map(({ id }) => toSafeText(id)),
      documents.map(({ text }) => toSafeText(text)),
      documents.map(({ meta }) => metaToJson(meta)),
      documents.map(({ meta }) => factsOf(meta)),
      documents.map(({ hash }) => toSafeText(hash)),
    ],
  );
}

async function insertChunks(
  client: PostgresClient,
  schema: string,
  version: number,
  from: number,
  documents: readonly PutDocument[],
  tally: Tally,
): Promise<number[]> {
  const rows = documents.flatMap(({ id, text, chunks }) =>
    chunks.map(({ start, end }, place) => ({ id: toSafeText(id), place, start, end, text: text.slice(start, end) })),
  );
  const numbers = rows.map((_, r) => from + r);
  const indexed: IndexedText[] = [];
  const lengths: number[] = [];
  rows.forEach(({ text }, r) => {
    const { counts, total } = termsOf(text);
    indexed.push({ chunk: numbers[r]!, counts });
    lengths.push(total);
    tally.terms += total;
  });
  tally.chunks += rows.length;
  await rowsOf(
    client,
    `insert into ${schema}.chunks (chunk, document, place, start_at, end_at, text, terms, version)
     select *, $8 from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::int[], $6::text[], $7::int[])`,
    [
      numbers,
      rows.map(({ id }) => id),
      rows.map(({ place }) => place),
      rows.map(({ start }) => start),
      rows.map(({ end }) => end),
      rows.map(({ text }) => toSafeText(text)),
      lengths,
      version,
    ],
  );
  await addPostings(client, schema, indexed);
  let at = from;
  const [withVector, vectors]: [number[], Float32Array[]] = [[], []];
  for (const { chunks, vectors: matrix } of documents) {
    for (let c = 0; c < chunks.length; c++, at++) {
      if (!matrix) continue;
      withVector.push(at);
      vectors.push(matrix.row(c));
    }
  }
  await insertVectors(client, `${schema}.vectors`, withVector, vectors);
  return numbers;
}

async function pruneRemovals(client: PostgresClient, schema: string): Promise<void> {
  const [row] = await rowsOf(
    client,
    `select removed from ${schema}.removals order by removed desc offset ${REMOVALS_KEPT} limit 1`,
  );
  if (!row) return;
  await rowsOf(client, `delete from ${schema}.removals where removed <= $1`, [row["removed"]]);
  await rowsOf(client, `update ${schema}.state set known_since = greatest(known_since, $1)`, [row["removed"]]);
}
