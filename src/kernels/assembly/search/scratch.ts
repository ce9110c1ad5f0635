/**
 * The one line of memory that every instance has to itself.
 *
 * Instances share a memory, so what a kernel spills (four keys, the sum of a touch pass) must not lie at an address
 * of everyone's. Kernels with larger areas of their own are handed them by their callers.
 */

/** 64 bytes, aligned to 16. */
export let spill: usize = 0;

/** Tells the instance where it may spill: 64 bytes, aligned to 64, of no one else. Before anything else. */
export function openScratch(at: usize): void {
  spill = at;
}
