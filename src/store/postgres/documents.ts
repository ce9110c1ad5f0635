/** Reading documents and chunks from PostgreSQL, and what has changed. */
import type { Filter, Meta } from "../filter.ts";
import { metaFromJson } from "../meta.ts";
import { fromSafeText, toSafeText } from "../safe-text.ts";
import type { StoredChunk, StoredDocument } from "../store.ts";
import { Parameters, filterSql } from "./conditions.ts";
import { type PostgresClient, rowsOf } from "./connection.ts";
import { readNumbers } from "./encoding.ts";

const LIST_ROWS = 1000;

/** Lends a connection to what reads. */
export type Reading = <T>(work: (client: PostgresClient) => Promise<T>) => Promise<T>;

/** Documents by id. */
export async function documentsById(
  client: PostgresClient,
  schema: string,
  ids: readonly string[],
): Promise<Map<string, StoredDocument>> {
  const rows = await rowsOf(
    client,
    `select id, text, meta::text as meta, hash from ${schema}.documents where id = any($1::text[])`,
    [ids.map((id) => toSafeText(id))],
  );
  const found = rows.map(({ id, text, meta, hash }) => ({
    id: fromSafeText(String(id)),
    text: fromSafeText(String(text)),
    meta: metaFromJson(String(meta)),
    hash: fromSafeText(String(hash)),
  }));
  return new Map(found.map((document) => [document.id, document]));
}

/** Documents without their texts, by id in the order of code points, page by page. */
export async function* listDocuments(
  read: Reading,
  schema: string,
  filter: Filter,
  prefix: string,
): AsyncGenerator<{ id: string; hash: string; meta: Meta }, void, void> {
  for (let after = ""; ;) {
    const parameters = new Parameters();
    const passes = filterSql(filter, "d.facts", parameters);
    const start = parameters.add(toSafeText(prefix));
    const statement = `select id, meta::text as meta, hash from ${schema}.documents d
      where id > ${parameters.add(after)} and id >= ${start} and starts_with(id, ${start}) and ${passes}
      order by id limit ${LIST_ROWS}`;
    const rows = await read((client) => rowsOf(client, statement, parameters.values));
    for (const { id, meta, hash } of rows)
      yield { id: fromSafeText(String(id)), hash: fromSafeText(String(hash)), meta: metaFromJson(String(meta)) };
    if (rows.length < LIST_ROWS) return;
    after = String(rows.at(-1)!["id"]);
  }
}

/** Chunks with the metadata of their documents. `where` is SQL over `c`, the chunks, with $1, … for `values`. */
export async function chunksWhere(
  client: PostgresClient,
  schema: string,
  where: string,
  values: readonly unknown[],
): Promise<StoredChunk[]> {
  const rows = await rowsOf(
    client,
    `select c.chunk, c.document, c.start_at, c.end_at, c.text, d.meta::text as meta
     from ${schema}.chunks c join ${schema}.documents d on d.id = c.document where ${where}`,
    values,
  );
  return rows.map((row) => ({
    chunk: Number(row["chunk"]),
    document: fromSafeText(String(row["document"])),
    start: Number(row["start_at"]),
    end: Number(row["end_at"]),
    text: fromSafeText(String(row["text"])),
    meta: metaFromJson(String(row["meta"])),
  }));
}

/** The numbers of the chunks whose documents pass, ascending. They come as one value: a row each would cost more than the filter. */
export async function matchingChunks(client: PostgresClient, schema: string, filter: Filter): Promise<Float64Array> {
  const parameters = new Parameters();
  const passes = filterSql(filter, "d.facts", parameters);
  const [row] = await rowsOf(
    client,
    `select string_agg(int8send(c.chunk), ''::bytea order by c.chunk) as numbers
     from ${schema}.chunks c join ${schema}.documents d on d.id = c.document where ${passes}`,
    parameters.values,
  );
  return numbersOf(row?.["numbers"]);
}

const numbersOf = (column: unknown): Float64Array =>
  column instanceof Uint8Array ? readNumbers(column) : new Float64Array();

/** How many documents pass. */
export async function countDocuments(client: PostgresClient, schema: string, filter: Filter): Promise<number> {
  const parameters = new Parameters();
  const passes = filterSql(filter, "d.facts", parameters);
  const [row] = await rowsOf(
    client,
    `select count(*) as n from ${schema}.documents d where ${passes}`,
    parameters.values,
  );
  return Number(row!["n"]);
}

/** What the writes after a version added and removed, net; undefined where the log does not reach back so far. */
export async function changesSince(
  client: PostgresClient,
  schema: string,
  since: number,
): Promise<{ version: number; added: readonly number[]; removed: readonly number[] } | undefined> {
  const [row] = await rowsOf(
    client,
    `select s.version, s.known_since,
       (select string_agg(int8send(chunk), ''::bytea order by chunk) from ${schema}.chunks where version > $1) as added,
       (select string_agg(int8send(chunk), ''::bytea order by chunk) from ${schema}.removals
        where removed > $1 and added <= $1) as removed
     from ${schema}.state s`,
    [since],
  );
  const version = Number(row!["version"]);
  if (since > version || since < Number(row!["known_since"])) return undefined;
  return { version, added: [...numbersOf(row!["added"])], removed: [...numbersOf(row!["removed"])] };
}
