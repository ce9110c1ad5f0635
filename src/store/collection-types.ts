/** What goes into a collection and what comes out of it. */
import type { Matrix } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import type { IndexMetric } from "../index/index.ts";
import type { FusionWeights } from "./fusion.ts";
import type { IndexPlan } from "./collection-index.ts";
import type { Filter, Meta } from "./filter.ts";
import type { ChunkRange, Space } from "./store.ts";

/** Cuts a text into the pieces that are embedded and found. Ranges may overlap; a text without pieces is kept and never found. */
export type Chunker = (text: string) => readonly ChunkRange[] | Promise<readonly ChunkRange[]>;

export interface CollectionOptions {
  /**
   * Turns texts and questions into vectors. Without one there are keyword search, vectors of your own, and everything that asks
   * for no vector.
   */
  readonly encoder?: Encoder;
  /** Opens with the encoder that is kept in the collection, where no `encoder` is given and one is kept. Default false. */
  readonly keptEncoder?: boolean;
  /** Keeps `encoder` (a StaticEncoder) in the collection, so that `keptEncoder` finds it there. Default false. */
  readonly keepEncoder?: boolean;
  /** The space of vectors that come with the documents, where there is no encoder. */
  readonly space?: OwnSpace;
  /** How vectors are compared. Written into a new collection, checked with an old one. Default "cosine". */
  readonly metric?: IndexMetric;
  /** Only reads; any number of processes may, beside one that writes. Default false. */
  readonly readOnly?: boolean;
  /** Default: each text is one chunk, and an empty one is none. */
  readonly chunk?: Chunker;
  /** The vector index beside the store; stores that search vectors themselves need none. */
  readonly index?: IndexPlan;
}

/** What made vectors that were made elsewhere. */
export interface OwnSpace {
  /** Of the model, for people. */
  readonly name: string;
  readonly dim: number;
  /** Default: the name. */
  readonly fingerprint?: string;
}

/** A document on its way in. */
export interface NewDocument {
  /** Its name in the collection: any string but the empty one. */
  readonly id: string;
  readonly text: string;
  readonly meta?: Meta;
  /** Of whatever the document was made of. Default: `contentHash` of its text. */
  readonly hash?: string;
  /** The pieces of this document, instead of the collection's `chunk`. */
  readonly chunks?: readonly ChunkRange[];
  /** One row a chunk, for vectors that are there already; the encoder is not asked. */
  readonly vectors?: Matrix;
}

/** What a write did: how many documents and chunks came in, and the version of the store after it. */
export interface Added {
  readonly documents: number;
  readonly chunks: number;
  readonly version: number;
}

/** A question: a text, a vector of the collection's space, or both (the text for the words, the vector for the meaning). */
export type CollectionQuery =
  | string
  | { readonly text: string; readonly vector?: ArrayLike<number> }
  | { readonly vector: ArrayLike<number>; readonly text?: string };

/** Which side answers: words (BM25), meaning (vectors), or both. */
export type SearchMode = "hybrid" | "vector" | "keyword";

export interface CollectionSearchOptions {
  /** How many hits. Fewer come back only where fewer chunks may answer (in keyword mode: hold a word of the question). Default 10. */
  readonly k?: number;
  /** Which documents may answer, by their metadata. */
  readonly filter?: Filter;
  /** Default "hybrid" where there are a text and vectors, else whichever of the two there is. */
  readonly mode?: SearchMode;
  /** The share of the exact vector neighbours that an approximate index should find. Default 0.95. */
  readonly recall?: number;
  /** The vector side is proven equal to looking at every vector. Default false. */
  readonly exact?: boolean;
  /** From 0 (the default: by score alone) to 1: how much unlikeness to the hits before it counts for a hit. */
  readonly diversity?: number;
  /** At most so many chunks of one document. Default: any number. */
  readonly perDocument?: number;
  /** How a hybrid search joins its two lists: fusion.ts. Default "weighted". */
  readonly fusion?: "weighted" | "reciprocal-rank";
  /** Default: those of `fitWeights`, else 0.6 for words and 0.4 for meaning; with "reciprocal-rank" 1 and 1. */
  readonly weights?: FusionWeights;
  readonly signal?: AbortSignal;
}

/** A chunk that answers, with everything needed to show it. */
export interface CollectionHit {
  /** Of the document. */
  readonly id: string;
  /** The number of the chunk, never used again in this collection. */
  readonly chunk: number;
  /**
   * Higher is better. Of one answer, to order it: the cosine (or what the metric says) in vector mode, BM25 in keyword mode, within
   * [0, 1] in hybrid mode.
   */
  readonly score: number;
  /** What each side said, as it said it; undefined where it was not asked or did not find the chunk. */
  readonly parts: { readonly vector: number | undefined; readonly keyword: number | undefined };
  /**
   * "Closer than so many % of random pairs of this collection": 0 to 100, of `parts.vector`; undefined where there is none, or where
   * the collection has fewer than 15 vectors to make pairs of.
   */
  readonly percentile: number | undefined;
  readonly text: string;
  /** Where the chunk stands in its document's text. */
  readonly range: ChunkRange;
  /** Of the document. */
  readonly meta: Meta;
}

/** The hits, how they were found, and what that is worth. */
export interface CollectionAnswer {
  /** Best first; with `diversity` in the order of choosing. Ties by lower chunk number. */
  readonly hits: readonly CollectionHit[];
  readonly mode: SearchMode;
  /** Whether the vector side is proven to have missed nothing; true in keyword mode. */
  readonly exact: boolean;
  /**
   * The share of the exact vector neighbours that the index expects to have found; 1 where exact. Over a server NaN until
   * `prepare` has measured it.
   */
  readonly recall: number;
}

/** What a collection is, and how large. */
export interface CollectionInfo {
  /** "sqlite", "memory", "postgres", "opensearch". */
  readonly store: string;
  readonly version: number;
  readonly space: Space | undefined;
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number | undefined;
  readonly deadBytes: number | undefined;
  /** Of hybrid search, as proportions. */
  readonly weights: FusionWeights;
  /** Which index answers: "flat" or "hnsw", "store" where the store does it itself, undefined before the first vector search. */
  readonly index: string | undefined;
  /** A move to another space that was begun and not ended. */
  readonly migration: { readonly space: Space; readonly written: number; readonly missing: number } | undefined;
}
