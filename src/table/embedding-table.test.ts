import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LociError, type LociErrorCode, Matrix, Vocabulary } from "../core/index.ts";
import { EmbeddingTable } from "./embedding-table.ts";

const throws = (run: () => unknown, code: LociErrorCode, message: RegExp): void =>
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof LociError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

test("B01: one kind of table serves words, users, films and categories, each through its own vocabulary", () => {
  const things = {
    words: ["cat", "dog", "run"],
    users: ["ann", "ben"],
    films: ["Die Hard", "Speed", "Heat", "Up"],
    categories: ["action", "drama"],
  };
  for (const keys of Object.values(things)) {
    const vocabulary = new Vocabulary(keys);
    const table = new EmbeddingTable({ rows: vocabulary.size, dim: 3 });
    const found = table.lookup(keys.map((key) => vocabulary.requireId(key)));
    assert.deepEqual(found.data, table.matrix.data);
  }
});

test("B02: E is one block, row i is e_i, and writing to a row view changes E", () => {
  const table = new EmbeddingTable({ rows: 4, dim: 3, init: "zeros" });
  table.row(2).set([7, 8, 9]);
  assert.deepEqual([...table.matrix.data], [0, 0, 0, 0, 0, 0, 7, 8, 9, 0, 0, 0]);
  assert.equal(table.row(2).buffer, table.matrix.data.buffer);
});

test("I01: E = [[1,0],[2,1],[0,3]]: token B, id 1, is [2, 1]", () => {
  const tokens = new Vocabulary(["A", "B", "C"]);
  const table = new EmbeddingTable({
    init: Matrix.of([
      [1, 0],
      [2, 1],
      [0, 3],
    ]),
  });
  assert.deepEqual([...table.lookup([tokens.requireId("B")]).data], [2, 1]);
});

test("B03, I09: id 42 of a 10,000 × 512 table gives a matrix of shape (1, 512), that row", () => {
  const table = new EmbeddingTable({ rows: 10_000, dim: 512 });
  const found = table.lookup([42]);
  assert.deepEqual([found.rows, found.dim], [1, 512]);
  assert.deepEqual(found.data, table.row(42));
  assert.deepEqual(table.lookupShaped([42]).shape, [1, 512]);
  assert.deepEqual(table.lookupShaped(42).shape, [512]);
});

test("B03: ids of any shape keep it: [[1,2],[3,4]] gives [2, 2, dim], and the ids end to end", () => {
  const table = new EmbeddingTable({ rows: 9, dim: 5 });
  const { shape, ids, rows } = table.lookupShaped([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(shape, [2, 2, 5]);
  assert.deepEqual([...ids], [1, 2, 3, 4]);
  assert.deepEqual(rows, table.lookup([1, 2, 3, 4]));
  assert.deepEqual(table.lookupShaped([[[1], [2], [3]]]).shape, [1, 3, 1, 5]);
  assert.deepEqual(table.lookupShaped([]).shape, [0, 5]);
});

test("lists of ids of unequal length are refused, with their shapes and what to do", () => {
  const table = new EmbeddingTable({ rows: 9, dim: 5 });
  throws(() => table.lookupShaped([[1, 2], [3]]), "bad-argument", /part 1 has shape \[1\] and part 0 \[2\].*padding/);
  throws(() => table.lookupShaped([[1], 2]), "bad-argument", /part 1 has shape \[\] and part 0 \[1\]/);
});

test("a lookup gives the rows in the order of the ids, repeated ids repeated, at any width", () => {
  const widths = fc.constantFrom(1, 2, 63, 64, 65, 130); // both ways of copying
  fc.assert(
    fc.property(widths, fc.array(fc.integer({ min: 0, max: 6 })), (dim, ids) => {
      const table = new EmbeddingTable({ rows: 7, dim });
      const expected = ids.flatMap((id) => Array.from(table.matrix.data.slice(id * dim, (id + 1) * dim)));
      assert.deepEqual([...table.lookup(ids).data], expected);
      assert.deepEqual([...table.lookup(Uint32Array.from(ids)).data], expected);
    }),
    { seed: 2 },
  );
});

test("a lookup is a copy: changing it leaves the table as it was", () => {
  const table = new EmbeddingTable({ init: Matrix.of([[1, 2]]) });
  table.lookup([0]).data.fill(9);
  assert.deepEqual([...table.row(0)], [1, 2]);
});

test("lookupInto fills a matrix one has and refuses one of another shape", () => {
  const table = new EmbeddingTable({ rows: 3, dim: 2 });
  const out = Matrix.zeros(2, 2);
  assert.equal(table.lookupInto([2, 0], out), out);
  assert.deepEqual(out, table.lookup([2, 0]));
  throws(() => table.lookupInto([1], out), "dim-mismatch", /1 × 2.*got 2 × 2/);
});

test("B03: an id past the end is refused with the id and the size of the table", () => {
  const table = new EmbeddingTable({ rows: 10_000, dim: 2 });
  throws(() => table.lookup([1, 10_000]), "id-out-of-range", /Id 10000 .* 10000 rows \(0 to 9999\)/);
  throws(() => table.lookup([-1]), "id-out-of-range", /Id -1 /);
  throws(() => table.row(10_000), "id-out-of-range", /Id 10000 /);
  throws(() => table.accumulate([10_000], Matrix.zeros(1, 2)), "id-out-of-range", /Id 10000 /);
  throws(() => table.freeze([10_000]), "id-out-of-range", /Id 10000 /);
});

test("ids that are not whole numbers are refused", () => {
  const table = new EmbeddingTable({ rows: 3, dim: 2 });
  for (const id of [1.5, NaN, Infinity]) throws(() => table.lookup([id]), "bad-argument", /whole numbers; got/);
  throws(() => table.lookup(["1"] as unknown as number[]), "bad-argument", /Vocabulary/);
});

test("a table made from a matrix copies it and takes its shape", () => {
  const init = Matrix.of([
    [1, 2],
    [3, 4],
  ]);
  const table = new EmbeddingTable({ init });
  init.data.fill(0);
  assert.deepEqual([table.rows, table.dim, ...table.matrix.data], [2, 2, 1, 2, 3, 4]);
  throws(() => new EmbeddingTable({ init, dim: 3 }), "dim-mismatch", /2 × 3 .* 2 × 2/);
});

test("a table is refused where its options make none, by name", () => {
  throws(() => new EmbeddingTable({ dim: 3 }), "bad-argument", /`rows`.*undefined/);
  throws(() => new EmbeddingTable({ rows: 3, dim: 0 }), "bad-argument", /`dim`.*0/);
  throws(() => new EmbeddingTable({ rows: 3, dim: 3, padding: 3 }), "id-out-of-range", /Id 3 /);
  throws(() => new EmbeddingTable({ rows: 3, dim: 3, maxNorm: 0 }), "bad-argument", /`maxNorm`/);
  throws(() => new EmbeddingTable({ rows: 3, dim: 3, maxNorm: NaN }), "bad-argument", /`maxNorm`/);
  throws(() => new EmbeddingTable({ rows: 3, dim: 3, seed: -1 }), "bad-argument", /`seed`/);
  throws(() => new EmbeddingTable({ rows: 2 ** 40, dim: 100 }), "out-of-memory", /MiB/);
});

test("B15, I06: batch [1, 1, 3] on 4 rows: row 1 gets the sum of two gradients, row 3 one, rows 0 and 2 none", () => {
  const table = new EmbeddingTable({ rows: 4, dim: 3 });
  const gradient = [0.5, -1, 2];
  table.accumulate([1, 1, 3], Matrix.of([gradient, gradient, gradient]));
  assert.deepEqual([...table.gradient.ids], [1, 3]);
  assert.deepEqual([...table.gradientOf(1)], [1, -2, 4]);
  assert.deepEqual([...table.gradientOf(3)], gradient);
  assert.deepEqual([...table.gradientOf(0), ...table.gradientOf(2)], [0, 0, 0, 0, 0, 0]);
});

/** A batch: ids below `rows` and a gradient each. */
function batches(numbers: fc.Arbitrary<number>): fc.Arbitrary<{ rows: number; ids: number[]; gradients: Matrix }> {
  return fc
    .record({
      rows: fc.integer({ min: 1, max: 40 }),
      dim: fc.integer({ min: 1, max: 5 }),
      count: fc.integer({ min: 0, max: 60 }),
    })
    .chain(({ rows, dim, count }) =>
      fc.record({
        rows: fc.constant(rows),
        ids: fc.array(fc.nat({ max: rows - 1 }), { minLength: count, maxLength: count }),
        gradients: fc
          .array(numbers, { minLength: count * dim, maxLength: count * dim })
          .map((data) => new Matrix(Float32Array.from(data), dim)),
      }),
    );
}

/** The oracle: Xᵀ G, with X the one-hot vectors of the ids, and the sum of absolute values beside it. Float64. */
function oneHotTransposed(rows: number, ids: readonly number[], { data, dim }: Matrix) {
  const sums = new Float64Array(rows * dim);
  const sizes = new Float64Array(rows * dim);
  for (let k = 0; k < ids.length; k++) {
    for (let i = 0; i < dim; i++) {
      sums[ids[k]! * dim + i] = sums[ids[k]! * dim + i]! + data[k * dim + i]!;
      sizes[ids[k]! * dim + i] = sizes[ids[k]! * dim + i]! + Math.abs(data[k * dim + i]!);
    }
  }
  return { sums, sizes };
}

function denseGradient(table: EmbeddingTable): Float32Array {
  const out = new Float32Array(table.rows * table.dim);
  for (let id = 0; id < table.rows; id++) out.set(table.gradientOf(id), id * table.dim);
  return out;
}

test("accumulate equals the transposed one-hot matrix times the gradients; exactly so where sums are exact", () => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(batches(whole), ({ rows, ids, gradients }) => {
      const table = new EmbeddingTable({ rows, dim: gradients.dim });
      table.accumulate(ids, gradients);
      assert.deepEqual(Float64Array.from(denseGradient(table)), oneHotTransposed(rows, ids, gradients).sums);
      assert.deepEqual(new Set(table.gradient.ids), new Set(ids));
    }),
    { seed: 3 },
  );
});

test("the order of a batch changes its sums by rounding alone: at most (n − 1) 2⁻²⁴ Σ|g|", () => {
  const number = fc.float({ min: -1000, max: 1000, noNaN: true });
  fc.assert(
    fc.property(batches(number), fc.integer({ min: 0, max: 1000 }), ({ rows, ids, gradients }, turn) => {
      const order = ids.map((_, k) => (k + turn) % ids.length).toReversed();
      const table = new EmbeddingTable({ rows, dim: gradients.dim });
      table.accumulate(
        order.map((k) => ids[k]!),
        new Matrix(Float32Array.from(order.flatMap((k) => [...gradients.row(k)])), gradients.dim),
      );
      const { sums, sizes } = oneHotTransposed(rows, ids, gradients);
      denseGradient(table).forEach((sum, i) => {
        // The oracle adds in float64, whose own error is far below one more term of the bound.
        assert.ok(Math.abs(sum - sums[i]!) <= ids.length * (2 ** -24 * sizes[i]! + 2 ** -149));
      });
    }),
    { seed: 4 },
  );
});

test("a batch cut in two, or in one call each, gives the same bits as whole", () => {
  fc.assert(
    fc.property(batches(fc.float({ noNaN: true, min: -10, max: 10 })), ({ rows, ids, gradients }) => {
      const whole = new EmbeddingTable({ rows, dim: gradients.dim });
      whole.accumulate(ids, gradients);
      const single = new EmbeddingTable({ rows, dim: gradients.dim });
      ids.forEach((id, k) => single.accumulate([id], new Matrix(gradients.row(k), gradients.dim)));
      assert.deepEqual(single.gradient, whole.gradient);
    }),
    { seed: 5 },
  );
});

test("clearGradients forgets everything, and the next batch starts from zero", () => {
  const table = new EmbeddingTable({ rows: 100, dim: 2 });
  const ids = Array.from({ length: 50 }, (_, k) => k * 2);
  const ones = new Matrix(new Float32Array(100).fill(1), 2);
  table.accumulate(ids, ones);
  table.clearGradients();
  assert.equal(table.gradient.ids.length, 0);
  assert.deepEqual([...table.gradientOf(0)], [0, 0]);
  table.accumulate(ids.toReversed(), ones);
  assert.deepEqual([...table.gradient.ids], ids.toReversed());
  assert.ok(table.gradient.rows.data.every((value) => value === 1));
});

test("gradients of another shape, or not finite, are refused and change nothing", () => {
  const table = new EmbeddingTable({ rows: 4, dim: 2 });
  table.accumulate([1], Matrix.of([[1, 1]]));
  throws(() => table.accumulate([1, 2], Matrix.zeros(1, 2)), "dim-mismatch", /2 × 2.*got 1 × 2/);
  throws(() => table.accumulate([1], Matrix.zeros(1, 3)), "dim-mismatch", /1 × 2.*got 1 × 3/);
  throws(
    () =>
      table.accumulate(
        [1, 2],
        Matrix.of([
          [1, 1],
          [1, NaN],
        ]),
      ),
    "diverged",
    /NaN in row 1, column 1/,
  );
  throws(
    () =>
      table.accumulate(
        [1, 4],
        Matrix.of([
          [1, 1],
          [1, 1],
        ]),
      ),
    "id-out-of-range",
    /Id 4/,
  );
  assert.deepEqual([...table.gradient.ids, ...table.gradientOf(1)], [1, 1, 1]);
});

test("the padding row is zero, whatever the table began as, gets no gradient and cannot be moved", () => {
  for (const init of [
    "normal",
    Matrix.of([
      [1, 1],
      [2, 2],
      [3, 3],
    ]),
  ] as const) {
    const table = new EmbeddingTable({ rows: 3, dim: 2, init, padding: 1 });
    table.unfreeze();
    table.accumulate(
      [1, 2],
      Matrix.of([
        [5, 5],
        [6, 6],
      ]),
    );
    table.move(1, [1, 1]);
    assert.deepEqual([...table.row(1)], [0, 0]);
    assert.deepEqual([...table.gradient.ids], [2]);
    assert.equal(table.learns(1), false);
  }
});

test("H14: freeze holds rows, all or some, and unfreeze lets them go", () => {
  const table = new EmbeddingTable({ rows: 4, dim: 1, init: "zeros", freeze: [3] });
  const learning = (): number[] => [0, 1, 2, 3].filter((id) => table.learns(id));
  assert.deepEqual(learning(), [0, 1, 2]);
  table.freeze([0]);
  for (let id = 0; id < 4; id++) table.move(id, [1]);
  assert.deepEqual([...table.matrix.data], [0, 1, 1, 0]);
  table.freeze();
  assert.deepEqual(learning(), []);
  table.unfreeze([2]);
  assert.deepEqual(learning(), [2]);
  table.unfreeze();
  assert.deepEqual(learning(), [0, 1, 2, 3]);
  assert.equal(new EmbeddingTable({ rows: 2, dim: 1, freeze: true }).learns(1), false);
});

test("H14: frozen columns hold in every row, also under maxNorm", () => {
  const table = new EmbeddingTable({
    init: Matrix.of([
      [3, 1, 0],
      [0, 1, 0],
    ]),
    maxNorm: 5,
  });
  table.freezeColumns([0]);
  table.move(0, [9, 9, 24]);
  assert.equal(table.row(0)[0], 3);
  assert.ok(Math.abs(Math.hypot(...table.row(0)) - 5) < 1e-6);
  table.unfreezeColumns();
  table.move(1, [1, 0, 0]);
  assert.deepEqual([...table.row(1)], [1, 1, 0]);
  throws(() => table.freezeColumns([3]), "bad-argument", /`column`.*from 0 to 2, got 3/);
});

test("where frozen columns alone are longer than maxNorm, the others go to zero", () => {
  const table = new EmbeddingTable({ init: Matrix.of([[3, 1]]), maxNorm: 2 });
  table.freezeColumns([0]);
  table.move(0, [0, 1]);
  assert.deepEqual([...table.row(0)], [3, 0]);
});

test("maxNorm: a row that moved is never longer, keeps its direction, and shorter rows are left alone", () => {
  const vector = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(vector, fc.double({ min: 0.1, max: 50, noNaN: true }), (by, maxNorm) => {
      const table = new EmbeddingTable({ rows: 1, dim: 4, init: "zeros", maxNorm });
      table.move(0, by);
      const length = Math.hypot(...by);
      const factor = length > maxNorm ? maxNorm / length : 1;
      // Each number is rounded twice at most.
      table
        .row(0)
        .forEach((x, i) => assert.ok(Math.abs(x - by[i]! * factor) <= Math.abs(by[i]!) * 2 ** -22 + 2 ** -149));
      assert.ok(Math.hypot(...table.row(0)) <= maxNorm * (1 + 2 ** -22));
    }),
    { seed: 8 },
  );
});

test("maxNorm does not touch what is only read: a long row stays long until it learns", () => {
  const table = new EmbeddingTable({
    init: Matrix.of([
      [3, 4],
      [6, 8],
    ]),
    maxNorm: 1,
  });
  assert.deepEqual([...table.lookup([0, 1, 0]).data], [3, 4, 6, 8, 3, 4]);
  table.move(0, [0, 0]);
  assert.ok(Math.abs(Math.hypot(...table.row(0)) - 1) < 1e-6);
  assert.deepEqual([...table.row(1)], [6, 8]);
});

test("a move that would leave the range of float32 is refused, and the row is as it was", () => {
  const table = new EmbeddingTable({ init: Matrix.of([[1, 3e38]]) });
  throws(() => table.move(0, [1, 3e38]), "diverged", /Row 0 would hold 6\.0+\d*e\+38/);
  throws(() => table.move(0, [NaN, 0]), "diverged", /NaN/);
  assert.deepEqual([...table.row(0)], [...Float32Array.of(1, 3e38)]);
  throws(() => table.move(0, [1]), "dim-mismatch", /dim 2, got 1/);
});
