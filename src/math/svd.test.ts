/** The decomposition multiplies back, is orthonormal, and finds rotations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LociError, Matrix, Rng } from "../core/index.ts";
import { type Dense, procrustes, svd } from "./index.ts";

const near = (actual: number, expected: number, tolerance: number, what = "") =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} expected ${expected} ± ${tolerance}, got ${actual}`);

function random(rows: number, dim: number, seed: number): Matrix {
  const matrix = Matrix.zeros(rows, dim);
  new Rng(seed).fillNormal(matrix.data);
  return matrix;
}

/** AᵀA of an orthonormal A is the identity. */
function assertOrthonormal({ data, rows, dim }: Dense, tolerance: number): void {
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < dim; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += data[r * dim + i]! * data[r * dim + j]!;
      near(sum, i === j ? 1 : 0, tolerance, `columns ${i} and ${j}:`);
    }
  }
}

function assertMultipliesBack(a: Dense, tolerance: number): void {
  const { u, s, v } = svd(a);
  assertOrthonormal(u, tolerance);
  assertOrthonormal(v, tolerance);
  for (let k = 1; k < s.length; k++) assert.ok(s[k - 1]! >= s[k]! && s[k]! >= 0);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < a.dim; c++) {
      let sum = 0;
      for (let k = 0; k < a.dim; k++) sum += u.data[r * a.dim + k]! * s[k]! * v.data[c * a.dim + k]!;
      near(sum, a.data[r * a.dim + c]!, tolerance * Math.max(1, s[0]!), `row ${r}, column ${c}:`);
    }
  }
}

test("U · diag(s) · Vᵀ is the matrix again, with U and V orthonormal and s falling", () => {
  assertMultipliesBack(random(40, 12, 1), 1e-12);
  assertMultipliesBack(random(30, 30, 2), 1e-12);
  assertMultipliesBack(random(1, 1, 3), 1e-12);
});

test("singular values of worked examples come out", () => {
  const s = (rows: number[][]) => [...svd(Matrix.of(rows)).s].map((x) => Number(x.toFixed(10)));
  assert.deepEqual(
    s([
      [3, 0],
      [0, -4],
    ]),
    [4, 3],
  );
  assert.deepEqual(
    s([
      [3, 0],
      [4, 5],
    ]),
    [Number(Math.sqrt(45).toFixed(10)), Number(Math.sqrt(5).toFixed(10))],
  );
  assert.deepEqual(
    s([
      [1, 1],
      [1, 1],
      [1, 1],
    ]),
    [Number(Math.sqrt(6).toFixed(10)), 0],
  );
});

test("matrices without full rank still get orthonormal U and V", () => {
  const small = fc.integer({ min: 1, max: 5 }).chain((dim) =>
    fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: dim, maxLength: dim }), {
      minLength: dim,
      maxLength: 7,
    }),
  );
  fc.assert(
    fc.property(small, (rows) => assertMultipliesBack(Matrix.of(rows), 1e-12)),
    { seed: 1, numRuns: 500 },
  );
});

test("a matrix wider than high, or with numbers that are not finite, is refused", () => {
  const badArgument = (error: unknown) => error instanceof LociError && error.code === "bad-argument";
  assert.throws(() => svd(Matrix.zeros(2, 3)), badArgument);
  assert.throws(() => svd(Matrix.of([[NaN]])), badArgument);
});

/** A random rotation or reflection: the U of a random square matrix. */
const rotation = (dim: number, seed: number) => svd(random(dim, dim, seed)).u;

function multiply(a: Dense, b: Dense): Matrix {
  const out = Matrix.zeros(a.rows, b.dim);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < b.dim; c++) {
      let sum = 0;
      for (let k = 0; k < a.dim; k++) sum += a.data[r * a.dim + k]! * b.data[k * b.dim + c]!;
      out.data[r * b.dim + c] = sum;
    }
  }
  return out;
}

test("B18: a random rotation keeps all dot products to 1e-5", () => {
  const a = random(30, 20, 4);
  const turned = multiply(a, rotation(20, 5));
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j <= i; j++) {
      let [before, after] = [0, 0];
      for (let k = 0; k < 20; k++) {
        before += a.row(i)[k]! * a.row(j)[k]!;
        after += turned.row(i)[k]! * turned.row(j)[k]!;
      }
      near(after, before, 1e-5 * 20);
    }
  }
});

test("B18: Procrustes finds the rotation between two sets of vectors", () => {
  for (const seed of [1, 2, 3]) {
    const a = random(60, 16, seed);
    const q = rotation(16, 10 + seed);
    const found = procrustes(a, multiply(a, q));
    found.data.forEach((x, i) => near(x, q.data[i]!, 1e-6));
  }
});

test("no rotation tried at random fits better than the one Procrustes finds", () => {
  const [a, b] = [random(20, 4, 6), random(20, 4, 7)];
  const miss = (q: Dense) => multiply(a, q).data.reduce((sum, x, i) => sum + (x - b.data[i]!) ** 2, 0);
  const least = miss(procrustes(a, b));
  for (let seed = 0; seed < 200; seed++) assert.ok(miss(rotation(4, 100 + seed)) >= least - 1e-5);
});

test("Procrustes gives an orthogonal matrix even where the rows say nothing", () => {
  assertOrthonormal(procrustes(Matrix.zeros(2, 3), Matrix.zeros(2, 3)), 1e-12);
  assertOrthonormal(procrustes(random(2, 6, 8), random(2, 6, 9)), 1e-12);
  assert.throws(() => procrustes(Matrix.zeros(2, 3), Matrix.zeros(3, 3)), /2 × 3 and 3 × 3/);
});
