/**
 * The one source of chance: a mixing function of 32 bits, used as a counter-based generator.
 *
 * mix(counter ^ key) needs no state, so any worker can draw the number of any position, in any order.
 * The function is "lowbias32" of Chris Wellons' hash prospector (2018, public domain), which was found by
 * searching for the least avalanche bias. Kernel: ../assembly/mix.ts, equal to the bit.
 */
export function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
