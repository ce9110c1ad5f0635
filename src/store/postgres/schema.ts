/**
 * The tables of a collection, in a PostgreSQL schema of its own, and how older ones become today's.
 *
 * `state` has one row, which every write locks and raises: it is what makes writes one after another even where advisory locks
 * do not reach (a pooler between). `postings` holds the keyword index: a row for each term and each run of 1,024 chunk
 * numbers, whose entries are chunk × 65,536 + how often the term comes. So a write of one chunk touches one row a term, a
 * thousand chunks cost hardly more rows than one, and document frequencies are sums of lengths. Vectors have a table of their own,
 * so that one of another space can be filled beside it and take its place and name.
 */
import { LociError } from "../../core/index.ts";
import type { Space } from "../store.ts";
import { type PostgresClient, type Row, rowsOf } from "./connection.ts";

/** What this version of Loci writes. */
export const SCHEMA_VERSION = 1;

/** Widths above this have no index in pgvector 0.8: they are scanned, exactly. */
export const MOST_INDEXED_DIM = 2000;

/** How an HNSW index of pgvector is built. */
export interface PostgresIndexOptions {
  /** Links a vector; more is better and slower. Default 16. */
  readonly M?: number;
  /** How many candidates are looked at when a vector is added. Default 100. */
  readonly efConstruction?: number;
}

/** The schema name of a collection, quoted. Names are lower-case letters, digits and _, beginning with a letter, up to 48. */
export function schemaName(collection: string): string {
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(collection)) {
    throw new LociError(
      "bad-argument",
      `Expected \`name\` to be 1 to 48 of a-z, 0-9 and _, beginning with a letter, got ${JSON.stringify(collection)}.`,
    );
  }
  return `"loci_${collection}"`;
}

/** Each brings the tables from version n to n + 1; the first makes them. */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    create schema if not exists ${schema};
    create table ${schema}.state (
      one boolean primary key default true check (one),
      schema integer not null,
      version bigint not null default 0,
      next_chunk bigint not null default 1,
      space json, next_space json,
      documents bigint not null default 0, chunks bigint not null default 0, terms bigint not null default 0,
      known_since bigint not null default 0
    );
    insert into ${schema}.state (schema) values (1);
    create table ${schema}.documents (
      id text collate "C" primary key, text text not null, meta json not null, facts jsonb not null, hash text not null
    );
    create index on ${schema}.documents using gin (facts jsonb_path_ops);
    create table ${schema}.chunks (
      chunk bigint primary key, document text collate "C" not null, place integer not null,
      start_at integer not null, end_at integer not null, text text not null, terms integer not null, version bigint not null
    );
    create index on ${schema}.chunks (document, place);
    create index on ${schema}.chunks (version);
    create table ${schema}.postings (
      term text collate "C", segment bigint, entries bigint[] not null, primary key (term, segment)
    );
    create table ${schema}.removals (chunk bigint primary key, added bigint not null, removed bigint not null);
    create index on ${schema}.removals (removed);
    create table ${schema}.settings (name text primary key, value json not null);
    create sequence ${schema}.generations;
    create table ${schema}.snapshots (name text primary key, version bigint not null, bytes bigint not null, generation bigint not null);
    create table ${schema}.snapshot_pieces (generation bigint, piece integer, bytes bytea not null, primary key (generation, piece));
    alter table ${schema}.snapshot_pieces alter column bytes set storage external;`,
];

/** The schema version found, 0 where the collection is not there. Throws `not-supported` where a newer Loci made it. */
export async function foundVersion(client: PostgresClient, schema: string): Promise<number> {
  const [there] = await rowsOf(client, "select to_regclass($1) is not null as there", [`${schema}.state`]);
  if (there?.["there"] !== true) return 0;
  const [row] = await rowsOf(client, `select schema from ${schema}.state`);
  const found = Number(row?.["schema"]);
  if (found > SCHEMA_VERSION) {
    throw new LociError(
      "not-supported",
      `The collection in ${schema} has schema version ${found}; this Loci knows up to ${SCHEMA_VERSION}. Update Loci.`,
    );
  }
  return found;
}

/** Makes or brings up to date the tables. In a transaction of the caller's. */
export async function migrate(client: PostgresClient, schema: string, from: number): Promise<void> {
  for (const step of MIGRATIONS.slice(from)) await rowsOf(client, step(schema));
  await rowsOf(client, `update ${schema}.state set schema = $1`, [SCHEMA_VERSION]);
}

/** What pgvector calls a metric: its distance operator, lower is closer, and the index's class of operators. */
export const METRICS = {
  cosine: { operator: "<=>", operators: "vector_cosine_ops" },
  dot: { operator: "<#>", operators: "vector_ip_ops" },
  euclidean: { operator: "<->", operators: "vector_l2_ops" },
} as const;

/** Makes a table of vectors for a space, with its index, and one of the zero vectors, which an index for cosine leaves out. */
export async function createVectorTable(
  client: PostgresClient,
  table: string,
  space: Space,
  { M = 16, efConstruction = 100 }: PostgresIndexOptions,
): Promise<void> {
  await rowsOf(client, `create table ${table} (chunk bigint primary key, vector vector(${space.dim}) not null)`);
  if (space.metric === "cosine") await rowsOf(client, `create index on ${table} (chunk) where vector_norm(vector) = 0`);
  if (space.dim > MOST_INDEXED_DIM) return;
  await rowsOf(
    client,
    `create index on ${table} using hnsw (vector ${METRICS[space.metric].operators})
     with (m = ${M}, ef_construction = ${Math.max(efConstruction, 2 * M)})`,
  );
}

/** The one row of `state`. */
export interface State {
  readonly schema: number;
  readonly version: number;
  readonly nextChunk: number;
  readonly space: Space | undefined;
  readonly nextSpace: Space | undefined;
  readonly documents: number;
  readonly chunks: number;
  readonly terms: number;
  readonly knownSince: number;
}

/** Reads `state`; `lock` makes other writers wait until our transaction ends. */
export async function readState(client: PostgresClient, schema: string, lock = false): Promise<State> {
  const [row] = await rowsOf(client, `select * from ${schema}.state${lock ? " for update" : ""}`);
  if (!row)
    throw new LociError(
      "bad-file",
      `The collection in ${schema} has no row in its table state. Restore it from a backup.`,
    );
  return stateOf(row);
}

function stateOf(row: Row): State {
  const number = (name: string): number => Number(row[name]);
  return {
    schema: number("schema"),
    version: number("version"),
    nextChunk: number("next_chunk"),
    space: (row["space"] as Space | null) ?? undefined,
    nextSpace: (row["next_space"] as Space | null) ?? undefined,
    documents: number("documents"),
    chunks: number("chunks"),
    terms: number("terms"),
    knownSince: number("known_since"),
  };
}

/** Throws `not-supported` where the server has no pgvector of 0.8 or newer and none can be switched on. */
export async function requirePgvector(client: PostgresClient): Promise<void> {
  try {
    await rowsOf(client, "create extension if not exists vector");
  } catch (cause) {
    throw new LociError(
      "not-supported",
      "This database has no pgvector and would not switch it on. Install pgvector >= 0.8 on the server and run, as its administrator: create extension vector",
      { cause },
    );
  }
  const [row] = await rowsOf(client, "select extversion as version from pg_extension where extname = 'vector'");
  const [major = 0, minor = 0] = String(row!["version"]).split(".").map(Number);
  if (major === 0 && minor < 8)
    throw new LociError(
      "not-supported",
      `This database has pgvector ${String(row!["version"])}; Loci needs 0.8 for filtered searches. Update it: alter extension vector update`,
    );
}

/** Bytes of all tables of a collection, with their indexes. */
export async function bytesOf(client: PostgresClient, schema: string): Promise<number> {
  const [row] = await rowsOf(
    client,
    `select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes from pg_class c
     where c.relkind = 'r' and c.relnamespace = $1::regnamespace`,
    [schema],
  );
  return Number(row!["bytes"]);
}
