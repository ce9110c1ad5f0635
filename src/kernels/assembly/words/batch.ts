/**
 * One batch of positions, trained against frozen rows with a shared pool of negatives.
 *
 * All dot products of the batch are taken with the rows as they stand, then all gradients, then all
 * updates. Every position is trained against every row of the pool with weight k·c/pool (k negatives for
 * each of its c positives): the expectation is that of drawing k negatives for each pair, for a fraction
 * of the products. Oracle: `trainBatch` in ../../reference/words.ts; the two add in different orders.
 *
 * The control variate. A position's gradient from the negatives is k·c times the pool's mean of σ·v. Output
 * rows share a large common part, so most of the pool's noise is one vector, E = M − (mean of the pool's
 * rows), where M is the running mean of pools; adding −lr·k·c·s·E (s: running mean of σ) takes it out and
 * leaves the expectation as it was, but for the lag of M. See docs/decisions/0006-pooled-negatives.md.
 */
import { accumulateColumns, dotRows, dots2x4, updateColumns } from "../generated/blocks";
import { log } from "../elementary";
import { mix } from "../mix";
import { batchSize, fresh, key, plan, pool, rowBytes, shift, vectors, window } from "./plan";
import { keptCount, keptFirst, keptLast, keptOutputs, keptPositions } from "./sample";
import {
  columnCounts, columnFactors, columns, freshFactors, gradients, poolFactors, poolWeights, positiveCounts, positiveFactors, positives,
  variateRow, zeroRow,
} from "./scratch";
import { sigmoid } from "./sigmoid";

/** Pairs (position, positive) trained since `clearLoss`, and the loss of the sampled ones. */
export let pairs: f64 = 0;
export let lossSum: f64 = 0;
export let lossPairs: f64 = 0;
export function addLoss(sum: f64, count: f64): void {
  lossSum += sum;
  lossPairs += count;
}
export function addPairs(count: f64): void {
  pairs += count;
}
export function setLoss(sum: f64, sampled: f64, all: f64): void {
  lossSum = sum;
  lossPairs = sampled;
  pairs = all;
}

/** The state of the control variate in use: ½ − s at 0, M from 16 on. All zeros at first. */
export let variate: usize = 0;
export function setVariate(at: usize): void {
  variate = at;
}
const MEAN_ROW_RATE: f32 = 1.0 / 64;
const MEAN_SIGMA_RATE: f32 = 1.0 / 16;

/** One batch in eight, by position, is measured: logarithms for all would cost about 15 % of the time. Small corpora, in one shard, are measured whole. */
// @ts-ignore: decorator
@inline
export function isMeasured(position: u32): bool {
  return plan.shards == 1 || (mix(position ^ key ^ 0x3c6ef372) & 7) == 0;
}

/** into = init + Σ factor · row over a list of whole rows; factors lie `step` bytes apart (0: one for all). */
export function accumulateRows(into: usize, init: usize, list: usize, factors: usize, count: i32, step: usize): void {
  let offset: usize = 0, left = vectors;
  let blocks = blockCount();
  while (left > 0) {
    const width = (left + blocks - 1) / blocks;
    accumulateColumns(width, into + offset, init + offset, offset, list, factors, count, step);
    offset += <usize>width << 4;
    left -= width;
    blocks--;
  }
}

// @ts-ignore: decorator
@inline
function blockCount(): i32 {
  return (vectors + <i32>plan.columns - 1) / <i32>plan.columns;
}

// WebAssembly cannot prefetch: one word of each cache line is read instead, before the rows are needed, so
// that the misses overlap.
let sink: i32 = 0;
// @ts-ignore: decorator
@inline
export function touchRow(row: usize): i32 {
  let x = load<i32>(row + rowBytes - 4);
  for (let at: usize = 0; at < rowBytes; at += 64) x ^= load<i32>(row + at);
  return x;
}
// @ts-ignore: decorator
@inline
function touchFirst(list: usize, end: usize): i32 {
  let x = 0;
  for (; list < end; list += 4) x ^= load<i32>(<usize>load<u32>(list));
  return x;
}
// @ts-ignore: decorator
@inline
function touchAll(list: usize, end: usize): i32 {
  let x = 0;
  for (; list < end; list += 4) x ^= touchRow(<usize>load<u32>(list));
  return x;
}
export function swallow(x: i32): void {
  sink = x;
}

/** First lines of all rows, so that page walks overlap, then the rest. */
export function touchLists(inputs: usize, inputsEnd: usize, outputs: usize, outputsEnd: usize, poolList: usize): void {
  const poolEnd = poolList + (<usize>pool << 2);
  poolList = poolEnd - (<usize>fresh << 2);
  let x = touchFirst(inputs, inputsEnd) ^ touchFirst(outputs, outputsEnd) ^ touchFirst(poolList, poolEnd);
  x ^= touchAll(inputs, inputsEnd) ^ touchAll(outputs, outputsEnd) ^ touchAll(poolList, poolEnd);
  swallow(x);
}

/** The outputs a position is trained towards: its neighbours (skip-gram); dot products with them. */
function neighbourProducts(p: i32, i: i32, input: usize): i32 {
  const list = positives + (<usize>i << shift), last = load<i32>(keptLast + (<usize>p << 2));
  let count = 0;
  for (let j = load<i32>(keptFirst + (<usize>p << 2)); j <= last; j++) {
    store<u32>(list + (<usize>count << 2), load<u32>(keptOutputs + (<usize>j << 2)));
    count += i32(j != p);
  }
  dotRows(input, list, positiveFactors + (<usize>i << shift), count, vectors);
  return count;
}

function poolProducts(inputs: usize, n: i32, poolList: usize): void {
  const row = <usize>pool << 2;
  for (let i = 0; i < n; i += 2) {
    const a: usize = load<u32>(inputs + (<usize>i << 2));
    const b: usize = i + 1 < n ? <usize>load<u32>(inputs + (<usize>i << 2), 4) : a;
    const out = poolFactors + <usize>i * row;
    for (let k: usize = 0; k < row; k += 16) dots2x4(a, b, poolList + k, out + k, out + row + k, vectors);
  }
}

/** Products become gradients, positives and pool; adds the loss where this batch is measured. */
function gradientsOf(n: i32, rate: f32, poolList: usize, measured: bool): void {
  const useVariate = plan.variate != 0;
  if (useVariate) {
    const mean = variate + 16, step = f32x4.splat(-MEAN_ROW_RATE);
    accumulateRows(variateRow, mean, poolList, poolWeights, pool, 0); // E = M − mean of the pool's rows
    for (let at: usize = 0; at < rowBytes; at += 16) {
      v128.store(mean + at, f32x4.add(v128.load(mean + at), f32x4.mul(step, v128.load(variateRow + at))));
    }
  }
  const meanSigma: f32 = 0.5 - load<f32>(variate);
  const one = f32x4.splat(1), rates = f32x4.splat(rate);
  const uses = f32x4.splat(<f32>pool / <f32>fresh);
  const unit: f32 = -rate * <f32>plan.negatives / <f32>pool;
  let sigmas = f32x4.splat(0);
  for (let i = 0; i < n; i++) {
    const count = load<i32>(positiveCounts + (<usize>i << 2)), factors = positiveFactors + (<usize>i << shift);
    const noise = poolFactors + ((<usize>i * <usize>pool) << 2);
    if (measured) measure(factors, count, noise);
    for (let q: usize = 0; q < <usize>count << 2; q += 16) {
      v128.store(factors + q, f32x4.mul(rates, f32x4.sub(one, sigmoid(v128.load(factors + q)))));
    }
    const weight = f32x4.splat(unit * <f32>count);
    for (let k: usize = 0; k < <usize>pool << 2; k += 16) {
      const s = sigmoid(v128.load(noise + k));
      sigmas = f32x4.add(sigmas, s);
      v128.store(noise + k, f32x4.mul(weight, s));
    }
    // An output row is trained once for all batches that use it, so it counts as often as it is used.
    const renewed = freshFactors + ((<usize>i * <usize>fresh) << 2);
    for (let k: usize = 0; k < <usize>fresh << 2; k += 16) v128.store(renewed + k, f32x4.mul(uses, v128.load(noise + k)));
    if (useVariate) { // E is one more row in the position's list
      store<u32>(positives + (<usize>i << shift) + (<usize>count << 2), <u32>variateRow);
      store<f32>(factors + (<usize>count << 2), -rate * <f32>plan.negatives * <f32>count * meanSigma);
      store<i32>(positiveCounts + (<usize>i << 2), count + 1);
    }
  }
  const mean = (f32x4.extract_lane(sigmas, 0) + f32x4.extract_lane(sigmas, 1) + f32x4.extract_lane(sigmas, 2) + f32x4.extract_lane(sigmas, 3)) / <f32>(n * pool);
  store<f32>(variate, load<f32>(variate) + MEAN_SIGMA_RATE * (meanSigma - mean));
}

/**
 * Adds −log σ of the positives and the pool's share of −log σ(−x): the loss that the gradients descend. One
 * logarithm of a product each: σ ≥ 3.3e-4 after the clamp, so 80 factors stay in float64's range.
 */
function measure(factors: usize, count: i32, noise: usize): void {
  const weight = <f64>plan.negatives * <f64>count / <f64>pool;
  let likely: f64 = 1, unlikely: f64 = 1;
  for (let q = 0; q < count; q += 4) {
    const s = sigmoid(v128.load(factors + (<usize>q << 2)));
    likely *= <f64>f32x4.extract_lane(s, 0);
    if (q + 1 < count) likely *= <f64>f32x4.extract_lane(s, 1);
    if (q + 2 < count) likely *= <f64>f32x4.extract_lane(s, 2);
    if (q + 3 < count) likely *= <f64>f32x4.extract_lane(s, 3);
    if ((q & 63) == 60) {
      lossSum -= log(likely);
      likely = 1;
    }
  }
  for (let k = 0; k < pool; k += 4) {
    const s = sigmoid(f32x4.neg(v128.load(noise + (<usize>k << 2))));
    unlikely *= <f64>f32x4.extract_lane(s, 0) * <f64>f32x4.extract_lane(s, 1) * (<f64>f32x4.extract_lane(s, 2) * <f64>f32x4.extract_lane(s, 3));
    if ((k & 63) == 60) {
      lossSum -= log(unlikely) * weight;
      unlikely = 1;
    }
  }
  lossSum -= log(likely) + log(unlikely) * weight;
  lossPairs += <f64>count;
}
export function logSigmoid(x: f32): f64 {
  return log(<f64>f32x4.extract_lane(sigmoid(f32x4.splat(x)), 0));
}

/** Factors of the outputs, regrouped by output: who trains it, and by how much. */
function transpose(inputs: usize, p0: i32, n: i32, j0: i32, outputCount: i32): void {
  memory.fill(columnCounts, 0, <usize>outputCount << 2);
  for (let i = 0; i < n; i++) {
    const p = p0 + i, input = load<u32>(inputs + (<usize>i << 2)), last = load<i32>(keptLast + (<usize>p << 2));
    let factor = positiveFactors + (<usize>i << shift);
    for (let j = load<i32>(keptFirst + (<usize>p << 2)); j <= last; j++) {
      if (j == p) continue;
      const column: usize = j - j0, count: usize = load<u32>(columnCounts + (column << 2)), at = (column << shift) + (count << 2);
      store<u32>(columns + at, input);
      store<f32>(columnFactors + at, load<f32>(factor));
      store<u32>(columnCounts + (column << 2), <u32>count + 1);
      factor += 4;
    }
  }
}

function update(inputs: usize, sinks: usize, n: i32, poolList: usize, outputs: usize, outputCount: i32): void {
  let offset: usize = 0, left = vectors, blocks = blockCount();
  while (left > 0) {
    const width = (left + blocks - 1) / blocks;
    updateColumns(width, offset, shift, inputs, n, sinks, positives, positiveFactors, positiveCounts, poolList, poolFactors, pool, freshFactors, fresh,
      outputs, outputCount, columnCounts, columns, columnFactors, gradients, zeroRow);
    offset += <usize>width << 4;
    left -= width;
    blocks--;
  }
}

/** Skip-gram: n positions from p0 on, whose inputs' addresses stand at `inputs` and whose gradients go to `sinks`. */
export function trainSkipGramBatch(p0: i32, n: i32, poolList: usize, rate: f32, inputs: usize, sinks: usize): void {
  const j0 = max(p0 - window, 0), outputCount = min(p0 + n - 1 + window, keptCount - 1) - j0 + 1;
  for (let i = 0; i < n; i++) {
    const count = neighbourProducts(p0 + i, i, <usize>load<u32>(inputs + (<usize>i << 2)));
    store<i32>(positiveCounts + (<usize>i << 2), count);
    pairs += <f64>count;
  }
  poolProducts(inputs, n, poolList);
  gradientsOf(n, rate, poolList, isMeasured(load<u32>(keptPositions + (<usize>p0 << 2))));
  transpose(inputs, p0, n, j0, outputCount);
  update(inputs, sinks, n, poolList, keptOutputs + (<usize>j0 << 2), outputCount);
}

/** CBOW: each position's one positive is its own word; inputs are composed, so they have sinks of their own. */
export function trainCbowBatch(p0: i32, n: i32, poolList: usize, rate: f32, inputs: usize, sinks: usize): void {
  for (let i = 0; i < n; i++) {
    const at = <usize>i << shift, p = <usize>(p0 + i) << 2;
    store<u32>(positives + at, load<u32>(keptOutputs + p));
    dotRows(<usize>load<u32>(inputs + (<usize>i << 2)), positives + at, positiveFactors + at, 1, vectors);
    // A word alone in its line has no context and teaches nothing.
    const alone = load<i32>(keptFirst + p) == load<i32>(keptLast + p);
    store<i32>(positiveCounts + (<usize>i << 2), alone ? 0 : 1);
    pairs += alone ? 0 : 1;
  }
  poolProducts(inputs, n, poolList);
  gradientsOf(n, rate, poolList, isMeasured(load<u32>(keptPositions + (<usize>p0 << 2))));
  for (let i = 0; i < n; i++) {
    const at = <usize>i << shift, count = load<i32>(positiveCounts + (<usize>i << 2)) - i32(plan.variate != 0);
    store<u32>(columns + at, load<u32>(inputs + (<usize>i << 2)));
    store<f32>(columnFactors + at, load<f32>(positiveFactors + at));
    store<i32>(columnCounts + (<usize>i << 2), count);
  }
  update(inputs, sinks, n, poolList, keptOutputs + (<usize>p0 << 2), n);
}
