/**
 * exp, log, sin, cos and pow in float64, the same bits on every engine.
 *
 * Oracle: ../reference/elementary.ts, equal to the bit: the same operations in the same order. Only the
 * way to the exponent's bits differs. Reasons and sources stand there.
 */

const LN2_HIGH = 0.6931471803691238; // ln 2 cut to 32 bits, so that k × LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10; // the rest of ln 2
const PI_2_HIGH = 1.5707963267341256; // π/2 in three parts, likewise
const PI_2_MIDDLE = 6.077100506303966e-11;
const PI_2_LOW = 2.0222662487959506e-21;

/** x · 2^k for results in the normal range. */
function scale(x: f64, k: f64): f64 {
  return x * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** eˣ. 0 below −745, Infinity above 709.78. */
export function exp(x: f64): f64 {
  if (x != x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = floor<f64>(x * 1.4426950408889634 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| ≤ ln 2 / 2
  let sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r * r + r + 1;
  // Two steps where one would leave the normal range (k up to 1024, down to −1075).
  if (k > 1000) return scale(sum, k - 100) * 1.2676506002282294e30;
  if (k < -1000) return scale(sum, k + 100) * 7.888609052210118e-31;
  return scale(sum, k);
}

/** Natural logarithm. −Infinity at 0, NaN below. */
export function log(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let e: f64 = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // subnormal: bring 2^54 up
    e = -54;
  }
  const bits = reinterpret<u64>(x);
  e += <f64>(<i32>(bits >> 52) - 1023);
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000); // in [1, 2)
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e += 1;
  }
  const s = (m - 1) / (m + 1); // log m = 2 (s + s³/3 + s⁵/5 + …), |s| < 0.172
  const q = s * s;
  let sum = 1.0 / 23.0;
  sum = sum * q + 1.0 / 21.0;
  sum = sum * q + 1.0 / 19.0;
  sum = sum * q + 1.0 / 17.0;
  sum = sum * q + 1.0 / 15.0;
  sum = sum * q + 1.0 / 13.0;
  sum = sum * q + 1.0 / 11.0;
  sum = sum * q + 1.0 / 9.0;
  sum = sum * q + 1.0 / 7.0;
  sum = sum * q + 1.0 / 5.0;
  sum = sum * q + 1.0 / 3.0;
  return e * LN2_HIGH + (2 * s + (2 * s * q * sum + e * LN2_LOW));
}

/** xʸ for x ≥ 0, as e^(y ln x): relative error about 2⁻⁵² (1 + |y ln x|). */
export function pow(x: f64, y: f64): f64 {
  if (y == 0) return 1;
  if (x == 0) return y > 0 ? 0 : Infinity;
  return exp(y * log(x));
}

/** sin x for |x| ≤ 2²⁰ (NaN beyond: the reduction would lose its digits). Absolute error below 2⁻⁵¹. */
export function sin(x: f64): f64 {
  if (!(x >= -1048576 && x <= 1048576)) return NaN;
  const k = floor<f64>(x * 0.6366197723675814 + 0.5);
  return quadrant(x - k * PI_2_HIGH - k * PI_2_MIDDLE - k * PI_2_LOW, <i32>k & 3);
}

/** cos x; the same limits as `sin`. */
export function cos(x: f64): f64 {
  if (!(x >= -1048576 && x <= 1048576)) return NaN;
  const k = floor<f64>(x * 0.6366197723675814 + 0.5);
  return quadrant(x - k * PI_2_HIGH - k * PI_2_MIDDLE - k * PI_2_LOW, (<i32>k + 1) & 3);
}

/** sin(r + quarter · π/2) for |r| ≤ π/4. */
function quadrant(r: f64, quarter: i32): f64 {
  const q = r * r;
  let sum: f64;
  if ((quarter & 1) == 0) {
    sum = 1.0 / 355687428096000.0;
    sum = 1.0 / 1307674368000.0 - sum * q;
    sum = 1.0 / 6227020800.0 - sum * q;
    sum = 1.0 / 39916800.0 - sum * q;
    sum = 1.0 / 362880.0 - sum * q;
    sum = 1.0 / 5040.0 - sum * q;
    sum = 1.0 / 120.0 - sum * q;
    sum = 1.0 / 6.0 - sum * q;
    sum = r - r * q * sum;
  } else {
    sum = 1.0 / 20922789888000.0;
    sum = 1.0 / 87178291200.0 - sum * q;
    sum = 1.0 / 479001600.0 - sum * q;
    sum = 1.0 / 3628800.0 - sum * q;
    sum = 1.0 / 40320.0 - sum * q;
    sum = 1.0 / 720.0 - sum * q;
    sum = 1.0 / 24.0 - sum * q;
    sum = 0.5 - sum * q;
    sum = 1 - q * sum;
  }
  return quarter >= 2 ? -sum : sum;
}
