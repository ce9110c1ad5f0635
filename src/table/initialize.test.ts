import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LociError, Matrix } from "../core/index.ts";
import { initialize, type Initializer, type InitializerName } from "./initialize.ts";

const ROWS = 2000;
const DIM = 50;
const N = ROWS * DIM;

function filled(how: InitializerName | Initializer, seed = 1, rows = ROWS, dim = DIM): Float32Array {
  const matrix = Matrix.zeros(rows, dim);
  initialize(matrix, how, seed);
  return matrix.data;
}

const meanOf = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
const meanSquare = (x: ArrayLike<number>): number => meanOf(Array.from(x, (v) => v * v));

/**
 * Mean and variance by the formula. Five standard errors either way: of the mean √(σ² ÷ n); of the variance
 * σ² √((κ − 1) ÷ n) with kurtosis κ = 9/5 for a uniform and 3 for a normal distribution.
 */
const expected: readonly [string, InitializerName | Initializer, number, number][] = [
  ["word2vec", "word2vec", 1 / (12 * DIM ** 2), 9 / 5],
  ["normal", "normal", 0.02 ** 2, 3],
  ["normal of scale 1, as PyTorch's nn.Embedding", { kind: "normal", scale: 1 }, 1, 3],
  ["uniform", "uniform", 0.05 ** 2 / 3, 9 / 5],
  ["uniform of scale 2", { kind: "uniform", scale: 2 }, 4 / 3, 9 / 5],
  ["xavier", "xavier", 2 / (ROWS + DIM), 9 / 5],
  ["xavier of scale 3", { kind: "xavier", scale: 3 }, (9 * 2) / (ROWS + DIM), 9 / 5],
];
for (const [name, how, variance, kurtosis] of expected) {
  test(`B13: ${name}: mean 0 and variance ${variance.toPrecision(3)}, for three seeds`, () => {
    for (const seed of [1, 2, 3]) {
      const numbers = filled(how, seed);
      assert.ok(Math.abs(meanOf(numbers)) < 5 * Math.sqrt(variance / N));
      assert.ok(Math.abs(meanSquare(numbers) - variance) < 5 * variance * Math.sqrt((kurtosis - 1) / N));
    }
  });
}

for (const [kind, half] of [
  ["word2vec", 0.5 / DIM],
  ["uniform", 0.05],
  ["xavier", Math.sqrt(6 / (ROWS + DIM))],
] as const) {
  test(`${kind} stays within ±${half.toPrecision(3)} and comes close to both ends`, () => {
    const numbers = filled(kind);
    const largest = numbers.reduce((a, b) => Math.max(a, b));
    const smallest = numbers.reduce((a, b) => Math.min(a, b));
    // With n numbers the odds that none falls in the last 20/n of either side are e⁻²⁰.
    assert.ok(largest <= Math.fround(half) && largest > half * (1 - 40 / N));
    assert.ok(smallest >= -Math.fround(half) && smallest < -half * (1 - 40 / N));
  });
}

test("normal has the shape of a normal distribution: 68.27 % within one deviation, 95.45 % within two", () => {
  const numbers = filled({ kind: "normal", scale: 1 });
  for (const [deviations, share] of [[1, 0.6827] as const, [2, 0.9545] as const]) {
    const within = numbers.filter((v) => Math.abs(v) < deviations).length / N;
    assert.ok(Math.abs(within - share) < 5 * Math.sqrt((share * (1 - share)) / N) + 1e-4);
  }
});

test("zeros is all zeros, whatever was there before", () => {
  const matrix = Matrix.of([
    [1, 2],
    [3, 4],
  ]);
  initialize(matrix, "zeros", 1);
  assert.deepEqual([...matrix.data], [0, 0, 0, 0]);
});

test("the same seed gives the same bits, another seed other rows", () => {
  for (const kind of ["word2vec", "normal", "uniform", "xavier"] as const) {
    assert.deepEqual(filled(kind, 5), filled(kind, 5));
    const a = filled(kind, 5);
    const b = filled(kind, 6);
    assert.ok(a.filter((v, i) => v === b[i]).length < N / 1000);
  }
});

test("the first numbers of seed 1 are these, and stay these", () => {
  assert.deepEqual(
    [...filled("uniform", 1, 2, 2)],
    [0.045450370758771896, -0.042520370334386826, -0.006881185341626406, 0.04621584713459015],
  );
  assert.deepEqual(
    [...filled("normal", 1, 2, 2)],
    [0.005441674496978521, 0.0027639048639684916, 0.025211816653609276, -0.006110073998570442],
  );
});

test("a longer table of the same width begins with the same rows", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("word2vec" as const, "normal" as const, "uniform" as const),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      (kind, rows, dim, more) => {
        const short = filled(kind, 3, rows, dim);
        assert.deepEqual(filled(kind, 3, rows + more, dim).slice(0, short.length), short);
      },
    ),
    { seed: 7 },
  );
});

test("neighboring rows are unrelated: the mean product of row r and row r + 1 is 0", () => {
  const numbers = filled({ kind: "normal", scale: 1 });
  let sum = 0;
  for (let i = DIM; i < N; i++) sum += numbers[i]! * numbers[i - DIM]!;
  assert.ok(Math.abs(sum / (N - DIM)) < 5 / Math.sqrt(N - DIM)); // a product of two has variance 1
});

test("an initializer that does not exist, or a scale below 0, is refused by name", () => {
  const unknown = { kind: "gaussian" as InitializerName };
  assert.throws(
    () => filled(unknown),
    (e: LociError) => e.code === "bad-argument" && /"gaussian"/.test(e.message),
  );
  assert.throws(() => filled({ kind: "normal", scale: -1 }), /`scale`.*-1/);
});
