/**
 * How far a figure can be trusted: intervals by the bootstrap.
 *
 * The sample is drawn from itself again and again, with replacement, and the figure is taken anew each time;
 * the middle part of what comes out is the interval (the percentile method of Efron, 1979). It asks
 * nothing of the figure's distribution, and with a seed it is the same every time.
 */
import { Rng, checkNumber, checkWhole } from "../core/index.ts";

export interface IntervalOptions {
  /** How often the sample is drawn again. Default 1,000; more make the ends steadier. */
  readonly resamples?: number;
  /** The part of the resampled figures that the interval holds. Default 0.95. */
  readonly level?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Where the figure lies, with the chance of `level`, as far as this sample can tell. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
}

/**
 * The interval of a figure of `count` items. `figure` is given the numbers of the items drawn, `count` of them with
 * repeats, in an array that is used again. Resamples without a figure (NaN) do not count; the ends are NaN
 * where none has one.
 */
export function bootstrapInterval(
  count: number,
  figure: (items: Uint32Array) => number,
  { resamples = 1000, level = 0.95, seed = 1 }: IntervalOptions = {},
): Interval {
  checkWhole("resamples", resamples, 1);
  checkNumber("level", level, 0, 1);
  const rng = new Rng(seed);
  const items = new Uint32Array(count);
  const figures: number[] = [];
  if (count === 0) return { low: NaN, high: NaN, level, resamples };
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < count; i++) items[i] = rng.nextBelow(count);
    const value = figure(items);
    if (!Number.isNaN(value)) figures.push(value);
  }
  figures.sort((a, b) => a - b);
  const outside = (1 - level) / 2;
  return { low: quantile(figures, outside), high: quantile(figures, 1 - outside), level, resamples };
}

/** The value below which the given part of a sorted sample lies, between two neighbours in proportion. */
function quantile(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
