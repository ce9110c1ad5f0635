/**
 * Building the graph in batches, so that the result does not depend on who worked when.
 *
 * Each batch has two parts. First every new node searches the graph as it was when the batch began, chooses its neighbours
 * and writes only its own rows, which nobody can reach yet; the links back are put on a list. Then that list is
 * chained by target, and every touched row is merged once. Both parts are over independent items and run on any
 * number of threads; the order inside a chain is the order of the batch, whoever found it. Merging once a batch
 * also saves nearly all of the selections that HNSW makes edge by edge.
 */
import { keyOf, keysOfFour } from "./integers";
import {
  beginWalk, candidate, capacity, chosen, codeAt, descend, idOf, insertSorted, levels, linksAt, nearest, nearestKey,
  pool, query, query2, stride, upperRow, walk,
} from "./graph";
import { rowAsQuery } from "./encode";

/** Of an edge: target | level << LEVEL_SHIFT, then source. */
export const LEVEL_SHIFT: u32 = 28;
export const ID_MASK: u32 = (1 << 28) - 1;
export const END: u32 = 0xffffffff;

/**
 * Chooses at most `most` of the `count` sorted candidates in `chosen` (true squared distances to the node): one is kept if it is
 * nearer to the node than to all kept before it (Algorithm 4). Copies of a kept one are let in up to half
 * of the row, lest a thousand equal vectors link to nothing but each other. Writes ids to `out`; returns how many.
 */
export function select(count: i32, most: i32, out: usize): i32 {
  return selectMore(count, 0, most, out);
}

/** The same with `kept` ids at `out` already, which stay. */
export function selectMore(count: i32, kept: i32, most: i32, out: usize): i32 {
  let copies = 0;
  for (let i = 0; i < count && kept < most; i++) {
    const entry = load<i64>(chosen + (<usize>i << 3));
    const id = idOf(entry);
    const distance = <i32>(entry >> 32);
    let keep = true;
    if (kept) {
      const norm = rowAsQuery(codeAt(id), stride, query2);
      const limit = i32x4.splat(distance);
      for (let j = 0; j < kept; j += 4) {
        const left = kept - j;
        const four = out + (<usize>j << 2);
        const i0 = load<u32>(four);
        const i1 = left > 1 ? load<u32>(four, 4) : i0;
        const i2 = left > 2 ? load<u32>(four, 8) : i0;
        const i3 = left > 3 ? load<u32>(four, 12) : i0;
        const keys = keysOfFour(codeAt(i0), codeAt(i1), codeAt(i2), codeAt(i3), query2, stride);
        if (v128.any_true(i32x4.lt_s(i32x4.add(keys, i32x4.splat(norm)), limit))) {
          keep = false;
          break;
        }
      }
      if (keep && distance == 0) keep = ++copies <= most >> 1;
    }
    if (keep) {
      store<u32>(out + (<usize>kept << 2), id);
      kept++;
    }
  }
  return kept;
}

/** Inserts one node into the frozen graph: writes its own rows, and its links back to `edges`. Returns how many those are. */
function insert(id: u32, entry: u32, top: i32, ef: i32, most: i32, dead: usize, edges: usize): i32 {
  const level = min(<i32>load<u8>(levels + id), top);
  const norm = rowAsQuery(codeAt(id), stride, query);
  descend(entry, top, level);
  let from = nearest;
  let fromKey = nearestKey;
  let count = 0;
  for (let l = <i32>load<u8>(levels + id); l > level; l--) store<u32>(linksAt(id, l), 0);
  for (let l = level; l >= 0; l--) {
    beginWalk();
    const found = walk(l, from, fromKey, ef);
    const best = load<i64>(pool);
    from = idOf(best);
    fromKey = <i32>(best >> 32);
    let candidates = 0;
    for (let i = 0; i < found; i++) {
      const one = load<i64>(pool + (<usize>i << 3));
      if (dead && holdsBit(dead, idOf(one))) continue;
      store<i64>(chosen + (<usize>candidates << 3), (one & ~1) + (<i64>norm << 32));
      candidates++;
    }
    const row = linksAt(id, l);
    const kept = select(candidates, min(most, capacity(l)), row + 4);
    store<u32>(row, kept);
    for (let j = 0; j < kept; j++) {
      store<u32>(edges, load<u32>(row + 4 + (<usize>j << 2)) | (<u32>l << LEVEL_SHIFT));
      store<u32>(edges, id, 4);
      edges += 8;
    }
    count += kept;
  }
  return count;
}

/**
 * The first part: inserts items [from, to) of the u32s at `ids`; each has `edgeBytes` for its links back. Nodes in the bitmap
 * `dead` (0: none) are walked through and not linked to.
 */
export function insertItems(
  ids: usize,
  from: u32,
  to: u32,
  entry: u32,
  top: i32,
  ef: i32,
  most: i32,
  dead: usize,
  edges: usize,
  edgeBytes: u32,
  counts: usize,
): void {
  for (let i = from; i < to; i++) {
    const id = load<u32>(ids + (<usize>i << 2));
    store<i32>(counts + (<usize>i << 2), insert(id, entry, top, ef, most, dead, edges + <usize>i * edgeBytes));
  }
}

// @ts-ignore: decorator
@inline
export function holdsBit(bitmap: usize, id: u32): u32 {
  return (load<u32>(bitmap + (<usize>(id >>> 5) << 2)) >>> (id & 31)) & 1;
}

// @ts-ignore: decorator
@inline
export function headOf(target: u32, heads: usize, upperHeads: usize): usize {
  const id = target & ID_MASK;
  const level = <i32>(target >>> LEVEL_SHIFT);
  return level == 0 ? heads + (<usize>id << 2) : upperHeads + (<usize>upperRow(id, level) << 2);
}

/**
 * Chains the edges of a batch by target: `records` get (next, source), `heads` (one a node, and one an upper row; all END
 * between batches) the newest. Lists each target once at `targets`; returns how many there are.
 */
export function chainEdges(
  items: u32,
  edges: usize,
  edgeBytes: u32,
  counts: usize,
  records: usize,
  heads: usize,
  upperHeads: usize,
  targets: usize,
): u32 {
  let listed: u32 = 0;
  let record: u32 = 0;
  for (let i: u32 = 0; i < items; i++) {
    let edge = edges + <usize>i * edgeBytes;
    for (const end = edge + (<usize>load<u32>(counts + (<usize>i << 2)) << 3); edge < end; edge += 8) {
      const target = load<u32>(edge);
      const head = headOf(target, heads, upperHeads);
      const last = load<u32>(head);
      if (last == END) {
        store<u32>(targets + (<usize>listed << 2), target);
        listed++;
      }
      const at = records + (<usize>record << 3);
      store<u32>(at, last);
      store<u32>(at, load<u32>(edge, 4), 4);
      store<u32>(head, record);
      record++;
    }
  }
  return listed;
}

/** Whether `id` is among the `count` ids at `row`. */
export function holds(row: usize, count: i32, id: u32): bool {
  for (let j = 0; j < count; j++) if (load<u32>(row + (<usize>j << 2)) == id) return true;
  return false;
}

function merge(target: u32, level: i32, head: u32, records: usize): void {
  const row = linksAt(target, level);
  const ids = row + 4;
  const room = capacity(level);
  let count = <i32>load<u32>(row);
  let total = count;
  for (let h = head; h != END; h = load<u32>(records + (<usize>h << 3))) total++;
  if (total <= room) {
    for (let h = head; h != END; h = load<u32>(records + (<usize>h << 3))) {
      const source = load<u32>(records + (<usize>h << 3), 4);
      if (holds(ids, count, source)) continue;
      store<u32>(ids + (<usize>count << 2), source);
      count++;
    }
    store<u32>(row, count);
    return;
  }
  const norm = rowAsQuery(codeAt(target), stride, query);
  let candidates = 0;
  for (let j = 0; j < count; j++) {
    const id = load<u32>(ids + (<usize>j << 2));
    insertSorted(chosen, candidates++, candidate(keyOf(codeAt(id), query, stride) + norm, id));
  }
  for (let h = head; h != END; h = load<u32>(records + (<usize>h << 3))) {
    const id = load<u32>(records + (<usize>h << 3), 4);
    if (holds(ids, count, id)) continue;
    insertSorted(chosen, candidates++, candidate(keyOf(codeAt(id), query, stride) + norm, id));
  }
  store<u32>(row, select(candidates, room, ids));
}

/** The second part: merges targets [from, to) of the list, and makes their heads END again. */
export function mergeTargets(
  targets: usize,
  from: u32,
  to: u32,
  records: usize,
  heads: usize,
  upperHeads: usize,
): void {
  for (let i = from; i < to; i++) {
    const target = load<u32>(targets + (<usize>i << 2));
    const head = headOf(target, heads, upperHeads);
    merge(target & ID_MASK, <i32>(target >>> LEVEL_SHIFT), load<u32>(head), records);
    store<u32>(head, END);
  }
}
