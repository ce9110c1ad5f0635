/**
 * Products, distances and sums of rows, four numbers at a time.
 *
 * Oracle: ../reference/dots.ts. The two add in a different order, so products agree to
 * (dim + 1)(2⁻²⁴ Σ|qᵢrᵢ| + 2⁻¹⁴⁹), not to the bit; squared distances to (dim + 4)(2⁻²⁴ Σdᵢ² + 2⁻¹⁴⁹);
 * normalized rows, whose lengths are float64, to the last bit; `addScaled` agrees to the bit. Pointers are
 * byte offsets; rows lie end to end and need no alignment. Four chains of additions hide their latency.
 */

// @ts-ignore: decorator
@inline
function sumLanes(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

function dot(a: usize, b: usize, dim: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end16 = a + (<usize>(dim & ~15) << 2);
  const end4 = a + (<usize>(dim & ~3) << 2);
  const end = a + (<usize>dim << 2);
  while (a < end16) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
    a += 64;
    b += 64;
  }
  while (a < end4) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  while (a < end) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return sum;
}

export function dots(query: usize, rows: usize, out: usize, dim: i32, count: i32): void {
  const stride = <usize>dim << 2;
  for (let r = 0; r < count; r++) {
    store<f32>(out + (<usize>r << 2), dot(query, rows, dim));
    rows += stride;
  }
}

export function dotsAt(query: usize, rows: usize, ids: usize, out: usize, dim: i32, count: i32): void {
  const stride = <usize>dim << 2;
  for (let k: usize = 0, end = <usize>count << 2; k < end; k += 4) {
    store<f32>(out + k, dot(query, rows + <usize>load<u32>(ids + k) * stride, dim));
  }
}

export function squaredDistances(query: usize, rows: usize, out: usize, dim: i32, count: i32): void {
  const head = dim & ~3;
  for (let r = 0; r < count; r++) {
    let sums = f32x4.splat(0);
    let a = query;
    const end4 = query + (<usize>head << 2);
    const end = query + (<usize>dim << 2);
    while (a < end4) {
      const d = f32x4.sub(v128.load(a), v128.load(rows));
      sums = f32x4.add(sums, f32x4.mul(d, d));
      a += 16;
      rows += 16;
    }
    let sum = sumLanes(sums);
    while (a < end) {
      const d = load<f32>(a) - load<f32>(rows);
      sum += d * d;
      a += 4;
      rows += 4;
    }
    store<f32>(out + (<usize>r << 2), sum);
  }
}

export function addScaled(target: usize, source: usize, factor: f32, count: i32): void {
  const f = f32x4.splat(factor);
  const end4 = target + (<usize>(count & ~3) << 2);
  const end = target + (<usize>count << 2);
  while (target < end4) {
    v128.store(target, f32x4.add(v128.load(target), f32x4.mul(f, v128.load(source))));
    target += 16;
    source += 16;
  }
  while (target < end) {
    store<f32>(target, load<f32>(target) + factor * load<f32>(source));
    target += 4;
    source += 4;
  }
}

/** Σ xᵢ² in float64, where the square of no float32 vanishes or overflows. */
function squaredLength(row: usize, dim: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  const end4 = row + (<usize>(dim & ~3) << 2);
  const end = row + (<usize>dim << 2);
  while (row < end4) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(row));
    const y = f64x2.promote_low_f32x4(v128.load64_zero(row, 8));
    s0 = f64x2.add(s0, f64x2.mul(x, x));
    s1 = f64x2.add(s1, f64x2.mul(y, y));
    row += 16;
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  while (row < end) {
    const x = <f64>load<f32>(row);
    sum += x * x;
    row += 4;
  }
  return sum;
}

export function normalizeRows(rows: usize, dim: i32, count: i32): void {
  for (let r = 0; r < count; r++) {
    const sum = squaredLength(rows, dim);
    const end = rows + (<usize>dim << 2);
    if (sum == 0) {
      rows = end;
      continue;
    }
    // The factor stays float64: one over the length of a denormal row is past float32.
    const factor = 1 / sqrt<f64>(sum);
    const f = f64x2.splat(factor);
    const end2 = rows + (<usize>(dim & ~1) << 2);
    while (rows < end2) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(rows));
      v128.store64_lane(rows, f32x4.demote_f64x2_zero(f64x2.mul(x, f)), 0);
      rows += 8;
    }
    if (rows < end) {
      store<f32>(rows, <f32>(<f64>load<f32>(rows) * factor));
      rows += 4;
    }
  }
}
