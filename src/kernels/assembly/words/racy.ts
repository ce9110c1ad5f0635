/**
 * The racy mode: pieces are trained on the shared rows directly, and workers overwrite each other's steps.
 *
 * What word2vec and fastText do (Recht et al. 2011, "Hogwild"): no copies and no merging, and another result
 * each time with more than one worker.
 */
import { listInputs, listPaths } from "./lists";
import { plan, rowBytes, SAMPLED, TREE } from "./plan";
import { drawn, drawnEnd, drawPools, keepAndWindow, keptCount, keptIds, keptOutputs, layOutKept, trainedCount } from "./sample";
import { racyArea } from "./scratch";
import { trainAs } from "./train";

/** Bytes of a worker's lists: kept tokens, then addresses of pieces and path nodes. */
export function racyBytes(): usize {
  return layOutKept(0) + (<usize>plan.pieceCapacity << 2) + 64;
}

/** Trains a piece on the shared rows at once. */
export function wordsRacy(ids: usize, count: i32, position: u32, rate: f32, worker: i32): i32 {
  const lists = layOutKept(racyArea);
  keepAndWindow(ids, count, position);
  const end = listInputs(lists, 0, keptCount, false);
  if (plan.objective == SAMPLED) {
    for (let i: usize = 0, all = <usize>keptCount << 2; i < all; i += 4) store<u32>(keptOutputs + i, <u32>(plan.outputs + <usize>load<u32>(keptIds + i) * rowBytes));
    drawPools();
    for (let at = drawn, last = drawnEnd(); at < last; at += 4) store<u32>(at, <u32>(plan.outputs + <usize>load<u32>(at) * rowBytes));
  } else if (plan.objective == TREE) listPaths(end, false);
  trainAs(worker, rate);
  return trainedCount;
}
