/**
 * On how many levels a node lies: a pure function of its slot.
 *
 * HNSW draws levels with probability M⁻ˡ. Here the draw is a hash of the slot against a table of thresholds, so that no order
 * of insertion and no logarithm (which engines round as they like) has a part in it. A slot that is used again keeps
 * its level, and with it its rows on the upper levels.
 */
import { reference } from "../kernels/index.ts";
import type { Turn } from "./turn.ts";

/** Upper levels at most: with M = 16, one node in 2²⁴ would want another. */
export const LEVELS = 6;

/** The level of each slot, and where its upper rows begin, counted in rows. */
export async function levelsOf(
  slots: number,
  M: number,
  turn: Turn,
): Promise<{ levels: Uint8Array; upperAt: Uint32Array; upperRows: number }> {
  const thresholds: number[] = [];
  for (let share = 2 ** 32 / M; thresholds.length < LEVELS; share /= M) thresholds.push(Math.floor(share));
  const levels = new Uint8Array(slots);
  const upperAt = new Uint32Array(slots);
  let upperRows = 0;
  for (let slot = 0; slot < slots; slot++) {
    const draw = reference.mix(slot + 1);
    let level = 0;
    while (level < LEVELS && draw < thresholds[level]!) level++;
    levels[slot] = level;
    upperAt[slot] = upperRows;
    upperRows += level;
    if ((slot & 0xffff) === 0xffff && turn.due) await turn.pass();
  }
  return { levels, upperAt, upperRows };
}
