/**
 * The other way to see a lookup: a vector with a single 1, times the table.
 *
 * e = xE says why an embedding is an ordinary layer with ordinary gradients (∂L/∂E = xᵀ ∂L/∂e, which is
 * `EmbeddingTable.accumulate`), and why nobody computes it so: V·d multiplications to copy d numbers.
 * Here to be looked at, tested against and timed (bench/lookup.ts); `EmbeddingTable.lookup` is what one uses.
 */
import { LociError, type Matrix, checkWhole } from "../core/index.ts";

/** A one-hot vector kept as what it says: where its 1 stands, and how long it is. */
export interface SparseOneHot {
  readonly id: number;
  /** The length of the vector: the rows of the table it selects from. */
  readonly rows: number;
}

/**
 * The dense one-hot vector: `rows` numbers, all 0 but a 1 at `id`.
 *
 * Any two of them are at a right angle (cosine 0) and √2 apart: they say "different" of every pair, and nothing more.
 */
export function oneHot(id: number, rows: number): Float32Array {
  const vector = new Float32Array(sparseOneHot(id, rows).rows);
  vector[id] = 1;
  return vector;
}

/** The same vector as two numbers instead of `rows`. */
export function sparseOneHot(id: number, rows: number): SparseOneHot {
  checkWhole("rows", rows, 1);
  if (Number.isInteger(id) && id >= 0 && id < rows) return { id, rows };
  throw new LociError("id-out-of-range", `Id ${id} is outside a one-hot vector of ${rows} numbers (0 to ${rows - 1}).`);
}

/**
 * The row vector `x` (1 × rows) times the matrix (rows × dim): `dim` numbers.
 *
 * A sparse one-hot reads one row. A dense vector is multiplied out, all rows × dim of it, and gives the same bits
 * for a one-hot and finite rows, except that a −0 comes back as 0 (0 · y added to −0 is 0).
 */
export function multiplyOneHot(x: SparseOneHot | Float32Array, matrix: Matrix): Float32Array {
  const length = x instanceof Float32Array ? x.length : x.rows;
  if (length !== matrix.rows) {
    throw new LociError(
      "dim-mismatch",
      `Expected a vector of ${matrix.rows} numbers, one a row of the matrix, got ${length}.`,
    );
  }
  return x instanceof Float32Array ? multiply(x, matrix) : matrix.row(x.id).slice();
}

function multiply(x: Float32Array, { data, dim }: Matrix): Float32Array {
  const sums = new Float64Array(dim);
  for (let r = 0; r < x.length; r++) {
    const factor = x[r]!; // zeros are multiplied too: this is the cost being shown
    for (let i = 0; i < dim; i++) sums[i] = sums[i]! + factor * data[r * dim + i]!;
  }
  return Float32Array.from(sums);
}

/** The share of numbers that are not 0: 1 ÷ rows for a one-hot vector, 1 or nearly so for an embedding. */
export function density(vector: ArrayLike<number>): number {
  if (vector.length === 0) return 0;
  let filled = 0;
  for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) filled++;
  return filled / vector.length;
}
