/**
 * Mending rows of links that lead to removed nodes.
 *
 * A row that lost a neighbour chooses anew among what it has left, the neighbours of the lost ones, and the neighbours of
 * those it kept (two steps); what it gained is linked back, as when a node is inserted. Like insertion this goes in
 * batches over the graph as it was when the batch began: new rows are written beside the items, and put in place together.
 */
import {
  beginWalk, candidate, chosen, codeAt, insertSorted, levels, linksAt, list, query, stride, visit,
} from "./graph";
import { LEVEL_SHIFT, holds, holdsBit, selectMore } from "./build";
import { rowAsQuery } from "./encode";
import { keyOf } from "./integers";

/** Lists at `out` the nodes of [from, to) in `alive` that have a link to one in `dead`; returns how many. */
export function listBroken(from: u32, to: u32, alive: usize, dead: usize, out: usize): u32 {
  let count: u32 = 0;
  for (let id = from; id < to; id++) {
    if (!holdsBit(alive, id)) continue;
    let broken = false;
    for (let level = <i32>load<u8>(levels + id); level >= 0 && !broken; level--) broken = isBroken(linksAt(id, level), dead);
    if (!broken) continue;
    store<u32>(out + (<usize>count << 2), id);
    count++;
  }
  return count;
}

function isBroken(row: usize, dead: usize): bool {
  const end = row + (<usize>load<u32>(row) << 2);
  while (row < end) {
    row += 4;
    if (holdsBit(dead, load<u32>(row))) return true;
  }
  return false;
}

/** Candidates of the row in hand, and the distance that one must be below once there are `most`. */
let candidates: i32 = 0;

function offer(id: u32, norm: i32, most: i32): void {
  const entry = candidate(keyOf(codeAt(id), query, stride) + norm, id);
  if (candidates == most) {
    if (entry >= load<i64>(chosen + (<usize>(most - 1) << 3))) return;
    candidates--;
  }
  insertSorted(chosen, candidates, entry);
  candidates++;
}

function offerRow(row: usize, dead: usize, norm: i32, most: i32): void {
  const end = row + (<usize>load<u32>(row) << 2);
  while (row < end) {
    row += 4;
    const id = load<u32>(row);
    if (visit(id) && !holdsBit(dead, id)) offer(id, norm, most);
  }
}

/** A new row for one node on one level, to `out`: how many, ids. The old one where nothing is lost. */
function mend(id: u32, level: i32, dead: usize, most: i32, out: usize): void {
  const row = linksAt(id, level);
  const count = load<u32>(row);
  if (!isBroken(row, dead)) {
    memory.copy(out, row, 4 + (<usize>count << 2));
    return;
  }
  const norm = rowAsQuery(codeAt(id), stride, query);
  beginWalk();
  visit(id);
  candidates = 0;
  // What is left stays: among it are the long links that no search of the neighbourhood would find again.
  let kept = 0;
  for (let j: u32 = 1; j <= count; j++) {
    const left = load<u32>(row + (<usize>j << 2));
    if (holdsBit(dead, left)) continue;
    visit(left);
    store<u32>(out + 4 + (<usize>kept << 2), left);
    kept++;
  }
  for (let j: u32 = 1; j <= count; j++) offerRow(linksAt(load<u32>(row + (<usize>j << 2)), level), dead, norm, most);
  store<u32>(out, selectMore(candidates, kept, <i32>count, out + 4));
}

/** The new rows of items [from, to), level by level, each to its `edgeBytes` at `rows`. `most`: candidates looked at a row. */
export function mendItems(ids: usize, from: u32, to: u32, dead: usize, most: i32, rows: usize, edgeBytes: u32): void {
  for (let i = from; i < to; i++) {
    const id = load<u32>(ids + (<usize>i << 2));
    let out = rows + <usize>i * edgeBytes;
    for (let level = 0; level <= <i32>load<u8>(levels + id); level++) {
      mend(id, level, dead, most, out);
      out += 4 + (<usize>load<u32>(out) << 2);
    }
  }
}

/** Puts the new rows in place; in their stead come the links back that they gained, `counts` of each item. */
export function placeMended(ids: usize, items: u32, rows: usize, edgeBytes: u32, counts: usize): void {
  for (let i: u32 = 0; i < items; i++) {
    const id = load<u32>(ids + (<usize>i << 2));
    memory.copy(chosen, rows + <usize>i * edgeBytes, edgeBytes);
    let mended = chosen;
    let edge = rows + <usize>i * edgeBytes;
    const first = edge;
    for (let level = 0; level <= <i32>load<u8>(levels + id); level++) {
      const row = linksAt(id, level);
      const before = <i32>load<u32>(row);
      const now = load<u32>(mended);
      memory.copy(list, row + 4, <usize>before << 2);
      memory.copy(row, mended, 4 + (<usize>now << 2));
      for (let j: u32 = 1; j <= now; j++) {
        const gained = load<u32>(mended + (<usize>j << 2));
        if (holds(list, before, gained)) continue;
        store<u32>(edge, gained | (<u32>level << LEVEL_SHIFT));
        store<u32>(edge, id, 4);
        edge += 8;
      }
      mended += 4 + (<usize>now << 2);
    }
    store<u32>(counts + (<usize>i << 2), <u32>((edge - first) >> 3));
  }
}
