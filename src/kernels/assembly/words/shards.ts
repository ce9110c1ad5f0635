/**
 * Training by shards: the same bytes for any number of workers.
 *
 * The corpus is cut into S parts (8); a round takes the next T raw tokens (256) of every part, its shards.
 *   prepare  each shard keeps its tokens, draws its negatives, gives each distinct row a slot, and counts
 *            itself in at the row (the sum of counts does not depend on order);
 *   compute  a row that one shard alone touches is trained in place; others on a copy in the shard's area;
 *   merge    a row touched by m shards becomes row + damping[m] · Σ (copy − row), shards in order.
 * Between compute and merge all workers wait for each other; the next round is prepared beside the merge, on
 * lists and counts of its own. Nothing depends on who did what, and additions have
 * one order. Rows that occur in one shard only, nearly all rare words, get exact sequential SGD; hot rows
 * get m stale sums, which the damping m^−a keeps from overshooting (docs/decisions/0007-shards.md).
 */
import { listInputs, listPaths } from "./lists";
import { plan, rowBytes, SAMPLED, TREE } from "./plan";
import {
  drawn, drawnEnd, drawPools, firstTrained, keepAndWindow, keptCount, keptIds, keptInputs, keptOutputs, layOutKept, setKept, trainedCount,
} from "./sample";
import { inputCount, openSlots, outputCount, outputSlot } from "./slots";
import { trainAs } from "./train";

// ---- a shard's area: the piece of an even round, the piece of an odd round, copies of rows ----
// Two pieces, so that the next round can be prepared beside the merge of this one.
let head: usize = 0; // u32: input rows, output rows, kept, first trained, trained, pieces
let inputList: usize = 0, outputList: usize = 0; // row numbers by slot
let inputAt: usize = 0, outputAt: usize = 0; // row addresses by slot
let pieceList: usize = 0;
let copies: usize = 0;
const HEAD_BYTES: usize = 64;

/** Lays a piece's lists at `start`; returns their end. */
function layOutPiece(start: usize): usize {
  const inputs = <usize>plan.inputCapacity << 2, outputs = <usize>plan.outputCapacity << 2;
  head = start;
  let at = start + HEAD_BYTES;
  inputList = at; at += inputs;
  inputAt = at; at += inputs;
  outputList = at; at += outputs;
  outputAt = at; at += outputs;
  pieceList = at; at = (at + (<usize>plan.pieceCapacity << 2) + 63) & ~63;
  return layOutKept(at);
}

/** Bytes of a shard's area. */
export function shardBytes(): usize {
  const copyBytes = <usize>(plan.inputCapacity + plan.outputCapacity) * rowBytes;
  return 2 * layOutPiece(0) + ((copyBytes + 63) & ~63);
}

function openShard(s: i32, parity: i32): void {
  const area = <usize>plan.shardsAt + <usize>s * <usize>plan.shardBytes;
  const first = layOutPiece(area), bytes = first - area;
  if (parity != 0) layOutPiece(first);
  copies = first + bytes;
}

// @ts-ignore: decorator
@inline
function countsOf(parity: i32): usize {
  return <usize>plan.counts + <usize>parity * <usize>(plan.inputRows + plan.outputRows);
}

/** Shard s takes `count` raw ids at `ids`, the first of raw position `position`. `many`: other workers run beside. */
export function wordsPrepare(s: i32, ids: usize, count: i32, position: u32, parity: i32, many: i32): i32 {
  openShard(s, parity);
  openSlots(inputList, outputList, countsOf(parity), many != 0);
  keepAndWindow(ids, count, position);
  // With skip-gram only trained tokens are inputs; with CBOW the halo is too.
  const whole = plan.architecture != 0;
  let listed = listInputs(pieceList, whole ? 0 : firstTrained, whole ? keptCount : firstTrained + trainedCount, true);
  if (plan.objective == SAMPLED) {
    for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
      store<u32>(keptOutputs + i, outputSlot(load<u32>(keptIds + i)));
    }
    drawPools();
    for (let at = drawn, end = drawnEnd(); at < end; at += 4) store<u32>(at, outputSlot(load<u32>(at)));
  } else if (plan.objective == TREE) listed = listPaths(listed, true);
  store<u32>(head, inputCount);
  store<u32>(head, outputCount, 4);
  store<u32>(head, keptCount, 8);
  store<u32>(head, firstTrained, 12);
  store<u32>(head, trainedCount, 16);
  store<u32>(head, <u32>(listed - pieceList) >> 2, 20);
  return trainedCount;
}

/** Addresses of a shard's rows: in place where it is alone, else a copy. Returns the next free copy. */
function place(list: usize, addresses: usize, count: u32, table: usize, counts: usize, free: usize): usize {
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 4) {
    const row = <usize>load<u32>(list + k);
    let at = table + row * rowBytes;
    if (load<u8>(counts + row) > 1) {
      copyRow(free, at);
      at = free;
      free += rowBytes;
    }
    store<u32>(addresses + k, <u32>at);
  }
  return free;
}

// V8 checks the stack once a loop pass, so passes are made long.
// @ts-ignore: decorator
@inline
function copyRow(into: usize, from: usize): void {
  const end = from + rowBytes, end4 = from + (rowBytes & ~63);
  while (from < end4) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    v128.store(into, a);
    v128.store(into, b, 16);
    v128.store(into, c, 32);
    v128.store(into, d, 48);
    from += 64;
    into += 64;
  }
  while (from < end) {
    v128.store(into, v128.load(from));
    from += 16;
    into += 16;
  }
}

/** Trains shard s, prepared before, against rows that no other shard changes meanwhile. */
export function wordsCompute(s: i32, parity: i32, rate: f32): void {
  openShard(s, parity);
  const counts = countsOf(parity);
  setKept(load<i32>(head, 8), load<i32>(head, 12), load<i32>(head, 16));
  const free = place(inputList, inputAt, load<u32>(head), <usize>plan.inputs, counts, copies);
  place(outputList, outputAt, load<u32>(head, 4), <usize>plan.outputs, counts + <usize>plan.inputRows, free);
  const pieces = <usize>load<u32>(head, 20);
  for (let k: usize = 0; k < pieces << 2; k += 4) {
    const entry = load<u32>(pieceList + k), slot = <usize>((entry & 0x7fffffff) >> 1) << 2;
    store<u32>(pieceList + k, entry >> 31 ? load<u32>(outputAt + slot) | (entry & 1) : load<u32>(inputAt + slot));
  }
  const whole = plan.architecture != 0;
  const from: usize = whole ? 0 : <usize>firstTrained << 2, to: usize = whole ? <usize>keptCount << 2 : <usize>(firstTrained + trainedCount) << 2;
  if (plan.subwords == 0) for (let i = from; i < to; i += 4) store<u32>(keptInputs + i, load<u32>(inputAt + (<usize>load<u32>(keptInputs + i) << 2)));
  if (plan.objective == SAMPLED) {
    for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) store<u32>(keptOutputs + i, load<u32>(outputAt + (<usize>load<u32>(keptOutputs + i) << 2)));
    for (let at = drawn, end = drawnEnd(); at < end; at += 4) store<u32>(at, load<u32>(outputAt + (<usize>load<u32>(at) << 2)));
  }
  trainAs(s, rate);
}

// ---- merge ----
// @ts-ignore: decorator
@inline
function isMine(row: u32, worker: u32, workers: u32): bool {
  return workers == 1 || ((row * 2654435761 >> 16) * workers >> 16) == worker;
}

// @ts-ignore: decorator
@inline
function blendRow(into: usize, from: usize, a: v128, b: v128): void {
  const end = from + rowBytes, end4 = from + (rowBytes & ~63);
  while (from < end4) {
    const x = f32x4.add(f32x4.mul(a, v128.load(into)), f32x4.mul(b, v128.load(from)));
    const y = f32x4.add(f32x4.mul(a, v128.load(into, 16)), f32x4.mul(b, v128.load(from, 16)));
    const z = f32x4.add(f32x4.mul(a, v128.load(into, 32)), f32x4.mul(b, v128.load(from, 32)));
    const w = f32x4.add(f32x4.mul(a, v128.load(into, 48)), f32x4.mul(b, v128.load(from, 48)));
    v128.store(into, x);
    v128.store(into, y, 16);
    v128.store(into, z, 32);
    v128.store(into, w, 48);
    from += 64;
    into += 64;
  }
  for (; from < end; from += 16, into += 16) {
    v128.store(into, f32x4.add(f32x4.mul(a, v128.load(into)), f32x4.mul(b, v128.load(from))));
  }
}

/** Merges the rows of one table that this worker owns, shards in order, and clears their counts. */
function mergeTable(table: usize, parity: i32, second: bool, worker: u32, workers: u32): void {
  const counts = countsOf(parity) + (second ? <usize>plan.inputRows : 0);
  for (let s = 0; s < <i32>plan.shards; s++) {
    openShard(s, parity);
    const list = second ? outputList : inputList, addresses = second ? outputAt : inputAt;
    for (let k: usize = 0, end = <usize>load<u32>(head + (<usize>second << 2)) << 2; k < end; k += 4) {
      const row = load<u32>(list + k);
      if (!isMine(row, worker, workers)) continue;
      const at = counts + <usize>row, count = <u32>load<u8>(at), m = count & 15, seen = count >> 4;
      if (m > 1) {
        const f = load<f32>(plan.damping + (<usize>second << 6) + (<usize>m << 2));
        // old · (1 − f·m) + f · Σ copies: the first copy also scales the old row.
        blendRow(table + <usize>row * rowBytes, <usize>load<u32>(addresses + k), f32x4.splat(seen == 0 ? 1 - f * <f32>m : 1), f32x4.splat(f));
      }
      store<u8>(at, <u8>(seen + 1 == m ? 0 : count + 16));
    }
  }
}

/** The worker's part of a round's merge. */
export function wordsMerge(worker: u32, workers: u32, parity: i32): void {
  mergeTable(<usize>plan.inputs, parity, false, worker, workers);
  mergeTable(<usize>plan.outputs, parity, true, worker, workers);
}
