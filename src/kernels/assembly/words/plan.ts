/**
 * What the learner of words is told: sizes, settings, and where everything lies.
 *
 * TypeScript writes these words into memory (src/train/word2vec-shape.ts has the same fields in the same
 * order; a test compares the two files) and every worker's instance opens them. All are 32 bits wide.
 */

/** Values of the plan's `objective`. */
export const SAMPLED: u32 = 0;
export const TREE: u32 = 1;

@unmanaged
export class Plan {
  // sizes
  vectors: u32; // v128 in a row: ceil(dim / 4); a row is 16 · vectors bytes, aligned to 16
  window: u32;
  negatives: u32;
  batch: u32; // positions trained at once against frozen rows
  pool: u32; // negatives that a batch is trained against, a multiple of 4
  fresh: u32; // of those, how many are drawn for it; the rest are its predecessor's
  columns: u32; // widest column block of the update, 1 … 13
  listShift: u32; // log2 of the bytes of a position's list of outputs
  inputRows: u32; // rows of the input table: words, then subword buckets
  outputRows: u32; // rows of the output table: words, or inner nodes of the Huffman tree
  // settings
  architecture: u32; // 0 skip-gram, 1 CBOW
  objective: u32; // 0 negative sampling, 1 hierarchical softmax, 2 full softmax
  subwords: u32; // 1: a word's input is the mean of several rows
  variate: u32; // 1: the control variate of the negatives is on
  shards: u32;
  shardTokens: u32; // raw tokens a shard trains in a round
  halo: u32; // raw tokens that may be looked at on either side of those
  keptCapacity: u32; // most kept tokens of a shard in a round
  inputCapacity: u32; // most distinct input rows of a shard in a round
  outputCapacity: u32; // likewise output rows
  pieceCapacity: u32; // most entries of the lists of subword rows (and of tree paths) of a round
  longestList: u32; // most rows averaged or scored at once for one position
  shardBytes: u32; // bytes of a shard's area
  // where things lie, as byte offsets
  inputs: usize; // inputRows × row
  outputs: usize; // outputRows × row
  keep: usize; // u32 a word: keep a token when its random number is not above
  cumulative: usize; // u32 a word: upper ends of the noise distribution's steps
  guide: usize; // u32 × 65,536: first word whose upper end can be above h, by the top 16 bits of h
  pieceStarts: usize; // u32 × (words + 1): where a word's list of input rows starts
  pieces: usize; // u32: input rows of the words (subwords), own row first
  pathStarts: usize; // u32 × (words + 1): where a word's Huffman path starts
  paths: usize; // u32: inner node · 2 + code
  counts: usize; // u8 [parity][inputRows + outputRows]: shards of the round that touch a row
  damping: usize; // f32 × 16 for inputs, then for outputs: factor of the merged sum of m shards
  shardsAt: usize; // the shards' areas
  variates: usize; // states of the control variate, one a shard (or a worker, when racing), 64-byte aligned
  losses: usize; // f64 × 3, likewise: loss, pairs whose loss was measured, pairs
}

// @ts-ignore: decorator
@lazy
export let plan: Plan = changetype<Plan>(0);
// Copies of what the hot loops read, one a worker's instance.
export let vectors: i32 = 0;
export let rowBytes: usize = 0;
export let window: i32 = 0;
export let batchSize: i32 = 0;
export let pool: i32 = 0;
export let fresh: i32 = 0;
export let shift: usize = 0;

export function readPlan(at: usize): void {
  plan = changetype<Plan>(at);
  vectors = <i32>plan.vectors;
  rowBytes = <usize>plan.vectors << 4;
  window = <i32>plan.window;
  batchSize = <i32>plan.batch;
  pool = <i32>plan.pool;
  fresh = <i32>plan.fresh;
  shift = <usize>plan.listShift;
}

/** The key of the epoch's random numbers. */
export let key: u32 = 0;
export function setKey(value: u32): void {
  key = value;
}
