/**
 * Float32 to the shortest decimal that reads back to the same float32, straight to bytes.
 *
 * Of all decimals that round to x, the one with fewest digits, and of those the one nearest to x: what
 * Steele and White (1990) asked for and Ryu (Adams 2018) computes with wide integers. A float32 lets us do it
 * in float64: scale x and the middles to its two neighbours so that x has 9 digits before the point; the
 * scaling errs by less than 10⁻⁶ of a unit there. Look for the roundest number between the middles; only a
 * candidate that lies within 10⁻⁵ of a middle is decided by reading it back.
 */
import { exactFloat32 } from "./decimal-read.ts";

/** No number takes more bytes: a sign, 9 digits, a point, `e-45`; or a sign, `0.0000`, 9 digits. */
export const MAX_FLOAT_BYTES = 20;

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** 10^-31 … 10^54 at index exponent + 31: what brings any float32 to 9 digits, and a step more each way. */
const POWERS = Float64Array.from({ length: 86 }, (_, i) => Number(`1e${i - 31}`));
const UNIT = 1e9;
const DOUBT = 1e-5;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const LETTER_E = 101;

/**
 * Writes a finite float32 at `at`; returns the position after it. Plain (`-0.0123`, `250000`) where the first
 * digit stands between 10⁻⁵ and 10⁸, else with an exponent (`1.5e-7`).
 */
export function writeFloat32(value: number, bytes: Uint8Array, at: number): number {
  single[0] = value;
  const all = singleBits[0]!;
  if (all >>> 31) bytes[at++] = MINUS;
  const pattern = all & 0x7fffffff;
  if (pattern === 0) {
    bytes[at++] = ZERO;
    return at;
  }
  const { digits, power } = shortest(pattern);
  return layOut(digits, power, bytes, at);
}

/** The result of `shortest`: value = digits × 10^power. One object, used again, since this runs for every number. */
const found = { digits: 0, power: 0 };

function shortest(pattern: number): { digits: number; power: number } {
  const value = floatOf(pattern);
  // The last float32's upper neighbour would be 2¹²⁸; its bits say Infinity.
  const above = pattern === 0x7f7fffff ? 2 ** 128 : floatOf(pattern + 1);
  const below = floatOf(pattern - 1);
  let power = Math.floor(decimalExponent(pattern)) - 8;
  let scale = POWERS[31 - power]!;
  // The estimate of the exponent may be one off.
  if (value * scale >= UNIT) scale = POWERS[31 - ++power]!;
  else if (value * scale < UNIT / 10) scale = POWERS[31 - --power]!;
  const middle = value * scale;
  const low = ((below + value) / 2) * scale;
  const high = ((value + above) / 2) * scale;
  let best = Math.round(middle);
  let unit = 1;
  let zeros = 0;
  // If a multiple of ten units lies between the middles, so does one of a unit: climb until none does.
  while (unit < UNIT) {
    const step = unit * 10;
    const floor = Math.floor(middle / step) * step;
    const ceiling = floor + step;
    const floorIn = inside(floor, low, high, power, value);
    const ceilingIn = inside(ceiling, low, high, power, value);
    if (!floorIn && !ceilingIn) break;
    const nearer = middle - floor - (ceiling - middle); // below 0: floor is; on a tie the even digit, as NumPy prints
    const floorWins = nearer < 0 || (nearer === 0 && (floor / step) % 2 === 0);
    best = floorIn && (!ceilingIn || floorWins) ? floor : ceiling;
    unit = step;
    zeros++;
  }
  found.digits = best / unit;
  found.power = power + zeros;
  return found;
}

/** Whether candidate × 10^power reads back to `value`, whose scaled bounds are `low` and `high`. */
function inside(candidate: number, low: number, high: number, power: number, value: number): boolean {
  if (candidate > low + DOUBT && candidate < high - DOUBT) return true;
  if (candidate < low - DOUBT || candidate > high + DOUBT || candidate === 0) return false;
  return exactFloat32(`${candidate}e${power}`) === value;
}

function floatOf(pattern: number): number {
  singleBits[0] = pattern;
  return single[0]!;
}

/** About log10(value), from the binary exponent: right to within one. */
function decimalExponent(pattern: number): number {
  const exponent = pattern >>> 23;
  if (exponent > 0) return (exponent - 127) * 0.30102999566398114;
  return (31 - Math.clz32(pattern) - 149) * 0.30102999566398114; // a subnormal is pattern × 2⁻¹⁴⁹
}

function layOut(digits: number, power: number, bytes: Uint8Array, at: number): number {
  const count = digitCount(digits);
  const first = power + count - 1; // the decimal exponent of the first digit
  if (first < -5 || first > 8) {
    at = mantissa(digits, count, 1, bytes, at);
    bytes[at++] = LETTER_E;
    if (first < 0) bytes[at++] = MINUS;
    return whole(Math.abs(first), digitCount(Math.abs(first)), bytes, at);
  }
  if (first < 0) {
    bytes[at++] = ZERO;
    bytes[at++] = DOT;
    for (let i = -1; i > first; i--) bytes[at++] = ZERO;
    return whole(digits, count, bytes, at);
  }
  if (power < 0) return mantissa(digits, count, first + 1, bytes, at);
  at = whole(digits, count, bytes, at);
  for (let i = 0; i < power; i++) bytes[at++] = ZERO;
  return at;
}

/** The digits with a point after the first `before` of them (none if that is all). */
function mantissa(digits: number, count: number, before: number, bytes: Uint8Array, at: number): number {
  if (count === before) return whole(digits, count, bytes, at);
  const end = whole(digits, count, bytes, at + 1); // one to the right, then the head moves back
  for (let i = 0; i < before; i++) bytes[at + i] = bytes[at + i + 1]!;
  bytes[at + before] = DOT;
  return end;
}

function whole(digits: number, count: number, bytes: Uint8Array, at: number): number {
  for (let i = at + count - 1; i >= at; i--) {
    const rest = (digits / 10) | 0;
    bytes[i] = ZERO + digits - rest * 10;
    digits = rest;
  }
  return at + count;
}

function digitCount(digits: number): number {
  let count = 1;
  for (let limit = 10; digits >= limit; limit *= 10) count++;
  return count;
}
