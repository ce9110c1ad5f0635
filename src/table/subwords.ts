/**
 * Vectors for words that have no row: the mean of the vectors of their character n-grams.
 *
 * This is fastText's composition (Bojanowski et al., 2017). "where" with n from 3 to 6 is cut into
 * <wh, whe, her, ere, re>, <whe, …; each piece is hashed to one of `buckets` rows that were learnt with it. In a trained
 * model the rows of the *known* words are kept composed already (the mean of their own row and their pieces'
 * rows, as in a fastText .vec file), so an `Embedding` composes only unknown words.
 */
import { LociError, Matrix, checkWhole } from "../core/index.ts";
import { subwordIds } from "../text/index.ts";
import { rotate } from "./align.ts";

/** What subwords are made of. */
export interface SubwordParts {
  /** The shortest and longest n-gram, in characters; `maxN` 0 means none at all. fastText's defaults are 3 and 6. */
  readonly minN: number;
  readonly maxN: number;
  /** The rows of the n-grams, `bucketCount × dim` unless pruned. */
  readonly buckets: Matrix;
  /** What the hash is taken modulo. Default: as many as `buckets` has rows. */
  readonly bucketCount?: number;
  /** For pruned models (.ftz): hash → row of `buckets`; n-grams that are not in it were dropped. */
  readonly pruned?: ReadonlyMap<number, number>;
}

/** fastText's mark for the end of a line, which is a row of its own and is never cut into n-grams. */
const END_OF_SENTENCE = "</s>";

/** Rows of hashed character n-grams, and the vectors they give to words without a row. */
export class Subwords {
  readonly minN: number;
  readonly maxN: number;
  readonly buckets: Matrix;
  readonly bucketCount: number;
  readonly pruned: ReadonlyMap<number, number> | undefined;

  constructor({ minN, maxN, buckets, bucketCount = buckets.rows, pruned }: SubwordParts) {
    checkWhole("minN", minN, 0);
    checkWhole("maxN", maxN, 0);
    checkWhole("bucketCount", bucketCount, 1);
    if (!pruned && bucketCount !== buckets.rows) {
      throw new LociError(
        "bad-argument",
        `Expected one row for each of ${bucketCount} buckets, got ${buckets.rows}. A pruned model needs \`pruned\`.`,
      );
    }
    for (const row of pruned?.values() ?? []) buckets.row(row); // throws where a pruned id points past the end
    this.minN = minN;
    this.maxN = maxN;
    this.buckets = buckets;
    this.bucketCount = bucketCount;
    this.pruned = pruned;
  }

  get dim(): number {
    return this.buckets.dim;
  }

  /** The bucket rows of a word's n-grams; one that occurs twice stands there twice. */
  rowsOf(word: string): number[] {
    if (word === END_OF_SENTENCE) return [];
    const ids = subwordIds(word, { minN: this.minN, maxN: this.maxN, buckets: this.bucketCount });
    const rows: number[] = [];
    for (const id of ids) {
      const row = this.pruned ? this.pruned.get(id) : id;
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /**
   * The mean of a word's n-gram rows and, for a known word, its own row: `dim` numbers. Zeros for an unknown word
   * without a single n-gram (all of it shorter than `minN`, or pruned away), as in fastText.
   */
  compose(word: string, own?: ArrayLike<number>): Float32Array {
    const { data } = this.buckets;
    const starts = this.rowsOf(word).map((row) => row * this.dim);
    const count = Math.max(1, starts.length + (own ? 1 : 0));
    const mean = new Float32Array(this.dim);
    // Number by number, so that each sum stays in a register: the rows are in the cache after the first.
    for (let i = 0; i < mean.length; i++) {
      let sum = own ? own[i]! : 0;
      for (let r = 0; r < starts.length; r++) sum += data[starts[r]! + i]!;
      mean[i] = sum / count;
    }
    return mean;
  }

  /** The vectors of known words, from their own rows: one a word. */
  composeAll(words: readonly string[], own: Matrix): Matrix {
    const composed = Matrix.zeros(words.length, this.dim);
    words.forEach((word, id) => composed.row(id).set(this.compose(word, own.row(id))));
    return composed;
  }

  /** The same n-grams with every row x as x · rotation. */
  rotated(rotation: Matrix): Subwords {
    const { minN, maxN, bucketCount, pruned } = this;
    return new Subwords({
      minN,
      maxN,
      bucketCount,
      buckets: rotate(this.buckets, rotation),
      ...(pruned && { pruned }),
    });
  }
}
