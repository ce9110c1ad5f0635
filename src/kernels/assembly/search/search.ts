/**
 * A query from beginning to end: code, graph or scan, re-ranking, scores.
 *
 * Codes find the best `rerank` candidates, and the vectors themselves choose the k among them. With a filter,
 * the graph is walked with a pool that is larger by how few pass, and what does not pass is left out; where
 * fewer come back than could, the rows of the filter are scanned, so that no filter ever comes up short.
 */
import { holdsBit } from "./build";
import { Codec } from "./codec";
import { encodeQuery, lastOutside, lastShrink, squaredLength } from "./encode";
import {
  beginWalk, candidate, codeAt, codes, descend, idOf, insertSorted, list, nearest, nearestKey, pool, query, stride, walk,
} from "./graph";
import { keysOfFour } from "./integers";
import { COSINE, NO_LIMIT, distanceOf, scoreOf } from "./score";
import { spill } from "./scratch";

/** What src/index/hnsw-space.ts writes (`ASK_FIELDS`, same order). 32 bits each. */
@unmanaged
export class Ask {
  codec: usize;
  rows: usize; // f32 × dim a slot
  squares: usize; // f64 a slot: Σ x²
  weights: usize; // f32 a slot; for cosines one over the length, or NaN
  dim: u32;
  metric: u32;
  entry: u32; // where walks begin
  top: i32; // its level
  mask: usize; // a bit a slot: which may answer
  maskWords: u32;
  matches: u32; // how many bits are set
  plan: u32; // what to do: WALK, WALK_MASKED, SCAN
  ef: i32;
  rerank: i32;
  k: i32;
  queries: usize; // f32 × dim each
  ids: usize; // results: u32 × k a query, best first, NONE behind the last
  scores: usize; // f64 × k a query
  outcomes: usize; // u8 a query: WALKED, SCANNED, ODD
}

/** All nodes of the graph may answer. */
export const WALK: u32 = 0;
/** Only those in the mask may. */
export const WALK_MASKED: u32 = 1;
/** No walk: the rows of the mask, one by one. */
export const SCAN: u32 = 2;

export const WALKED: u32 = 0;
export const SCANNED: u32 = 1;
/** Codes cannot speak for the query: a number is not finite, or it lies further out than anything they were made for. */
export const ODD: u32 = 2;
export const NONE: u32 = 0xffffffff;
/** A query that was shrunk in its code is looked for wider: its code says less. */
const WIDER: i32 = 4;

/** Takes out of the first `count` pool entries those that are not in the mask; returns how many are left. */
function keepMasked(count: i32, mask: usize): i32 {
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const entry = load<i64>(pool + (<usize>j << 3));
    store<i64>(pool + (<usize>kept << 3), entry);
    kept += <i32>holdsBit(mask, idOf(entry));
  }
  return kept;
}

/** The rows of a mask, scored by their codes: the `most` best to the pool. Returns how many. */
function scanMask(mask: usize, words: u32, most: i32): i32 {
  const BLOCK: usize = 32;
  let count = 0;
  let pending: usize = 0;
  for (let w: u32 = 0; w < words || pending > 0; ) {
    if (w < words) {
      let bits = load<u32>(mask + (<usize>w << 2));
      for (const first = w << 5; bits; bits &= bits - 1) {
        store<u32>(list + (pending << 2), first + <u32>ctz(bits));
        pending++;
      }
      w++;
      if (pending < BLOCK && w < words) continue;
    }
    count = scoreList(pending, count, most);
    pending = 0;
  }
  return count;
}

/** Scores the ids in the list and puts the good ones into the pool. */
function scoreList(length: usize, count: i32, most: i32): i32 {
  if (length == 0) return count;
  let touched: u32 = 0;
  for (let j: usize = 0; j < length; j++) touched += load<u8>(codeAt(load<u32>(list + (j << 2))));
  store<u32>(spill, touched, 16);
  const first = load<u32>(list);
  const end = list + (length << 2);
  store<u32>(end, first);
  store<u32>(end, first, 4);
  store<u32>(end, first, 8);
  for (let j: usize = 0; j < length; j += 4) {
    const four = list + (j << 2);
    const keys = keysOfFour(
      codes + <usize>load<u32>(four) * stride,
      codes + <usize>load<u32>(four, 4) * stride,
      codes + <usize>load<u32>(four, 8) * stride,
      codes + <usize>load<u32>(four, 12) * stride,
      query,
      stride,
    );
    const worst = count == most ? load<i32>(pool + (<usize>(count - 1) << 3), 4) : i32.MAX_VALUE;
    let better = i32x4.bitmask(i32x4.lt_s(keys, i32x4.splat(worst)));
    if (length - j < 4) better &= (1 << <i32>(length - j)) - 1;
    if (!better) continue;
    v128.store(spill, keys);
    do {
      const lane = <usize>ctz(better) << 2;
      better &= better - 1;
      const entry = candidate(load<i32>(spill + lane), load<u32>(four + lane));
      if (count == most) {
        if (entry >= load<i64>(pool + (<usize>(count - 1) << 3))) continue;
        count--;
      }
      insertSorted(pool, count, entry);
      count++;
    } while (better);
  }
  return count;
}

/** Chooses the k best of the first `count` pool entries by their vectors, to `ids` and `scores`. Returns how many. */
function choose(ask: Ask, vector: usize, count: i32, best: usize, ids: usize, scores: usize): i32 {
  const metric = ask.metric;
  const cosine = metric == COSINE;
  const dim = ask.dim;
  const bytes = <usize>dim << 2;
  const rows = ask.rows;
  const k = ask.k;
  let touched: u32 = 0;
  for (let j = 0; j < count; j++) {
    const id = idOf(load<i64>(pool + (<usize>j << 3)));
    const row = rows + <usize>id * bytes;
    touched += load<u8>(row) + load<u8>(row + bytes - 1);
    if (cosine) touched += load<u8>(ask.weights + (<usize>id << 2));
  }
  store<u32>(spill, touched, 16);
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const id = idOf(load<i64>(pool + (<usize>j << 3)));
    const weight: f32 = cosine ? load<f32>(ask.weights + (<usize>id << 2)) : 0;
    const squares = ask.squares + (<usize>id << 3);
    const limit = kept == k ? <i32>(load<i64>(best + (<usize>(kept - 1) << 3)) >> 32) : NO_LIMIT;
    const distance = distanceOf(metric, vector, rows + <usize>id * bytes, dim, weight, squares, limit);
    const entry = candidate(distance, id);
    if (kept == k) {
      if (entry >= load<i64>(best + (<usize>(kept - 1) << 3))) continue;
      kept--;
    }
    insertSorted(best, kept, entry);
    kept++;
  }
  const length = cosine ? sqrt<f64>(squaredLength(vector, dim)) : 0;
  for (let j = 0; j < kept; j++) {
    const entry = load<i64>(best + (<usize>j << 3));
    store<u32>(ids + (<usize>j << 2), idOf(entry));
    store<f64>(scores + (<usize>j << 3), scoreOf(metric, <i32>(entry >> 32), length));
  }
  return kept;
}

/** Answers queries [from, to). `best`: i64 × k of this instance's own; `work`: what encoding needs. */
export function answer(at: usize, from: u32, to: u32, best: usize, work: usize): void {
  const ask = changetype<Ask>(at);
  const codec = changetype<Codec>(ask.codec);
  const bytes = <usize>ask.dim << 2;
  const wanted = <i32>min<u32>(<u32>ask.k, ask.matches);
  for (let i = from; i < to; i++) {
    const vector = ask.queries + <usize>i * bytes;
    const ids = ask.ids + <usize>i * (<usize>ask.k << 2);
    const scores = ask.scores + <usize>i * (<usize>ask.k << 3);
    encodeQuery(codec, vector, query, work);
    if (!isFinite(lastOutside()) || lastShrink() < 0.5) {
      for (let j = 0; j < ask.k; j++) store<u32>(ids + (<usize>j << 2), NONE);
      store<u8>(ask.outcomes + i, <u8>ODD);
      continue;
    }
    const wider = lastShrink() < 0.9 ? WIDER : 1;
    const rerank = ask.rerank * wider;
    let found = 0;
    let outcome = WALKED;
    if (ask.plan != SCAN) {
      beginWalk();
      descend(ask.entry, ask.top, 0);
      found = walk(0, nearest, nearestKey, ask.ef * wider);
      if (ask.plan == WALK_MASKED) found = keepMasked(found, ask.mask);
    }
    if (ask.plan == SCAN || found < wanted) {
      found = scanMask(ask.mask, ask.maskWords, rerank);
      outcome = SCANNED;
    }
    const kept = choose(ask, vector, min(found, rerank), best, ids, scores);
    for (let j = kept; j < ask.k; j++) store<u32>(ids + (<usize>j << 2), NONE);
    store<u8>(ask.outcomes + i, <u8>outcome);
  }
}

/** One walk for a query: its pool stays where it is, sorted. Returns how many are in it. */
export function walkFor(codec: usize, vector: usize, entry: u32, top: i32, ef: i32, work: usize): i32 {
  encodeQuery(changetype<Codec>(codec), vector, query, work);
  beginWalk();
  descend(entry, top, 0);
  return walk(0, nearest, nearestKey, ef);
}
