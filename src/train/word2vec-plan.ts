/**
 * The learner's memory: what a corpus and its settings need, laid out in one workspace.
 *
 * The plan is the record that kernels read (src/kernels/assembly/words/plan.ts holds the same fields in the
 * same order). Sizes that depend on the kernels' own layout are asked of the kernels, with a plan that has
 * no addresses yet.
 */
import { bytes, doubles, floats, integers, openWorkspace, words, type Workspace } from "../core/index.ts";
import { instantiate, type KernelExports } from "../kernels/index.ts";
import { reference } from "../kernels/index.ts";
import type { HuffmanPaths } from "./huffman.ts";
import { greatestShare, keepProbabilities, keepThresholds, noiseTable, noiseWeights } from "./noise.ts";
import type { Word2vecSettings } from "./word2vec-options.ts";

/** The fields of the kernels' Plan, in order. */
export const PLAN_FIELDS = [
  "vectors", "window", "negatives", "batch", "pool", "fresh", "columns", "listShift", "inputRows", "outputRows",
  "architecture", "objective", "subwords", "variate", "shards", "shardTokens", "halo", "keptCapacity",
  "inputCapacity", "outputCapacity", "pieceCapacity", "longestList", "shardBytes",
  "inputs", "outputs", "keep", "cumulative", "guide", "pieceStarts", "pieces", "pathStarts", "paths", "counts",
  "damping", "shardsAt",
] as const;
export type PlanRecord = Record<(typeof PLAN_FIELDS)[number], number>;

/** Rows of the input table that make up each word: its own first, then its n-grams' buckets. */
export interface WordPieces {
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  readonly buckets: number;
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
const RACY_TOKENS = 1024;
const SMALL_CORPUS = 32_768; // under this, one shard: exact sequential order, for speed nobody would notice
const HALO = 64; // raw tokens looked at beyond a piece, for up to `window` kept ones
const ROUNDS_PER_SLICE = 64;
const DAMPING = 0.25; // m^−a; see docs/decisions/0007-shards.md
export const MOST_PIECES = 200; // n-grams of one word that count: longer words are cut there, so that slots fit 16 bits

/** Every size and setting of a training, before it has addresses. */
export interface TrainingShape {
  readonly record: PlanRecord;
  readonly damping: number;
  /** Ids in the corpus, in a shard's part of it, and rounds of an epoch. */
  readonly corpusLength: number;
  readonly part: number;
  readonly rounds: number;
  readonly roundsPerSlice: number;
}

export function trainingShape(
  corpus: CorpusShape,
  settings: Word2vecSettings,
  pieces?: WordPieces,
  paths?: HuffmanPaths,
): TrainingShape {
  const vocabulary = corpus.counts.length;
  const softmax = settings.objective === "softmax";
  const shards = softmax || corpus.length < SMALL_CORPUS ? 1 : SHARDS;
  const shardTokens = settings.deterministic ? SHARD_TOKENS : RACY_TOKENS;
  const part = Math.ceil(corpus.length / shards);
  const { batch, damping } = smallVocabularyGuard(corpus.counts, settings.subsample);
  const keptCapacity = shardTokens + 2 * settings.window + 8;
  const vectors = Math.ceil(settings.dim / 4);
  const inputRows = vocabulary + (pieces?.buckets ?? 0);
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
    listShift: Math.max(6, Math.ceil(Math.log2((2 * settings.window + 2) * 4))),
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
  return { record, damping, corpusLength: corpus.length, part, rounds: Math.ceil(part / shardTokens), roundsPerSlice: ROUNDS_PER_SLICE };
}

/**
 * A frozen batch sums the steps of all occurrences of a word in it, and a round those of all shards; where one
 * word is a large part of the text that diverges (three words and batches of 16 reach NaN within two epochs).
 * So batches shrink with the greatest share, and above 0.025 (English text has about 0.02) shards average.
 */
function smallVocabularyGuard(counts: Float64Array, subsample: number): { batch: number; damping: number } {
  const keep = keepProbabilities(counts, subsample);
  const share = Math.max(
    greatestShare(counts.map((count, id) => count * keep[id]!)),
    greatestShare(noiseWeights(counts)),
  );
  return { batch: Math.max(1, Math.min(BATCH, Math.floor(1.2 / share))), damping: share > 0.025 ? 1 : DAMPING };
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

/** What workers get: the memory, the module, and where the parts that TypeScript itself touches lie. */
export interface TrainingSetup {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  readonly planAt: number;
  /** How many work: never more than there are shards, since more would change nothing but the noise. */
  readonly workers: number;
  /** Workers' scratch areas start here, `scratchBytes` apart. */
  readonly scratchAt: number;
  readonly scratchBytes: number;
  /** u32 × 16: barrier count, barrier generation, next shard. */
  readonly syncAt: number;
  /** Ids of the slice: shards × idsPerShard u32, each with a halo on both sides. */
  readonly idsAt: number;
  readonly idsPerShard: number;
  /** f64 × 3 a worker: racy loss sums. */
  readonly racyLossAt: number;
  readonly shape: TrainingShape;
  readonly deterministic: boolean;
  readonly seed: number;
  readonly dim: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Inputs start uniform in ±spread. */
  readonly spread: number;
}

type TrainingLayout = ReturnType<typeof trainingLayout>;
export interface TrainingSpace extends Workspace<TrainingLayout> {
  readonly setup: TrainingSetup;
}

function trainingLayout(
  shape: TrainingShape,
  vocabulary: number,
  workers: number,
  scratchBytes: number,
  shardBytes: number,
  tables: { pieces: WordPieces | undefined; paths: HuffmanPaths | undefined },
) {
  const { record } = shape;
  const row = record.vectors * 4;
  const idsPerShard = shape.roundsPerSlice * record.shardTokens + 2 * record.halo;
  return {
    plan: words(PLAN_FIELDS.length),
    sync: integers(16),
    damping: floats(16),
    inputs: floats(record.inputRows * row),
    outputs: floats(record.outputRows * row),
    keep: words(vocabulary),
    cumulative: words(vocabulary),
    guide: words(65536),
    pieceStarts: words(tables.pieces ? vocabulary + 1 : 0),
    pieces: words(tables.pieces?.rows.length ?? 0),
    pathStarts: words(tables.paths ? vocabulary + 1 : 0),
    paths: words(tables.paths?.steps.length ?? 0),
    counts: bytes(2 * (record.inputRows + record.outputRows)),
    ids: words(record.shards * idsPerShard),
    racyLoss: doubles(3 * workers),
    scratch: bytes(scratchBytes * workers),
    shardAreas: bytes(shardBytes * record.shards),
  };
}

/** Opens the memory of a training and fills its tables; rows are still zero. */
export function openTrainingSpace(
  corpus: CorpusShape,
  settings: Word2vecSettings,
  mostWorkers: number,
  shared: boolean,
  pieces?: WordPieces,
  paths?: HuffmanPaths,
): TrainingSpace {
  const shape = trainingShape(corpus, settings, pieces, paths);
  const { record } = shape;
  const workers = Math.min(mostWorkers, record.shards);
  const probe = openWorkspace({ plan: words(PLAN_FIELDS.length) }, { shared });
  writePlan(probe.plan, record);
  const sizes = instantiate(probe.module!, probe.memory);
  record.shardBytes = callSize(sizes, "wordsShardBytes", probe.plan.byteOffset);
  const scratchBytes = callSize(sizes, "wordsScratchBytes", probe.plan.byteOffset);
  const shardBytes = settings.deterministic ? record.shardBytes : 0;
  const vocabulary = corpus.counts.length;
  const space = openWorkspace(
    trainingLayout(shape, vocabulary, workers, scratchBytes, shardBytes, { pieces, paths }),
    { shared },
  );
  fillTables(space, corpus.counts, settings, shape, pieces, paths);
  return { ...space, setup: describe(space, settings, shape, workers, scratchBytes, shared, pieces !== undefined) };
}

function callSize(exports: KernelExports, name: string, planAt: number): number {
  return exports[name]!(planAt) >>> 0;
}

function writePlan(plan: Uint32Array, record: PlanRecord): void {
  PLAN_FIELDS.forEach((field, i) => (plan[i] = record[field]));
}

function fillTables(
  space: Workspace<TrainingLayout>,
  counts: Float64Array,
  settings: Word2vecSettings,
  shape: TrainingShape,
  pieces?: WordPieces,
  paths?: HuffmanPaths,
): void {
  const { record } = shape;
  const noise = noiseTable(noiseWeights(counts));
  space.keep.set(keepThresholds(counts, settings.subsample));
  space.cumulative.set(noise.cumulative);
  space.guide.set(noise.guide);
  if (pieces) {
    space.pieceStarts.set(pieces.starts);
    space.pieces.set(pieces.rows);
  }
  if (paths) {
    space.pathStarts.set(paths.starts);
    space.paths.set(paths.steps);
  }
  for (let m = 1; m < space.damping.length; m++) space.damping[m] = reference.pow(m, -shape.damping);
  for (const part of ["inputs", "outputs", "keep", "cumulative", "guide", "pieceStarts", "pieces", "pathStarts", "paths", "counts", "damping"] as const) {
    record[part] = space[part].byteOffset;
  }
  record.shardsAt = space.shardAreas.byteOffset;
  writePlan(space.plan, record);
}

function describe(
  space: Workspace<TrainingLayout>,
  settings: Word2vecSettings,
  shape: TrainingShape,
  workers: number,
  scratchBytes: number,
  shared: boolean,
  subwords: boolean,
): TrainingSetup {
  return {
    memory: space.memory,
    module: space.module!,
    shared,
    planAt: space.plan.byteOffset,
    workers,
    scratchAt: space.scratch.byteOffset,
    scratchBytes,
    syncAt: space.sync.byteOffset,
    idsAt: space.ids.byteOffset,
    idsPerShard: space.ids.length / shape.record.shards,
    racyLossAt: space.racyLoss.byteOffset,
    shape,
    deterministic: settings.deterministic,
    seed: settings.seed,
    dim: settings.dim,
    epochs: settings.epochs,
    learningRate: settings.learningRate,
    // word2vec's spread, and fastText's where rows are summed up from pieces.
    spread: (subwords ? 1 : 0.5) / settings.dim,
  };
}
