/**
 * What a file of vectors holds, whoever wrote it.
 *
 * Every reader in this room ends in one `VectorFile`, plain data: who wants to ask it questions makes an
 * `Embedding` of it (../table). Nothing here interprets the numbers, with one thing to know: where
 * `subwords` is present, a row of `matrix` is the key's *own* row, not yet its vector. The vector is the mean
 * of that row and of the rows of the key's character n-grams, as in Bojanowski et al. 2017.
 */
import type { ByteSource, LongOptions, Matrix } from "../core/index.ts";

/** The names of the formats, as `detectFormat` gives them and `readVectors` takes them. */
export type FormatName =
  | "word2vec-text"
  | "word2vec-binary"
  | "glove-text"
  | "fasttext-vec"
  | "fasttext-bin"
  | "safetensors"
  | "npy"
  | "projector-tsv"
  | "model-directory";

/** The hashed n-gram rows of a fastText-style model. */
export interface Subwords {
  /** Shortest and longest character n-gram, counted with the word's `<` and `>`. `maxN` 0: no n-grams. */
  readonly minN: number;
  readonly maxN: number;
  /** How many hash buckets there are: an n-gram's bucket is its hash modulo this. 0: no n-grams. */
  readonly bucketCount: number;
  /** The rows that are stored: all buckets in order, or, when `pruned` is there, only some. */
  readonly buckets: Matrix;
  /** Of a pruned model: bucket → row of `buckets`. An n-gram whose bucket is not here adds nothing at all. */
  readonly pruned?: ReadonlyMap<number, number>;
}

/** Names with numbers of how often each was seen. */
export interface CountedKeys {
  readonly keys: readonly string[];
  readonly counts: Float64Array;
}

/** The content of a file of vectors. */
export interface VectorFile {
  readonly format: FormatName;
  /** The name of each row of `matrix`; no two are equal. */
  readonly keys: string[];
  /** How often each key was seen, where the file says so. */
  readonly counts?: Float64Array;
  /** One row a key: `keys.length × dim`. */
  readonly matrix: Matrix;
  /** Output (context) vectors, where the file holds them: one row a key, or one a label of a classifier. */
  readonly output?: Matrix;
  readonly subwords?: Subwords;
  /** The labels of a fastText classifier. */
  readonly labels?: CountedKeys;
  /** What the file tells of itself, as plain JSON: settings of the training, provenance, … */
  readonly metadata?: Record<string, unknown>;
  /** What the reader had to decide, one sentence each: rows dropped, bytes that were not UTF-8. */
  readonly notes: readonly string[];
}

/** How to read a file of vectors. */
export interface ReadOptions extends LongOptions {
  /** Read only the first so many keys (most files go by falling frequency). Default: all. */
  readonly limit?: number;
  /** Whether to read output vectors where the file holds them. Default true; false saves their memory. */
  readonly output?: boolean;
  /** Take NaN and infinite numbers as they are instead of refusing the file. Default false. */
  readonly allowNonFinite?: boolean;
  /** Of the projector's TSV: the file of names that goes with the file of numbers. */
  readonly metadata?: ByteSource;
}

/** What a writer of plain vectors takes; a `VectorFile` is one. */
export interface KeyedRows {
  readonly keys: readonly string[];
  readonly matrix: Matrix;
}
