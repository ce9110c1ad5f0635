/**
 * The memory of a training: one workspace for the rows, the tables and the workers' areas.
 *
 * Sizes that depend on the kernels' own layout are asked of the kernels, with a plan that has no addresses yet.
 */
import { bytes, doubles, floats, integers, openWorkspace, words, type Workspace } from "../core/index.ts";
import { instantiate, reference } from "../kernels/index.ts";
import type { HuffmanPaths } from "./huffman.ts";
import { initialSpread } from "./initial-rows.ts";
import { keepThresholds, noiseTable, noiseWeights } from "./noise.ts";
import type { Word2vecSettings } from "./word2vec-options.ts";
import {
  PLAN_FIELDS,
  trainingShape,
  type CorpusShape,
  type PlanRecord,
  type TrainingShape,
  type WordPieces,
} from "./word2vec-shape.ts";

/** What workers get: the memory, the module, and where the parts that TypeScript itself touches lie. */
export interface TrainingSetup {
  readonly memory: WebAssembly.Memory;
  /** Undefined where WebAssembly may not run: then the reference trains. */
  readonly module: WebAssembly.Module | undefined;
  readonly planAt: number;
  /** How many work: never more than there are shards, and one without kernels. */
  readonly workers: number;
  /** Workers' scratch areas start here, `scratchBytes` apart. */
  readonly scratchAt: number;
  readonly scratchBytes: number;
  /** u32 × 16: barrier count, barrier generation, next task when racing. */
  readonly syncAt: number;
  /** Ids of the slice: shards × idsPerShard u32, each with a halo on both sides. */
  readonly idsAt: number;
  readonly idsPerShard: number;
  /** States of the control variate lie this far apart. */
  readonly variateBytes: number;
  readonly vocabulary: number;
  /** u32 a row behind those of the words: which bucket it is of. */
  readonly bucketsAt: number;
  readonly shape: TrainingShape;
  readonly deterministic: boolean;
  readonly seed: number;
  readonly dim: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Inputs start uniform in ±spread. */
  readonly spread: number;
}

const DAMPING_ENTRIES = 16; // by how many shards touched a row, for inputs and then for outputs
const DAMPING = 0.25; // m^−a; see docs/decisions/0007-shards.md

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
  const many = Math.max(record.shards, workers);
  return {
    plan: words(PLAN_FIELDS.length),
    sync: integers(16),
    damping: floats(2 * DAMPING_ENTRIES),
    inputs: floats(record.inputRows * row),
    outputs: floats(record.outputRows * row),
    keep: words(vocabulary),
    cumulative: words(vocabulary),
    guide: words(65536),
    pieceStarts: words(tables.pieces ? vocabulary + 1 : 0),
    pieces: words(tables.pieces?.rows.length ?? 0),
    pathStarts: words(tables.paths ? vocabulary + 1 : 0),
    paths: words(tables.paths?.steps.length ?? 0),
    buckets: words(tables.pieces?.used.length ?? 0),
    counts: bytes(2 * (record.inputRows + record.outputRows)),
    ids: words(record.shards * idsPerShard),
    variates: bytes(many * variateBytes(record)),
    losses: doubles(3 * many),
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
  const { shardBytes, scratchBytes } = askSizes(record, shared);
  record.shardBytes = shardBytes;
  const workers = shardBytes > 0 ? Math.min(mostWorkers, record.shards) : 1;
  const vocabulary = corpus.counts.length;
  const space = openWorkspace(
    trainingLayout(shape, vocabulary, workers, scratchBytes, settings.deterministic ? shardBytes : 0, {
      pieces,
      paths,
    }),
    {
      shared,
    },
  );
  fillTables(space, corpus.counts, settings, shape, pieces, paths);
  return { ...space, setup: describe(space, settings, shape, workers, scratchBytes, vocabulary) };
}

/** The sizes that only the kernels know: of a shard's area and of a worker's scratch; none without kernels. */
function askSizes(record: PlanRecord, shared: boolean): { shardBytes: number; scratchBytes: number } {
  const probe = openWorkspace({ plan: words(PLAN_FIELDS.length) }, { shared });
  if (!probe.module) return { shardBytes: 0, scratchBytes: 0 };
  writePlan(probe.plan, record);
  const kernels = instantiate(probe.module, probe.memory);
  const ask = (name: string): number => kernels[name]!(probe.plan.byteOffset) >>> 0;
  return { shardBytes: ask("wordsShardBytes"), scratchBytes: ask("wordsScratchBytes") };
}

/** A control variate's state: ½ − s, three numbers unused, the mean row; on cache lines of its own. */
function variateBytes(record: PlanRecord): number {
  return Math.ceil((16 + record.vectors * 16) / 64) * 64;
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
    space.buckets.set(pieces.used);
  }
  if (paths) {
    space.pathStarts.set(paths.starts);
    space.paths.set(paths.steps);
  }
  // The top nodes of a Huffman tree are trained by every pair of every shard, so their copies are averaged.
  const outputDamping = settings.objective === "hierarchical-softmax" ? 1 : DAMPING;
  for (let m = 1; m < DAMPING_ENTRIES; m++) {
    space.damping[m] = reference.pow(m, -DAMPING);
    space.damping[DAMPING_ENTRIES + m] = reference.pow(m, -outputDamping);
  }
  for (const part of [
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
    "variates",
    "losses",
  ] as const) {
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
  vocabulary: number,
): TrainingSetup {
  const { record } = shape;
  return {
    memory: space.memory,
    module: space.module,
    planAt: space.plan.byteOffset,
    workers,
    scratchAt: space.scratch.byteOffset,
    scratchBytes,
    syncAt: space.sync.byteOffset,
    idsAt: space.ids.byteOffset,
    idsPerShard: space.ids.length / record.shards,
    variateBytes: variateBytes(record),
    vocabulary,
    bucketsAt: space.buckets.byteOffset,
    shape,
    deterministic: settings.deterministic,
    seed: settings.seed,
    dim: settings.dim,
    epochs: settings.epochs,
    learningRate: settings.learningRate,
    spread: initialSpread(settings.dim, record.subwords === 1),
  };
}
