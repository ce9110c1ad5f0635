/**
 * Distances and scores of chosen rows, from the vectors themselves, in float32.
 *
 * They differ from those in float64 (src/math, which exact searches report) by (dim + 4) roundings of their terms at most;
 * src/index/hnsw-index.test.ts holds them to it.
 */

/** Values of `metric`. */
export const COSINE: u32 = 0;
export const DOT: u32 = 1;
export const EUCLIDEAN: u32 = 2;
/** The limit that everything is within. */
export const NO_LIMIT: i32 = 0x7f800000;

// @ts-ignore: decorator
@inline
function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

// @ts-ignore: decorator
@inline
function product(a: usize, b: usize, dim: u32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end16 = a + (<usize>(dim & ~15) << 2);
  const end4 = a + (<usize>(dim & ~3) << 2);
  const end = a + (<usize>dim << 2);
  for (; a < end16; a += 64, b += 64) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  for (; a < end4; a += 16, b += 16) s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
  let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/** Numbers between two looks at whether a distance is too large already. */
const STRETCH: usize = 192 << 2;

/** The squared distance, or infinity as soon as it is larger than `limit`: its parts only grow, also when rounded. */
// @ts-ignore: decorator
@inline
function squaredDistance(a: usize, b: usize, dim: u32, limit: f32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end16 = a + (<usize>(dim & ~15) << 2);
  const end4 = a + (<usize>(dim & ~3) << 2);
  const end = a + (<usize>dim << 2);
  while (a < end16) {
    const stop = min(end16, a + STRETCH);
    for (; a < stop; a += 64, b += 64) {
      const d0 = f32x4.sub(v128.load(a), v128.load(b));
      const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
      const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
      const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
      s0 = f32x4.add(s0, f32x4.mul(d0, d0));
      s1 = f32x4.add(s1, f32x4.mul(d1, d1));
      s2 = f32x4.add(s2, f32x4.mul(d2, d2));
      s3 = f32x4.add(s3, f32x4.mul(d3, d3));
    }
    if (a < end16 && sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))) > limit) return Infinity;
  }
  for (; a < end4; a += 16, b += 16) {
    const d = f32x4.sub(v128.load(a), v128.load(b));
    s0 = f32x4.add(s0, f32x4.mul(d, d));
  }
  let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; a < end; a += 4, b += 4) {
    const d = load<f32>(a) - load<f32>(b);
    sum += d * d;
  }
  return sum;
}

/** A float32 as an i32 of the same order. */
// @ts-ignore: decorator
@inline
function ordered(value: f32): i32 {
  const bits = reinterpret<i32>(value);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** The float32 of such an i32. */
// @ts-ignore: decorator
@inline
function unordered(key: i32): f32 {
  return reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff));
}

/**
 * How far a row is from the query, as an i32 (the bits of a float32) that is lower where it is closer. For cosines `weight` is one
 * over the length of the row: NaN where that leaves the range of float32, and then `squares` (Σ x², f64) says it.
 * `limit`: rows beyond it are of no interest, and may come out as further than they are.
 */
// @ts-ignore: decorator
@inline
export function distanceOf(
  metric: u32,
  query: usize,
  row: usize,
  dim: u32,
  weight: f32,
  squares: usize,
  limit: i32,
): i32 {
  if (metric == EUCLIDEAN) return ordered(squaredDistance(query, row, dim, unordered(limit)));
  const dot = product(query, row, dim);
  if (metric == DOT) return ordered(-dot);
  return ordered(weight == weight ? 0 - dot * weight : <f32>(0 - <f64>dot / sqrt<f64>(load<f64>(squares))));
}

/** The score that belongs to such a distance: cosine, dot product, or minus the distance. `length`: of the query. */
export function scoreOf(metric: u32, distance: i32, length: f64): f64 {
  const value = <f64>unordered(distance);
  if (metric == EUCLIDEAN) return 0 - sqrt<f64>(value);
  if (metric == DOT) return 0 - value;
  return length > 0 ? max<f64>(-1, min<f64>(1, 0 - value / length)) : 0;
}
