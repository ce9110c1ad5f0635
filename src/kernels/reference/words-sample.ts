/**
 * From raw tokens to the positions that are trained: the plain twin of ../assembly/words/sample.ts.
 *
 * Whole numbers only, so the two agree to the bit.
 */
import { mix } from "./mix.ts";

export const LINE_END = 0xffffffff;

/** What sampling is told; the fields are those of the kernels' Plan. */
export interface SamplingPlan {
  readonly window: number;
  readonly batch: number;
  readonly pool: number;
  readonly fresh: number;
  readonly halo: number;
  /** The key of the epoch's random numbers. */
  readonly key: number;
  /** A token of word w is kept when its random u32 is not above keep[w]. */
  readonly keep: Uint32Array;
  readonly cumulative: Uint32Array;
  readonly guide: Uint32Array;
}

/** A kept token: its word, its raw position, and the kept tokens [first, last] of its window (itself among them). */
export interface Kept {
  readonly id: number;
  readonly position: number;
  first: number;
  last: number;
}

export interface Piece {
  readonly kept: Kept[];
  /** Tokens [firstTrained, firstTrained + trained) are the piece's own; the others are its halo. */
  readonly firstTrained: number;
  readonly trained: number;
}

/** Keeps tokens of ids[start, start + count), whose first has raw position `position`, with up to `window` more on each side. */
export function keepAndWindow(
  plan: SamplingPlan,
  ids: Uint32Array,
  start: number,
  count: number,
  position: number,
): Piece {
  const { window, halo, key, keep } = plan;
  const randomAt = (p: number): number => mix((position + p) ^ key);
  let from = 0;
  for (let found = 0; found < window && from > -halo; from--) {
    const id = ids[start + from - 1]!;
    if (id === LINE_END) break;
    if (randomAt(from - 1) <= keep[id]!) found++;
  }
  const kept: Kept[] = [];
  let lineStart = 0;
  let firstTrained = 0;
  let trained = 0;
  for (let p = from, after = 0; p < count + halo; p++) {
    if (p === 0) firstTrained = kept.length;
    if (p === count) trained = kept.length - firstTrained;
    const id = ids[start + p]!;
    if (id === LINE_END) {
      if (p >= count) break;
      closeLine(kept, lineStart);
      lineStart = kept.length;
      continue;
    }
    const random = randomAt(p);
    if (random > keep[id]!) continue;
    if (p >= count && ++after > window) break;
    const reach = 1 + Math.floor((mix(random ^ 0x2545f491) * window) / 2 ** 32);
    kept.push({ id, position: (position + p) >>> 0, first: kept.length - reach, last: kept.length + reach });
  }
  closeLine(kept, lineStart);
  return { kept, firstTrained, trained };
}

/** Clips the windows of a line's tokens to the line. */
function closeLine(kept: Kept[], start: number): void {
  for (let i = start; i < kept.length; i++) {
    kept[i]!.first = Math.max(start, kept[i]!.first);
    kept[i]!.last = Math.min(kept.length - 1, kept[i]!.last);
  }
}

/** The words drawn for a piece's batches: batch b has [b · fresh, b · fresh + pool). */
export function drawPools(plan: SamplingPlan, { kept, firstTrained, trained }: Piece): number[] {
  const { batch, pool, fresh, key, cumulative, guide } = plan;
  const batches = Math.ceil(trained / batch);
  if (batches === 0) return [];
  const seed = mix(kept[firstTrained]!.position ^ key ^ 0x5bd1e995);
  const step = Math.floor(2 ** 32 / fresh);
  const drawn: number[] = [];
  for (let group = 0; group < batches - 1 + Math.ceil(pool / fresh); group++) {
    let h = mix((seed + group) >>> 0);
    for (let k = 0; k < fresh; k++) {
      let id = guide[h >>> 16]!;
      while (cumulative[id]! < h) id++;
      drawn.push(id);
      h = (h + step) >>> 0;
    }
  }
  return drawn;
}
