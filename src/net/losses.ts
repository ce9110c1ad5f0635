/**
 * What the losses are made of: log-sum-exp, softplus and sums of scaled vectors, in float64.
 *
 * The losses of this room are the teaching ones: vectors in, a number and its gradients out, written as the papers
 * write them and checked against differences. The trainers' kernels compute the same in float32, fused and fast.
 */
import { reference } from "../kernels/index.ts";

/** A vector of any kind of numbers: a row view of a table will do. */
export type Vector = ArrayLike<number>;

/** log Σ eˣ, the largest taken out first so that nothing overflows; −Infinity for no numbers. */
export function logSumExp(x: Vector): number {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, x[i]!);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += reference.exp(x[i]! - largest);
  return largest + reference.log(sum);
}

/** log(1 + eˣ) = −log σ(−x), without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + reference.log(1 + reference.exp(-Math.abs(x)));
}

/** σ(x) = 1 ÷ (1 + e⁻ˣ), without overflow. */
export function sigmoid(x: number): number {
  const small = reference.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/** factor · source, as a new vector. */
export function scaled(source: Vector, factor: number): Float64Array {
  return Float64Array.from(source, (value) => factor * value);
}

/** target += factor · source. */
export function addTo(target: Float64Array, source: Vector, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * source[i]!;
}
