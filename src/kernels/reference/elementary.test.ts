/** How right the elementary functions are, measured against the engine's. That the kernels give the same bits: test/conformance. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cos, exp, log, pow, sin } from "./index.ts";

const bits = new BigInt64Array(1);
const double = new Float64Array(bits.buffer);

/** A number's place among all float64 in order, so that neighbors differ by one. */
function place(x: number): bigint {
  double[0] = x;
  return bits[0]! < 0n ? -(bits[0]! & 0x7fffffffffffffffn) : bits[0]!;
}

/** How many float64 lie between the two. */
const ulps = (a: number, b: number): number => Math.abs(Number(place(a) - place(b)));

/** The engine is itself up to one unit off, so a bound of 2 shows as 3 at most. */
const MOST_ULPS = 3;

test("exp is within 2 units in the last place, denormal results included", () => {
  fc.assert(
    fc.property(fc.double({ min: -745.2, max: 709.8, noNaN: true }), (x) => {
      assert.ok(ulps(exp(x), Math.exp(x)) <= MOST_ULPS, `exp(${x}) = ${exp(x)}, ${Math.exp(x)}`);
    }),
    { seed: 8, numRuns: 20_000 },
  );
});

test("log is within 2 units in the last place, for all positive numbers and closely around 1", () => {
  const near1 = fc.double({ min: 0.7, max: 1.5, noNaN: true });
  const any = fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(near1, any), (x) => {
      assert.ok(ulps(log(x), Math.log(x)) <= MOST_ULPS, `log(${x}) = ${log(x)}, ${Math.log(x)}`);
    }),
    { seed: 9, numRuns: 20_000 },
  );
});

test("sin and cos are within 2⁻⁵¹ for |x| up to 2²⁰", () => {
  fc.assert(
    fc.property(fc.double({ min: -(2 ** 20), max: 2 ** 20, noNaN: true }), (x) => {
      // Math's own rounding of a value up to 1 is 2⁻⁵³.
      assert.ok(Math.abs(sin(x) - Math.sin(x)) <= 2 ** -51 + 2 ** -53, `sin(${x})`);
      assert.ok(Math.abs(cos(x) - Math.cos(x)) <= 2 ** -51 + 2 ** -53, `cos(${x})`);
    }),
    { seed: 10, numRuns: 20_000 },
  );
});

test("pow has the relative error it states", () => {
  const base = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
  fc.assert(
    fc.property(base, fc.double({ min: -3, max: 3, noNaN: true }), (x, y) => {
      const expected = Math.pow(x, y);
      if (!Number.isFinite(expected) || expected < 2.2250738585072014e-308) return;
      const bound = 2 ** -52 * (1 + Math.abs(y * Math.log(x))) + 2 ** -53;
      assert.ok(Math.abs(pow(x, y) / expected - 1) <= 2 * bound, `pow(${x}, ${y}) = ${pow(x, y)}, ${expected}`);
    }),
    { seed: 11, numRuns: 20_000 },
  );
});

for (const [shown, got, expected] of [
  ["exp(0)", exp(0), 1],
  ["exp(-0)", exp(-0), 1],
  ["exp(∞)", exp(Infinity), Infinity],
  ["exp(-∞)", exp(-Infinity), 0],
  ["exp(NaN)", exp(NaN), NaN],
  ["exp(710)", exp(710), Infinity],
  ["exp(-746)", exp(-746), 0],
  ["log(1)", log(1), 0],
  ["log(0)", log(0), -Infinity],
  ["log(-0)", log(-0), -Infinity],
  ["log(-1)", log(-1), NaN],
  ["log(∞)", log(Infinity), Infinity],
  ["log(NaN)", log(NaN), NaN],
  ["sin(0)", sin(0), 0],
  ["cos(0)", cos(0), 1],
  ["sin(∞)", sin(Infinity), NaN],
  ["sin(2²¹)", sin(2 ** 21), NaN],
  ["cos(NaN)", cos(NaN), NaN],
  ["pow(0, 0)", pow(0, 0), 1],
  ["pow(0, 2)", pow(0, 2), 0],
  ["pow(0, -2)", pow(0, -2), Infinity],
  ["pow(NaN, 0)", pow(NaN, 0), 1],
  ["pow(1, 5)", pow(1, 5), 1],
  ["pow(-1, 2)", pow(-1, 2), NaN],
] as const) {
  test(`${shown} is ${expected}`, () => assert.ok(Object.is(got, expected), `${got}`));
}
