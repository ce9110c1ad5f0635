/** Averages and correlations of samples. */
import { LociError } from "../core/index.ts";

/** The arithmetic mean; NaN of nothing, since there is none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * Pearson's correlation of two samples: how close they are to a rising (1) or falling (−1) line.
 *
 * NaN where it is not defined: fewer than two pairs, or a sample without any spread.
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkPaired(a, b);
  const meanA = mean(a);
  const meanB = mean(b);
  let together = 0;
  let spreadA = 0;
  let spreadB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    together += x * y;
    spreadA += x * x;
    spreadB += y * y;
  }
  if (spreadA === 0 || spreadB === 0) return NaN;
  // One root where the product stays in range: √(s·s) is s, so samples on one line correlate by exactly 1.
  const squares = spreadA * spreadB;
  const size = squares > 1e-290 && squares < 1e300 ? Math.sqrt(squares) : Math.sqrt(spreadA) * Math.sqrt(spreadB);
  return Math.max(-1, Math.min(1, together / size));
}

/**
 * Spearman's rank correlation (1904): Pearson's correlation of the ranks, ties sharing their average.
 *
 * 1 where both samples put everything in one order, whatever the numbers. NaN where it is not defined.
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkPaired(a, b);
  return pearson(ranks(a), ranks(b));
}

/** Ranks from 1 by rising value; equal values share the average of the ranks they take up. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Float64Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const out = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    if (end === start) throw new LociError("bad-argument", "Expected numbers that can be ordered, got NaN.");
    for (let i = start; i < end; i++) out[order[i]!] = (start + 1 + end) / 2;
  }
  return out;
}

function checkPaired(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length === b.length) return;
  throw new LociError("bad-argument", `Expected two samples of one length, got ${a.length} and ${b.length} numbers.`);
}
