/**
 * From a recall target to the width of a walk and the depth of re-ranking.
 *
 * Nobody should have to know what efSearch is. At build some two hundred vectors are kept back, their true neighbours found by
 * a scan, and the walks of many widths looked through: where in the sorted pool do the true neighbours stand? That gives
 * the recall of every pair (width, depth) at once, since re-ranking the first r of the pool finds exactly those that stand
 * among them. Of all pairs those are kept that no cheaper one equals. Costs are a formula, not a stopwatch, so that the
 * same vectors give the same table everywhere.
 */

/** Queries of a calibration. */
export const CALIBRATION_QUERIES = 200;
/**
 * The order in which slots go into a graph that is to be calibrated on the way: those after the `first` were evenly spaced before,
 * and can be asked for while they are not in it. Where there are few, none are held back.
 */
export function heldBack(slots: Uint32Array): { order: Uint32Array; first: number } {
  const first = slots.length - CALIBRATION_QUERIES;
  if (slots.length < 10 * CALIBRATION_QUERIES) return { order: slots, first: slots.length };
  const order = new Uint32Array(slots.length);
  const step = slots.length / CALIBRATION_QUERIES;
  let held = 0;
  slots.forEach((slot, i) => {
    const isHeld = held < CALIBRATION_QUERIES && i === Math.floor((held + 0.5) * step);
    if (isHeld) order[first + held++] = slot;
    else order[i - held] = slot;
  });
  return { order, first };
}

/** Neighbours that are measured; a search for k uses the next one up. */
export const CALIBRATED_K: readonly number[] = [10, 30, 100];
/** Widths of the pool that are tried, in groups: where one finds nearly everything, the next is not needed. */
export const WIDTHS: readonly (readonly number[])[] = [
  [10, 12, 15, 17, 20, 24, 28, 33, 40, 50, 60, 75, 90, 110, 140, 180],
  [240, 320, 450],
  [640, 900],
];
/** Found so much, nothing wider is tried. */
const NEARLY_ALL = 0.9995;

/** A setting and what it is worth: the recall measured with it. */
export interface Setting {
  readonly ef: number;
  readonly rerank: number;
  readonly recall: number;
}

/** The settings worth having for one number of neighbours, cheapest first, recall ascending. */
export interface Frontier {
  readonly k: number;
  readonly settings: readonly Setting[];
}

/** How many of the true neighbours stand how deep in the pool of one width, over all queries. */
export interface Depths {
  readonly ef: number;
  /** By depth, 0 … ef − 1. */
  readonly found: Uint32Array;
}

/** Whether the widest pool found so many of the `wanted` that wider ones are not worth trying. */
export function foundNearlyAll(depths: readonly Depths[], wanted: number): boolean {
  return (depths.at(-1)?.found.reduce((sum, count) => sum + count, 0) ?? 0) >= NEARLY_ALL * wanted;
}

/** The frontier of settings for k neighbours, of which there were `wanted` over all queries. */
export function frontierOf(
  k: number,
  depths: readonly Depths[],
  wanted: number,
  dim: number,
  stride: number,
): Frontier {
  const all: (Setting & { cost: number })[] = [];
  for (const { ef, found } of depths) {
    if (ef < k) continue;
    let sum = 0;
    for (let depth = 0; depth < ef; depth++) {
      sum += found[depth]!;
      const rerank = depth + 1;
      if (rerank < k || (rerank > 40 && rerank % 5 !== 0)) continue;
      all.push({ ef, rerank, recall: sum / wanted, cost: costOf(ef, rerank, dim, stride) });
    }
  }
  all.sort((a, b) => a.cost - b.cost || b.recall - a.recall);
  const settings: Setting[] = [];
  for (const { ef, rerank, recall } of all) {
    const best = settings.at(-1);
    // Half a neighbour in a thousand is noise; so many settings would only fill the file.
    if (!best || recall >= best.recall + 0.0005 || (recall > best.recall && recall === 1))
      settings.push({ ef, rerank, recall });
  }
  return { k, settings };
}

/** Microseconds, as measured on one core of 2022: a candidate of the walk, and a row read from memory. */
function costOf(ef: number, rerank: number, dim: number, stride: number): number {
  return ef * (0.5 + (0.07 * stride) / 64) + rerank * (0.1 + dim / 2000);
}

/** Fewer misses are asked of the sample by so much: it is one of two hundred, and queries may be stranger than what is stored. */
const CAUTION = 0.85;

/**
 * The cheapest setting for k hits that holds `recall`, or undefined where none measured does: then only looking at everything
 * will. More neighbours than were measured take a pool that grows with them.
 */
export function settingFor(frontiers: readonly Frontier[], k: number, recall: number): Setting | undefined {
  const frontier = frontiers.find((one) => one.k >= k) ?? frontiers.at(-1);
  const setting = frontier?.settings.find((one) => 1 - one.recall <= CAUTION * (1 - recall));
  if (!frontier || !setting) return undefined;
  const factor = Math.max(1, k / frontier.k);
  return { ...setting, ef: Math.ceil(setting.ef * factor), rerank: Math.ceil(setting.rerank * factor) };
}

/** The recall that was measured with settings no wider than these: what may be expected of them at least. */
export function recallOf(frontiers: readonly Frontier[], k: number, ef: number, rerank: number): number {
  const frontier = frontiers.find((one) => one.k >= k);
  const within = frontier?.settings.filter((one) => one.ef <= ef && one.rerank <= rerank) ?? [];
  return within.at(-1)?.recall ?? 0;
}
