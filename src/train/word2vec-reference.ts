/**
 * The plain learner on the memory of a training: for tests, and where WebAssembly may not run.
 */
import { reference } from "../kernels/index.ts";
import type { TrainingSpace } from "./word2vec-space.ts";

const ARCHITECTURES = ["skipgram", "cbow"] as const;
const OBJECTIVES = ["negative-sampling", "hierarchical-softmax", "softmax"] as const;

/** The plan of a training as the reference reads it, for one epoch's key. Tables are views, not copies. */
export function referencePlan(space: TrainingSpace, key: number): reference.WordsPlan {
  const { record } = space.setup.shape;
  return {
    window: record.window,
    negatives: record.negatives,
    batch: record.batch,
    pool: record.pool,
    fresh: record.fresh,
    halo: record.halo,
    key,
    architecture: ARCHITECTURES[record.architecture]!,
    objective: OBJECTIVES[record.objective]!,
    keep: space.keep,
    cumulative: space.cumulative,
    guide: space.guide,
    ...(record.subwords === 1 ? { pieceStarts: space.pieceStarts, pieces: space.pieces } : {}),
    ...(record.objective === 1 ? { pathStarts: space.pathStarts, paths: space.paths } : {}),
  };
}

/** A state whose rows are the training's own. */
export function referenceState(space: TrainingSpace): reference.WordsState {
  const width = space.setup.shape.record.vectors * 4;
  return {
    width,
    inputs: space.inputs,
    outputs: space.outputs,
    meanRow: new Float32Array(width),
    sigmaGap: 0,
    loss: 0,
    lossPairs: 0,
  };
}
