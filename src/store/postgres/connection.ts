/**
 * The line to PostgreSQL: connections of `pg`, statements whose failures say what to do, transactions that know whether they
 * happened.
 *
 * The one hard case is a connection that dies between COMMIT and its answer. PostgreSQL remembers how each transaction ended, so
 * we ask it by number instead of guessing: a write is then reported as done exactly if it was.
 */
import { LociError } from "../../core/index.ts";

/** One statement: `text` with $1, $2, … for `values`. Byte arrays travel in binary form. */
export interface PostgresStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Rows by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** The part of a connection of `pg` that is used here. */
export interface PostgresClient {
  query(statement: { text: string; values?: unknown[] }): Promise<{ rows: Row[] }>;
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of a pool of `pg` that is used here: hand in your own, or let the store open one by address. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
}

/** A pool by address. Throws `peer-missing` where `pg` is not installed. */
export async function openPool(url: string, connections: number): Promise<PostgresPool> {
  let Pool;
  try {
    ({
      default: { Pool },
    } = await import("pg"));
  } catch (cause) {
    throw new LociError(
      "peer-missing",
      "The PostgreSQL store needs the package pg, which is not installed. Run: npm install pg",
      { cause },
    );
  }
  const pool = new Pool({ connectionString: url, max: connections, application_name: "loci" });
  // A server that goes away ends idle connections; the pool drops them, and whoever asks next is told.
  pool.on("error", () => undefined);
  return pool;
}

/** SQLSTATE classes that mean: the connection or the server is gone, the statement was not judged. */
const GONE = /^(08|57P|58)/;

/** The code a server or the system gave a failure, "" where it gave none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Whether a failure is of the line, not of the statement. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (/^[0-9A-Z]{5}$/.test(code)) return GONE.test(code);
  return error instanceof Error && !(error instanceof LociError) && !("severity" in error);
}

/** A failure of `pg` as one of ours. */
export function asLociError(error: unknown): unknown {
  if (error instanceof LociError || !(error instanceof Error)) return error;
  if (isLost(error)) {
    return new LociError(
      "network",
      `PostgreSQL does not answer (${error.message || codeOf(error)}). Check the address and that the server runs.`,
      { cause: error },
    );
  }
  if (codeOf(error) === "42501" || codeOf(error) === "25006") {
    return new LociError(
      "cannot-write",
      `PostgreSQL does not let this user do that: ${error.message}. Grant it, or open the store with \`readOnly: true\`.`,
      { cause: error },
    );
  }
  return new LociError("network", `PostgreSQL refused a statement: ${error.message}.`, { cause: error });
}

/** Runs one statement and returns its rows. */
export async function rowsOf(client: PostgresClient, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  try {
    return (await client.query({ text, values: [...values] })).rows;
  } catch (error) {
    throw asLociError(error);
  }
}

/** Lends a connection of the pool to `work`; a connection that failed is not given back. */
export async function withClient<T>(pool: PostgresPool, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  let client: PostgresClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw asLociError(error);
  }
  let failed = true;
  try {
    const result = await work(client);
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

/**
 * Runs `work` as one transaction. It is durable when this resolves, whatever the server's default: where that has
 * `synchronous_commit` off, it is switched on for this one.
 */
export async function transaction<T>(
  pool: PostgresPool,
  client: PostgresClient,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  await rowsOf(client, "begin");
  let number: unknown;
  let result: T;
  try {
    const [row] = await rowsOf(
      client,
      `select pg_current_xact_id()::text as number,
              case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end`,
    );
    number = row?.["number"];
    result = await work(client);
  } catch (error) {
    await client.query({ text: "rollback" }).catch(() => undefined); // the first failure is the one to tell of
    throw error;
  }
  try {
    await client.query({ text: "commit" });
  } catch (error) {
    if (!isLost(error)) throw asLociError(error);
    if (!(await wasCommitted(pool, number, error))) throw asLociError(error);
  }
  return result;
}

async function wasCommitted(pool: PostgresPool, number: unknown, cause: unknown): Promise<boolean> {
  try {
    const [row] = await withClient(pool, (client) =>
      rowsOf(client, "select pg_xact_status($1::text::xid8) as status", [number]),
    );
    return row?.["status"] === "committed";
  } catch {
    throw new LociError(
      "network",
      "The connection to PostgreSQL was lost while a write was being committed, and the server cannot be asked whether it was. " +
        "Open the store again and look at its version.",
      { cause },
    );
  }
}
