import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { exactFloat32, parseField, parseRow } from "./decimal-read.ts";
import { MAX_FLOAT_BYTES, writeFloat32 } from "./decimal-write.ts";

const runs = { seed: 7, numRuns: 2000 };
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);
const floatOf = (pattern: number): number => {
  bits[0] = pattern;
  return single[0]!;
};
const anyFinite = fc
  .integer({ min: 0, max: 0xffffffff })
  .map(floatOf)
  .filter((x) => Number.isFinite(x));

/** The oracle: every float32 near the decimal, compared with it in whole numbers of 2⁻¹⁵⁰. */
function nearestByHand(text: string): number {
  const guess = Math.abs(Math.fround(Number(text)));
  single[0] = guess;
  const pattern = bits[0]!;
  const [, sign, whole = "", fraction = "", power = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const ten = BigInt(Number(power) - fraction.length);
  // decimal = top / bottom
  const top = BigInt(whole + fraction) * (ten > 0n ? 10n ** ten : 1n);
  const bottom = ten < 0n ? 10n ** -ten : 1n;
  const distance = (candidate: number): bigint => {
    const units = candidate === Infinity ? 1n << 278n : unitsOf(candidate);
    const difference = top * (1n << 150n) - units * bottom;
    return difference < 0n ? -difference : difference;
  };
  const candidates = [pattern - 1, pattern, pattern + 1].filter((p) => p >= 0 && p <= 0x7f800000);
  candidates.sort((a, b) => {
    const difference = distance(floatOf(a)) - distance(floatOf(b));
    return difference < 0n ? -1 : difference > 0n ? 1 : (a & 1) - (b & 1);
  });
  return (sign === "-" ? -1 : 1) * floatOf(candidates[0]!);
}
/** A float32 in units of 2⁻¹⁵⁰. */
function unitsOf(value: number): bigint {
  return value < 1 ? BigInt(value * 2 ** 149) * 2n : BigInt(value * 2 ** 100) << 50n;
}

function readOne(text: string): number | undefined {
  const out = new Float32Array(1);
  const line = new TextEncoder().encode(` ${text}\n`);
  return parseRow(line, 0, out, 0, 1) === line.length ? out[0] : undefined;
}

const decimals = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999_999_999 })).map(([a, b]) => `${a}.${b}`),
  fc.double({ noNaN: true, min: -1e38, max: 1e38 }).map(String),
  anyFinite.map((x) => String(x)),
  anyFinite.map((x) => x.toPrecision(9)),
  anyFinite.map((x) => x.toFixed(12)).filter((text) => text.length < 60),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: -60, max: 9 })).map(([m, e]) => `${m}e${e}`),
);

test("a decimal reads as the float32 nearest to it, whatever its digits and exponent", () => {
  fc.assert(
    fc.property(decimals, (text) => {
      const expected = nearestByHand(text.replace(/e\+/, "e"));
      if (!Number.isFinite(expected)) return assert.equal(readOne(text), undefined);
      assert.ok(
        Object.is(readOne(text), Math.fround(Number(text)) === 0 && text.startsWith("-") ? -0 : expected),
        text,
      );
      assert.ok(Object.is(parseField(text), readOne(text)), text);
    }),
    runs,
  );
});

test("a decimal just beside the middle of two float32 goes to its own side, where rounding twice would not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0x00000001, max: 0x7f7ffffe }),
      fc.constantFrom("", "1", "0000000000001"),
      (p, tail) => {
        const middle = (floatOf(p) + floatOf(p + 1)) / 2; // exact in float64
        const digits = exactDecimal(middle);
        const expected = tail === "" ? floatOf(p & 1 ? p + 1 : p) : floatOf(p + 1);
        assert.equal(readOne(digits + tail), expected, digits + tail);
        assert.equal(readOne(`-${digits}${tail}`), -expected);
      },
    ),
    runs,
  );
});

/** All digits of a float64, without exponent. */
function exactDecimal(value: number): string {
  let two = 0;
  while (!Number.isInteger(value)) {
    value *= 2;
    two++;
  }
  const digits = (BigInt(value) * 5n ** BigInt(two)).toString().padStart(two + 1, "0");
  return `${digits.slice(0, digits.length - two)}.${digits.slice(digits.length - two)}`;
}

for (const [text, value] of [
  ["0", 0],
  ["-0", -0],
  ["-0.0e5", -0],
  ["007", 7],
  ["1234567890", 1234567890],
  ["123456789012345678901234567890", 1.2345678901234568e29],
  [".5", 0.5],
  ["5.", 5],
  ["+1.25", 1.25],
  ["1E3", 1000],
  ["1e-45", 1.401298464324817e-45],
  ["7e-46", 0],
  ["3.4028235e38", 3.4028234663852886e38],
  ["0.000000000000000000000000000000000000000000001", 1.401298464324817e-45],
  ["0e99999999999", 0],
] as const) {
  test(`"${text}" reads as ${value}`, () => assert.ok(Object.is(readOne(text), Math.fround(value))));
}

for (const text of [
  "",
  "-",
  ".",
  "-.",
  "e5",
  "1e",
  "1e+",
  "1.2.3",
  "0x10",
  "1,5",
  "--1",
  "+-1",
  "-+1",
  "1e39",
  "nan",
  "1_0",
  "1".repeat(1001),
]) {
  test(`${JSON.stringify(text.slice(0, 8))}, ${text.length} long, is no finite number`, () => {
    assert.equal(readOne(text), undefined);
  });
}

test("NaN and infinities are known by name where they are asked for", () => {
  assert.equal(parseField("NaN"), NaN);
  assert.equal(parseField("-inf"), -Infinity);
  assert.equal(parseField("+Infinity"), Infinity);
  assert.equal(parseField("infinit"), undefined);
});

function written(value: number): string {
  const bytes = new Uint8Array(MAX_FLOAT_BYTES);
  return new TextDecoder().decode(bytes.subarray(0, writeFloat32(value, bytes, 0)));
}

test("every float32 is written as a decimal that reads back to the same bits", () => {
  fc.assert(
    fc.property(anyFinite, (x) => {
      assert.ok(Object.is(readOne(written(x)), x), `${x} was written ${written(x)}`);
      assert.ok(Object.is(exactFloat32(written(x)), x));
    }),
    { ...runs, numRuns: 20_000 },
  );
});

test("no decimal with fewer digits reads back to the same float32, and none with as many lies nearer", () => {
  const digitsOf = (text: string): number =>
    text.replace(/e.*$/, "").replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "").length;
  const ordinary = fc.oneof(anyFinite, fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround));
  fc.assert(
    fc.property(ordinary, (x) => {
      if (x === 0) return;
      const text = written(x);
      const digits = digitsOf(text);
      if (digits > 1) {
        const [mantissa, exponent] = x.toExponential(digits - 2).split("e");
        for (const nudge of [-1, 0, 1]) {
          const other = `${BigInt(mantissa!.replace(".", "")) + BigInt(nudge)}e${Number(exponent) - (digits - 2)}`;
          assert.notEqual(exactFloat32(other), x, `${other} is shorter than ${text}`);
        }
      }
      const [m, e] = x.toExponential(Math.max(0, digits - 1)).split("e");
      const nearest = `${m}e${e}`;
      if (exactFloat32(nearest) === x) assert.ok(Math.abs(Number(text) - x) <= Math.abs(Number(nearest) - x), text);
    }),
    { ...runs, numRuns: 10_000 },
  );
});

for (const [value, text] of [
  [0.1, "0.1"],
  [-0, "-0"],
  [1, "1"],
  [250000, "250000"],
  [-0.0123, "-0.0123"],
  [0.000015, "0.000015"],
  [1.5e-7, "1.5e-7"],
  [1e9, "1e9"],
  [3.4028234663852886e38, "3.4028235e38"],
  [1.401298464324817e-45, "1e-45"],
  [1.1754943508222875e-38, "1.1754944e-38"],
  [16777216, "16777216"],
  [999999984306749440, "1e18"],
] as const) {
  test(`${value} is written "${text}"`, () => assert.equal(written(Math.fround(value)), text));
}
