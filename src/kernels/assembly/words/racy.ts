/**
 * The racy mode: pieces are trained on the shared rows directly, and workers overwrite each other's steps.
 *
 * What word2vec and fastText do (Recht et al. 2011, "Hogwild"): no copies and no merging, and another result
 * each time with more than one worker.
 */
import { plan, rowBytes, SAMPLED, TREE } from "./plan";
import {
  drawn, drawnEnd, drawPools, keepAndWindow, keptCount, keptIds, keptInputs, keptOutputs, keptPathCounts, keptPaths,
  keptPieceCounts, keptPieces, layOutKept, trainedCount,
} from "./sample";
import { racyArea } from "./scratch";
import { trainAs } from "./train";

/** Bytes of a worker's lists: kept tokens, then addresses of pieces and path nodes. */
export function racyBytes(): usize {
  return layOutKept(0) + (<usize>plan.pieceCapacity << 2) + 64;
}

/** Where the next address of a piece or node goes. */
let pieces: usize = 0;

/** Trains a piece on the shared rows at once. */
export function wordsRacy(ids: usize, count: i32, position: u32, rate: f32, worker: i32): i32 {
  pieces = layOutKept(racyArea);
  keepAndWindow(ids, count, position);
  addressInputs();
  if (plan.objective == SAMPLED) {
    for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) store<u32>(keptOutputs + i, <u32>(plan.outputs + <usize>load<u32>(keptIds + i) * rowBytes));
    drawPools();
    for (let at = drawn, end = drawnEnd(); at < end; at += 4) store<u32>(at, <u32>(plan.outputs + <usize>load<u32>(at) * rowBytes));
  } else if (plan.objective == TREE) addressPaths();
  trainAs(worker, rate);
  return trainedCount;
}

function addressInputs(): void {
  for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
    const id = <usize>load<u32>(keptIds + i);
    store<u32>(keptInputs + i, <u32>(plan.inputs + id * rowBytes));
    if (plan.subwords == 0) continue;
    const start = load<u32>(plan.pieceStarts + (id << 2)), length = load<u32>(plan.pieceStarts + (id << 2), 4) - start;
    store<u32>(keptPieces + i, <u32>pieces);
    store<u32>(keptPieceCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++, pieces += 4) {
      store<u32>(pieces, <u32>(plan.inputs + <usize>load<u32>(plan.pieces + ((<usize>start + k) << 2)) * rowBytes));
    }
  }
}

function addressPaths(): void {
  for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
    const id = <usize>load<u32>(keptIds + i);
    const start = load<u32>(plan.pathStarts + (id << 2)), length = load<u32>(plan.pathStarts + (id << 2), 4) - start;
    store<u32>(keptPaths + i, <u32>pieces);
    store<u32>(keptPathCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++, pieces += 4) {
      const step = load<u32>(plan.paths + ((<usize>start + k) << 2));
      store<u32>(pieces, <u32>(plan.outputs + <usize>(step >> 1) * rowBytes) | (step & 1));
    }
  }
}
