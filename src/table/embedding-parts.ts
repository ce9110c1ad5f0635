/** The parts an `Embedding` is made of: what a learner gives, what a file holds. */
import type { Matrix, Vocabulary } from "../core/index.ts";
import type { Subwords } from "./subwords.ts";

/** What an embedding is made of. */
export interface EmbeddingParts {
  /** The keys: row id of `matrix` belongs to key id. */
  readonly vocabulary: Vocabulary;
  /** The vectors, `size × dim`. Not copied, and not to be changed from now on. */
  readonly matrix: Matrix;
  /**
   * With subwords: "composed" (the default) where `matrix` holds the keys' vectors, "own" where it holds the rows from
   * which they are still to be composed, as fastText's binary models do. That is then done at the first need.
   */
  readonly rows?: "composed" | "own";
  /** The context vectors u_o of word2vec or GloVe, `size × dim`, where they are kept. */
  readonly output?: Matrix;
  /** The character n-grams that give unseen words a vector (fastText). */
  readonly subwords?: Subwords;
  /** Where the vectors come from: settings, corpus, versions. Plain data, kept in the saved model. */
  readonly provenance?: Readonly<Record<string, unknown>>;
  /** What a reader of a file had to decide, one sentence each. Not saved. */
  readonly notes?: readonly string[];
}
