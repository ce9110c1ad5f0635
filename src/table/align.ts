/**
 * One space turned onto another.
 *
 * Two trainings of one corpus with two seeds give different numbers and nearly the same geometry; so do two
 * periods or two dialects. The rotation found from the keys they share lets their vectors be compared.
 */
import { LociError, Matrix, type Vocabulary } from "../core/index.ts";
import { procrustes } from "../math/index.ts";

/** Keys and their vectors, as far as alignment needs them. */
export interface Space {
  readonly vocabulary: Vocabulary;
  readonly matrix: Matrix;
}

/** How two spaces lie to each other. */
export interface Fit {
  /** Orthogonal, dim × dim: a row x of the first space becomes x · rotation. */
  readonly rotation: Matrix;
  /** ‖A·Q − B‖ / ‖B‖ over the keys used: 0 where the spaces are one but for a rotation, about 1.4 for strangers. */
  readonly residual: number;
  /** How many keys the rotation was found from. */
  readonly shared: number;
}

/** The rotation (or reflection) that brings `from` closest to `to`, over the given keys that both have. */
export function fitRotation(from: Space, to: Space, keys: Iterable<string>): Fit {
  const { dim } = from.matrix;
  if (to.matrix.dim !== dim) {
    throw new LociError(
      "dim-mismatch",
      `Only spaces of one dim can be aligned; these have ${dim} and ${to.matrix.dim}.`,
    );
  }
  const shared = [...new Set(keys)].filter((key) => from.vocabulary.has(key) && to.vocabulary.has(key));
  if (shared.length === 0) {
    throw new LociError("bad-argument", "The two spaces share none of the keys, so nothing says how to turn one.");
  }
  const a = rowsOf(from, shared);
  const b = rowsOf(to, shared);
  const rotation = new Matrix(Float32Array.from(procrustes(a, b).data), dim);
  return { rotation, residual: distance(rotate(a, rotation), b) / distance(b), shared: shared.length };
}

/** Every row x as x · rotation, in a matrix of its own. */
export function rotate(matrix: Matrix, rotation: Matrix): Matrix {
  const { dim, rows } = matrix;
  const out = Matrix.zeros(rows, dim);
  const sum = new Float64Array(dim);
  for (let start = 0; start < out.data.length; start += dim) {
    sum.fill(0);
    for (let i = 0; i < dim; i++) {
      const x = matrix.data[start + i]!;
      for (let j = 0; j < dim; j++) sum[j] = sum[j]! + x * rotation.data[i * dim + j]!;
    }
    out.data.set(sum, start);
  }
  return out;
}

function rowsOf({ vocabulary, matrix }: Space, keys: readonly string[]): Matrix {
  return Matrix.of(keys.map((key) => matrix.row(vocabulary.requireId(key))));
}

/** ‖A − B‖ over all numbers (Frobenius); ‖A‖ without B. */
function distance(a: Matrix, b?: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - (b ? b.data[i]! : 0)) ** 2;
  return Math.sqrt(sum);
}
