/**
 * From raw tokens to the positions that are trained: sub-sampling, windows, negatives.
 *
 * Every choice is a pure function of the raw position and the epoch's key, so that any worker can make it
 * for any token. A piece reads up to `window` kept tokens on both sides of itself (its halo), so that
 * cutting a corpus into pieces loses no pair. Oracle: ../../reference/words.ts (`keepAndWindow`,
 * `drawPool`), equal to the bit.
 *
 * Sub-sampling: Mikolov et al. 2013, as word2vec.c has it. Negatives: systematic sampling of unigram^0.75
 * (one random rotation, `pool` equally spaced points), which covers the distribution more evenly than
 * independent draws and costs one random number a batch.
 */
import { mix } from "../mix";
import { batchSize, fresh, key, plan, pool, window } from "./plan";

export const LINE_END: u32 = 0xffffffff;

/** Lists of the piece in hand, one entry a kept token: word, raw position, first and last neighbour, rows. */
export let keptIds: usize = 0;
export let keptPositions: usize = 0;
export let keptFirst: usize = 0;
export let keptLast: usize = 0;
export let keptInputs: usize = 0;
export let keptOutputs: usize = 0;
/** Where a token's list of pieces starts, and how long it is (subwords; paths with hierarchical softmax). */
export let keptPieces: usize = 0;
export let keptPieceCounts: usize = 0;
export let keptPaths: usize = 0;
export let keptPathCounts: usize = 0;
/** `pool` negatives a batch. */
export let drawn: usize = 0;
/** Kept tokens in all, and the part of them that is trained: the rest is halo. */
export let keptCount: i32 = 0;
export let firstTrained: i32 = 0;
export let trainedCount: i32 = 0;
export function setKept(count: i32, first: i32, trained: i32): void {
  keptCount = count;
  firstTrained = first;
  trainedCount = trained;
}

/** Lays the lists at `start`; returns their end. */
export function layOutKept(start: usize): usize {
  const column = <usize>plan.keptCapacity << 2;
  let at = start;
  keptIds = at; at += column;
  keptPositions = at; at += column;
  keptFirst = at; at += column;
  keptLast = at; at += column;
  keptInputs = at; at += column;
  keptOutputs = at; at += column;
  keptPieces = at; at += column;
  keptPieceCounts = at; at += column;
  keptPaths = at; at += column;
  keptPathCounts = at; at += column;
  drawn = at; at += <usize>(((<i32>plan.keptCapacity + batchSize - 1) / batchSize) * fresh + 2 * pool) << 2;
  return (at + 63) & ~63;
}

// @ts-ignore: decorator
@inline
function isKept(id: u32, random: u32): bool {
  return random <= load<u32>(plan.keep + (<usize>id << 2));
}

/** Windows of one line's kept tokens [start, end): both ends clipped to the line. */
function closeLine(start: i32, end: i32): void {
  for (let i = start; i < end; i++) {
    const at = <usize>i << 2, reach = load<i32>(keptFirst + at);
    store<i32>(keptFirst + at, max(start, i - reach));
    store<i32>(keptLast + at, min(end - 1, i + reach));
  }
}

/** Keeps tokens of the piece of `count` ids at `ids`, whose first has raw position `position`; draws windows. */
export function keepAndWindow(ids: usize, count: i32, position: u32): void {
  const halo = <i32>plan.halo;
  let from = 0;
  for (let found = 0; found < window && from > -halo; from--) {
    const id = load<u32>(ids + ((<usize>(from - 1)) << 2));
    if (id == LINE_END) break;
    if (isKept(id, mix((position + from - 1) ^ key))) found++;
  }
  let kept = 0, lineStart = 0, first = -1, trained = -1, after = 0;
  for (let p = from; p < count + halo; p++) {
    if (p == 0) first = kept;
    if (p == count) trained = kept - first;
    const id = load<u32>(ids + (<usize>p << 2));
    if (id == LINE_END) {
      if (p >= count) break;
      closeLine(lineStart, kept);
      lineStart = kept;
      continue;
    }
    const random = mix((position + p) ^ key);
    if (!isKept(id, random)) continue;
    if (p >= count && ++after > window) break;
    const at = <usize>kept << 2;
    store<u32>(keptIds + at, id);
    store<u32>(keptPositions + at, position + p);
    store<u32>(keptFirst + at, 1 + <u32>((<u64>mix(random ^ 0x2545f491) * <u64>window) >> 32));
    kept++;
  }
  closeLine(lineStart, kept);
  if (first < 0) first = kept;
  setKept(kept, first, trained < 0 ? kept - first : trained);
}

/** Draws the pools of all batches of the piece, group by group: words at first, turned into addresses later. */
export function drawPools(): void {
  const step: u32 = <u32>((<u64>1 << 32) / <u64>fresh), end = drawnEnd();
  let p = firstTrained, group: u32 = 0;
  for (let at = drawn; at < end; group++) {
    let h = mix(mix(load<u32>(keptPositions + (<usize>p << 2)) ^ key ^ 0x5bd1e995) + group);
    for (let k = 0; k < fresh; k++) {
      let id = load<u32>(plan.guide + (<usize>(h >> 16) << 2));
      while (load<u32>(plan.cumulative + (<usize>id << 2)) < h) id++;
      store<u32>(at, id);
      at += 4;
      h += step;
    }
  }
}

/** The end of the pools drawn for this piece: batch b has the entries [b · fresh, b · fresh + pool). */
// @ts-ignore: decorator
@inline
export function drawnEnd(): usize {
  const batches = (trainedCount + batchSize - 1) / batchSize;
  if (batches == 0) return drawn;
  const groups = batches - 1 + (pool + fresh - 1) / fresh;
  return drawn + (<usize>(groups * fresh) << 2);
}
