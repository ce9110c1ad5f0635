/**
 * A graph of neighbours over codes: where it lies, and the walk through it.
 *
 * HNSW (Malkov & Yashunin, 2016). A node's links on the ground level are one row of u32: how many, then ids; on each
 * upper level another. Codes lie apart from links, both on cache lines of their own: a step reads one row of links
 * and the codes it names, and memory, not arithmetic, decides how long that takes. Hence the touch pass: one byte of
 * each row is loaded before any is scored, so that the misses overlap. It is the prefetch that WebAssembly lacks.
 *
 * Candidates are i64: key << 32 | id << 1 | expanded. One signed comparison orders by key, then by id, so ties fall the
 * same way everywhere. Oracle: ../../reference/search-graph.ts, to the bit.
 */
import { keyOf, keysOfFour } from "./integers";
import { spill } from "./scratch";

/** What src/index/hnsw-space.ts writes (`GRAPH_FIELDS`, same order): the graph, and this instance's own areas. 32 bits each. */
@unmanaged
export class Graph {
  slots: u32;
  stride: u32; // bytes of a code row
  linkBytes: u32; // bytes of a ground row of links, a multiple of 64
  upperBytes: u32; // bytes of an upper one
  codes: usize;
  links: usize;
  upperAt: usize; // u32 × slots: where a node's upper rows begin, in rows
  upper: usize;
  levels: usize; // u8 × slots
  query: usize; // stride: the query's code
  query2: usize; // stride: a candidate's
  pool: usize; // i64 × poolMost, sorted
  poolMost: u32;
  chosen: usize; // i64 × candidates of a selection, sorted
  list: usize; // u32 × (most links + 4): unvisited neighbours of a step
  visited: usize; // u8 × slots, the stamp of the walk that was last here
}

let slots: u32 = 0;
export let stride: usize = 0;
export let linkBytes: usize = 0;
export let upperBytes: usize = 0;
export let codes: usize = 0;
let links: usize = 0;
let upperAt: usize = 0;
let upper: usize = 0;
export let levels: usize = 0;
export let query: usize = 0;
export let query2: usize = 0;
export let pool: usize = 0;
export let chosen: usize = 0;
export let list: usize = 0;
export let visited: usize = 0;
let stamp: u32 = 0;

/** Opens a graph for this instance. Its `visited` must be zeros, or have been this instance's all the time. */
export function openGraph(at: usize): void {
  const graph = changetype<Graph>(at);
  slots = graph.slots;
  stride = graph.stride;
  linkBytes = graph.linkBytes;
  upperBytes = graph.upperBytes;
  codes = graph.codes;
  links = graph.links;
  upperAt = graph.upperAt;
  upper = graph.upper;
  levels = graph.levels;
  query = graph.query;
  query2 = graph.query2;
  pool = graph.pool;
  chosen = graph.chosen;
  list = graph.list;
  visited = graph.visited;
  memory.fill(visited, 0, slots);
  stamp = 0;
}

// @ts-ignore: decorator
@inline
export function codeAt(id: u32): usize {
  return codes + <usize>id * stride;
}

/** The upper row of a node on a level of at least 1, counted over all nodes. */
// @ts-ignore: decorator
@inline
export function upperRow(id: u32, level: i32): u32 {
  return load<u32>(upperAt + (<usize>id << 2)) + <u32>level - 1;
}

/** A node's row of links on a level. */
// @ts-ignore: decorator
@inline
export function linksAt(id: u32, level: i32): usize {
  return level == 0 ? links + <usize>id * linkBytes : upper + <usize>upperRow(id, level) * upperBytes;
}

/** How many links fit on a level. */
// @ts-ignore: decorator
@inline
export function capacity(level: i32): i32 {
  return <i32>((level == 0 ? linkBytes : upperBytes) >> 2) - 1;
}

// @ts-ignore: decorator
@inline
export function candidate(key: i32, id: u32): i64 {
  return (<i64>key << 32) | (<i64>id << 1);
}
// @ts-ignore: decorator
@inline
export function idOf(entry: i64): u32 {
  return <u32>entry >>> 1;
}

/** A new walk: nothing is visited yet. */
export function beginWalk(): void {
  stamp++;
  if (stamp > 255) {
    memory.fill(visited, 0, slots);
    stamp = 1;
  }
}

/** Marks a node; whether this walk had not been there. */
// @ts-ignore: decorator
@inline
export function visit(id: u32): bool {
  const at = visited + id;
  if (load<u8>(at) == <u8>stamp) return false;
  store<u8>(at, <u8>stamp);
  return true;
}

/** Puts an entry into a sorted array of `count` entries, which has room for it; returns its place. */
// @ts-ignore: decorator
@inline
export function insertSorted(array: usize, count: i32, entry: i64): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i64>(array + (<usize>middle << 3)) < entry) low = middle + 1;
    else high = middle;
  }
  // Shifted two at a time: memory.copy calls out of line, which costs more than the few entries behind.
  let end = array + (<usize>count << 3);
  const place = array + (<usize>low << 3);
  while (end >= place + 16) {
    v128.store(end - 8, v128.load(end - 16));
    end -= 16;
  }
  if (end > place) store<i64>(end, load<i64>(end - 8));
  store<i64>(place, entry);
  return low;
}

/**
 * Walks a level from `entry` towards the query, keeping the `ef` best seen (Algorithm 2 of the paper, with one array for both
 * of its heaps). Returns how many are in the pool, sorted.
 */
export function walk(level: i32, entry: u32, entryKey: i32, ef: i32): i32 {
  // Locals: the compiler keeps them in registers, globals it does not.
  const best = pool;
  const seen = visited;
  const mark = <u8>stamp;
  const rows = codes;
  const width = stride;
  const q = query;
  const found = list;
  const spilled = spill;
  store<i64>(best, candidate(entryKey, entry));
  store<u8>(seen + entry, mark);
  let count = 1;
  let current = 0;
  while (current < count) {
    const place = best + (<usize>current << 3);
    const entry = load<i64>(place);
    if (entry & 1) {
      current++;
      continue;
    }
    store<i64>(place, entry | 1);
    if (level == 0 && current + 1 < count) {
      // The row of links that will probably come next.
      const next = linksAt(idOf(load<i64>(place, 8)), 0);
      store<u32>(spilled, load<u32>(next) + load<u32>(next, 64), 16);
    }
    let row = linksAt(idOf(entry), level);
    const rowEnd = row + (<usize>load<u32>(row) << 2);
    let fresh: usize = 0;
    while (row < rowEnd) {
      row += 4;
      // Without a branch: whether a neighbour is new cannot be foretold.
      const id = load<u32>(row);
      const at = seen + id;
      store<u32>(found + (fresh << 2), id);
      fresh += <usize>(load<u8>(at) != mark);
      store<u8>(at, mark);
    }
    if (fresh == 0) {
      current++;
      continue;
    }
    let touched: u32 = 0;
    for (let j: usize = 0; j < fresh; j++) {
      const code = rows + <usize>load<u32>(found + (j << 2)) * width;
      touched += load<u8>(code) + load<u8>(code + width - 1);
    }
    store<u32>(spilled, touched, 16);
    const first = load<u32>(found);
    store<u32>(found + (fresh << 2), first);
    store<u32>(found + (fresh << 2), first, 4);
    store<u32>(found + (fresh << 2), first, 8);
    let next = current + 1;
    for (let j: usize = 0; j < fresh; j += 4) {
      const four = found + (j << 2);
      const keys = keysOfFour(
        rows + <usize>load<u32>(four) * width,
        rows + <usize>load<u32>(four, 4) * width,
        rows + <usize>load<u32>(four, 8) * width,
        rows + <usize>load<u32>(four, 12) * width,
        q,
        width,
      );
      const worst = count == ef ? <i32>(load<i64>(best + (<usize>(count - 1) << 3)) >> 32) : i32.MAX_VALUE;
      let better = i32x4.bitmask(i32x4.lt_s(keys, i32x4.splat(worst)));
      if (fresh - j < 4) better &= (1 << <i32>(fresh - j)) - 1;
      if (better) {
        v128.store(spilled, keys);
        do {
          const lane = <usize>ctz(better) << 2;
          better &= better - 1;
          const key = load<i32>(spilled + lane);
          if (count == ef) {
            if (key >= <i32>(load<i64>(best + (<usize>(count - 1) << 3)) >> 32)) continue;
            count--;
          }
          const at = insertSorted(best, count, candidate(key, load<u32>(four + lane)));
          count++;
          if (at < next) next = at;
        } while (better);
      }
    }
    current = next;
  }
  return count;
}

/** Where `descend` ended, and its key. */
export let nearest: u32 = 0;
export let nearestKey: i32 = 0;

/** Goes down greedily from the entry point on level `top` to the level above `to`. */
export function descend(entry: u32, top: i32, to: i32): void {
  let id = entry;
  let best = keyOf(codeAt(id), query, stride);
  for (let level = top; level > to; level--) {
    for (let moved = true; moved;) {
      moved = false;
      const row = linksAt(id, level);
      const count = load<u32>(row);
      for (let j: u32 = 0; j < count; j += 4) {
        const four = row + 4 + (<usize>j << 2);
        const left = count - j;
        const i0 = load<u32>(four);
        const i1 = left > 1 ? load<u32>(four, 4) : i0;
        const i2 = left > 2 ? load<u32>(four, 8) : i0;
        const i3 = left > 3 ? load<u32>(four, 12) : i0;
        const keys = keysOfFour(codeAt(i0), codeAt(i1), codeAt(i2), codeAt(i3), query, stride);
        const k0 = i32x4.extract_lane(keys, 0);
        const k1 = i32x4.extract_lane(keys, 1);
        const k2 = i32x4.extract_lane(keys, 2);
        const k3 = i32x4.extract_lane(keys, 3);
        if (k0 < best) { best = k0; id = i0; moved = true; }
        if (k1 < best) { best = k1; id = i1; moved = true; }
        if (k2 < best) { best = k2; id = i2; moved = true; }
        if (k3 < best) { best = k3; id = i3; moved = true; }
      }
    }
  }
  nearest = id;
  nearestKey = best;
}
