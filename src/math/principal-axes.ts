/**
 * The directions in which vectors vary most (principal component analysis; Pearson, 1901; Hotelling, 1933).
 *
 * Subspace iteration (Bauer, 1957): a few products of the covariance with a block of directions, made orthonormal each
 * time, turn the block into the leading axes. It needs no full decomposition, and + − × ÷ √ only.
 */
import { LociError, type Matrix, Rng } from "../core/index.ts";
import type { Dense64 } from "./svd.ts";

/** The mean of rows and their leading axes. */
export interface PrincipalAxes {
  readonly mean: Float64Array;
  /** count × dim, orthonormal, most variance first. */
  readonly axes: Dense64;
  /** The variance along each axis. */
  readonly variances: Float64Array;
  /** The variance of the rows in all directions. */
  readonly total: number;
}

const ROUNDS = 8;

/**
 * The `count` leading axes of the rows. Yields now and then, so that long work can be shown or stopped. Axes of nearly
 * equal variance may come turned among themselves.
 */
export function* principalAxes({ data, rows, dim }: Matrix, count: number): Generator<void, PrincipalAxes, void> {
  if (!(count >= 1 && count <= dim)) {
    throw new LociError("bad-argument", `Expected 1 to ${dim} axes of vectors of dim ${dim}, got ${count}.`);
  }
  const mean = new Float64Array(dim);
  for (let r = 0; r < rows; r++) for (let i = 0; i < dim; i++) mean[i]! += data[r * dim + i]! / rows;
  const covariance = new Float64Array(dim * dim);
  const centred = new Float64Array(dim);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < dim; i++) centred[i] = data[r * dim + i]! - mean[i]!;
    for (let i = 0; i < dim; i++) {
      const factor = centred[i]! / rows;
      if (factor === 0) continue;
      for (let j = i; j < dim; j++) covariance[i * dim + j]! += factor * centred[j]!;
    }
    if ((r & 15) === 0) yield;
  }
  let total = 0;
  for (let i = 0; i < dim; i++) {
    total += covariance[i * dim + i]!;
    for (let j = 0; j < i; j++) covariance[i * dim + j] = covariance[j * dim + i]!;
  }
  const rng = new Rng(1);
  let axes: Float64Array[] = Array.from({ length: count }, () =>
    Float64Array.from({ length: dim }, () => rng.next() - 0.5),
  );
  let variances: Float64Array = new Float64Array(count);
  for (let round = 0; round <= ROUNDS; round++) {
    yield* orthonormalize(axes);
    if (round === ROUNDS) break;
    const turned: Float64Array[] = [];
    for (const axis of axes) {
      turned.push(times(covariance, axis));
      yield;
    }
    // The last round's lengths are the variances, when the block has settled.
    variances = Float64Array.from(turned, (axis, i) => product(axis, axes[i]!));
    axes = turned;
  }
  const out = new Float64Array(count * dim);
  axes.forEach((axis, i) => out.set(axis, i * dim));
  return { mean, axes: { data: out, rows: count, dim }, variances, total };
}

/** Gram and Schmidt, twice: once is not enough in floating point. An axis without a length of its own becomes a coordinate's. */
function* orthonormalize(axes: Float64Array[]): Generator<void, void, void> {
  let spare = 0;
  for (let i = 0; i < axes.length; i++) {
    for (;;) {
      const axis = axes[i]!;
      const before = Math.sqrt(product(axis, axis));
      for (let twice = 0; twice < 2; twice++) {
        for (let j = 0; j < i; j++) {
          const part = product(axis, axes[j]!);
          for (let k = 0; k < axis.length; k++) axis[k] = axis[k]! - part * axes[j]![k]!;
        }
      }
      const length = Math.sqrt(product(axis, axis));
      if (length > 1e-10 * before && length > 0) {
        for (let k = 0; k < axis.length; k++) axis[k] = axis[k]! / length;
        break;
      }
      axis.fill(0);
      axis[spare++ % axis.length] = 1;
    }
    if ((i & 3) === 0) yield;
  }
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const dim = vector.length;
  const out = new Float64Array(dim);
  for (let i = 0; i < dim; i++) {
    const factor = vector[i]!;
    for (let j = 0; j < dim; j++) out[j] = out[j]! + factor * matrix[i * dim + j]!;
  }
  return out;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
