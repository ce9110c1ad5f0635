/**
 * Training by shards: the same bytes for any number of workers.
 *
 * The corpus is cut into S parts (8); a round takes the next T raw tokens (256) of every part, its shards.
 *   prepare  each shard keeps its tokens, draws its negatives, gives each distinct row a slot, and counts
 *            itself in at the row (the sum of counts does not depend on order);
 *   compute  a row that one shard alone touches is trained in place; others on a copy in the shard's area;
 *   merge    a row touched by m shards becomes row + damping[m] · Σ (copy − row), shards in order.
 * Between the three all workers wait for each other. Nothing depends on who did what, and additions have
 * one order. Rows that occur in one shard only, nearly all rare words, get exact sequential SGD; hot rows
 * get m stale sums, which the damping m^−a keeps from overshooting (docs/decisions/0007-shards.md).
 *
 * The racy mode runs the same pieces on the shared rows directly.
 */
import { composeInputs, inputsAreRows, scatterInputs } from "./compose";
import { lossPairs, lossSum, pairs, setLoss, setVariate, touchLists, trainCbowBatch, trainSkipGramBatch } from "./batch";
import { batchSize, fresh, key, plan, readPlan, rowBytes, setKey, window } from "./plan";
import {
  drawn, drawnEnd, drawPools, firstTrained, keepAndWindow, keptCount, keptIds, keptInputs, keptOutputs, keptPathCounts,
  keptPaths, keptPieceCounts, keptPieces, layOutKept, setKept, trainedCount,
} from "./sample";
import { composedAt, fillScratch, inputSlots, layOutScratch, outputSlots, racyArea, receivedAt } from "./scratch";
import { trainSoftmaxPosition, trainTreePosition } from "./whole";

const SAMPLED: u32 = 0;
const TREE: u32 = 1;

// ---- a shard's area: a head, lists of rows, pieces, kept tokens, copies of rows ----
let head: usize = 0; // u32: input rows, output rows, kept, first trained, trained, pieces
let inputList: usize = 0, outputList: usize = 0; // row numbers by slot
let inputAt: usize = 0, outputAt: usize = 0; // row addresses by slot
let pieceList: usize = 0;
let pieceCount: usize = 0;
let copies: usize = 0;
const HEAD_BYTES: usize = 64;

function layOutShard(start: usize): usize {
  const inputs = <usize>plan.inputCapacity << 2, outputs = <usize>plan.outputCapacity << 2;
  head = start;
  let at = start + HEAD_BYTES;
  inputList = at; at += inputs;
  inputAt = at; at += inputs;
  outputList = at; at += outputs;
  outputAt = at; at += outputs;
  pieceList = at; at = (at + (<usize>plan.pieceCapacity << 2) + 63) & ~63;
  at = layOutKept(at);
  copies = at;
  return (at + <usize>(plan.inputCapacity + plan.outputCapacity) * rowBytes + 63) & ~63;
}
// @ts-ignore: decorator
@inline
function openShard(s: i32): void {
  layOutShard(<usize>plan.shardsAt + <usize>s * <usize>plan.shardBytes);
}

/** Bytes of a shard's area under the plan at `planAt`. */
export function wordsShardBytes(planAt: usize): usize {
  readPlan(planAt);
  return layOutShard(0);
}
function racyBytes(): usize {
  return layOutKept(0) + (<usize>plan.pieceCapacity << 2) + 64;
}
/** Bytes of a worker's scratch under the plan at `planAt`. */
export function wordsScratchBytes(planAt: usize): usize {
  readPlan(planAt);
  return layOutScratch(0, true, racyBytes());
}
/** Makes this instance a worker of the plan at `planAt`, with its own scratch. */
export function wordsOpen(planAt: usize, scratch: usize): void {
  readPlan(planAt);
  layOutScratch(scratch, true, racyBytes());
  fillScratch();
  stamp = 0;
}
/** Sets the key of an epoch's random numbers. */
export function wordsKey(value: u32): void {
  setKey(value);
}

// ---- slots ----
let stamp: u32 = 0;
let inputCount: u32 = 0;
let outputCount: u32 = 0;

// @ts-ignore: decorator
@inline
function countIn(at: usize, many: bool): void {
  if (ASC_FEATURE_THREADS) {
    if (many) {
      atomic.add<u8>(at, 1);
      return;
    }
  }
  store<u8>(at, load<u8>(at) + 1);
}
// @ts-ignore: decorator
@inline
function countsOf(parity: i32): usize {
  return <usize>plan.counts + <usize>parity * <usize>(plan.inputRows + plan.outputRows);
}

/** The slot of an input row in this shard, given at its first sight. */
// @ts-ignore: decorator
@inline
function inputSlot(row: usize, counts: usize, many: bool): u32 {
  const at = inputSlots + (row << 2), seen = load<u32>(at);
  if (seen >> 16 == stamp) return seen & 0xffff;
  const slot = inputCount++;
  store<u32>(at, stamp << 16 | slot);
  store<u32>(inputList + (<usize>slot << 2), <u32>row);
  countIn(counts + row, many);
  return slot;
}
// @ts-ignore: decorator
@inline
function outputSlot(row: usize, counts: usize, many: bool): u32 {
  const at = outputSlots + (row << 2), seen = load<u32>(at);
  if (seen >> 16 == stamp) return seen & 0xffff;
  const slot = outputCount++;
  store<u32>(at, stamp << 16 | slot);
  store<u32>(outputList + (<usize>slot << 2), <u32>row);
  countIn(counts + <usize>plan.inputRows + row, many);
  return slot;
}

/** Shard s takes `count` raw ids at `ids`, the first of raw position `position`. `many`: other workers run beside. */
export function wordsPrepare(s: i32, ids: usize, count: i32, position: u32, parity: i32, many: i32): i32 {
  openShard(s);
  inputCount = 0;
  outputCount = 0;
  if (++stamp == 0x10000) {
    stamp = 1;
    memory.fill(inputSlots, 0, <usize>plan.inputRows << 2);
    memory.fill(outputSlots, 0, <usize>plan.outputRows << 2);
  }
  keepAndWindow(ids, count, position);
  const counts = countsOf(parity), shared = many != 0;
  pieceCount = 0;
  slotInputs(counts, shared);
  if (plan.objective == SAMPLED) {
    for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
      store<u32>(keptOutputs + i, outputSlot(load<u32>(keptIds + i), counts, shared));
    }
    drawPools();
    for (let at = drawn, end = drawnEnd(); at < end; at += 4) store<u32>(at, outputSlot(load<u32>(at), counts, shared));
  } else if (plan.objective == TREE) slotPaths(counts, shared);
  store<u32>(head, inputCount);
  store<u32>(head, outputCount, 4);
  store<u32>(head, keptCount, 8);
  store<u32>(head, firstTrained, 12);
  store<u32>(head, trainedCount, 16);
  store<u32>(head, <u32>pieceCount, 20);
  return trainedCount;
}

/** With skip-gram only trained tokens are inputs; with CBOW the halo is too. */
function slotInputs(counts: usize, shared: bool): void {
  const from = plan.architecture == 0 ? firstTrained : 0;
  const to = plan.architecture == 0 ? firstTrained + trainedCount : keptCount;
  for (let i: usize = <usize>from << 2, end = <usize>to << 2; i < end; i += 4) {
    const id = <usize>load<u32>(keptIds + i);
    if (plan.subwords == 0) {
      store<u32>(keptInputs + i, inputSlot(id, counts, shared));
      continue;
    }
    const start = load<u32>(plan.pieceStarts + (id << 2)), length = load<u32>(plan.pieceStarts + (id << 2), 4) - start;
    store<u32>(keptPieces + i, <u32>(pieceList + (pieceCount << 2)));
    store<u32>(keptPieceCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++) {
      const row = load<u32>(plan.pieces + ((<usize>start + k) << 2));
      store<u32>(pieceList + (pieceCount++ << 2), inputSlot(row, counts, shared) << 1);
    }
  }
}

function slotPaths(counts: usize, shared: bool): void {
  for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
    const id = <usize>load<u32>(keptIds + i);
    const start = load<u32>(plan.pathStarts + (id << 2)), length = load<u32>(plan.pathStarts + (id << 2), 4) - start;
    store<u32>(keptPaths + i, <u32>(pieceList + (pieceCount << 2)));
    store<u32>(keptPathCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++) {
      const step = load<u32>(plan.paths + ((<usize>start + k) << 2));
      // Bit 31 marks an output; bit 0 stays the choice.
      store<u32>(pieceList + (pieceCount++ << 2), 0x80000000 | (outputSlot(step >> 1, counts, shared) << 1) | (step & 1));
    }
  }
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
  openShard(s);
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

/** Trains the kept tokens in hand with the control variate and the sums of shard (or racing worker) number `one`. */
function trainAs(one: i32, rate: f32): void {
  const sums = plan.losses + <usize>one * 24;
  setVariate(plan.variates + <usize>one * ((16 + rowBytes + 63) & ~63));
  setLoss(load<f64>(sums), load<f64>(sums, 8), load<f64>(sums, 16));
  trainKept(rate);
  store<f64>(sums, lossSum);
  store<f64>(sums, lossPairs, 8);
  store<f64>(sums, pairs, 16);
}

/** Trains the kept tokens in hand. */
function trainKept(rate: f32): void {
  const end = firstTrained + trainedCount, sampled = plan.objective == SAMPLED;
  const step = sampled ? batchSize : 1, direct = inputsAreRows();
  let poolList = drawn;
  for (let p = firstTrained; p < end; p += step) {
    const n = min(step, end - p);
    const rows = keptInputs + (<usize>p << 2), inputs = direct ? rows : composedAt, sinks = direct ? rows : receivedAt;
    if (sampled) touchBatch(p, n, poolList, direct);
    if (!direct) composeInputs(p, n);
    if (!sampled) {
      const input = <usize>load<u32>(inputs), sink = <usize>load<u32>(sinks);
      if (plan.objective == TREE) trainTreePosition(p, rate, input, sink);
      else trainSoftmaxPosition(p, rate, input, sink);
    } else if (plan.architecture == 0) trainSkipGramBatch(p, n, poolList, rate, inputs, sinks);
    else trainCbowBatch(p, n, poolList, rate, inputs, sinks);
    if (!direct) scatterInputs(p, n);
    poolList += <usize>fresh << 2;
  }
}

/** Rows that this batch needs and the last one did not. */
function touchBatch(p: i32, n: i32, poolList: usize, direct: bool): void {
  const ahead = p == firstTrained ? 0 : min(keptCount, p + window), until = min(keptCount, p + n + window);
  const cbow = plan.architecture != 0;
  const inputsFrom = cbow ? ahead : p, inputsTo = cbow ? until : p + n;
  const outputsFrom = cbow ? p : ahead, outputsTo = cbow ? p + n : until;
  const noInputs = plan.subwords != 0;
  touchLists(keptInputs + (<usize>inputsFrom << 2), keptInputs + (<usize>(noInputs ? inputsFrom : inputsTo) << 2),
    keptOutputs + (<usize>outputsFrom << 2), keptOutputs + (<usize>outputsTo << 2), poolList);
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
  for (const end = from + rowBytes; from < end; from += 16, into += 16) {
    v128.store(into, f32x4.add(f32x4.mul(a, v128.load(into)), f32x4.mul(b, v128.load(from))));
  }
}

/** Merges the rows of one table that this worker owns, shards in order, and clears their counts. */
function mergeTable(table: usize, counts: usize, second: bool, worker: u32, workers: u32): void {
  for (let s = 0; s < <i32>plan.shards; s++) {
    openShard(s);
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
  const counts = countsOf(parity);
  mergeTable(<usize>plan.inputs, counts, false, worker, workers);
  mergeTable(<usize>plan.outputs, counts + <usize>plan.inputRows, true, worker, workers);
}

/** Racy mode: trains a piece on the shared rows at once. */
export function wordsRacy(ids: usize, count: i32, position: u32, rate: f32, worker: i32): i32 {
  const lists = layOutKept(racyArea);
  pieceList = lists;
  pieceCount = 0;
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
    store<u32>(keptPieces + i, <u32>(pieceList + (pieceCount << 2)));
    store<u32>(keptPieceCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++) {
      store<u32>(pieceList + (pieceCount++ << 2), <u32>(plan.inputs + <usize>load<u32>(plan.pieces + ((<usize>start + k) << 2)) * rowBytes));
    }
  }
}

function addressPaths(): void {
  for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
    const id = <usize>load<u32>(keptIds + i);
    const start = load<u32>(plan.pathStarts + (id << 2)), length = load<u32>(plan.pathStarts + (id << 2), 4) - start;
    store<u32>(keptPaths + i, <u32>(pieceList + (pieceCount << 2)));
    store<u32>(keptPathCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++) {
      const step = load<u32>(plan.paths + ((<usize>start + k) << 2));
      store<u32>(pieceList + (pieceCount++ << 2), <u32>(plan.outputs + <usize>(step >> 1) * rowBytes) | (step & 1));
    }
  }
}
