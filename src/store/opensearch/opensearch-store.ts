/**
 * A store in OpenSearch: documents, words and vectors spread over the nodes of a cluster, with copies, so that a node may be lost.
 *
 * Same contract as SqliteStore (store.ts). Writes are whole although the engine has no transactions (write.ts says how), readers
 * see one version at a time (reads.ts), one process writes and a second is told so (control.ts).
 */
import { type LongOptions, LociError, type Matrix, checkWhole, drain } from "../../core/index.ts";
import { checkBatch } from "../check-batch.ts";
import { checkQuery } from "../check-query.ts";
import type { Filter, Meta } from "../filter.ts";
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
import { Client, type Fetch, type Json } from "./client.ts";
import { filterQuery } from "./conditions.ts";
import { Control, readDocument, readState } from "./control.ts";
import {
  bytesOf,
  changesSince,
  chunkNumbers,
  chunksByNumber,
  chunksWhere,
  documentsById,
  listDocuments,
} from "./documents.ts";
import { keywordSearch } from "./keyword.ts";
import { NEW_STATE, Names, type OpenSearchIndexOptions, type State, indexBodies } from "./layout.ts";
import { machineFetch } from "./machine.web.ts";
import * as moves from "./migration.ts";
import { nearestChunks, vectorsAfter, vectorsOf } from "./nearest.ts";
import { type View, consistently, countOf } from "./reads.ts";
import { deleteSnapshot, idOf, openSnapshot, writeSnapshot } from "./snapshots.ts";
import { verifySteps } from "./verify.ts";
import { checkIdBytes, clean, deleteWhere, giveUp, indexLine, writeBatch } from "./write.ts";

/** Where the cluster is, and how a collection lies in it. */
export interface OpenSearchOptions {
  /** Addresses of nodes, `http://127.0.0.1:9200`: several, so that one may be down. */
  readonly urls: string | readonly string[];
  /** The collection: `a-z`, `0-9`, `_`; its indices are called `loci-NAME-…`. Default "collection". */
  readonly name?: string;
  /** Only reads; any number of processes may. Default false. */
  readonly readOnly?: boolean;
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The function that makes requests. Default: the platform's `fetch`. */
  readonly fetch?: Fetch;
  /** Shards, copies and links, of indices that are made. */
  readonly index?: OpenSearchIndexOptions;
  /** How many candidates a search of the index looks at, at least k: more finds more. Default 100. */
  readonly efSearch?: number;
  /** After how long without a sign a writer counts as gone. Default 6,000. */
  readonly leaseMs?: number;
  /** How long one request may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** How long a request is tried again while nodes do not answer. Default 60,000. */
  readonly patienceMs?: number;
}

/** A {@link Store} in OpenSearch 2.13 or newer with the k-NN plugin. `await OpenSearchStore.open({ urls })`. */
export class OpenSearchStore implements Store {
  readonly kind = "opensearch";
  readonly readOnly: boolean;
  readonly #client: Client;
  readonly #names: Names;
  readonly #index: OpenSearchIndexOptions;
  readonly #efSearch: number;
  readonly #control: Control | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Below this number no chunk lacks a vector in the migration that this process is busy with. */
  #migratedTo = 0;

  private constructor(options: OpenSearchOptions) {
    const { urls, name = "collection", readOnly = false, headers = {}, fetch = machineFetch } = options;
    const { index = {}, efSearch = 100, leaseMs = 6000, timeoutMs = 60_000, patienceMs = 60_000 } = options;
    const list = typeof urls === "string" ? urls.split(",") : [...urls];
    if (list.length === 0 || list.some((url) => !/^https?:\/\//.test(url)))
      throw new LociError(
        "bad-argument",
        `Expected \`urls\` to be addresses such as http://127.0.0.1:9200, got ${JSON.stringify(urls)}.`,
      );
    checkWhole("efSearch", efSearch, 1, 10_000);
    checkWhole("leaseMs", leaseMs, 100);
    this.#client = new Client({ urls: list, fetch, headers, timeoutMs, patienceMs });
    this.#names = new Names(name);
    this.readOnly = readOnly;
    this.#index = index;
    this.#efSearch = efSearch;
    this.#control = readOnly ? undefined : new Control(this.#client, this.#names, leaseMs);
  }

  /**
   * Opens a collection; makes it where it is not there. Throws `store-locked` where another process writes to it, `not-found`
   * where there is nothing to read, `network` where the cluster does not answer.
   */
  static async open(options: OpenSearchOptions): Promise<OpenSearchStore> {
    const store = new OpenSearchStore(options);
    try {
      await store.#prepare();
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  async #prepare(): Promise<void> {
    if (!this.#control) {
      await readState(this.#client, this.#names);
      return;
    }
    const bodies = indexBodies(this.#names, this.#index);
    await Promise.all(bodies.map(([index, body]) => this.#makeIndex(index, body)));
    await this.#control.open();
    await giveUp(this.#client, this.#names, this.#control); // what a writer before us did not finish
  }

  async #makeIndex(index: string, body: Json): Promise<void> {
    try {
      await this.#client.request("PUT", `/${index}`, body);
    } catch (error) {
      if (!(error instanceof LociError && error.message.includes("already exists"))) throw error;
    }
  }

  /** Runs `work` when the writes before it are done. */
  #write<T>(work: (control: Control) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      if (this.#closed) throw storeClosed();
      if (!this.#control)
        throw new LociError("read-only", "This store was opened for reading. Open it without `readOnly` to write.");
      // What an earlier write could neither end nor give up, for lack of an answer, is given up first.
      await giveUp(this.#client, this.#names, this.#control);
      return work(this.#control);
    });
    this.#turn = mine.catch(() => undefined); // whoever asked for it is told; the next one is not
    return mine;
  }

  async #read<T>(work: (view: View) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    return consistently(this.#client, this.#names, work);
  }

  async #state(): Promise<State> {
    if (this.#closed) throw storeClosed();
    return (await readState(this.#client, this.#names)).value;
  }

  async info(): Promise<StoreInfo> {
    const { schema, version, space, documents, chunks } = await this.#state();
    return {
      schema,
      version,
      space,
      documents,
      chunks,
      bytes: await bytesOf(this.#client, this.#names),
      deadBytes: undefined,
    };
  }

  async version(): Promise<number> {
    return (await this.#state()).version;
  }

  async setSpace(space: Space): Promise<void> {
    checkSpace(space);
    await this.#write(async (control) => {
      const { state } = control;
      if (state.space && sameSpace(state.space, space)) return;
      if (state.space || state.chunks > 0) throw wrongSpace(state.space, space);
      const { name, dim, fingerprint, metric } = space;
      const vectors = state.vectors + 1;
      await moves.makeVectors(this.#client, this.#names.vectors(vectors), space, this.#index);
      await control.replace({ space: { name, dim, fingerprint, metric }, vectors });
    });
  }

  async write(batch: WriteBatch, options: LongOptions = {}): Promise<Committed> {
    return this.#write((control) => {
      const checked = checkBatch(batch, control.state.space);
      for (const { id } of checked.put) checkIdBytes(id);
      return drain(writeBatch(this.#client, this.#names, control, checked), options);
    });
  }

  async documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    const found = await this.#read((view) => documentsById(this.#client, this.#names, view, ids));
    return ids.map((id) => found.get(id));
  }

  list({ filter = {}, prefix = "" }: { readonly filter?: Filter; readonly prefix?: string } = {}): AsyncGenerator<
    { id: string; hash: string; meta: Meta },
    void,
    void
  > {
    return listDocuments(this.#client, this.#names, (work) => this.#read(work), filter, prefix);
  }

  async chunksOf(id: string): Promise<StoredChunk[]> {
    const which = { term: { document: id } };
    return this.#read((view) => chunksWhere(this.#client, this.#names, view, which, [{ place: "asc" }]));
  }

  async chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]> {
    const found = await this.#read((view) => chunksByNumber(this.#client, this.#names, view, numbers));
    return numbers.map((number) => found.get(number));
  }

  async matching(filter: Filter): Promise<Float64Array> {
    const asked = filterQuery(filter);
    return this.#read((view) => chunkNumbers(this.#client, this.#names.chunks, [...view.filter, asked]));
  }

  async count(filter: Filter = {}): Promise<number> {
    const asked = filterQuery(filter);
    return this.#read((view) =>
      countOf(this.#client, this.#names.documents, { bool: { filter: [...view.filter, asked] } }),
    );
  }

  async keyword(query: string, search: StoreSearch): Promise<ScoredChunk[]> {
    checkWhole("k", search.k, 0);
    return this.#read((view) => keywordSearch(this.#client, this.#names, view, query, search));
  }

  async nearest(
    query: Float32Array,
    { k, filter, exact = false }: StoreSearch & { readonly exact?: boolean },
  ): Promise<ScoredChunk[]> {
    checkWhole("k", k, 0);
    return this.#read((view) => {
      const { space } = view.state;
      if (!space) throw noSpace();
      checkQuery(query, space);
      const question = { query, k, filter, exact, efSearch: this.#efSearch };
      return nearestChunks(this.#client, this.#names, view, space, question);
    });
  }

  vectors(after = 0): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    return this.#vectorPieces(({ space, vectors }) => space && { space, vectors }, after);
  }

  migratedVectors(after = 0): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    return this.#vectorPieces(moves.nextOf, after);
  }

  async *#vectorPieces(
    which: (state: State) => { space: Space; vectors: number } | undefined,
    after: number,
  ): AsyncGenerator<{ chunks: number[]; vectors: Matrix }, void, void> {
    for (let last = after; ;) {
      const piece = await this.#read(async (view) => {
        const set = which(view.state);
        return set && vectorsAfter(this.#client, this.#names.vectors(set.vectors), view, set.space.dim, last);
      });
      if (!piece || piece.chunks.length === 0) return;
      yield piece;
      last = piece.chunks.at(-1)!;
    }
  }

  async vectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return this.#read(async (view) => {
      const { space, vectors } = view.state;
      if (!space) throw noSpace();
      return vectorsOf(this.#client, this.#names.vectors(vectors), view, space.dim, numbers);
    });
  }

  async migratedVectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return this.#read(async (view) => {
      const { space, vectors } = moves.nextOf(view.state);
      return vectorsOf(this.#client, this.#names.vectors(vectors), view, space.dim, numbers);
    });
  }

  async changes(since: number): ReturnType<Store["changes"]> {
    return this.#read((view) => changesSince(this.#client, this.#names, view, since));
  }

  async saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#write((control) => writeSnapshot(this.#client, this.#names, control, name, version, pieces));
  }

  async snapshot(name: string): ReturnType<Store["snapshot"]> {
    if (this.#closed) throw storeClosed();
    return openSnapshot(this.#client, this.#names, name);
  }

  async removeSnapshot(name: string): Promise<void> {
    await this.#write(() => deleteSnapshot(this.#client, this.#names, name));
  }

  async setting(name: string): Promise<unknown> {
    if (this.#closed) throw storeClosed();
    const read = await readDocument<{ json: string }>(this.#client, this.#names.state, idOf("setting", name));
    return read && JSON.parse(read.value.json);
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    const json = JSON.stringify(value) as string | undefined;
    const id = idOf("setting", name);
    await this.#write(() =>
      this.#client.bulk([
        json === undefined
          ? [{ delete: { _index: this.#names.state, _id: id } }]
          : [indexLine(this.#names.state, id), { kind: "setting", json }],
      ]),
    );
  }

  async migration(): Promise<Migration | undefined> {
    return this.#read((view) => moves.migrationOf(this.#client, this.#names, view));
  }

  async beginMigration(space: Space): Promise<void> {
    await this.#write((control) => {
      this.#migratedTo = 0;
      return moves.begin(this.#client, this.#names, control, space, this.#index);
    });
  }

  async unmigrated(limit: number): Promise<StoredChunk[]> {
    const from = this.#migratedTo;
    const numbers = await this.#read((view) => moves.missingChunks(this.#client, this.#names, view, from, limit));
    if (numbers.length > 0) this.#migratedTo = numbers[0]! - 1;
    return (await this.chunks(numbers)).filter((chunk) => chunk !== undefined);
  }

  async writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void> {
    await this.#write((control) => moves.writeVectors(this.#client, this.#names, control.state, chunks, vectors));
  }

  async commitMigration(): Promise<number> {
    return this.#write((control) => moves.commit(this.#client, this.#names, control));
  }

  async abandonMigration(): Promise<void> {
    await this.#write((control) => moves.abandon(this.#client, this.#names, control));
  }

  /**
   * Deletes what was removed and has segments that hold deleted documents written anew. Copies that lag behind may keep
   * history for their recovery some while longer; that is OpenSearch's (`index.soft_deletes`).
   */
  async compact(): Promise<{ readonly before: number; readonly after: number }> {
    return this.#write(async (control) => {
      await clean(this.#client, this.#names, control);
      const { aborted } = control.state;
      const indices = [...this.#names.data(control.state), this.#names.state].join();
      if (aborted.length > 0) await deleteWhere(this.#client, indices, { terms: { attempt: aborted } });
      await this.#client.request("POST", `/${indices}/_flush`);
      const before = await bytesOf(this.#client, this.#names);
      await this.#client.request("POST", `/${indices}/_forcemerge?max_num_segments=1`);
      await this.#client.request("POST", `/${indices}/_refresh`);
      return { before, after: await bytesOf(this.#client, this.#names) };
    });
  }

  async verify(options: LongOptions = {}): Promise<string[]> {
    return this.#read((view) => drain(verifySteps(this.#client, this.#names, view), options));
  }

  /** Removes the collection from the cluster, with all it holds. The store is closed afterwards. */
  async drop(): Promise<void> {
    await this.#write(async (control) => {
      const { state } = control;
      await control.replace({ ...NEW_STATE, epoch: state.epoch, change: state.change + 1 }); // fails where another has taken over
      await control.close(); // or its next sign of life would make an index anew
      for (const index of [...this.#names.data(state), this.#names.state]) await moves.dropIndex(this.#client, index);
    });
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#turn;
    this.#closed = true;
    await this.#control?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
