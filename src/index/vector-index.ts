/**
 * What every index of vectors is, whatever it is made of.
 *
 * Keys are the user's own; vectors go in as they are and come out as they went in. Every answer says whether it is exact
 * and, where it is not, how much of the exact answer it is expected to hold. `FlatIndex` is the oracle: same
 * signature, exact answers. `test/conformance/index.ts` holds every implementation to this contract.
 */
import type { LongOptions, Matrix } from "../core/index.ts";

/** What names a vector. `1`, `1n` and `"1"` are three keys. */
export type Key = string | number | bigint;

/** How closeness is measured. Scores are the cosine, the dot product, or the negative distance: higher is always closer. */
export type IndexMetric = "cosine" | "dot" | "euclidean";

/**
 * Which keys may answer: a predicate, a set of keys, or a bitmap over slots (`slotOf`), bit s % 32 of word s / 32.
 *
 * However few pass, min(k, how many pass) hits come back.
 */
export type KeyFilter = ((key: Key) => boolean) | ReadonlySet<Key> | { readonly slots: Uint32Array };

export interface IndexSearchOptions {
  /** How many hits; fewer come back only where fewer vectors may answer. Default 10. */
  readonly k?: number;
  readonly filter?: KeyFilter;
  /** The share of the exact k best that the answer should hold, on average; what it takes is the index's business. Default 0.95. */
  readonly recall?: number;
  /** Proven equal to a scan of all vectors in float32. Default false. */
  readonly exact?: boolean;
  readonly signal?: AbortSignal;
}

/** One vector that was found. */
export interface IndexHit {
  readonly key: Key;
  readonly score: number;
}

/** The hits, best first, ties by who came in first, and what they are worth. */
export interface IndexAnswer {
  readonly hits: readonly IndexHit[];
  readonly exact: boolean;
  /** 1 where the answer is exact, else the recall measured for such searches on sampled rows of this index. */
  readonly recall: number;
}

/** Vectors under keys that can be searched, added to and taken from. Searches and writes may overlap: each sees a whole state. */
export interface VectorIndex extends AsyncDisposable {
  readonly metric: IndexMetric;
  readonly dim: number;
  /** How many vectors may answer; removed ones do not count. */
  readonly count: number;
  has(key: Key): boolean;
  /** The vector as it was given, or undefined. A copy. */
  get(key: Key): Float32Array | undefined;
  /** The place of a key in bitmaps; undefined where there is no such key. It stays until the key is removed or given another vector. */
  slotOf(key: Key): number | undefined;
  /** One more than the highest slot in use: how many bits a bitmap needs. */
  readonly slots: number;
  /** All keys, in the order of their slots. */
  keys(): IterableIterator<Key>;
  /**
   * Adds vectors, row r under keys[r]; a key that is there is replaced. All or nothing.
   * Throws `dim-mismatch`, and `bad-argument` for NaN, an infinity or a key that comes twice, by name.
   */
  add(keys: readonly Key[], vectors: Matrix, options?: LongOptions): Promise<void>;
  /** Removes keys; returns how many were there. A removed key never answers again. */
  remove(keys: Iterable<Key>, options?: LongOptions): Promise<number>;
  search(query: ArrayLike<number>, options?: IndexSearchOptions): Promise<IndexAnswer>;
  /** One answer a row. Faster than one by one. */
  searchMany(queries: Matrix, options?: IndexSearchOptions & LongOptions): Promise<IndexAnswer[]>;
  /** All keys with a score of at least `leastScore`, exactly, best first. */
  searchWithin(
    query: ArrayLike<number>,
    leastScore: number,
    options?: Omit<IndexSearchOptions, "k">,
  ): Promise<IndexAnswer>;
  /** The index as one file, in pieces: docs/formats/index-file.md. */
  pieces(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
