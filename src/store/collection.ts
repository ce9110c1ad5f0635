/**
 * Documents that are found by what they mean: an encoder, a store and a vector index as one thing.
 *
 * The store is the truth; the index is derived from it and may always be late, lost or damaged (collection-index.ts). Writes are
 * one transaction each. Any number of processes may read while one writes: each search asks the store for its version
 * first, so a commit is seen by the next question, wherever it was made. The space of the vectors is written into the store
 * with the first of them: an encoder of another space is refused, also at equal width.
 */
import {
  type ByteSource,
  LociError,
  type LongOptions,
  type Step,
  checkOneOf,
  drain,
  fileSource,
} from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import {
  type ChunkName,
  type CollectionDuplicatesOptions,
  collectionDuplicatesSteps,
} from "./collection-duplicates.ts";
import { questionOf } from "./collection-question.ts";
import { type Question, type Sources, checkSearchOptions, searchOnce } from "./collection-search.ts";
import { spaceOfEncoder } from "./collection-space.ts";
import { CollectionState } from "./collection-state.ts";
import type {
  Added,
  CollectionAnswer,
  CollectionInfo,
  CollectionOptions,
  CollectionQuery,
  CollectionSearchOptions,
  NewDocument,
  SearchMode,
} from "./collection-types.ts";
import { groupsOf, putSteps, removeDocuments } from "./collection-write.ts";
import { type ExportOptions, exportLines, headOf, importedDocuments } from "./exchange.ts";
import type { Filter, Meta } from "./filter.ts";
import { type FitWeightsOptions, type FittedWeights, fitWeightsSteps } from "./fit-weights.ts";
import type { JudgedQuestion } from "./judged.ts";
import { isKept, keepEncoder, keptEncoder } from "./kept-encoder.ts";
import { type CollectionMigrateOptions, type Migrated, type Migrating, migrateSteps } from "./migrate.ts";
import type { NearDuplicates } from "./near-duplicates.ts";
import { measureRecallSteps } from "./server-recall.ts";
import { SqliteStore } from "./sqlite/sqlite-store.ts";
import type { Space, Store, StoredChunk, StoredDocument } from "./store.ts";
import { keepWeights, keptWeights } from "./weights.ts";

type Documents = Iterable<NewDocument> | AsyncIterable<NewDocument>;

/** How often a search begins anew when the store moves on under it, before it takes what is still there. */
const ATTEMPTS = 8;

/** Documents that are found by what they mean: `await Collection.open("docs.db", { encoder })`. */
export class Collection implements AsyncDisposable {
  /** What holds the documents. It belongs to the collection, which closes it. */
  readonly store: Store;
  readonly #state: CollectionState;
  #closed: Promise<void> | undefined;

  private constructor(store: Store, options: CollectionOptions) {
    this.store = store;
    this.#state = new CollectionState(store, options);
  }

  /**
   * Opens a collection in a file (made where there is none, unless `readOnly`), or over a store: `Collection.open({ store, encoder })`.
   * Throws `wrong-space` where the vectors in it are not the encoder's, and what the store throws.
   */
  static async open(
    where: string | ({ readonly store: Store } & CollectionOptions),
    options: CollectionOptions = {},
  ): Promise<Collection> {
    const given = typeof where === "string" ? options : { ...where, ...options };
    if (given.encoder && given.space)
      throw new LociError("bad-argument", "Expected an encoder or the space of your own vectors, got both.");
    checkOneOf("metric", given.metric ?? "cosine", ["cosine", "dot", "euclidean"]);
    const readOnly = given.readOnly ?? false;
    const store = typeof where === "string" ? await SqliteStore.open(where, { readOnly }) : where.store;
    try {
      const kept =
        given.keptEncoder && !given.encoder ? await keptEncoder(store, (await store.info()).space) : undefined;
      const collection = new Collection(store, kept ? { ...given, encoder: kept } : given);
      await collection.#state.look();
      if (given.keepEncoder && !readOnly) await collection.keepEncoder();
      return collection;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Turns texts into vectors here; undefined where there is none. */
  get encoder(): Encoder | undefined {
    return this.#state.encoder;
  }

  /** The space of the vectors in it; undefined while there are none. */
  get space(): Space | undefined {
    return this.#state.space;
  }

  get readOnly(): boolean {
    return this.#state.readOnly;
  }

  /** Keeps the encoder (a StaticEncoder) in the collection, for those who open it with `keptEncoder`. */
  async keepEncoder(): Promise<void> {
    this.#checkWritable();
    if (!this.#state.encoder)
      throw new LociError("bad-argument", "This collection was opened without an encoder: there is none to keep.");
    await keepEncoder(this.store, this.#state.encoder);
  }

  /**
   * Adds documents. An array is one transaction: all of it, or nothing; anything else that can be walked through is written
   * in groups of some hundred documents as they come, each a transaction of its own. Throws `bad-argument` for an
   * id that is there already (`upsert` replaces it) and for documents that no store can keep.
   */
  add(documents: Documents, options: LongOptions = {}): Promise<Added> {
    return drain(this.addSteps(documents, options.signal), options);
  }

  /** The same in steps; `signal` also stops the encoder. */
  addSteps(documents: Documents, signal?: AbortSignal): AsyncGenerator<Step, Added, void> {
    return this.#writeSteps(documents, false, signal);
  }

  /** As `add`; a document that is there already is replaced, whole. */
  upsert(documents: Documents, options: LongOptions = {}): Promise<Added> {
    return drain(this.upsertSteps(documents, options.signal), options);
  }

  /** The same in steps; `signal` also stops the encoder. */
  upsertSteps(documents: Documents, signal?: AbortSignal): AsyncGenerator<Step, Added, void> {
    return this.#writeSteps(documents, true, signal);
  }

  /** Removes documents, in one transaction; returns how many of them were there. */
  async remove(ids: readonly string[], options: LongOptions = {}): Promise<number> {
    this.#checkWritable();
    return removeDocuments(this.#state, ids, options);
  }

  /** The document, as it was given; undefined where there is none. */
  async get(id: string): Promise<StoredDocument | undefined> {
    return (await this.store.documents([id]))[0];
  }

  /** Ids, hashes and metadata of the documents that pass, by id, without their texts. */
  list(
    options: { readonly filter?: Filter; readonly prefix?: string } = {},
  ): AsyncIterable<{ id: string; hash: string; meta: Meta }> {
    return this.store.list(options);
  }

  /** The chunks of a document, in order; empty where there is none. */
  chunksOf(id: string): Promise<StoredChunk[]> {
    return this.store.chunksOf(id);
  }

  /** How many documents pass. */
  count(filter?: Filter): Promise<number> {
    return this.store.count(filter);
  }

  /**
   * The chunks that answer a question best. Throws `bad-argument` for a question that the mode cannot be asked with, and
   * `wrong-space` where another process has moved the collection to another space.
   */
  async search(query: CollectionQuery, options: CollectionSearchOptions = {}): Promise<CollectionAnswer> {
    checkSearchOptions(options);
    options.signal?.throwIfAborted();
    await this.#state.look();
    for (let attempt = 1; ; attempt++) {
      const encoder = this.#state.encoder;
      const question = await questionOf(query, options.mode, { encoder, space: this.#state.space }, options.signal);
      const sources = await this.sources(question.mode);
      // Migrated in between: the question was embedded by the old encoder.
      if (encoder !== this.#state.encoder) continue;
      const answer = await searchOnce(sources, question, options, attempt >= ATTEMPTS);
      options.signal?.throwIfAborted();
      if (answer) return answer;
    }
  }

  /** For what is built on searches: who would answer a question of this mode now. */
  sources(mode: SearchMode): Promise<Sources> {
    return this.#state.sources(mode);
  }

  /**
   * Opens or builds the vector index now and saves it, so that the next process that opens this collection finds it ready. Worth
   * calling after much was written; a search does it by itself where it must, and then takes as long. Over a store that searches
   * vectors itself it measures that search's recall, which answers then tell.
   */
  prepare(options: LongOptions = {}): Promise<void> {
    return drain(this.prepareSteps(), options);
  }

  /** The same in steps. */
  async *prepareSteps(): AsyncGenerator<Step, void, void> {
    await this.#state.look();
    const { store, space, readOnly } = this.#state;
    if (store.nearest && space) {
      yield* measureRecallSteps(store, store.nearest.bind(store), space, !readOnly);
      this.#state.forgetLearnt();
    }
    const index = this.#state.index();
    if (index) yield* index.prepareSteps();
  }

  /**
   * Fits how much words and meaning count in hybrid search to questions whose answers are known, and keeps that in the store where it
   * proves itself on questions that it was not fitted to (fit-weights.ts). `keep: false` only looks.
   */
  fitWeights(
    judged: readonly JudgedQuestion[],
    options: FitWeightsOptions & LongOptions & { readonly keep?: boolean } = {},
  ): Promise<FittedWeights> {
    return drain(this.fitWeightsSteps(judged, options), options);
  }

  /** The same in steps. */
  async *fitWeightsSteps(
    judged: readonly JudgedQuestion[],
    { keep = true, ...options }: FitWeightsOptions & { readonly keep?: boolean } = {},
  ): AsyncGenerator<Step, FittedWeights, void> {
    if (keep) this.#checkWritable();
    const sources = await this.sources("hybrid");
    const space = this.#state.space;
    const ask = { encoder: this.#state.encoder, space };
    const asked = (text: string): Promise<Question> => questionOf(text, "hybrid", ask, undefined);
    const fitted = yield* fitWeightsSteps(sources, judged, asked, options);
    if (keep && space) await keepWeights(this.store, space, fitted.kept ? fitted.weights : undefined);
    return fitted;
  }

  /**
   * All pairs of chunks that are nearly the same, exactly, and the groups they make; the first of each group came first. Looks at all
   * pairs: 20,000 chunks of 100 numbers took 25 s, and the time grows with the square of their number.
   */
  nearDuplicates(options: CollectionDuplicatesOptions & LongOptions = {}): Promise<NearDuplicates<ChunkName>> {
    return drain(this.nearDuplicatesSteps(options), options);
  }

  /** The same in steps. */
  async *nearDuplicatesSteps(
    options: CollectionDuplicatesOptions = {},
  ): AsyncGenerator<Step, NearDuplicates<ChunkName>, void> {
    const version = await this.#state.look();
    if (!this.#state.space) return { pairs: [], groups: [] };
    const held = await this.#state.index()?.at(version);
    return yield* collectionDuplicatesSteps(this.store, this.#state.space, held?.index, options);
  }

  /**
   * Moves the collection to the space of another encoder (migrate.ts): resumable, the old space answering until the new one is whole,
   * the two compared before the switch, the switch one transaction. Throws `bad-argument` where it is in that space already.
   */
  migrate(encoder: Encoder, options: CollectionMigrateOptions & LongOptions = {}): Promise<Migrated> {
    return drain(this.migrateSteps(encoder, options, options.signal), options);
  }

  /** The same in steps; `signal` also stops the encoder. */
  async *migrateSteps(
    encoder: Encoder,
    options: CollectionMigrateOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<Step, Migrated, void> {
    this.#checkWritable();
    await this.#state.look();
    const to = spaceOfEncoder(
      encoder,
      options.metric ?? this.#state.space?.metric ?? this.#state.options.metric ?? "cosine",
    );
    const plan = this.#state.options.index ?? {};
    const collection: Migrating = {
      store: this.store,
      plan,
      from: this.#state.space,
      before: () => this.sources("hybrid"),
      encoder: this.#state.encoder,
      keepEncoder: options.keepEncoder ?? (await isKept(this.store, this.#state.space)),
      exclusively: (work) => this.#state.writes.take(work),
      through: (index, commit) => this.#state.switchTo({ encoder, space: to }, index, commit),
    };
    return yield* migrateSteps(collection, encoder, to, options, signal);
  }

  /** The collection as lines of JSON, each ending in a line break (exchange.ts): a stream for a file, a socket, another collection. */
  export(options: ExportOptions = {}): AsyncGenerator<string, void, void> {
    return exportLines(this.store, options);
  }

  /**
   * Takes in an export: documents that are there already are replaced. Its vectors come along where they are of this collection's
   * space (a new collection without an encoder takes the export's); else the texts are embedded. Throws `bad-file` naming
   * the line.
   */
  import(source: string | ByteSource, options: LongOptions = {}): Promise<Added> {
    return drain(this.importSteps(source, options.signal), options);
  }

  /** The same in steps; `signal` also stops the encoder. */
  async *importSteps(source: string | ByteSource, signal?: AbortSignal): AsyncGenerator<Step, Added, void> {
    this.#checkWritable();
    const bytes = typeof source === "string" ? await fileSource(source) : source;
    const own = await headOf(bytes);
    await this.#state.look();
    const space = await this.#state.spaceToWrite(own);
    return yield* this.upsertSteps(importedDocuments(bytes, space), signal);
  }

  /** Gives dead bytes back, and makes sure that what was removed is not in the file any more, in the saved index neither. */
  async compact(options: LongOptions = {}): Promise<{ readonly before: number; readonly after: number }> {
    this.#checkWritable();
    await this.#state.look();
    return this.#state.writes.take(async () => {
      const before = (await this.store.info()).bytes ?? 0;
      await this.#state.index()?.compact();
      const { after } = await this.store.compact(options);
      return { before, after };
    });
  }

  /** Looks at everything, the index too; the differences it found, in sentences. Empty: all is well. */
  async verify(options: LongOptions = {}): Promise<string[]> {
    await this.#state.look();
    const found = await this.store.verify(options);
    return [...found, ...((await this.#state.index()?.verify()) ?? [])];
  }

  /** What it is and how large. */
  async info(): Promise<CollectionInfo> {
    const { version, space, documents, chunks, bytes, deadBytes } = await this.store.info();
    return {
      store: this.store.kind,
      version,
      space,
      documents,
      chunks,
      bytes,
      deadBytes,
      weights: await keptWeights(this.store, space),
      index: this.store.nearest ? "store" : this.#state.opened?.kind,
      migration: await this.store.migration(),
    };
  }

  /** Saves the index where that is worth it, and closes the store. Closing twice is no error. */
  close(): Promise<void> {
    return (this.#closed ??= this.#state.writes.take(async () => {
      try {
        await this.#state.opened?.close();
      } finally {
        await this.store.close();
      }
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#writeSteps(
    documents: Documents,
    replace: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Step, Added, void> {
    this.#checkWritable();
    let added: Added = { documents: 0, chunks: 0, version: await this.#state.look() };
    for await (const group of groupsOf(documents)) {
      signal?.throwIfAborted();
      const { chunks, version } = yield* putSteps(this.#state, group, replace, signal);
      added = { documents: added.documents + group.length, chunks: added.chunks + chunks, version };
    }
    return added;
  }

  #checkWritable(): void {
    if (!this.readOnly) return;
    throw new LociError("read-only", "This collection was opened for reading. Open it without `readOnly` to write.");
  }
}
