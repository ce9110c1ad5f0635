/** Scores to probabilities. */
import { reference } from "../kernels/index.ts";

/**
 * e^sᵢ / Σ e^sⱼ: positive numbers that sum to 1, in the order of the scores.
 *
 * The largest score is taken off first, which changes nothing in the quotient and lets no exponential
 * overflow. Softmax of nothing is nothing. `exp` is the kernels' own, so that every engine gives the same bits.
 */
export function softmax(scores: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(scores);
  const largest = out.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < out.length; i++) sum += out[i] = reference.exp(out[i]! - largest);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / sum;
  return out;
}
