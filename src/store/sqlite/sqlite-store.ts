/**
 * A collection in one SQLite file.
 *
 * SQLite's calls are synchronous, so they run on threads: one with the connection that writes, and one with a connection
 * that reads and sees the last commit while the other is at work. Each starts when it is first needed, in some 25 ms; a
 * question then costs 0.03 ms on the way. `here: true` keeps both on the caller's thread, for short programs
 * (docs/decisions/0008-sqlite-on-threads.md).
 */
import { checkWhole, type ByteSource, drain, LociError, type LongOptions, Matrix, platform } from "../../core/index.ts";
import { parseFilter } from "../condition.ts";
import type { Filter } from "../filter.ts";
import {
  checkMigrated,
  checkSpace,
  noMigration,
  noSpace,
  sameSpace,
  storeClosed,
  unfinished,
  wrongSpace,
} from "../space.ts";
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
import { Host } from "./host.ts";
import { inParts, own, plainSpace } from "./sending.ts";
import { snapshotSource } from "./snapshot-source.ts";
import { compactSteps, sweepAll, verifySteps, writeSteps } from "./steps.ts";

export interface SqliteStoreOptions {
  /** Only reads: beside a writer, or from a disk that cannot be written. Default false. */
  readonly readOnly?: boolean;
  /** SQLite runs on the caller's thread, which then stands still while it works. Not in browsers. Default false. */
  readonly here?: boolean;
  /**
   * In a browser: the address at which the page serves `dist/index.mjs` of the package `@sqlite.org/sqlite-wasm`, and that of
   * its `sqlite3.wasm` if that does not lie beside it. The collection then lies in OPFS, under the name that `open` is given.
   */
  readonly sqlite?: { readonly module: string | URL; readonly wasm?: string | URL };
}

interface VectorPiece {
  readonly chunks: readonly number[];
  readonly vectors: Matrix;
}

const LIST_PAGE = 4096;
const VECTOR_ROWS = 4096;

/** A {@link Store} in a file: `await SqliteStore.open("docs.db")`. */
export class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly nearest = undefined;
  /** The file. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly #here: boolean;
  readonly #writer: Host | undefined;
  /** There is one connection only (a browser's files have one owner): who reads waits for who writes, and sees no half writes. */
  readonly #alone: boolean;
  #reader: Promise<Host> | undefined;
  #closed: Promise<void> | undefined;
  /** The space as this writer knows it: nobody else can change it. */
  #space: Space | undefined;
  /** Whoever writes waits for whoever wrote before. */
  #last: Promise<unknown> = Promise.resolve();
  /** All chunks up to here have a vector of the migration's space. */
  #migratedUpTo = 0;

  private constructor(
    path: string,
    { readOnly = false, here = false }: SqliteStoreOptions,
    writer: Host | undefined,
    alone: boolean,
  ) {
    this.path = path;
    this.readOnly = readOnly;
    this.#here = here;
    this.#writer = writer;
    this.#alone = alone;
  }

  /**
   * Opens the collection in a file, which is made if it is not there (and not `readOnly`). Throws `store-locked` where
   * another writer has it open, `not-found` where there is nothing to read, `bad-file` where the file is something else, and
   * in a browser `peer-missing` without `sqlite`.
   */
  static open(path: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
    return SqliteStore.#open(path, options, undefined);
  }

  /**
   * Makes a collection in a browser's OPFS of the bytes of a collection's file, such as Node wrote it or `fileBytes` gave it.
   * Throws `cannot-write` where there is one of this name already.
   */
  static import(path: string, bytes: Uint8Array, options: SqliteStoreOptions): Promise<SqliteStore> {
    if (platform.name !== "web")
      throw new LociError("not-supported", `Here a collection is a file: write the bytes to "${path}" and open that.`);
    return SqliteStore.#open(path, options, bytes);
  }

  static async #open(path: string, options: SqliteStoreOptions, bytes: Uint8Array | undefined): Promise<SqliteStore> {
    const { readOnly = false, here = false, sqlite } = options;
    const alone = platform.name === "web";
    if (alone && !sqlite)
      throw new LociError(
        "peer-missing",
        "In a browser SqliteStore needs SQLite's WebAssembly build. Run: npm install @sqlite.org/sqlite-wasm, serve its folder dist, and pass sqlite: { module: the address of index.mjs }.",
      );
    const web = alone ? { wasm: sqlite!.wasm && String(sqlite!.wasm), bytes } : undefined;
    const writer =
      readOnly && !alone
        ? undefined
        : await Host.open({ path, readOnly: false, web }, here && !alone, alone ? String(sqlite!.module) : undefined);
    const store = new SqliteStore(path, options, writer, alone);
    try {
      if (writer) {
        store.#space = (await writer.ask("info", null)).space;
        await sweepAll(writer);
      } else await store.#read();
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  /** The whole file of a collection in OPFS, for a download or another place. In Node close the store and copy the file. */
  async fileBytes(): Promise<Uint8Array> {
    return (await this.#read()).ask("fileBytes", null);
  }

  async info(): Promise<StoreInfo> {
    return (await this.#read()).ask("info", null);
  }

  async version(): Promise<number> {
    return (await this.#read()).ask("version", null);
  }

  async setSpace(space: Space): Promise<void> {
    checkSpace(space);
    await this.#write(async (writer) => {
      if (this.#space && sameSpace(this.#space, space)) return;
      if (this.#space || (await writer.ask("info", null)).chunks > 0) throw wrongSpace(this.#space, space);
      await writer.ask("setSpace", plainSpace(space));
      this.#space = plainSpace(space);
    });
  }

  async write(batch: WriteBatch, options: LongOptions = {}): Promise<Committed> {
    options.signal?.throwIfAborted();
    return this.#write((writer) => {
      options.signal?.throwIfAborted();
      return drain(writeSteps(writer, batch, this.#space), options);
    });
  }

  async documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    return (await this.#read()).ask("documents", ids);
  }

  async *list({ filter, prefix = "" }: { readonly filter?: Filter; readonly prefix?: string } = {}) {
    const condition = filter && parseFilter(filter);
    for (let after = ""; ;) {
      const page = await (await this.#read()).ask("list", { condition, prefix, after, limit: LIST_PAGE });
      for (const document of page) {
        if (!document.id.startsWith(prefix)) return; // ids with a prefix lie together
        yield document;
      }
      if (page.length < LIST_PAGE) return;
      after = page.at(-1)!.id;
    }
  }

  async chunksOf(id: string): Promise<StoredChunk[]> {
    return (await this.#read()).ask("chunksOf", id);
  }

  async chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]> {
    return (await this.#read()).ask("chunks", numbers);
  }

  async matching(filter: Filter): Promise<Float64Array> {
    return (await this.#read()).ask("matching", parseFilter(filter));
  }

  async count(filter: Filter = {}): Promise<number> {
    return (await this.#read()).ask("count", parseFilter(filter));
  }

  async keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]> {
    checkWhole("k", k, 1);
    return (await this.#read()).ask("keyword", { query, k, condition: filter && parseFilter(filter) });
  }

  vectors(after = 0): AsyncIterable<VectorPiece> {
    return this.#vectorPieces("space", after);
  }

  async vectorsOf(numbers: readonly number[]): Promise<Matrix> {
    const found = await (await this.#read()).ask("vectorsOf", { which: "space", numbers });
    if (!found) throw noSpace();
    return new Matrix(found.data, found.dim);
  }

  async *#vectorPieces(which: "space" | "migration", from: number): AsyncGenerator<VectorPiece, void, void> {
    for (let after = from; ;) {
      const found = await (await this.#read()).ask("vectorsAfter", { which, after, rows: VECTOR_ROWS });
      if (!found && which === "migration") throw noMigration();
      if (!found || found.numbers.length === 0) return;
      yield { chunks: found.numbers, vectors: new Matrix(found.data, found.dim) };
      after = found.numbers.at(-1)!;
    }
  }

  async changes(since: number) {
    return (await this.#read()).ask("changes", since);
  }

  async saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const snapshot = await this.#write((writer) => writer.ask("beginSnapshot", { name, version }));
    // Between its parts others may write: a large index takes its time, and nobody sees the half of it.
    try {
      let bytes = 0;
      for await (const part of inParts(pieces)) {
        const position = bytes;
        await this.#write((writer) => writer.ask("writePieces", { snapshot, position, bytes: part }));
        bytes += part.length;
      }
      await this.#write((writer) => writer.ask("endSnapshot", { snapshot, bytes }));
    } catch (error) {
      await this.#write((writer) => writer.ask("dropSnapshot", snapshot));
      throw error;
    } finally {
      await this.#write((writer) => sweepAll(writer));
    }
  }

  async snapshot(name: string): Promise<{ readonly version: number; readonly source: ByteSource } | undefined> {
    const found = await (await this.#read()).ask("snapshot", name);
    if (!found) return undefined;
    const { snapshot, version, bytes } = found;
    const read = async (position: number, length: number, into?: Uint8Array): Promise<Uint8Array | undefined> =>
      (await this.#read()).ask("snapshotBytes", { snapshot, position, length, into });
    return { version, source: snapshotSource(`${this.path} (${name})`, bytes, read) };
  }

  async removeSnapshot(name: string): Promise<void> {
    await this.#write(async (writer) => {
      await writer.ask("dropSnapshot", name);
      await sweepAll(writer);
    });
  }

  async migration(): Promise<Migration | undefined> {
    return (await this.#read()).ask("migration", null);
  }

  async beginMigration(space: Space): Promise<void> {
    checkSpace(space);
    await this.#write(async (writer) => {
      this.#migratedUpTo = 0;
      await writer.ask("beginMigration", plainSpace(space));
      await sweepAll(writer);
    });
  }

  async unmigrated(limit: number): Promise<StoredChunk[]> {
    const chunks = await (await this.#read()).ask("unmigrated", { limit, after: this.#migratedUpTo });
    if (!chunks) throw noMigration();
    if (chunks.length > 0) this.#migratedUpTo = chunks[0]!.chunk - 1;
    return chunks;
  }

  async writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void> {
    await this.#write(async (writer) => {
      const migration = await writer.ask("migration", null);
      if (!migration) throw noMigration();
      checkMigrated(chunks, vectors, migration.space);
      await writer.ask("writeMigrated", { numbers: chunks, data: own(vectors.data) });
    });
  }

  async *migratedVectors(after = 0): AsyncGenerator<VectorPiece, void, void> {
    yield* this.#vectorPieces("migration", after);
  }

  async migratedVectorsOf(numbers: readonly number[]): Promise<Matrix> {
    const found = await (await this.#read()).ask("vectorsOf", { which: "migration", numbers });
    if (!found) throw noMigration();
    return new Matrix(found.data, found.dim);
  }

  async commitMigration(): Promise<number> {
    return this.#write(async (writer) => {
      const done = await writer.ask("switchSpace", null);
      if (!done) throw noMigration();
      if ("missing" in done) throw unfinished(done.missing);
      this.#space = (await writer.ask("info", null)).space;
      await sweepAll(writer);
      return done.version;
    });
  }

  async abandonMigration(): Promise<void> {
    await this.#write(async (writer) => {
      await writer.ask("forgetMigration", null);
      await sweepAll(writer);
    });
  }

  async setting(name: string): Promise<unknown> {
    const json = await (await this.#read()).ask("setting", name);
    return json === undefined ? undefined : JSON.parse(json);
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    const json = JSON.stringify(value) as string | undefined;
    await this.#write((writer) => writer.ask("setSetting", { name, json }));
  }

  async compact(options: LongOptions = {}): Promise<{ readonly before: number; readonly after: number }> {
    return this.#write((writer) => drain(compactSteps(writer), options));
  }

  async verify(options: LongOptions = {}): Promise<string[]> {
    return drain(verifySteps(await this.#read()), options);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#last.catch(() => {}); // whoever wrote was told
    const reader = await this.#reader?.catch(() => undefined); // whoever read was told
    await reader?.close();
    await this.#writer?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The connection that reads. */
  async #read(): Promise<Pick<Host, "ask">> {
    if (this.#closed) throw storeClosed();
    if (this.#alone) return { ask: (name, input) => this.#turn(() => this.#writer!.ask(name, input)) };
    this.#reader ??= Host.open({ path: this.path, readOnly: true, web: undefined }, this.#here).catch(
      (error: unknown) => {
        this.#reader = undefined; // the next question tries again
        throw error;
      },
    );
    return this.#reader;
  }

  /** Runs `work` with the connection that writes, when all earlier work has ended. */
  async #write<T>(work: (writer: Host) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    const writer = this.#writer;
    if (!writer || this.readOnly)
      throw new LociError(
        "read-only",
        `The collection "${this.path}" was opened with readOnly: true. Open it without to write.`,
      );
    return this.#turn(() => work(writer));
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {}); // the next one goes on whatever became of this one
    return turn;
  }
}
