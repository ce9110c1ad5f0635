import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGradient } from "./index.ts";

const cubes = (x: Float64Array): number => x.reduce((sum, v) => sum + v ** 3, 0);
const slope = (x: Float64Array): Float64Array => x.map((v) => 3 * v * v);
const x = Float64Array.of(0.5, -2, 3, 0);

test("a right gradient passes far below 1e-4", () => {
  assert.ok(checkGradient(cubes, x, slope(x)).relativeError < 1e-7);
});

test("a wrong sign, a wrong factor and a missing term are each found, with the place and both values", () => {
  const factors = [
    [-1, 2],
    [1.01, 0.01],
    [0, 1],
  ] as const;
  for (const [factor, error] of factors) {
    const wrong = slope(x);
    wrong[1] = wrong[1]! * factor;
    const found = checkGradient(cubes, x, wrong);
    assert.equal(found.at, 1);
    assert.ok(Math.abs(found.relativeError - error) < 1e-2 * error, `${found.relativeError}`);
    assert.ok(Math.abs(found.numeric - 12) < 1e-6);
    assert.equal(found.analytic, wrong[1]);
  }
});

test("a gradient or a loss that is NaN fails", () => {
  assert.equal(checkGradient(cubes, x, [NaN, 0, 0, 0]).relativeError, Infinity);
  assert.equal(checkGradient(() => NaN, x, slope(x)).relativeError, Infinity);
});

test("x is the same afterwards", () => {
  const kept = x.slice();
  checkGradient(cubes, x, slope(x));
  assert.deepEqual(x, kept);
});

test("a gradient of another length is refused", () => {
  assert.throws(() => checkGradient(cubes, x, [1]), /4 numbers.*got 1/);
});
