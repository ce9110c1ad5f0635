/** Correlations against worked examples (from scipy 1) and their laws; softmax. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { mean, pearson, ranks, softmax, spearman } from "./index.ts";

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected}, got ${actual}`);

test("equal values share the average of the ranks they take up", () => {
  assert.deepEqual([...ranks([10, 20, 20, 5])], [2, 3.5, 3.5, 1]);
  assert.deepEqual([...ranks([1, 1, 1])], [2, 2, 2]);
  assert.deepEqual([...ranks([])], []);
  assert.throws(() => ranks([1, NaN]), /NaN/);
});

for (const { a, b, rank, line } of [
  { a: [1, 2, 3, 4, 5], b: [5, 6, 7, 8, 7], rank: 0.8207826816681233, line: 0.8320502943378437 },
  { a: [1, 2, 2, 3, 9], b: [2, 1, 4, 4, 0], rank: -0.2894736842105264, line: -0.5835138994692298 },
  {
    a: [106, 100, 86, 101, 99, 103, 97, 113, 112, 110],
    b: [7, 27, 2, 50, 28, 29, 20, 12, 6, 17],
    rank: -0.17575757575757575,
    line: -0.07021632602905671,
  },
]) {
  test(`Spearman and Pearson of [${a.join()}] and [${b.join()}] are scipy's`, () => {
    near(spearman(a, b), rank);
    near(pearson(a, b), line);
  });
}

const samples = fc
  .integer({ min: 3, max: 20 })
  .chain((n) =>
    fc.tuple(...[0, 1].map(() => fc.array(fc.integer({ min: -5, max: 5 }), { minLength: n, maxLength: n }))),
  );

test("Spearman's correlation depends on the order of the numbers alone", () => {
  fc.assert(
    fc.property(samples, ([a, b]) => {
      const straight = spearman(a!, b!);
      const bent = spearman(
        a!.map((x) => x ** 3 + 7),
        b!,
      );
      if (Number.isNaN(straight)) assert.ok(Number.isNaN(bent));
      else {
        near(bent, straight);
        near(spearman(b!, a!), straight);
        near(
          spearman(
            a!.map((x) => -x),
            b!,
          ),
          -straight,
        );
      }
    }),
    { seed: 1 },
  );
});

test("a correlation without spread or without pairs is NaN, and samples of two lengths are refused", () => {
  assert.ok(Number.isNaN(spearman([1, 1, 1], [1, 2, 3])));
  assert.ok(Number.isNaN(pearson([1], [1])));
  assert.ok(Number.isNaN(pearson([], [])));
  assert.throws(() => pearson([1, 2], [1]), /2 and 1/);
  assert.equal(mean([1, 2, 6]), 3);
});

test("softmax is positive, sums to 1, keeps the order and does not overflow", () => {
  assert.deepEqual([...softmax([0, 0])], [0.5, 0.5]);
  const [a, b, c] = softmax([1, 2, 3]) as unknown as [number, number, number];
  near(a, 0.09003057317038046, 1e-15);
  near(b, 0.24472847105479764, 1e-15);
  near(c, 0.6652409557748218, 1e-15);
  assert.deepEqual([...softmax([1000, 1000, -1000])], [0.5, 0.5, 0]);
  assert.deepEqual([...softmax([])], []);
});
