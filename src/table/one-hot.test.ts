import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LociError, Matrix } from "../core/index.ts";
import { cosine, euclidean } from "../math/index.ts";
import { EmbeddingTable } from "./embedding-table.ts";
import { density, multiplyOneHot, oneHot, sparseOneHot } from "./one-hot.ts";

test("B05: a one-hot vector is a single 1, and any two are at a right angle and √2 apart", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 64 }), fc.nat(), fc.nat(), (rows, a, b) => {
      const [i, j] = [a % rows, b % rows];
      const x = oneHot(i, rows);
      const y = oneHot(j, rows);
      assert.deepEqual(
        [...x],
        Array.from({ length: rows }, (_, r) => (r === i ? 1 : 0)),
      );
      assert.equal(cosine(x, y), i === j ? 1 : 0);
      assert.equal(euclidean(x, y), i === j ? 0 : Math.SQRT2);
    }),
    { seed: 5, numRuns: 500 },
  );
});

/** Any finite float32 but −0, whose sign a sum with 0 loses (see the test below). */
const number = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const table = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([rows, dim]) =>
    fc
      .array(number, { minLength: rows * dim, maxLength: rows * dim })
      .map((numbers) => new EmbeddingTable({ init: new Matrix(Float32Array.from(numbers), dim) })),
  );

test("B06: e = xE: for every id, the lookup equals the one-hot times the table, bit for bit", () => {
  fc.assert(
    fc.property(table, (table) => {
      for (let id = 0; id < table.rows; id++) {
        const read = bitsOf(table.lookup([id]).data);
        assert.deepEqual(bitsOf(multiplyOneHot(oneHot(id, table.rows), table.matrix)), read);
        assert.deepEqual(bitsOf(multiplyOneHot(sparseOneHot(id, table.rows), table.matrix)), read);
      }
    }),
    { seed: 6 },
  );
});

test("B06: the same holds for every row of the seeded initializers", () => {
  for (const init of ["word2vec", "normal", "uniform", "xavier"] as const) {
    const table = new EmbeddingTable({ rows: 60, dim: 17, init });
    for (let id = 0; id < table.rows; id++) {
      assert.deepEqual(multiplyOneHot(oneHot(id, 60), table.matrix), table.lookup([id]).data);
    }
  }
});

test("multiplied out, a −0 comes back as 0; read, it stays −0", () => {
  const matrix = Matrix.of([[-0], [1]]);
  assert.ok(Object.is(multiplyOneHot(oneHot(0, 2), matrix)[0], 0));
  assert.ok(Object.is(multiplyOneHot(sparseOneHot(0, 2), matrix)[0], -0));
});

test("a dense vector that is no one-hot mixes rows by its weights", () => {
  const mixed = multiplyOneHot(
    Float32Array.of(0.5, 0, 2),
    Matrix.of([
      [2, 4],
      [9, 9],
      [1, -1],
    ]),
  );
  assert.deepEqual([...mixed], [3, 0]);
});

test("B09: a one-hot vector of 1,000 numbers is filled to a thousandth, an embedding wholly; sparse it is two numbers", () => {
  assert.equal(density(oneHot(42, 1000)), 1 / 1000);
  assert.equal(density(new EmbeddingTable({ rows: 1000, dim: 64 }).row(42)), 1);
  assert.deepEqual(sparseOneHot(42, 1000), { id: 42, rows: 1000 });
  assert.equal(oneHot(42, 1000).byteLength, 4000);
  assert.equal(density([]), 0);
});

test("an id outside the vector, or a vector of another length than the table, is refused with both numbers", () => {
  const code = (expected: string) => (error: unknown) => error instanceof LociError && error.code === expected;
  assert.throws(() => oneHot(3, 3), /Id 3 .* 3 numbers/);
  assert.throws(() => sparseOneHot(0.5, 3), code("id-out-of-range"));
  assert.throws(() => multiplyOneHot(oneHot(0, 4), Matrix.zeros(3, 2)), code("dim-mismatch"));
  assert.throws(() => multiplyOneHot(sparseOneHot(0, 4), Matrix.zeros(3, 2)), /3 numbers.*got 4/);
});

function bitsOf(numbers: Float32Array): number[] {
  return [...new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)];
}
