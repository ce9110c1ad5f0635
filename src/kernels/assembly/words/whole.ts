/**
 * The two objectives without sampled negatives: hierarchical softmax and full softmax.
 *
 * Both train one position at a time: all products with the outputs as they stand, then the outputs, then
 * the input. Oracles: `trainTreePosition`, `trainSoftmaxPosition` in ../../reference/words.ts.
 *
 * Hierarchical softmax (Morin & Bengio 2005; Huffman tree as in Mikolov et al. 2013): a word is a path of
 * left/right choices, each a logistic regression at an inner node. A path's list holds row addresses with
 * the choice in the lowest bit, which aligned rows leave free.
 * Full softmax: every word is an output; for small vocabularies, where it shows what the others approximate.
 */
import { dotRows } from "../generated/blocks";
import { exp, log } from "../elementary";
import { accumulateRows, addLoss, addPairs, isMeasured, logSigmoid } from "./batch";
import { plan, rowBytes, vectors } from "./plan";
import { keptFirst, keptLast, keptPathCounts, keptPaths, keptPositions, keptIds } from "./sample";
import { gradients, rowFactors, rowList, zeroRow } from "./scratch";
import { sigmoid } from "./sigmoid";

// @ts-ignore: decorator
@inline
function addScaledRow(into: usize, row: usize, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let o: usize = 0; o < rowBytes; o += 16) v128.store(into + o, f32x4.add(v128.load(into + o), f32x4.mul(f, v128.load(row + o))));
}

/** sink += Σ factor · row over the list; row += factor · input for each, with the input as it was. */
function applyList(input: usize, sink: usize, count: i32): void {
  accumulateRows(gradients, zeroRow, rowList, rowFactors, count, 4);
  for (let k: usize = 0; k < <usize>count << 2; k += 4) addScaledRow(<usize>load<u32>(rowList + k), input, load<f32>(rowFactors + k));
  for (let o: usize = 0; o < rowBytes; o += 16) v128.store(sink + o, f32x4.add(v128.load(sink + o), v128.load(gradients + o)));
}

/** First and last kept token that position p is trained towards: its window, or itself with CBOW. */
// @ts-ignore: decorator
@inline
function firstTarget(p: i32): i32 {
  return plan.architecture == 0 ? load<i32>(keptFirst + (<usize>p << 2)) : p;
}
// @ts-ignore: decorator
@inline
function lastTarget(p: i32): i32 {
  return plan.architecture == 0 ? load<i32>(keptLast + (<usize>p << 2)) : p;
}
// @ts-ignore: decorator
@inline
function isTarget(j: i32, p: i32): bool {
  return plan.architecture == 0 ? j != p : load<i32>(keptFirst + (<usize>p << 2)) != load<i32>(keptLast + (<usize>p << 2));
}

export function trainTreePosition(p: i32, rate: f32, input: usize, sink: usize): void {
  const measured = isMeasured(load<u32>(keptPositions + (<usize>p << 2)));
  let count: usize = 0, targets = 0;
  for (let j = firstTarget(p), last = lastTarget(p); j <= last; j++) {
    if (!isTarget(j, p)) continue;
    const path = <usize>load<u32>(keptPaths + (<usize>j << 2)), length = <usize>load<u32>(keptPathCounts + (<usize>j << 2));
    memory.copy(rowList + (count << 2), path, length << 2);
    count += length;
    targets++;
  }
  if (count == 0) return;
  addPairs(<f64>targets);
  // The choices move to the gradients' sign before the addresses are used.
  for (let k: usize = 0; k < count << 2; k += 4) store<u32>(rowList + choicesAt() + k, load<u32>(rowList + k) & ~1);
  const choices = rowList;
  dotRows(input, rowList + choicesAt(), rowFactors, <i32>count, vectors);
  let loss: f64 = 0;
  for (let k: usize = 0; k < count << 2; k += 4) {
    const right = <f32>(load<u32>(choices + k) & 1), x = load<f32>(rowFactors + k);
    if (measured) loss -= logSigmoid(right != 0 ? -x : x);
    store<f32>(rowFactors + k, rate * (1 - right - f32x4.extract_lane(sigmoid(f32x4.splat(x)), 0)));
  }
  if (measured) addLoss(loss, <f64>targets);
  memory.copy(rowList, rowList + choicesAt(), count << 2);
  applyList(input, sink, <i32>count);
}

/** The second half of the row list: clean addresses, while the first half still holds the choices. */
// @ts-ignore: decorator
@inline
function choicesAt(): usize {
  return <usize>(plan.longestList >> 1) << 2;
}

export function trainSoftmaxPosition(p: i32, rate: f32, input: usize, sink: usize): void {
  const words = <i32>plan.outputRows;
  let targets = 0;
  for (let j = firstTarget(p), last = lastTarget(p); j <= last; j++) targets += i32(isTarget(j, p));
  if (targets == 0) return;
  addPairs(<f64>targets);
  for (let w: usize = 0; w < <usize>words; w++) store<u32>(rowList + (w << 2), <u32>(<usize>plan.outputs + w * rowBytes));
  dotRows(input, rowList, rowFactors, words, vectors);
  let greatest = load<f32>(rowFactors);
  for (let k: usize = 4; k < <usize>words << 2; k += 4) greatest = max(greatest, load<f32>(rowFactors + k));
  let total: f64 = 0;
  for (let k: usize = 0; k < <usize>words << 2; k += 4) total += exp(<f64>load<f32>(rowFactors + k) - <f64>greatest);
  const logTotal = log(total) + <f64>greatest;
  let loss: f64 = 0;
  for (let j = firstTarget(p), last = lastTarget(p); j <= last; j++) {
    if (isTarget(j, p)) loss += logTotal - <f64>load<f32>(rowFactors + (<usize>load<u32>(keptIds + (<usize>j << 2)) << 2));
  }
  addLoss(loss, <f64>targets);
  for (let k: usize = 0; k < <usize>words << 2; k += 4) {
    store<f32>(rowFactors + k, -rate * <f32>targets * <f32>exp(<f64>load<f32>(rowFactors + k) - logTotal));
  }
  for (let j = firstTarget(p), last = lastTarget(p); j <= last; j++) {
    if (!isTarget(j, p)) continue;
    const at = rowFactors + (<usize>load<u32>(keptIds + (<usize>j << 2)) << 2);
    store<f32>(at, load<f32>(at) + rate);
  }
  applyList(input, sink, words);
}
