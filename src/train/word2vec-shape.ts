/**
 * How large everything is that a training needs, before it has addresses.
 *
 * The plan is the record that kernels read (src/kernels/assembly/words/plan.ts holds the same fields in the
 * same order; a test compares them). All sizes follow from the corpus and the settings, never from the machine,
 * so that they can be part of the result.
 */
import type { HuffmanPaths } from "./huffman.ts";
import { greatestShare, keepProbabilities, noiseWeights, sum } from "./noise.ts";
import type { Word2vecSettings } from "./word2vec-options.ts";

/** The fields of the kernels' Plan, in order. */
export const PLAN_FIELDS = [
  "vectors",
  "window",
  "negatives",
  "batch",
  "pool",
  "fresh",
  "columns",
  "listShift",
  "inputRows",
  "outputRows",
  "architecture",
  "objective",
  "subwords",
  "variate",
  "shards",
  "shardTokens",
  "halo",
  "keptCapacity",
  "inputCapacity",
  "outputCapacity",
  "pieceCapacity",
  "longestList",
  "shardBytes",
  "inputs",
  "outputs",
  "keep",
  "cumulative",
  "guide",
  "pieceStarts",
  "pieces",
  "pathStarts",
  "paths",
  "counts",
  "damping",
  "shardsAt",
  "variates",
  "losses",
] as const;
export type PlanRecord = Record<(typeof PLAN_FIELDS)[number], number>;

/**
 * Rows of the input table that make up each word: its own first, then its n-grams' buckets.
 *
 * Of two million buckets a corpus uses some hundred thousand, and most of its n-grams are in few of those. A row for each
 * bucket, in the order of hashes, would put every row on a page of memory of its own; so the table has the buckets
 * that are used, the most frequent first (1.45 times as fast at 2 million buckets, to the same bits).
 */
export interface WordPieces {
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  /** How many buckets n-grams are hashed to. */
  readonly buckets: number;
  /** The buckets that have rows, behind those of the words and in their order. */
  readonly used: Uint32Array;
}

export interface CorpusShape {
  /** Occurrences by id, falling. */
  readonly counts: Float64Array;
  /** Stored ids, line ends included. */
  readonly length: number;
}

const OBJECTIVES = { "negative-sampling": 0, "hierarchical-softmax": 1, softmax: 2 } as const;
const BATCH = 16; // 16 inputs, their outputs and the pool fit a first-level cache of 32 KB at dim 100
const SHARDS = 8;
const SHARD_TOKENS = 256; // longer rounds were no faster and lost quality: more stale sums
const LEAST_SHARD_TOKENS = 32; // below, workers would wait for each other most of the time
const RACY_TOKENS = 1024;
const SMALL_CORPUS = 32_768; // under this, one shard: exact sequential order, for speed nobody would notice
const HALO = 64; // raw tokens looked at beyond a piece, for up to `window` kept ones
const SLICE_TOKENS = 16_384; // most tokens of a shard between two steps; time usually ends a slice sooner

/** Every size and setting of a training, before it has addresses. */
export interface TrainingShape {
  readonly record: PlanRecord;
  /** Ids in the corpus, in a shard's part of it, and rounds of an epoch. */
  readonly corpusLength: number;
  readonly part: number;
  readonly rounds: number;
  readonly roundsPerSlice: number;
}

/** The sizes of a training of `corpus`, with `pieces` or `paths` where its words have some. */
export function trainingShape(
  corpus: CorpusShape,
  settings: Word2vecSettings,
  pieces?: WordPieces,
  paths?: HuffmanPaths,
): TrainingShape {
  const vocabulary = corpus.counts.length;
  const softmax = settings.objective === "softmax";
  const { batch, shards, shardTokens } = safeSizes(corpus, settings);
  const part = Math.ceil(corpus.length / shards);
  const keptCapacity = keptCapacityOf(shardTokens, settings.window);
  const vectors = Math.ceil(settings.dim / 4);
  const inputRows = vocabulary + (pieces?.used.length ?? 0);
  const outputRows = settings.objective === "hierarchical-softmax" ? Math.max(1, vocabulary - 1) : vocabulary;
  // Half of a pool is its predecessor's: an input sees as many negatives, for half the draws and half the outputs' updates.
  const fresh = Math.max(4, 4 * Math.floor(settings.pool / 8));
  const drawn = Math.ceil(keptCapacity / batch) * fresh + 2 * settings.pool;
  const depth = paths?.depth ?? 0;
  const record: PlanRecord = {
    ...(Object.fromEntries(PLAN_FIELDS.map((field) => [field, 0])) as PlanRecord),
    vectors,
    window: settings.window,
    negatives: settings.negatives,
    batch,
    pool: settings.pool,
    fresh,
    columns: 13,
    // A position has at most 2 · window outputs, and one more for the control variate.
    listShift: Math.max(6, 32 - Math.clz32((2 * settings.window + 2) * 4 - 1)),
    inputRows,
    outputRows,
    architecture: settings.architecture === "cbow" ? 1 : 0,
    objective: OBJECTIVES[settings.objective],
    subwords: pieces ? 1 : 0,
    variate: 1,
    shards,
    shardTokens,
    halo: HALO,
    keptCapacity,
    inputCapacity: Math.min(inputRows, pieces ? longestTogether(pieces.starts, keptCapacity) : keptCapacity),
    outputCapacity: Math.min(outputRows, depth > 0 ? keptCapacity * depth : keptCapacity + drawn),
    pieceCapacity: keptCapacity * ((pieces ? longest(pieces.starts) : 0) + depth),
    longestList: softmax ? vocabulary : 2 * (2 * settings.window * Math.max(1, depth) + 16),
  };
  return {
    record,
    corpusLength: corpus.length,
    part,
    rounds: Math.ceil(part / shardTokens),
    roundsPerSlice: SLICE_TOKENS / shardTokens,
  };
}

/**
 * Batches and rounds that are small enough for the vocabulary.
 *
 * A frozen batch sums the steps of all occurrences of a word in it: three words and batches of 16 reach NaN
 * within two epochs, so batches shrink with the greatest share of one word. A round does the same across shards:
 * 200 equally frequent words in 8 dimensions run away where English does not, so rounds shrink until a token
 * finds its word at most 4 times in its round (English text has 2.5 with sub-sampling at 1e-3, 21 without), and
 * where rounds of 32 tokens are too long still, one shard trains all. So it does with small corpora, and with full
 * softmax, which changes every row at every step.
 */
function safeSizes(
  { counts, length }: CorpusShape,
  settings: Word2vecSettings,
): Pick<PlanRecord, "batch" | "shards" | "shardTokens"> {
  const keep = keepProbabilities(counts, settings.subsample);
  const kept = counts.map((count, id) => count * keep[id]!);
  const share = Math.max(greatestShare(kept), greatestShare(noiseWeights(counts)));
  const batch = Math.max(1, Math.min(BATCH, Math.floor(1.2 / share)));
  const one = { batch, shards: 1, shardTokens: SHARD_TOKENS };
  // A round is the least that can be done between two looks at the abort signal.
  if (settings.objective === "softmax") return { ...one, shardTokens: LEAST_SHARD_TOKENS };
  if (length < SMALL_CORPUS) return one;
  if (!settings.deterministic) return { batch, shards: SHARDS, shardTokens: RACY_TOKENS };
  const keptShare = sum(kept) / sum(counts);
  const again = (keptShare * sum(kept.map((count) => count ** 2))) / sum(kept) ** 2;
  let shardTokens = SHARD_TOKENS;
  while (shardTokens >= LEAST_SHARD_TOKENS && SHARDS * shardTokens * again > 4) shardTokens /= 2;
  return shardTokens < LEAST_SHARD_TOKENS ? one : { batch, shards: SHARDS, shardTokens };
}

/**
 * How many rows a word may be made of: 200, or fewer where wide windows bring more words into a piece, so that the
 * rows of a piece can be numbered in 16 bits. Longer words lose their last n-grams.
 */
export function mostPieces(window: number): number {
  return Math.min(200, Math.floor(65_535 / keptCapacityOf(SHARD_TOKENS, window)));
}

function keptCapacityOf(shardTokens: number, window: number): number {
  return shardTokens + 2 * window + 8;
}

function longest(starts: Uint32Array): number {
  let most = 0;
  for (let i = 1; i < starts.length; i++) most = Math.max(most, starts[i]! - starts[i - 1]!);
  return most;
}

/** The sum of the `count` longest lists: what a shard of that many distinct words can need. */
function longestTogether(starts: Uint32Array, count: number): number {
  const lengths = Uint32Array.from({ length: starts.length - 1 }, (_, i) => starts[i + 1]! - starts[i]!).sort();
  let sum = 0;
  for (let i = 0; i < Math.min(count, lengths.length); i++) sum += lengths[lengths.length - 1 - i]!;
  return sum;
}
