/** A move to another space: a second table of vectors is filled beside the first and takes its place and name. */
import type { Matrix } from "../../core/index.ts";
import { checkMigrated, checkSpace, noMigration, sameSpace, unfinished } from "../space.ts";
import type { Migration, Space } from "../store.ts";
import { type PostgresClient, rowsOf } from "./connection.ts";
import { type PostgresIndexOptions, type State, createVectorTable, readState } from "./schema.ts";
import { insertVectors } from "./vectors.ts";

/** The space that is being moved to. Throws `bad-argument` where none is. */
export function nextSpaceOf(state: State): Space {
  if (!state.nextSpace) throw noMigration();
  return state.nextSpace;
}

/** What there is of the move; undefined where none is under way. */
export async function migrationOf(client: PostgresClient, schema: string): Promise<Migration | undefined> {
  const { nextSpace, chunks } = await readState(client, schema);
  if (!nextSpace) return undefined;
  const [row] = await rowsOf(client, `select count(*) as n from ${schema}.next_vectors`);
  const written = Number(row!["n"]);
  return { space: nextSpace, written, missing: chunks - written };
}

/** Begins or goes on with a move. This and the others run in a transaction that holds `state`. */
export async function begin(
  client: PostgresClient,
  schema: string,
  state: State,
  space: Space,
  options: PostgresIndexOptions,
): Promise<void> {
  checkSpace(space);
  if (state.nextSpace && sameSpace(state.nextSpace, space)) return;
  await abandon(client, schema);
  await createVectorTable(client, `${schema}.next_vectors`, space, options);
  await rowsOf(client, `update ${schema}.state set next_space = $1`, [JSON.stringify(space)]);
}

export async function abandon(client: PostgresClient, schema: string): Promise<void> {
  await rowsOf(client, `drop table if exists ${schema}.next_vectors`);
  await rowsOf(client, `update ${schema}.state set next_space = null`);
}

/** Numbers of chunks that lack a new vector, ascending. */
export async function missingChunks(client: PostgresClient, schema: string, limit: number): Promise<number[]> {
  const rows = await rowsOf(
    client,
    `select c.chunk from ${schema}.chunks c left join ${schema}.next_vectors v on v.chunk = c.chunk
     where v.chunk is null order by c.chunk limit $1`,
    [limit],
  );
  return rows.map(({ chunk }) => Number(chunk));
}

export async function writeVectors(
  client: PostgresClient,
  schema: string,
  state: State,
  chunks: readonly number[],
  vectors: Matrix,
): Promise<void> {
  checkMigrated(chunks, vectors, nextSpaceOf(state));
  const rows = await rowsOf(client, `select chunk from ${schema}.chunks where chunk = any($1::bigint[])`, [chunks]);
  const living = new Set(rows.map(({ chunk }) => Number(chunk)));
  // A number that comes twice is written once: its last row.
  const last = new Map(chunks.map((chunk, r) => [chunk, r]));
  const kept = [...last].filter(([chunk]) => living.has(chunk));
  await insertVectors(
    client,
    `${schema}.next_vectors`,
    kept.map(([chunk]) => chunk),
    kept.map(([, r]) => vectors.row(r)),
  );
}

/** Makes the new vectors the store's; returns the version. */
export async function commit(client: PostgresClient, schema: string, state: State): Promise<number> {
  const space = nextSpaceOf(state);
  const missing = (await missingChunks(client, schema, Number.MAX_SAFE_INTEGER)).length;
  if (missing > 0) throw unfinished(missing);
  await rowsOf(client, `drop table if exists ${schema}.vectors`);
  await rowsOf(client, `alter table ${schema}.next_vectors rename to vectors`);
  await rowsOf(client, `delete from ${schema}.removals`);
  const version = state.version + 1;
  await rowsOf(client, `update ${schema}.state set space = $1, next_space = null, version = $2, known_since = $2`, [
    JSON.stringify(space),
    version,
  ]);
  return version;
}
