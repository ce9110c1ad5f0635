/**
 * From vectors to codes: y = P (x − mean), rounded to whole steps.
 *
 * x − mean becomes i16 with a length of at most 2¹⁶, rows of P are i16 of length 2¹⁴: by Cauchy and Schwarz every
 * partial sum of their product stays within 2³⁰, so integers do the projection exactly and codes are the same bits
 * everywhere. A vector further out than that is scaled down first. The idea of a projection to fewer dimensions in front
 * of a short code is LeanVec's (Tepper et al., 2023), the rotation is that of RaBitQ and others: it gives each code
 * dimension the same variance, so that one step fits all.
 *
 * Oracle: ../../reference/search-codes.ts, to the bit.
 */
import { Codec, LIFTED, UNIT } from "./codec";
import { sumFour } from "./integers";

/** No constant goes beyond this, so that sums of two keys fit an i32. */
const MOST_BIAS: f32 = 268435456; // 2²⁸
/** Of vectors so short that float32 cannot say by how much they are to be stretched. */
const MOST_FACTOR: f64 = 1e37;
/** A vector that is rescaled gets this length as i16s, so that none of them can be cut. */
const SAFE_LENGTH: f64 = 32000;

/** |x − mean|² of the last vector, in steps²; NaN where a number of it is not finite. */
let outside: f32 = 0;
/** Its largest number. */
let largest: f32 = 0;
/** What a unit of the projected integers is worth, in steps. */
let outputScale: f32 = 0;
/** Σ (y − code)² of the last vector, in steps². */
let roundingError: f32 = 0;
/** Σ y², in steps². */
let inside: f32 = 0;
/** By how much the last query was shrunk towards the mean, to fit the codes; 1 for most. */
let shrunk: f32 = 1;

export function lastError(): f32 {
  return roundingError;
}
export function lastOutside(): f32 {
  return outside;
}
export function lastShrink(): f32 {
  return shrunk;
}

// @ts-ignore: decorator
@inline
function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

/** Σ xᵢ² in float64. */
export function squaredLength(x: usize, dim: u32): f64 {
  let sum: f64 = 0;
  let pair = f64x2.splat(0);
  const end4 = x + (<usize>(dim & ~3) << 2);
  const end = x + (<usize>dim << 2);
  while (x < end4) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const b = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    pair = f64x2.add(pair, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
    x += 16;
  }
  sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; x < end; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
  return sum;
}

/** Σ x² of rows [from, to), first number first as src/math adds, to the f64s at `squares`. */
export function squareRows(rows: usize, from: u32, to: u32, dim: u32, squares: usize): void {
  const bytes = <usize>dim << 2;
  for (let i = from; i < to; i++) {
    let x = rows + <usize>i * bytes;
    let sum: f64 = 0;
    for (const end = x + bytes; x < end; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
    store<f64>(squares + (<usize>i << 3), sum);
  }
}

/** A number of factor · x − mean, in steps; past dim the lifting coordinate, then zeros. */
// @ts-ignore: decorator
@inline
function centered(codec: Codec, x: usize, scale: f32, lifted: f32, i: u32): f32 {
  const value: f32 = i < codec.dim ? load<f32>(x + (<usize>i << 2)) * scale : i == codec.dim ? lifted : 0;
  return value - load<f32>(codec.mean + (<usize>i << 2));
}

/** Factor · x − mean in steps, times `inputScale`, as i16 × width at `to`. Notes the squared length, and the largest number. */
function toIntegers(codec: Codec, x: usize, scale: f32, lifted: f32, inputScale: f32, to: usize): void {
  const f = f32x4.splat(scale);
  const s = f32x4.splat(inputScale);
  let sums = f32x4.splat(0);
  let most = sums;
  const whole = codec.dim & ~7;
  let mean = codec.mean;
  const end = x + (<usize>whole << 2);
  for (let p = x; p < end; p += 32, mean += 32, to += 16) {
    const a = f32x4.sub(f32x4.mul(v128.load(p), f), v128.load(mean));
    const b = f32x4.sub(f32x4.mul(v128.load(p, 16), f), v128.load(mean, 16));
    sums = f32x4.add(sums, f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)));
    most = f32x4.pmax(f32x4.pmax(most, f32x4.abs(a)), f32x4.abs(b));
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(a, s)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(b, s)));
    v128.store(to, i16x8.narrow_i32x4_s(low, high));
  }
  outside = sumLanes(sums);
  largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (let i = whole; i < codec.width; i++, to += 2) {
    const d = centered(codec, x, scale, lifted, i);
    outside += d * d;
    largest = max(largest, abs(d));
    const rounded = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.splat(d * inputScale)));
    store<i16>(to, i16x8.extract_lane_s(i16x8.narrow_i32x4_s(rounded, rounded), 0));
  }
}

/** The same for a vector so far out that its square leaves the range of float32: in float64, one by one. */
function measureFar(codec: Codec, x: usize, scale: f32, lifted: f32): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < codec.width; i++) {
    const d = <f64>centered(codec, x, scale, lifted, i);
    sum += d * d;
  }
  return sum;
}

/** Fills `to` with the i16s of a vector, scaled so that no sum overflows, and notes what they are worth. */
function fitIntegers(codec: Codec, x: usize, factor: f64, lift: f64, to: usize): void {
  const scale = <f32>min<f64>(MOST_FACTOR, factor * <f64>codec.inverseStep);
  const lifted = <f32>(lift * <f64>codec.inverseStep);
  let inputScale = codec.inputScale;
  toIntegers(codec, x, scale, lifted, inputScale, to);
  let squares = <f64>outside;
  if (!(outside < 1e37)) squares = measureFar(codec, x, scale, lifted);
  const length = sqrt<f64>(squares);
  if (length * <f64>inputScale > 65000 || <f64>largest * <f64>inputScale > 32700) {
    inputScale = <f32>(SAFE_LENGTH / length);
    toIntegers(codec, x, scale, lifted, inputScale, to);
  }
  outside = isFinite(squares) ? <f32>min<f64>(squares, 3e38) : f32.NaN;
  outputScale = <f32>(1 / (16384 * <f64>inputScale));
}

/** y = P x for the i16s at `x`: float32 × codes at `to`, in steps; notes Σ y². */
function project(codec: Codec, x: usize, to: usize): void {
  const bytes = <usize>codec.width << 1;
  const end = x + bytes;
  const scale = f32x4.splat(outputScale);
  let squares = f32x4.splat(0);
  let m0 = codec.matrix;
  for (let j: u32 = 0; j < codec.codes; j += 4) {
    let m1 = m0 + bytes;
    let m2 = m1 + bytes;
    let m3 = m2 + bytes;
    const next = m3 + bytes;
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let p = x; p < end; p += 16) {
      const v = v128.load(p);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v, v128.load(m0)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v, v128.load(m1)));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v, v128.load(m2)));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v, v128.load(m3)));
      m0 += 16;
      m1 += 16;
      m2 += 16;
      m3 += 16;
    }
    const y = f32x4.mul(f32x4.convert_i32x4_s(sumFour(a, b, c, d)), scale);
    squares = f32x4.add(squares, f32x4.mul(y, y));
    v128.store(to, y);
    to += 16;
    m0 = next;
  }
  inside = sumLanes(squares);
}

/** Rounds the floats at `from`, times `factor`, to codes + `offset` at `to`; notes the rounding error (of the product). */
function quantize(from: usize, codes: u32, factor: f32, offset: i32, to: usize): void {
  const low = i32x4.splat(-64);
  const high = i32x4.splat(63);
  const f = f32x4.splat(factor);
  const o = i32x4.splat(offset);
  let errors = f32x4.splat(0);
  for (let j: u32 = 0; j < codes; j += 4) {
    const y = f32x4.mul(v128.load(from + (<usize>j << 2)), f);
    const code = i32x4.max_s(low, i32x4.min_s(high, i32x4.trunc_sat_f32x4_s(f32x4.nearest(y))));
    const e = f32x4.sub(y, f32x4.convert_i32x4_s(code));
    errors = f32x4.add(errors, f32x4.mul(e, e));
    const half = i16x8.narrow_i32x4_s(i32x4.add(code, o), i32x4.splat(0));
    store<u32>(to + j, i32x4.extract_lane(i8x16.narrow_i16x8_s(half, half), 0));
  }
  roundingError = sumLanes(errors);
}

/** Bytes of work area that encoding needs: i16 × width, float32 × codes. */
export function encodeScratchBytes(codec: Codec): u32 {
  return codec.width * 2 + codec.codes * 4 + 128;
}

function prepare(codec: Codec, x: usize, factor: f64, lift: f64, work: usize): usize {
  const projected = work + ((<usize>codec.width * 2 + 63) & ~63);
  fitIntegers(codec, x, factor, lift, work);
  project(codec, work, projected);
  return projected;
}

/** The code row of one vector at `to`: codes, zeros, constant. Returns what of the constant stands for the energy outside. */
function encodeRow(codec: Codec, x: usize, to: usize, work: usize): i32 {
  let factor: f64 = 1;
  let lift: f64 = 0;
  if (codec.transform == UNIT) {
    const squares = squaredLength(x, codec.dim);
    factor = squares > 0 ? 1 / sqrt<f64>(squares) : 0;
  } else if (codec.transform == LIFTED) {
    const ceiling = <f64>codec.ceiling;
    lift = sqrt<f64>(max<f64>(0, ceiling * ceiling - squaredLength(x, codec.dim)));
  }
  const projected = prepare(codec, x, factor, lift, work);
  memory.fill(to, 0, codec.stride);
  quantize(projected, codec.codes, 1, 0, to);
  let squares = 0;
  let sum = 0;
  for (let i: u32 = 0; i < codec.codes; i++) {
    const code = <i32>load<i8>(to + i);
    squares += code * code;
    sum += code;
  }
  // From the unrounded projection: rounded codes would put their noise into every key.
  const energy = max<f32>(0, outside - inside);
  const bias = <i32>nearest(min<f32>(MOST_BIAS, codec.beta * energy));
  store<i32>(to + codec.stride - 4, squares + bias + 128 * sum);
  return bias;
}

/**
 * Codes of the rows [from, to) at `rows` (f32 × dim, end to end), to `codes` (stride apart). Where the pointers are not 0:
 * `biases` gets the i32 of each row that stands for the energy outside the projection, `errors` the f32
 * length of its rounding error √Σ (y − code)², in steps.
 */
export function encodeRows(
  codec: Codec,
  rows: usize,
  from: u32,
  to: u32,
  codes: usize,
  biases: usize,
  errors: usize,
  work: usize,
): void {
  const bytes = <usize>codec.dim << 2;
  for (let i = from; i < to; i++) {
    const bias = encodeRow(codec, rows + <usize>i * bytes, codes + <usize>i * codec.stride, work);
    if (biases) store<i32>(biases + (<usize>i << 2), bias);
    if (errors) store<f32>(errors + (<usize>i << 2), sqrt<f32>(roundingError));
  }
}

/**
 * The unsigned code of a query (code + 64, zeros behind) at `to`, stride bytes. `lastError` is then Σ (y − code)² in steps², and
 * `lastShrink` the factor by which the query was drawn towards the mean: 1, or less where it lies so far out that
 * cutting its numbers at ±64 would have turned it.
 */
export function encodeQuery(codec: Codec, x: usize, to: usize, work: usize): void {
  let factor: f64 = 1;
  if (codec.transform != 0) {
    const squares = squaredLength(x, codec.dim);
    const wanted = codec.transform == LIFTED ? <f64>codec.ceiling : 1;
    factor = squares > 0 ? wanted / sqrt<f64>(squares) : 0;
  }
  const projected = prepare(codec, x, factor, 0, work);
  memory.fill(to, 0, codec.stride);
  quantize(projected, codec.codes, 1, 64, to);
  shrunk = 1;
  if (roundingError <= 0.01 * inside) return;
  let most: f32 = 0;
  for (let j: u32 = 0; j < codec.codes; j++) most = max(most, abs(load<f32>(projected + (<usize>j << 2))));
  if (most <= 63.5) return; // short, not far: the error is that of rounding
  shrunk = 63 / most;
  quantize(projected, codec.codes, shrunk, 64, to);
}

/** A row's code as a query: + 64, the constant's place 0. Returns |code|² + bias, which makes keys squared distances. */
export function rowAsQuery(row: usize, stride: usize, to: usize): i32 {
  const constant = load<i32>(row + stride - 4);
  const offset = i8x16.splat(64);
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 16) {
    let x = v128.load(row + i);
    if (i + 16 == stride) x = i32x4.replace_lane(x, 3, 0);
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(x)));
    v128.store(to + i, i8x16.add(x, offset));
  }
  store<i32>(to + stride - 4, 0);
  return constant - 128 * i32x4.extract_lane(sumFour(sums, sums, sums, sums), 0);
}
