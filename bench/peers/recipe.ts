/**
 * What is trained: one record that every side turns into its own command.
 *
 * The settings that never change are here too, so that a reader sees in one place that they are equal for all.
 */
export const shared = { window: 5, negatives: 5, subsample: 1e-3, minCount: 5 } as const;

export interface Recipe {
  readonly corpus: string;
  readonly architecture: "skipgram" | "cbow" | "glove";
  readonly dim: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Rows that character n-grams of 3 to 6 are hashed to; without it there are no n-grams. */
  readonly buckets?: number;
  readonly workers?: number;
  /** Loci only: the racy mode, the fast setting. */
  readonly racy?: boolean;
  readonly preset?: "fast";
}

/** A name for files, with every setting that differs between recipes. */
export function nameOf(recipe: Recipe): string {
  const { corpus, architecture, dim, epochs, learningRate, seed, buckets, workers, racy, preset } = recipe;
  const subwords = buckets === undefined ? "" : `-subwords${buckets}`;
  const threads = workers === undefined || workers === 1 ? "" : `-workers${workers}`;
  const mode = `${racy ? "-racy" : ""}${preset ? `-${preset}` : ""}`;
  return `${corpus}-${architecture}-d${dim}-e${epochs}-lr${learningRate}${subwords}${mode}${threads}-s${seed}`;
}

/** What a side says of one training. */
export interface Trained {
  /** CPU seconds of training alone, where the side can tell. */
  readonly trainCpuSeconds: number | undefined;
  readonly trainWallSeconds: number | undefined;
  /** CPU seconds, wall seconds and peak of the whole process or processes. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakBytes: number;
  readonly load: readonly [number, number];
  /** The file or folder that `loci evaluate words` reads; absent when no vectors were wanted. */
  readonly vectors?: string;
  readonly hash?: string;
  /** Loci only: the fingerprint of the sources that trained. */
  readonly sources?: string;
}
