/**
 * Rows of numbers, end to end.
 *
 * The one shape in which vectors travel between rooms: a flat Float32Array and a width. Row r is
 * `data[r * dim .. (r + 1) * dim)`; a row view shares memory with its matrix.
 */
import { LociError, checkWhole } from "./error.ts";

export class Matrix {
  /** All rows, end to end: `rows × dim` float32. */
  readonly data: Float32Array;
  /** How many rows. */
  readonly rows: number;
  /** The width of a row. */
  readonly dim: number;

  /** Wraps `data` (not copied) as rows of `dim` numbers. Its length must be a multiple of `dim`. */
  constructor(data: Float32Array, dim: number) {
    checkWhole("dim", dim, 1);
    if (data.length % dim !== 0) {
      throw new LociError(
        "dim-mismatch",
        `Expected a multiple of dim ${dim} numbers, got ${data.length}: the last row would be cut.`,
      );
    }
    this.data = data;
    this.dim = dim;
    this.rows = data.length / dim;
  }

  /** A matrix of zeros. Throws `out-of-memory` where the machine does not give so much. */
  static zeros(rows: number, dim: number): Matrix {
    checkWhole("rows", rows, 0);
    checkWhole("dim", dim, 1);
    let data: Float32Array;
    try {
      data = new Float32Array(rows * dim);
    } catch (cause) {
      const mebibytes = Math.ceil((rows * dim * 4) / 2 ** 20);
      throw new LociError(
        "out-of-memory",
        `The machine did not give ${mebibytes} MiB for ${rows} rows of dim ${dim}.`,
        { cause },
      );
    }
    return new Matrix(data, dim);
  }

  /** A matrix of the given rows, copied: `Matrix.of([[1, 0], [2, 1]])` is 2 × 2. All must have one length. */
  static of(rows: readonly ArrayLike<number>[]): Matrix {
    const dim = rows[0]?.length ?? 0;
    if (dim === 0) throw new LociError("bad-argument", "Expected at least one row of at least one number, got none.");
    const matrix = Matrix.zeros(rows.length, dim);
    rows.forEach((row, r) => {
      if (row.length !== dim) {
        throw new LociError("dim-mismatch", `Row ${r} has ${row.length} numbers; row 0 has ${dim}. Make them equal.`);
      }
      matrix.data.set(row, r * dim);
    });
    return matrix;
  }

  /** Row r as a view: writing to it changes the matrix. */
  row(r: number): Float32Array {
    if (!(r >= 0 && r < this.rows && Number.isInteger(r))) {
      throw new LociError(
        "id-out-of-range",
        `Row ${r} is outside this matrix of ${this.rows} rows (0 to ${this.rows - 1}).`,
      );
    }
    return this.data.subarray(r * this.dim, (r + 1) * this.dim);
  }

  /** A matrix of its own memory with the same numbers. */
  copy(): Matrix {
    return new Matrix(this.data.slice(), this.dim);
  }
}
