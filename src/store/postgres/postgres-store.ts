/**
 * A store in PostgreSQL with pgvector: a collection that many machines read, beside an application's own tables.
 *
 * Same contract as SqliteStore (store.ts), same answers: filters are SQL over jsonb, keywords are BM25 over our own postings,
 * and the nearest vectors come from pgvector's HNSW index, so that a collection keeps no index of its own beside it. One
 * process writes (an advisory lock), any number read.
 */
import { type LongOptions, LociError, Matrix, checkWhole, drain } from "../../core/index.ts";
import { checkBatch } from "../check-batch.ts";
import { checkQuery } from "../check-query.ts";
import type { Filter, Meta } from "../filter.ts";
import { toSafeText } from "../safe-text.ts";
import { checkSpace, noSpace, sameSpace, storeClosed, wrongSpace } from "../space.ts";
import type {
  Committed,
  Migration,
  ScoredChunk,
  Space,
  Store,
  StoreInfo,
  StoreSearch,
  StoredChunk,
  StoredDocument,
  WriteBatch,
} from "../store.ts";
import { type PostgresClient, type PostgresPool, type Row, openPool, rowsOf, withClient } from "./connection.ts";
import {
  changesSince,
  chunksWhere,
  countDocuments,
  documentsById,
  listDocuments,
  matchingChunks,
} from "./documents.ts";
import { keywordSearch } from "./keyword.ts";
import * as moves from "./migration.ts";
import {
  type PostgresIndexOptions,
  SCHEMA_VERSION,
  type State,
  bytesOf,
  createVectorTable,
  foundVersion,
  migrate,
  readState,
  requirePgvector,
  schemaName,
} from "./schema.ts";
import { deleteSnapshot, openSnapshot, writeSnapshot } from "./snapshots.ts";
import { nearestChunks, vectorsAfter, vectorsOf } from "./vectors.ts";
import { verifySteps } from "./verify.ts";
import { writeBatch } from "./write.ts";
import { Writer } from "./writer.ts";

/** Where a collection lies, and how its index is built. */
export interface PostgresOptions {
  /** The address of the database (`postgres://user:password@host:5432/name`), or a pool of `pg` that stays yours to end. */
  readonly database: string | PostgresPool;
  /** The collection: `a-z`, `0-9`, `_`; its tables lie in the schema `loci_NAME`. Default "collection". */
  readonly name?: string;
  /** Only reads; any number of processes may. Default false. */
  readonly readOnly?: boolean;
  /** How many connections a pool by address opens at most. Default 8. */
  readonly connections?: number;
  /** How pgvector's index is built, when the space is set. */
  readonly index?: PostgresIndexOptions;
  /** How many candidates a search of the index looks at, at least k and at most 1,000: more finds more. Default 100. */
  readonly efSearch?: number;
}

const TABLES = ["documents", "chunks", "postings", "removals", "settings", "snapshots", "snapshot_pieces", "state"];

/** A {@link Store} in PostgreSQL. `await PostgresStore.open({ database: url })`. Needs PostgreSQL 13 and pgvector 0.8. */
export class PostgresStore implements Store {
  readonly kind = "postgres";
  readonly readOnly: boolean;
  readonly #pool: PostgresPool;
  readonly #ownPool: boolean;
  readonly #schema: string;
  readonly #index: PostgresIndexOptions;
  readonly #efSearch: number;
  readonly #writer: Writer | undefined;
  #closed = false;

  private constructor(pool: PostgresPool, schema: string, options: PostgresOptions) {
    const { database, readOnly = false, index = {}, efSearch = 100 } = options;
    checkWhole("efSearch", efSearch, 1, 1000);
    this.#pool = pool;
    this.#ownPool = typeof database === "string";
    this.#schema = schema;
    this.readOnly = readOnly;
    this.#index = index;
    this.#efSearch = efSearch;
    this.#writer = readOnly ? undefined : new Writer(pool, schema);
  }

  /**
   * Opens a collection; makes it where it is not there. Throws `store-locked` where another process writes to it, `not-found`
   * where there is nothing to read, `network` where the server does not answer, `not-supported` where it has no pgvector.
   */
  static async open(options: PostgresOptions): Promise<PostgresStore> {
    const { database, name = "collection", connections = 8 } = options;
    const schema = schemaName(name);
    checkWhole("connections", connections, 2);
    const pool = typeof database === "string" ? await openPool(database, connections) : database;
    const store = new PostgresStore(pool, schema, options);
    try {
      await store.#prepare(name);
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  async #prepare(name: string): Promise<void> {
    if (this.#writer) {
      await this.#writer.exclusively(async (client) => {
        const found = await foundVersion(client, this.#schema);
        if (found === SCHEMA_VERSION) return;
        await requirePgvector(client);
        await rowsOf(client, "begin");
        await migrate(client, this.#schema, found);
        await rowsOf(client, "commit");
      });
      return;
    }
    const found = await this.#read((client) => foundVersion(client, this.#schema));
    if (found === 0)
      throw new LociError("not-found", `There is no collection "${name}" in this database. Open it for writing once.`);
    if (found < SCHEMA_VERSION)
      throw new LociError(
        "read-only",
        `The collection "${name}" has schema version ${found}, which must become ${SCHEMA_VERSION}. Open it for writing once.`,
      );
  }

  async #read<T>(work: (client: PostgresClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    return withClient(this.#pool, work);
  }

  #rows(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#read((client) => rowsOf(client, text, values));
  }

  async #write<T>(work: (client: PostgresClient, state: State) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    return this.#writing().transaction(work);
  }

  #writing(): Writer {
    if (this.#writer) return this.#writer;
    throw new LociError("read-only", "This store was opened for reading. Open it without `readOnly` to write.");
  }

  async info(): Promise<StoreInfo> {
    const { schema, version, space, documents, chunks } = await this.#read((client) => readState(client, this.#schema));
    return {
      schema,
      version,
      space,
      documents,
      chunks,
      bytes: await this.#read((client) => bytesOf(client, this.#schema)),
      deadBytes: undefined,
    };
  }

  async version(): Promise<number> {
    const [row] = await this.#rows(`select version from ${this.#schema}.state`);
    return Number(row!["version"]);
  }

  async setSpace(space: Space): Promise<void> {
    checkSpace(space);
    await this.#write(async (client, state) => {
      if (state.space && sameSpace(state.space, space)) return;
      if (state.space || state.chunks > 0) throw wrongSpace(state.space, space);
      await createVectorTable(client, `${this.#schema}.vectors`, space, this.#index);
      const { name, dim, fingerprint, metric } = space;
      await rowsOf(client, `update ${this.#schema}.state set space = $1`, [
        JSON.stringify({ name, dim, fingerprint, metric }),
      ]);
    });
  }

  async write(batch: WriteBatch, options: LongOptions = {}): Promise<Committed> {
    return this.#write((client, state) =>
      drain(writeBatch(client, this.#schema, state, checkBatch(batch, state.space)), options),
    );
  }

  async documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    const found = await this.#read((client) => documentsById(client, this.#schema, ids));
    return ids.map((id) => found.get(id));
  }

  list({ filter = {}, prefix = "" }: { readonly filter?: Filter; readonly prefix?: string } = {}): AsyncGenerator<
    { id: string; hash: string; meta: Meta },
    void,
    void
  > {
    return listDocuments((work) => this.#read(work), this.#schema, filter, prefix);
  }

  async chunksOf(id: string): Promise<StoredChunk[]> {
    return this.#read((client) =>
      chunksWhere(client, this.#schema, "c.document = $1 order by c.place", [toSafeText(id)]),
    );
  }

  async chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]> {
    const chunks = await this.#read((client) =>
      chunksWhere(client, this.#schema, "c.chunk = any($1::bigint[])", [numbers]),
    );
    const found = new Map(chunks.map((chunk) => [chunk.chunk, chunk]));
    return numbers.map((number) => found.get(number));
  }

  async matching(filter: Filter): Promise<Float64Array> {
    return this.#read((client) => matchingChunks(client, this.#schema, filter));
  }

  async count(filter: Filter = {}): Promise<number> {
    return this.#read((client) => countDocuments(client, this.#schema, filter));
  }

  async keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]> {
    checkWhole("k", k, 0);
    return this.#read((client) => keywordSearch(client, this.#schema, query, k, filter));
  }

  async nearest(
    query: Float32Array,
    { k, filter, exact = false }: StoreSearch & { readonly exact?: boolean },
  ): Promise<ScoredChunk[]> {
    checkWhole("k", k, 0);
    return this.#read(async (client) => {
      await rowsOf(client, "begin transaction isolation level repeatable read, read only");
      const { space } = await readState(client, this.#schema);
      try {
        if (!space) throw noSpace();
        checkQuery(query, space);
        return await nearestChunks(client, this.#schema, space, { query, k, filter, exact, efSearch: this.#efSearch });
      } finally {
        await rowsOf(client, "rollback"); // nothing was written; the settings made for this search go with it
      }
    });
  }

  vectors(after = 0): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    return this.#vectorPieces("vectors", (state) => state.space, after);
  }

  migratedVectors(after = 0): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    return this.#vectorPieces("next_vectors", moves.nextSpaceOf, after);
  }

  async *#vectorPieces(
    table: string,
    spaceOf: (state: State) => Space | undefined,
    after: number,
  ): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    const space = spaceOf(await this.#read((client) => readState(client, this.#schema)));
    if (!space) return;
    for (let last = after; ;) {
      const piece = await this.#read((client) => vectorsAfter(client, `${this.#schema}.${table}`, space.dim, last));
      if (piece.chunks.length === 0) return;
      yield piece;
      last = piece.chunks.at(-1)!;
    }
  }

  async vectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return this.#read(async (client) => {
      const { space } = await readState(client, this.#schema);
      if (!space) throw noSpace();
      return vectorsOf(client, `${this.#schema}.vectors`, space.dim, numbers);
    });
  }

  async migratedVectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return this.#read(async (client) => {
      const space = moves.nextSpaceOf(await readState(client, this.#schema));
      return vectorsOf(client, `${this.#schema}.next_vectors`, space.dim, numbers);
    });
  }

  async changes(since: number): ReturnType<Store["changes"]> {
    return this.#read((client) => changesSince(client, this.#schema, since));
  }

  async saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#write((client) => writeSnapshot(client, this.#schema, toSafeText(name), version, pieces));
  }

  async snapshot(name: string): ReturnType<Store["snapshot"]> {
    if (this.#closed) throw storeClosed();
    return openSnapshot(this.#pool, this.#schema, toSafeText(name));
  }

  async removeSnapshot(name: string): Promise<void> {
    await this.#write((client) => deleteSnapshot(client, this.#schema, toSafeText(name)));
  }

  async setting(name: string): Promise<unknown> {
    const [row] = await this.#rows(`select value::text as value from ${this.#schema}.settings where name = $1`, [
      toSafeText(name),
    ]);
    return row && JSON.parse(String(row["value"]));
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    const json = JSON.stringify(value) as string | undefined;
    await this.#write((client) =>
      json === undefined
        ? rowsOf(client, `delete from ${this.#schema}.settings where name = $1`, [toSafeText(name)])
        : rowsOf(
            client,
            `insert into ${this.#schema}.settings (name, value) values ($1, $2::json)
             on conflict (name) do update set value = excluded.value`,
            [toSafeText(name), json],
          ),
    );
  }

  async migration(): Promise<Migration | undefined> {
    return this.#read((client) => moves.migrationOf(client, this.#schema));
  }

  async beginMigration(space: Space): Promise<void> {
    await this.#write((client, state) => moves.begin(client, this.#schema, state, space, this.#index));
  }

  async unmigrated(limit: number): Promise<StoredChunk[]> {
    const numbers = await this.#read(async (client) => {
      moves.nextSpaceOf(await readState(client, this.#schema));
      return moves.missingChunks(client, this.#schema, limit);
    });
    return (await this.chunks(numbers)).filter((chunk) => chunk !== undefined);
  }

  async writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void> {
    await this.#write((client, state) => moves.writeVectors(client, this.#schema, state, chunks, vectors));
  }

  async commitMigration(): Promise<number> {
    return this.#write((client, state) => moves.commit(client, this.#schema, state));
  }

  async abandonMigration(): Promise<void> {
    await this.#write((client) => moves.abandon(client, this.#schema));
  }

  /** VACUUM FULL: tables are written anew, so that no removed text is in them. Locks them meanwhile. The server's log (WAL) is its own. */
  async compact({ signal }: LongOptions = {}): Promise<{ readonly before: number; readonly after: number }> {
    if (this.#closed) throw storeClosed();
    const writer = this.#writing();
    const before = await this.#read((client) => bytesOf(client, this.#schema));
    await writer.exclusively(async (client) => {
      const { space, nextSpace } = await readState(client, this.#schema);
      for (const table of [...TABLES, ...(space ? ["vectors"] : []), ...(nextSpace ? ["next_vectors"] : [])]) {
        signal?.throwIfAborted();
        await rowsOf(client, `vacuum (full, analyze) ${this.#schema}.${table}`);
      }
    });
    return { before, after: await this.#read((client) => bytesOf(client, this.#schema)) };
  }

  async verify(options: LongOptions = {}): Promise<string[]> {
    return this.#read(async (client) => {
      await rowsOf(client, "begin transaction isolation level repeatable read, read only");
      try {
        return await drain(verifySteps(client, this.#schema, await readState(client, this.#schema)), options);
      } finally {
        await rowsOf(client, "rollback");
      }
    });
  }

  /** Removes the collection from the database, with all it holds. The store is closed afterwards. */
  async drop(): Promise<void> {
    if (this.#closed) throw storeClosed();
    await this.#writing().exclusively((client) => rowsOf(client, `drop schema ${this.#schema} cascade`));
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer?.close();
    if (this.#ownPool) await this.#pool.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
