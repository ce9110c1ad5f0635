/**
 * What lasts: documents, their chunks, metadata, vectors and the keyword index, behind one interface.
 *
 * The ground state is documents, chunks and vectors; everything that speeds answers up is derived and may be lost. A write
 * is one transaction: when `write` resolves it survives the death of the process, before that it may never have been.
 * Chunks are numbered by the store, from 1, upwards, and a number is never used again: indexes use the numbers as keys. Every
 * committed write raises `version` by one (a batch that touches nothing is none), and `changes` says what it touched, so that any reader can catch up.
 * `test/conformance/store.ts` holds every implementation to this contract.
 */
import type { ByteSource, LongOptions, Matrix } from "../core/index.ts";
import type { Filter, Meta } from "./filter.ts";

/** The space a store's vectors belong to. Written once; another encoder is refused, or migrated to. */
export interface Space {
  readonly name: string;
  readonly dim: number;
  readonly fingerprint: string;
  readonly metric: "cosine" | "dot" | "euclidean";
}

/** A document as it is kept. */
export interface StoredDocument {
  readonly id: string;
  readonly text: string;
  readonly meta: Meta;
  /** Of what the document was made of; whoever indexes files compares it to see what changed. */
  readonly hash: string;
}

/** A piece of a document: characters start … end of its text (UTF-16 units, as JavaScript counts). */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/** A chunk with its text and where it comes from. */
export interface StoredChunk extends ChunkRange {
  readonly chunk: number;
  readonly document: string;
  readonly text: string;
  /** The metadata of its document. */
  readonly meta: Meta;
}

/** A document to be written, whole: what was there under its id goes. Row i of `vectors` belongs to chunks[i]. */
export interface PutDocument extends StoredDocument {
  readonly chunks: readonly ChunkRange[];
  /** Undefined where the collection has no encoder: then there is keyword search alone. */
  readonly vectors: Matrix | undefined;
}

/** What one write does: documents to put and ids to remove, no id twice. */
export interface WriteBatch {
  readonly put?: readonly PutDocument[];
  readonly remove?: readonly string[];
}

/** What a write did. */
export interface Committed {
  readonly version: number;
  /** The numbers of the chunks that were written, documents and chunks in order. */
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/** What a store says of itself. */
export interface StoreInfo {
  readonly schema: number;
  readonly version: number;
  readonly space: Space | undefined;
  readonly documents: number;
  readonly chunks: number;
  /** Bytes of the store, and how many of them nothing refers to any more; undefined where a server does not say. */
  readonly bytes: number | undefined;
  readonly deadBytes: number | undefined;
}

/** A chunk that was found; a higher score is better. */
export interface ScoredChunk {
  readonly chunk: number;
  readonly score: number;
}

/** How many chunks are asked for, and of which documents. */
export interface StoreSearch {
  readonly k: number;
  readonly filter?: Filter;
}

/** A change of space under way: every chunk gets a vector in the new space while the old ones still answer. */
export interface Migration {
  readonly space: Space;
  /** Live chunks that have a new vector, and that have none yet. */
  readonly written: number;
  readonly missing: number;
}

/** Where a collection lies. The file's header says what each call promises. */
export interface Store extends AsyncDisposable {
  /** "sqlite", "memory", "postgres", "opensearch". */
  readonly kind: string;
  readonly readOnly: boolean;
  info(): Promise<StoreInfo>;
  /** The number of the last committed write, by whatever process. Cheap: asked before each search. */
  version(): Promise<number>;
  /** Sets the space of a store without chunks. Throws `wrong-space` where another one is set, or where there are chunks: migrate. */
  setSpace(space: Space): Promise<void>;
  write(batch: WriteBatch, options?: LongOptions): Promise<Committed>;
  /** In the order of the ids; undefined where there is none. */
  documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
  /** Ids and hashes, by id in the order of code points; without texts, so that a folder of 100,000 files is compared in no time. */
  list(options?: {
    readonly filter?: Filter;
    readonly prefix?: string;
  }): AsyncIterable<{ id: string; hash: string; meta: Meta }>;
  /** The chunks of a document, in order; empty where there is none. */
  chunksOf(id: string): Promise<StoredChunk[]>;
  /** In the order of the numbers; undefined where a chunk is gone. */
  chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]>;
  /** The numbers of the chunks whose documents pass, ascending. */
  matching(filter: Filter): Promise<Float64Array>;
  /** How many documents pass. */
  count(filter?: Filter): Promise<number>;
  /** The best chunks for words: BM25 (k1 1.2, b 0.75), higher is better, ties by number. Any text is a valid query. */
  keyword(query: string, search: StoreSearch): Promise<ScoredChunk[]>;
  /** All vectors of chunks above `after`, by number, in pieces of some thousands. */
  vectors(after?: number): AsyncIterable<{ readonly chunks: readonly number[]; readonly vectors: Matrix }>;
  /** The vectors of some chunks; a row of NaN where there is none. */
  vectorsOf(numbers: readonly number[]): Promise<Matrix>;
  /** What the writes after version `since` added and removed, net; undefined where the store no longer knows: start anew. */
  changes(
    since: number,
  ): Promise<
    { readonly version: number; readonly added: readonly number[]; readonly removed: readonly number[] } | undefined
  >;
  /**
   * The store's own vector search, where it has one (PostgreSQL, OpenSearch); else undefined, and the collection keeps an
   * index beside it.
   */
  readonly nearest:
    | ((query: Float32Array, search: StoreSearch & { readonly exact?: boolean }) => Promise<ScoredChunk[]>)
    | undefined;
  /** Keeps a derived file (an index) under a name, in one transaction, as of a version. An older one of that name goes. */
  saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  snapshot(name: string): Promise<{ readonly version: number; readonly source: ByteSource } | undefined>;
  removeSnapshot(name: string): Promise<void>;
  /** The change of space that is under way, also when it was begun by a process that is gone; undefined if there is none. */
  migration(): Promise<Migration | undefined>;
  /**
   * Begins to move to another space, or goes on with the move to the same one (by fingerprint); a move to a third is
   * abandoned first. Until `commitMigration` readers see nothing of it, and `version` stays.
   */
  beginMigration(space: Space): Promise<void>;
  /** The next chunks without a vector in the new space, ascending, also those written since the beginning. */
  unmigrated(limit: number): Promise<StoredChunk[]>;
  /** New vectors, row i for chunks[i], in one transaction; chunks that are gone meanwhile are passed over. */
  writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void>;
  /** As `vectors` and `vectorsOf`, of the new space. */
  migratedVectors(after?: number): AsyncIterable<{ readonly chunks: readonly number[]; readonly vectors: Matrix }>;
  migratedVectorsOf(numbers: readonly number[]): Promise<Matrix>;
  /**
   * Makes the new space the store's and drops the old vectors, in one transaction that raises `version`, which it returns.
   * `changes` since before it answers undefined. Throws `bad-argument` while chunks are missing.
   */
  commitMigration(): Promise<number>;
  abandonMigration(): Promise<void>;
  /** Small values a collection remembers: calibration, weights, options. JSON. */
  setting(name: string): Promise<unknown>;
  setSetting(name: string, value: unknown): Promise<void>;
  /** Gives dead bytes back and makes sure that what was removed is not in the file any more. */
  compact(options?: LongOptions): Promise<{ readonly before: number; readonly after: number }>;
  /** Looks at everything; the differences it found, in sentences. Empty: all is well. */
  verify(options?: LongOptions): Promise<string[]>;
  /** Closing twice is no error. */
  close(): Promise<void>;
}
