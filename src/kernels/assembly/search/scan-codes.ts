/**
 * Scans of short codes: the first pass of searches that are exact in the end.
 *
 * Oracle: ../../reference/scan-codes.ts, to the bit: all is whole numbers. A *top* is a sorted array of i64, key << 32 | row, best
 * (least) first, so that equal keys come in the order of their rows. Codes are those of integers.ts: `stride` bytes a row,
 * the constant last. A bitmap of rows (bit r % 32 of word r / 32, counted from row 0) says which may answer.
 */
import { keysOfFour, sumFour } from "./integers";
import { spill } from "./scratch";

/** Puts an entry into a sorted array of `size`, of which at most `capacity` stay; returns the new size. */
// @ts-ignore: decorator
@inline
function put(top: usize, size: i32, capacity: i32, entry: i64): i32 {
  let n = size;
  if (n == capacity) {
    if (entry >= load<i64>(top + (<usize>(n - 1) << 3))) return n;
    n--;
  }
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i64>(top + (<usize>middle << 3)) < entry) low = middle + 1;
    else high = middle;
  }
  let end = top + (<usize>n << 3);
  const place = top + (<usize>low << 3);
  while (end >= place + 16) {
    v128.store(end - 8, v128.load(end - 16));
    end -= 16;
  }
  if (end > place) store<i64>(end, load<i64>(end - 8));
  store<i64>(place, entry);
  return n + 1;
}

/** The key that a newcomer must be below; the largest there is while there is room. */
// @ts-ignore: decorator
@inline
function worstOf(top: usize, size: i32, capacity: i32): i32 {
  return size == capacity ? <i32>(load<i64>(top + (<usize>(size - 1) << 3)) >> 32) : i32.MAX_VALUE;
}

/** Puts those of four keys into the top whose bit is set in `admitted` and that are below its worst. */
// @ts-ignore: decorator
@inline
function putFour(keys: v128, row: u32, admitted: u32, top: usize, size: i32, capacity: i32, worst: i32): i32 {
  let better = <u32>i32x4.bitmask(i32x4.lt_s(keys, i32x4.splat(worst))) & admitted;
  if (!better) return size;
  v128.store(spill, keys);
  do {
    const lane = <u32>ctz(better);
    better &= better - 1;
    size = put(top, size, capacity, (<i64>load<i32>(spill + (<usize>lane << 2)) << 32) | <i64>(row + lane));
  } while (better);
  return size;
}

/**
 * Scores rows first … end (both multiples of 4; codes and keys must reach to `end`) and keeps the best. Where `keys` is not
 * 0, keys[r] gets the key of each row; of four rows none of which may answer it gets nothing. Returns the size of the top.
 */
export function scanCodes(
  query: usize,
  codes: usize,
  stride: usize,
  first: u32,
  end: u32,
  bitmap: usize,
  keys: usize,
  top: usize,
  size: i32,
  capacity: i32,
): i32 {
  let worst = worstOf(top, size, capacity);
  let r = first;
  while (r < end) {
    const word = load<u32>(bitmap + (<usize>(r >>> 5) << 2));
    if (!word) {
      r = (r | 31) + 1;
      continue;
    }
    const stop = min<u32>(end, (r | 31) + 1);
    for (; r < stop; r += 4) {
      const admitted = (word >>> (r & 31)) & 15;
      if (!admitted) continue;
      const r0 = codes + <usize>r * stride;
      const r1 = r0 + stride;
      const r2 = r1 + stride;
      const k = keysOfFour(r0, r1, r2, r2 + stride, query, stride);
      if (keys) v128.store(keys + (<usize>r << 2), k);
      size = putFour(k, r, admitted, top, size, capacity, worst);
      worst = worstOf(top, size, capacity);
    }
  }
  return size;
}

/** Scans for several queries at once, in blocks of rows that stay in the cache. Query j keeps its best at tops + j · capacity. */
export function scanCodesBatch(
  queries: usize,
  count: i32,
  codes: usize,
  stride: usize,
  first: u32,
  end: u32,
  bitmap: usize,
  tops: usize,
  sizes: usize,
  capacity: i32,
): void {
  for (let block = first; block < end; block += 64) {
    const stop = min<u32>(end, block + 64);
    for (let j = 0; j < count; j++) {
      const at = sizes + (<usize>j << 2);
      const top = tops + ((<usize>j * <usize>capacity) << 3);
      const query = queries + <usize>j * stride;
      store<i32>(at, scanCodes(query, codes, stride, block, stop, bitmap, 0, top, load<i32>(at), capacity));
    }
  }
}

/**
 * Lists the rows first … end (multiples of 4) of the bitmap whose key, without its bias where `biases` is not 0, is at most
 * `limit`; returns how many. `out` must have room for end − first.
 */
export function listKeys(
  keys: usize,
  biases: usize,
  first: u32,
  end: u32,
  bitmap: usize,
  limit: i32,
  out: usize,
): i32 {
  const bar = i32x4.splat(limit);
  const start = out;
  for (let r = first; r < end; r += 4) {
    const admitted = (load<u32>(bitmap + (<usize>(r >>> 5) << 2)) >>> (r & 31)) & 15;
    if (!admitted) continue;
    let k = v128.load(keys + (<usize>r << 2));
    if (biases) k = i32x4.sub(k, v128.load(biases + (<usize>r << 2)));
    let found = <u32>i32x4.bitmask(i32x4.le_s(k, bar)) & admitted;
    while (found) {
      store<u32>(out, r + <u32>ctz(found));
      out += 4;
      found &= found - 1;
    }
  }
  return <i32>((out - start) >> 2);
}

/** Hamming distances of 1-bit rows (stride a multiple of 16, at most 496 bytes): the best by distance · 2³² + row, as above. */
export function scanBits(
  query: usize,
  codes: usize,
  stride: usize,
  first: u32,
  end: u32,
  bitmap: usize,
  top: usize,
  size: i32,
  capacity: i32,
): i32 {
  let worst = worstOf(top, size, capacity);
  for (let r = first; r < end; r += 4) {
    const admitted = (load<u32>(bitmap + (<usize>(r >>> 5) << 2)) >>> (r & 31)) & 15;
    if (!admitted) continue;
    const r0 = codes + <usize>r * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const k = sumFour(bitsApart(query, r0, stride), bitsApart(query, r1, stride), bitsApart(query, r2, stride), bitsApart(query, r2 + stride, stride)); // prettier-ignore
    size = putFour(k, r, admitted, top, size, capacity, worst);
    worst = worstOf(top, size, capacity);
  }
  return size;
}

/** How many bits differ, in four lanes. 31 groups of 16 bytes fit the 8-bit lanes in between. */
// @ts-ignore: decorator
@inline
function bitsApart(query: usize, row: usize, stride: usize): v128 {
  let sum = i8x16.splat(0);
  for (let i: usize = 0; i < stride; i += 16) {
    sum = i8x16.add(sum, i8x16.popcnt(v128.xor(v128.load(query + i), v128.load(row + i))));
  }
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(sum));
}

// @ts-ignore: decorator
@inline
function levels(nibbles: v128): v128 {
  return i8x16.sub(i8x16.shl(nibbles, 3), i8x16.splat(60));
}

/**
 * Code rows from 4-bit ones: byte j of a packed row (stride / 2 bytes) holds code j in its low and code j + stride / 2 in its
 * high half; level n stands for 8n − 60. The constant of a row comes from `constants`.
 */
export function unpackCodes(packed: usize, constants: usize, count: i32, stride: usize, out: usize): void {
  const half = stride >>> 1;
  const mask = i8x16.splat(15);
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < half; i += 16) {
      const x = v128.load(packed + i);
      v128.store(out + i, levels(v128.and(x, mask)));
      v128.store(out + half + i, levels(i8x16.shr_u(x, 4)));
    }
    store<i32>(out + stride - 4, load<i32>(constants + (<usize>r << 2)));
    packed += half;
    out += stride;
  }
}
