/**
 * Decimal text to float32, exactly rounded, straight from bytes.
 *
 * Workload: a hundred million numbers of 4 to 11 characters such as `-0.013482`, a few files of 17 digits
 * (float64 printed by Python), hardly ever anything else. So no strings are made. The digits are gathered
 * as whole numbers and scaled by a power of ten in float64. That value may be off by some units in its last
 * place, which does not matter: a float32 keeps 29 bits less, so rounding it is right unless it lies within a
 * hair of the middle between two float32. Only there (about one number in ten million), and for numbers
 * near or beyond the ends of float32's range, the exact way below decides with whole numbers of any size.
 */
const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;

/** Longest number we read, in characters. Longer is damage or malice: a float64 needs at most 17 digits. */
const MAX_NUMBER = 1000;

/** 10^-80 … 10^60 as the nearest float64, at index exponent + 80. Literals, since they are rounded exactly. */
const POWERS = Float64Array.from({ length: 141 }, (_, i) => Number(`1e${i - 80}`));

/** Normal float32 with a margin: below and above, the exact way decides. */
const SMALLEST = 2 ** -125;
const LARGEST = 2 ** 127;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** How near to the middle (of 2²⁹ parts between two float32) counts as a hair. The scaling errs by at most 6. */
const HAIR = 32;

/**
 * Reads `dim` numbers, each after at least one space or tab (the first may stand at `at` itself), then the end
 * of the line. Returns the position after the newline, or -1 if the line is anything else: another count,
 * something that is not a number, a number that is not finite. There must be a newline at or after `at`.
 */
export function parseRow(bytes: Uint8Array, at: number, out: Float32Array, offset: number, dim: number): number {
  let byte = bytes[at]!;
  for (let i = 0; i < dim; i++) {
    while (byte === SPACE || byte === TAB) byte = bytes[++at]!;
    const start = at;
    // Half of the numbers are negative, so a branch here would be guessed wrong every other time.
    const negative = ((byte ^ MINUS) - 1) >>> 31;
    at += negative;
    byte = bytes[at]!;
    // The usual number has at most 9 digits that count, which fit a 32-bit whole number: quick to build. With more,
    // `digits` wraps around, and `longNumber` begins again.
    let digits = 0;
    const wholeAt = at;
    for (; (byte - ZERO) >>> 0 < 10; byte = bytes[++at]!) digits = (digits * 10 + byte - ZERO) | 0;
    let length = at - wholeAt;
    let counted = length;
    let fraction = 0;
    if (byte === DOT) {
      const fractionAt = ++at;
      byte = bytes[at]!;
      if (digits === 0 && length <= 9) {
        while (byte === ZERO) byte = bytes[++at]!;
        counted = 0;
      }
      const countAt = at;
      for (; (byte - ZERO) >>> 0 < 10; byte = bytes[++at]!) digits = (digits * 10 + byte - ZERO) | 0;
      counted += at - countAt;
      fraction = at - fractionAt;
      length += fraction;
    }
    let value = 0;
    if ((byte === SPACE || byte === LF) && counted <= 9 && fraction <= 30 && length > 0) {
      value = digits * POWERS[80 - fraction]!;
      double[0] = value;
      const rest = (halves[LOW]! & 0x1fffffff) - 0x10000000;
      if (rest < HAIR && rest > -HAIR) value = Math.abs(exactFloat32(ascii(bytes, start, at)));
    } else {
      if (byte === PLUS && negative === 0 && length === 0) at++;
      at = longNumber(bytes, length === 0 ? at : wholeAt);
      if (at < 0) return -1;
      byte = bytes[at]!;
      value = long;
    }
    out[offset + i] = negative === 0 ? value : -value;
  }
  while (byte === SPACE || byte === TAB || byte === CR) byte = bytes[++at]!;
  return byte === LF ? at + 1 : -1;
}

/** What `longNumber` read. */
let long = 0;

/**
 * Reads a number without its sign, of any number of digits, with or without an exponent, into `long`. Returns the
 * position after it, which holds a separator or the line's end; -1 if it is no finite float32 number.
 */
function longNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  let byte = bytes[at]!;
  // Up to 9 digits in `high`, then up to 9 in `low`; what comes after cannot move the value by a hair.
  let high = 0;
  let low = 0;
  let digits = 0; // that count: from the first one that is not 0
  let dropped = 0; // digits before the point past the 18th
  let fraction = 0; // digits kept behind the point
  let any = false;
  let behind = false;
  for (;;) {
    const digit = byte - ZERO;
    if (digit >>> 0 < 10) {
      any = true;
      if (digits < 9) {
        high = (high * 10 + digit) | 0;
        if (high !== 0) digits++;
        if (behind) fraction++;
      } else if (digits < 18) {
        low = (low * 10 + digit) | 0;
        digits++;
        if (behind) fraction++;
      } else if (!behind) dropped++;
    } else if (byte === DOT && !behind) behind = true;
    else break;
    byte = bytes[++at]!;
  }
  if (!any) return -1;
  let exponent = dropped - fraction;
  if (byte === 101 || byte === 69) {
    byte = bytes[++at]!;
    const down = byte === MINUS;
    if (down || byte === PLUS) byte = bytes[++at]!;
    if ((byte - ZERO) >>> 0 >= 10) return -1;
    let written = 0;
    for (; (byte - ZERO) >>> 0 < 10; byte = bytes[++at]!) written = Math.min(99_999, written * 10 + byte - ZERO);
    exponent += down ? -written : written;
  }
  if (byte !== SPACE && byte !== TAB && byte !== LF && byte !== CR) return -1;
  long = 0;
  if (high === 0) return at;
  if (exponent >= -80 && exponent <= 60) {
    long = (digits > 9 ? high * POWERS[digits - 9 + 80]! + low : high) * POWERS[exponent + 80]!;
  }
  double[0] = long;
  const rest = (halves[LOW]! & 0x1fffffff) - 0x10000000;
  if (long < SMALLEST || long > LARGEST || (rest < HAIR && rest > -HAIR)) {
    if (at - start > MAX_NUMBER) return -1;
    long = exactFloat32(ascii(bytes, start, at));
    if (long === Infinity) return -1;
  }
  return at;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NON_FINITE = /^([+-]?)(nan|inf|infinity)$/i;

/** One field as a number (NaN and infinities by name too), or undefined if it is none. The slow twin of `parseRow`. */
export function parseField(text: string): number | undefined {
  if (text.length > MAX_NUMBER) return undefined;
  if (NUMBER.test(text)) return exactFloat32(text);
  const named = NON_FINITE.exec(text);
  if (!named) return undefined;
  if (named[2]!.toLowerCase() === "nan") return NaN;
  return named[1] === "-" ? -Infinity : Infinity;
}

/**
 * The float32 nearest to a decimal, ties to even. `Number` gives the nearest float64; rounding that again
 * is wrong only if it lies exactly in the middle of two float32 while the decimal does not, so then (only then)
 * the decimal is compared with the middle in whole numbers.
 */
export function exactFloat32(text: string): number {
  const near = Number(text);
  const rounded = Math.fround(near);
  if (rounded === near || !Number.isFinite(near)) return rounded;
  const [below, above] = neighbours(near);
  if (near - below !== above - near) return rounded;
  const side = compareDecimal(text, near);
  return side === 0 ? rounded : side > 0 ? Math.fround(above) : Math.fround(below);
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The float32 just below and just above a float64 that is none itself. Past the largest, 2¹²⁸ stands for infinity. */
function neighbours(value: number): [number, number] {
  single[0] = value;
  const here = single[0] === Infinity ? 2 ** 128 : single[0] === -Infinity ? -(2 ** 128) : single[0];
  const up = value > here;
  // Away from zero the bits count up. Below the smallest, +0 and -0 both count as the foot of the ladder.
  const away = up === value > 0;
  singleBits[0] = singleBits[0]! + (away ? 1 : -1);
  const other = single[0] === Infinity ? 2 ** 128 : single[0] === -Infinity ? -(2 ** 128) : single[0];
  return up ? [here, other] : [other, here];
}

/** The sign of decimal − value, exactly. */
function compareDecimal(text: string, value: number): number {
  const [, sign, whole = "", fraction = "", power = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)!;
  let left = BigInt(`${whole}${fraction}`);
  if (sign === "-") left = -left;
  const ten = Number(power) - fraction.length;
  // value = mantissa × 2^two, with a whole mantissa.
  let two = 0;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    two--;
  }
  let right = BigInt(mantissa);
  if (ten >= 0) left *= 10n ** BigInt(ten);
  else right *= 10n ** BigInt(-ten);
  left <<= BigInt(-two);
  return left === right ? 0 : left > right ? 1 : -1;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
