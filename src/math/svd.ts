/**
 * The singular value decomposition of small matrices.
 *
 * One-sided Jacobi (Hestenes, 1958): columns are turned against each other in pairs until all are at right
 * angles; their lengths are then the singular values. Of the methods in use it is the shortest to read and
 * one of the most accurate, it needs only + − × ÷ √ (the same bits everywhere), and for the widths of
 * embeddings (50 to 1,000) its O(n³) a sweep is small beside everything else.
 */
import { LociError } from "../core/index.ts";

/** A dense matrix, rows end to end: a core `Matrix` is one, and so is what these functions return. */
export interface Dense {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  readonly dim: number;
}

/** A dense matrix in float64. */
export interface Dense64 extends Dense {
  readonly data: Float64Array;
}

/** A = U · diag(s) · Vᵀ. */
export interface Svd {
  /** Columns are the left singular vectors, orthonormal: rows × dim. */
  readonly u: Dense64;
  /** The singular values, largest first. */
  readonly s: Float64Array;
  /** Columns are the right singular vectors, orthonormal: dim × dim. */
  readonly v: Dense64;
}

const EPSILON = 2 ** -52;
const SWEEPS = 60; // it converges quadratically: 6 to 10 are the rule

/**
 * The thin SVD of a matrix with at least as many rows as columns. U and V are orthonormal also where A has not
 * full rank (the missing directions are filled in).
 */
export function svd(a: Dense): Svd {
  const { rows, dim } = a;
  if (rows < dim) {
    throw new LociError(
      "bad-argument",
      `Expected at least as many rows as columns, got ${rows} × ${dim}. Transpose it.`,
    );
  }
  const columns = columnsOf(a);
  const size = columns.reduce((sum, column) => sum + product(column, column), 0);
  if (!Number.isFinite(size))
    throw new LociError("bad-argument", "Expected a matrix of finite numbers of moderate size.");
  // What rounding alone can leave: of angles between columns, and of columns that should be zero.
  const rounding = { angle: EPSILON * Math.max(8, rows), square: EPSILON * EPSILON * size };
  const turns = Array.from({ length: dim }, (_, j) => Float64Array.from({ length: dim }, (_, i) => (i === j ? 1 : 0)));
  let sweep = 0;
  while (turnAllPairs(columns, turns, rounding)) {
    if (++sweep === SWEEPS) throw new LociError("diverged", `The SVD of ${rows} × ${dim} numbers did not settle.`);
  }
  const lengths = columns.map((column) => Math.sqrt(product(column, column)));
  const order = lengths.map((_, j) => j).sort((i, j) => lengths[j]! - lengths[i]! || i - j);
  const s = Float64Array.from(order, (j) => lengths[j]!);
  const left = orthonormal(
    order.map((j) => columns[j]!),
    s,
  );
  return {
    u: fromColumns(left, rows),
    s,
    v: fromColumns(
      order.map((j) => turns[j]!),
      dim,
    ),
  };
}

/** One sweep over all pairs of columns. Returns whether any had to be turned. */
function turnAllPairs(
  columns: Float64Array[],
  turns: Float64Array[],
  rounding: { readonly angle: number; readonly square: number },
): boolean {
  let turned = false;
  for (let p = 0; p < columns.length - 1; p++) {
    for (let q = p + 1; q < columns.length; q++) {
      const a = columns[p]!;
      const b = columns[q]!;
      const alpha = product(a, a);
      const beta = product(b, b);
      const gamma = product(a, b);
      if (Math.min(alpha, beta) <= rounding.square) continue;
      if (Math.abs(gamma) <= rounding.angle * Math.sqrt(alpha) * Math.sqrt(beta)) continue;
      const zeta = (beta - alpha) / (2 * gamma);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      turn(a, b, cosine, cosine * tangent);
      turn(turns[p]!, turns[q]!, cosine, cosine * tangent);
      turned = true;
    }
  }
  return turned;
}

function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Columns of length one; those without a length of their own are filled in at right angles to all before. */
function orthonormal(columns: Float64Array[], lengths: Float64Array): Float64Array[] {
  const done: Float64Array[] = [];
  let axis = 0;
  columns.forEach((column, j) => {
    if (lengths[j]! > 1e-13 * lengths[0]!) {
      done.push(column.map((x) => x / lengths[j]!));
      return;
    }
    for (;;) {
      const candidate = new Float64Array(column.length);
      candidate[axis++] = 1;
      for (let twice = 0; twice < 2; twice++) for (const other of done) removePart(candidate, other);
      const length = Math.sqrt(product(candidate, candidate));
      // Some axis is always left with this much: they cannot all lie in the span of the columns done.
      if (length < 0.5 / Math.sqrt(column.length)) continue;
      done.push(candidate.map((x) => x / length));
      return;
    }
  });
  return done;
}

/** Takes from `a` its part along the unit vector `b` (Gram–Schmidt). */
function removePart(a: Float64Array, b: Float64Array): void {
  const part = product(a, b);
  for (let i = 0; i < a.length; i++) a[i] = a[i]! - part * b[i]!;
}

function columnsOf({ data, rows, dim }: Dense): Float64Array[] {
  return Array.from({ length: dim }, (_, j) => Float64Array.from({ length: rows }, (_, i) => data[i * dim + j]!));
}

function fromColumns(columns: Float64Array[], rows: number): Dense64 {
  const dim = columns.length;
  const data = new Float64Array(rows * dim);
  columns.forEach((column, j) => column.forEach((x, i) => (data[i * dim + j] = x)));
  return { data, rows, dim };
}
