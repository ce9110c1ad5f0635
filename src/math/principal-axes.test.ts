/** Principal axes against the SVD, and their laws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng } from "../core/index.ts";
import { principalAxes, svd } from "./index.ts";

function axesOf(rows: Matrix, count: number) {
  const steps = principalAxes(rows, count);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** Rows whose spread falls off by 2 from axis to axis, turned by chance, away from the origin. */
function spreadRows(dim: number): Matrix {
  const rng = new Rng(1);
  const turn = svd({ data: Float64Array.from({ length: dim * dim }, () => rng.nextNormal()), rows: dim, dim }).u;
  const out = Matrix.zeros(400, dim);
  for (let r = 0; r < out.rows; r++) {
    const row = out.row(r).fill(3);
    for (let a = 0; a < dim; a++) {
      const part = rng.nextNormal() / 2 ** a;
      for (let i = 0; i < dim; i++) row[i] = row[i]! + part * turn.data[i * dim + a]!;
    }
  }
  return out;
}

test("the leading axes are the right singular vectors of the centred rows, and variances their squares", () => {
  const rows = spreadRows(8);
  const { mean, axes, variances, total } = axesOf(rows, 3);
  const centred = Float64Array.from(rows.data, (value, i) => value - mean[i % 8]!);
  const { s, v } = svd({ data: centred, rows: rows.rows, dim: 8 });
  assert.ok(Math.abs(total - s.reduce((sum, x) => sum + x * x, 0) / rows.rows) < 1e-9);
  for (let a = 0; a < 3; a++) {
    let product = 0;
    for (let i = 0; i < 8; i++) product += axes.data[a * 8 + i]! * v.data[i * 8 + a]!;
    assert.ok(Math.abs(Math.abs(product) - 1) < 1e-4, `axis ${a}: ${product}`);
    assert.ok(Math.abs(variances[a]! - s[a]! ** 2 / rows.rows) < 1e-3 * variances[a]!, `variance ${a}`);
  }
});

test("axes are orthonormal, also where rows do not vary in so many directions or not at all", () => {
  const flat = Matrix.of([
    [1, 0, 2, 0],
    [2, 0, 4, 0],
    [3, 0, 6, 0],
  ]);
  for (const rows of [flat, Matrix.of([[1, 2, 3, 4]]), spreadRows(4)]) {
    const { axes } = axesOf(rows, 4);
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let i = 0; i < 4; i++) product += axes.data[a * 4 + i]! * axes.data[b * 4 + i]!;
        assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-9, `axes ${a} and ${b}: ${product}`);
      }
    }
  }
  assert.throws(() => axesOf(flat, 5), { code: "bad-argument", message: /1 to 4/ });
});
