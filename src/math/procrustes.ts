/**
 * The rotation that brings one set of vectors closest to another.
 *
 * Training fixes a space only up to rotation and reflection: turning all vectors alike keeps every dot
 * product. So two spaces can be compared number by number only after one is turned onto the other.
 */
import { LociError } from "../core/index.ts";
import { type Dense, type Dense64, svd } from "./svd.ts";

/**
 * The orthogonal Q (dim × dim, reflections allowed) with the least ‖A·Q − B‖ over all rows (Schönemann, 1966):
 * Q = U·Vᵀ where Aᵀ·B = U·S·Vᵀ. Where the rows do not span the space, one of several equally good Q is given.
 */
export function procrustes(a: Dense, b: Dense): Dense64 {
  if (a.rows !== b.rows || a.dim !== b.dim) {
    throw new LociError(
      "dim-mismatch",
      `Expected two matrices of one shape, got ${a.rows} × ${a.dim} and ${b.rows} × ${b.dim}.`,
    );
  }
  const { u, v } = svd(crossProduct(a, b));
  const { dim } = a;
  const data = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < dim; j++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += u.data[i * dim + k]! * v.data[j * dim + k]!;
      data[i * dim + j] = sum;
    }
  }
  return { data, rows: dim, dim };
}

/** Aᵀ·B, dim × dim. */
function crossProduct(a: Dense, b: Dense): Dense64 {
  const { dim } = a;
  const data = new Float64Array(dim * dim);
  for (let r = 0; r < a.rows; r++) {
    for (let i = 0; i < dim; i++) {
      const x = a.data[r * dim + i]!;
      for (let j = 0; j < dim; j++) data[i * dim + j] = data[i * dim + j]! + x * b.data[r * dim + j]!;
    }
  }
  return { data, rows: dim, dim };
}
