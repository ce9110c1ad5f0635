/**
 * Which slots may answer a search: one bit a slot, and how many there are.
 *
 * Whatever a filter is (a predicate, a set of keys, a bitmap of the caller's), it becomes a bitmap of live slots before
 * the search begins. So it is known how many could answer, and no index can come up short without noticing.
 */
import { LociError } from "../core/index.ts";
import type { SlotTable } from "./slot-table.ts";
import type { Turn } from "./turn.ts";
import type { KeyFilter } from "./vector-index.ts";

/** Bit s % 32 of word s / 32 says whether slot s may answer; `count` bits are set, none of them past the last slot. */
export interface SlotMask {
  readonly words: Uint32Array;
  readonly count: number;
}

/** The live slots that pass a filter; all of them where there is none. The mask of no filter is a view: use it at once. */
export async function maskOf(table: SlotTable, filter: KeyFilter | undefined, turn: Turn): Promise<SlotMask> {
  const { live } = table;
  if (filter === undefined) return { words: live, count: table.count };
  if (typeof filter === "function") return maskWhere(table, filter, turn);
  if ("slots" in filter) return maskOfBitmap(live, filter.slots);
  const words = new Uint32Array(live.length);
  let count = 0;
  let seen = 0;
  for (const key of filter) {
    const slot = table.slotOf(key);
    // A set names a key once; an iterable that does not is still counted right.
    if (slot !== undefined && !((words[slot >>> 5]! >>> (slot & 31)) & 1)) {
      words[slot >>> 5]! |= 1 << (slot & 31);
      count++;
    }
    if ((++seen & 1023) === 0 && turn.due) await turn.pass();
  }
  return { words, count };
}

async function maskWhere(table: SlotTable, admits: (key: never) => boolean, turn: Turn): Promise<SlotMask> {
  const { live, end } = table;
  const words = new Uint32Array(live.length);
  let count = 0;
  for (let slot = 0; slot < end; slot++) {
    if ((slot & 255) === 0 && turn.due) await turn.pass();
    if (!((live[slot >>> 5]! >>> (slot & 31)) & 1) || !admits(table.keyOf(slot) as never)) continue;
    words[slot >>> 5]! |= 1 << (slot & 31);
    count++;
  }
  return { words, count };
}

/** A bitmap of the caller's, without the slots that nothing lives in; what it lacks at its end counts as zeros. */
function maskOfBitmap(live: Uint32Array, bitmap: Uint32Array): SlotMask {
  if (!(bitmap instanceof Uint32Array)) {
    throw new LociError("bad-argument", "Expected the bitmap of a filter to be a Uint32Array: { slots: bitmap }.");
  }
  const words = live.map((word, w) => word & (bitmap[w] ?? 0));
  return { words, count: bitsIn(words) };
}

/** How many bits are set. */
export function bitsIn(words: Uint32Array): number {
  let count = 0;
  for (let word of words) {
    // Pairs, fours, eights, and all eights into the top byte.
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
