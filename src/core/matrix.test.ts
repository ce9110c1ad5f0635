import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix } from "./index.ts";

test("a matrix of rows has their numbers end to end", () => {
  const matrix = Matrix.of([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual([matrix.rows, matrix.dim, [...matrix.data]], [2, 3, [1, 2, 3, 4, 5, 6]]);
  assert.deepEqual([...matrix.row(1)], [4, 5, 6]);
});

test("a row is a view, a copy is not", () => {
  const matrix = Matrix.zeros(2, 2);
  const copy = matrix.copy();
  matrix.row(1)[0] = 7;
  assert.deepEqual([...matrix.data], [0, 0, 7, 0]);
  assert.deepEqual([...copy.data], [0, 0, 0, 0]);
  const data = Float32Array.of(1, 2);
  assert.equal(new Matrix(data, 1).data, data, "wrapping copies nothing");
});

test("a matrix may have no rows, but never rows of nothing", () => {
  assert.equal(Matrix.zeros(0, 5).rows, 0);
  assert.throws(() => new Matrix(new Float32Array(0), 0), { code: "bad-argument" });
  assert.throws(() => Matrix.of([]), { code: "bad-argument" });
  assert.throws(() => Matrix.of([[]]), { code: "bad-argument" });
});

test("numbers that do not fill the last row, and rows of two widths, are refused by name", () => {
  assert.throws(() => new Matrix(new Float32Array(7), 3), {
    code: "dim-mismatch",
    message: /multiple of dim 3.*got 7/,
  });
  assert.throws(() => Matrix.of([[1, 2], [3]]), { code: "dim-mismatch", message: /Row 1 has 1/ });
});

for (const row of [-1, 2, 0.5, NaN]) {
  test(`row ${row} of two is out of range`, () => {
    assert.throws(() => Matrix.zeros(2, 2).row(row), { code: "id-out-of-range", message: /2 rows \(0 to 1\)/ });
  });
}

test("more than the machine has is out-of-memory, not a crash", () => {
  assert.throws(() => Matrix.zeros(2 ** 40, 1000), { code: "out-of-memory", message: /MiB for 1099511627776 rows/ });
  assert.throws(() => Matrix.zeros(-1, 2), { code: "bad-argument" });
});
