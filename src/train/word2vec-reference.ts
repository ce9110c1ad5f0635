/**
 * The plain learner on the memory of a training: for tests, and where WebAssembly may not run.
 *
 * Without WebAssembly there are no shards to merge: pieces are trained one after another, in the order in
 * which rounds would take them. Slower by far, exact, and of other bits than the kernels'.
 */
import { reference } from "../kernels/index.ts";
import type { TrainingSetup } from "./word2vec-space.ts";

const ARCHITECTURES = ["skipgram", "cbow"] as const;
const OBJECTIVES = ["negative-sampling", "hierarchical-softmax", "softmax"] as const;

/** The plan of a training as the reference reads it, for one epoch's key. Tables are views, not copies. */
export function referencePlan({ memory, shape, vocabulary }: TrainingSetup, key: number): reference.WordsPlan {
  const { record } = shape;
  const wordsAt = (at: number, count: number): Uint32Array => new Uint32Array(memory.buffer, at, count);
  const lists = (starts: Uint32Array, at: number): Uint32Array => wordsAt(at, starts[starts.length - 1]!);
  const pieceStarts = wordsAt(record.pieceStarts, record.subwords === 1 ? vocabulary + 1 : 0);
  const pathStarts = wordsAt(record.pathStarts, record.objective === 1 ? vocabulary + 1 : 0);
  return {
    window: record.window,
    negatives: record.negatives,
    shards: record.shards,
    batch: record.batch,
    pool: record.pool,
    fresh: record.fresh,
    halo: record.halo,
    key,
    architecture: ARCHITECTURES[record.architecture]!,
    objective: OBJECTIVES[record.objective]!,
    keep: wordsAt(record.keep, vocabulary),
    cumulative: wordsAt(record.cumulative, vocabulary),
    guide: wordsAt(record.guide, 65536),
    ...(record.subwords === 1 ? { pieceStarts, pieces: lists(pieceStarts, record.pieces) } : {}),
    ...(record.objective === 1 ? { pathStarts, paths: lists(pathStarts, record.paths) } : {}),
  };
}

/** A state whose rows are the training's own. */
export function referenceState({ memory, shape }: TrainingSetup): reference.WordsState {
  const { record } = shape;
  const width = record.vectors * 4;
  return {
    width,
    inputs: new Float32Array(memory.buffer, record.inputs, record.inputRows * width),
    outputs: new Float32Array(memory.buffer, record.outputs, record.outputRows * width),
    meanRow: new Float32Array(width),
    sigmaGap: 0,
    loss: 0,
    lossPairs: 0,
  };
}

/** Trains one piece at shard s with that shard's control variate and sums, which stay in the training's memory. */
export function trainPiecePlainly(
  setup: TrainingSetup,
  key: number,
  s: number,
  piece: { readonly at: number; readonly count: number; readonly position: number },
  rate: number,
): number {
  const { record } = setup.shape;
  const width = record.vectors * 4;
  const variate = new Float32Array(setup.memory.buffer, record.variates + s * setup.variateBytes, 4 + width);
  const sums = new Float64Array(setup.memory.buffer, record.losses + s * 24, 3);
  const state = {
    ...referenceState(setup),
    meanRow: variate.subarray(4),
    sigmaGap: variate[0]!,
    loss: sums[0]!,
    lossPairs: sums[1]!,
  };
  const halo = record.halo;
  const ids = new Uint32Array(setup.memory.buffer, piece.at - halo * 4, piece.count + 2 * halo);
  const kept = reference.trainPiece(referencePlan(setup, key), state, ids, halo, piece.count, piece.position, rate);
  variate[0] = state.sigmaGap;
  sums[0] = state.loss;
  sums[1] = state.lossPairs;
  return kept;
}
