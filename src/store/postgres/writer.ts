/**
 * The one writer of a collection: a connection that holds an advisory lock for as long as the store is open.
 *
 * The lock lives with the connection, so that a process that dies frees it, and a second writer learns at once that there is a
 * first. When the connection breaks, the lock is taken anew before the next write; if another has taken it meanwhile, that is said.
 */
import { LociError } from "../../core/index.ts";
import { storeClosed } from "../space.ts";
import { type PostgresClient, type PostgresPool, asLociError, rowsOf, transaction } from "./connection.ts";
import { type State, readState } from "./schema.ts";

export class Writer {
  readonly #pool: PostgresPool;
  readonly #schema: string;
  #client: PostgresClient | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(pool: PostgresPool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** Runs `work` as the only transaction of this collection, with its `state` read and locked. One after another, in order. */
  transaction<T>(work: (client: PostgresClient, state: State) => Promise<T>): Promise<T> {
    return this.exclusively((client) =>
      transaction(this.#pool, client, async () => work(client, await readState(client, this.#schema, true))),
    );
  }

  /** Runs `work` on the writer's connection when all before it are done; not in a transaction. */
  exclusively<T>(work: (client: PostgresClient) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      if (this.#closed) throw storeClosed();
      return work(await this.#locked());
    });
    this.#turn = mine.catch(() => undefined); // whoever asked for it is told; the next one is not
    return mine;
  }

  /** The connection that holds the lock. Throws `store-locked` where another process has it. */
  async #locked(): Promise<PostgresClient> {
    if (this.#client) return this.#client;
    let client: PostgresClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw asLociError(error);
    }
    try {
      const [row] = await rowsOf(client, "select pg_try_advisory_lock(hashtextextended($1, 0)) as mine", [
        this.#schema,
      ]);
      if (row!["mine"] !== true) throw await this.#lockedBy(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.on("error", () => this.#lost(client));
    this.#client = client;
    return client;
  }

  #lost(client: PostgresClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.release(true);
  }

  async #lockedBy(client: PostgresClient): Promise<LociError> {
    const [holder] = await rowsOf(
      client,
      `select a.pid, a.application_name, a.client_addr::text as address
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())
         and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended($1, 0)`,
      [this.#schema],
    );
    const by = holder
      ? ` (PostgreSQL's process ${String(holder["pid"])}, from ${(holder["address"] as string | null) ?? "this machine"})`
      : "";
    return new LociError(
      "store-locked",
      `Another process is writing to the collection in ${this.#schema}${by}. Close it there, or open with \`readOnly: true\`.`,
    );
  }

  /** Frees the lock. What was asked for before is done first. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#turn;
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    client?.release(true); // ending the connection frees the lock whatever state it is in
  }
}
