/**
 * Lengths, products, angles and distances of vectors, written to be read.
 *
 * All add in float64, first number first, so that they can judge the kernels and give the same bits
 * everywhere. Where millions of rows are scored, kernels do the work (table/nearest.ts).
 */
import { LociError } from "../core/index.ts";

/** Throws `dim-mismatch` unless both vectors have one width. */
function checkSameDim(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length === b.length) return;
  throw new LociError(
    "dim-mismatch",
    `Expected two vectors of one width, got ${a.length} and ${b.length} numbers. Vectors of different models cannot be compared.`,
  );
}

/** The dot product Σ aᵢbᵢ: large where both are long and point the same way. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkSameDim(a, b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The length √Σ aᵢ² (L2 norm), also where the squares would leave the range of a number. */
export function norm(a: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!;
  if (sum > 1e-280 && sum < 1e300) return Math.sqrt(sum);
  // Squares of float32 numbers never come here, except those of zeros.
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  if (!(largest > 0 && largest < Infinity)) return largest;
  sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/**
 * The cosine of the angle between a and b: 1 in the same direction, 0 at a right angle, −1 opposite.
 *
 * Lengths do not count. Always within [−1, 1]. A vector of zeros has no direction: its cosine with
 * anything is 0, by convention, never NaN.
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkSameDim(a, b);
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  // One root of both squares, not two: √(s·s) is s, so a vector's cosine with itself is 1 and no bit less. Where a
  // product may have left the range of a number, each vector is made one long first.
  const squares = squareA * squareB;
  const quotient = squares > 1e-290 && squares < 1e300 ? product / Math.sqrt(squares) : dot(unit(a), unit(b));
  return Math.max(-1, Math.min(1, quotient));
}

/** A float64 copy of length one; zeros stay zeros. */
function unit(a: ArrayLike<number>): Float64Array {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  const out = Float64Array.from(a);
  if (largest === 0) return out;
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / largest; // first into reach, so that no square overflows
  const length = norm(out);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / length;
  return out;
}

/** The squared distance Σ (aᵢ − bᵢ)²: ranks like the distance and saves the root. */
export function squaredEuclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkSameDim(a, b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

/** The distance √Σ (aᵢ − bᵢ)² between two places. */
export function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(squaredEuclidean(a, b));
}

/**
 * A copy of `a` with length 1 (L2 normalization); `a` itself is kept.
 *
 * A vector of zeros has no direction and comes back as zeros, never as NaN.
 */
export function normalize(a: ArrayLike<number>): Float32Array {
  return Float32Array.from(unit(a));
}
