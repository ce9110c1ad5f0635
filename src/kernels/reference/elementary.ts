/**
 * exp, log, sin, cos and pow in float64, the same bits on every engine.
 *
 * Engines are free in the last bit of Math.exp and its kin (V8 and AssemblyScript's own differ for one
 * argument in ten), which would break "same seed, same bytes". These use only + − × ÷ and the exponent
 * bits, which IEEE 754 fixes. Kernel: ../assembly/elementary.ts, equal to the bit.
 *
 * Methods are the textbook ones (argument reduction, then a series short enough to add up): see
 * Muller, Elementary Functions (2016), ch. 5. Within 2 units in the last place where nothing else is said.
 */

const LN2_HIGH = 0.6931471803691238; // ln 2 cut to 32 bits, so that k × LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10; // the rest of ln 2
const PI_2_HIGH = 1.5707963267341256; // π/2 in three parts, likewise
const PI_2_MIDDLE = 6.077100506303966e-11;
const PI_2_LOW = 2.0222662487959506e-21;

const double = new Float64Array(1);
const words = new Int32Array(double.buffer); // [low, high]: every platform WebAssembly runs on is little-endian

/** x · 2^k for results in the normal range. */
function scale(x: number, k: number): number {
  words[0] = 0;
  words[1] = (k + 1023) << 20;
  return x * double[0]!;
}

/** eˣ. 0 below −745, Infinity above 709.78. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(x * 1.4426950408889634 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| ≤ ln 2 / 2
  let sum = 1 / 6227020800;
  sum = sum * r + 1 / 479001600;
  sum = sum * r + 1 / 39916800;
  sum = sum * r + 1 / 3628800;
  sum = sum * r + 1 / 362880;
  sum = sum * r + 1 / 40320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  sum = sum * r * r + r + 1;
  // Two steps where one would leave the normal range (k up to 1024, down to −1075).
  if (k > 1000) return scale(sum, k - 100) * 1.2676506002282294e30;
  if (k < -1000) return scale(sum, k + 100) * 7.888609052210118e-31;
  return scale(sum, k);
}

/** Natural logarithm. −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let e = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // subnormal: bring 2^54 up
    e = -54;
  }
  double[0] = x;
  const high = words[1]!;
  e += (high >>> 20) - 1023;
  words[1] = (high & 0x000fffff) | 0x3ff00000;
  let m = double[0]; // in [1, 2)
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e += 1;
  }
  const s = (m - 1) / (m + 1); // log m = 2 (s + s³/3 + s⁵/5 + …), |s| < 0.172
  const q = s * s;
  let sum = 1 / 23;
  sum = sum * q + 1 / 21;
  sum = sum * q + 1 / 19;
  sum = sum * q + 1 / 17;
  sum = sum * q + 1 / 15;
  sum = sum * q + 1 / 13;
  sum = sum * q + 1 / 11;
  sum = sum * q + 1 / 9;
  sum = sum * q + 1 / 7;
  sum = sum * q + 1 / 5;
  sum = sum * q + 1 / 3;
  return e * LN2_HIGH + (2 * s + (2 * s * q * sum + e * LN2_LOW));
}

/** xʸ for x ≥ 0, as e^(y ln x): relative error about 2⁻⁵² (1 + |y ln x|). */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x === 0) return y > 0 ? 0 : Infinity;
  return exp(y * log(x));
}

/** sin x for |x| ≤ 2²⁰ (NaN beyond: the reduction would lose its digits). Absolute error below 2⁻⁵¹. */
export function sin(x: number): number {
  if (!(x >= -1048576 && x <= 1048576)) return NaN;
  const k = Math.floor(x * 0.6366197723675814 + 0.5);
  return quadrant(x - k * PI_2_HIGH - k * PI_2_MIDDLE - k * PI_2_LOW, k & 3);
}

/** cos x; the same limits as `sin`. */
export function cos(x: number): number {
  if (!(x >= -1048576 && x <= 1048576)) return NaN;
  const k = Math.floor(x * 0.6366197723675814 + 0.5);
  return quadrant(x - k * PI_2_HIGH - k * PI_2_MIDDLE - k * PI_2_LOW, (k + 1) & 3);
}

/** sin(r + quarter · π/2) for |r| ≤ π/4. */
function quadrant(r: number, quarter: number): number {
  const q = r * r;
  let sum: number;
  if ((quarter & 1) === 0) {
    sum = 1 / 355687428096000;
    sum = 1 / 1307674368000 - sum * q;
    sum = 1 / 6227020800 - sum * q;
    sum = 1 / 39916800 - sum * q;
    sum = 1 / 362880 - sum * q;
    sum = 1 / 5040 - sum * q;
    sum = 1 / 120 - sum * q;
    sum = 1 / 6 - sum * q;
    sum = r - r * q * sum;
  } else {
    sum = 1 / 20922789888000;
    sum = 1 / 87178291200 - sum * q;
    sum = 1 / 479001600 - sum * q;
    sum = 1 / 3628800 - sum * q;
    sum = 1 / 40320 - sum * q;
    sum = 1 / 720 - sum * q;
    sum = 1 / 24 - sum * q;
    sum = 0.5 - sum * q;
    sum = 1 - q * sum;
  }
  return quarter >= 2 ? -sum : sum;
}
