/**
 * Products of 8-bit codes: the inner loop of everything in this module.
 *
 * Rows hold 7-bit signed codes (−64 … 63), queries unsigned ones (0 … 127). A pair of products is at most
 * 2 · 127 · 64 = 16,256 and the sum of two pairs at most 32,512 < 2¹⁵: nothing saturates, so that the relaxed
 * instruction is exact on every engine and the plain code gives the same integers.
 *
 * Oracle: ../../reference/search-codes.ts, to the bit.
 */

/** 32 codes of a row times 32 of a query, summed to four lanes. */
// @ts-ignore: decorator
@inline
export function multiply32(row: usize, q0: v128, q1: v128): v128 {
  // @ts-ignore: a constant of the compiler
  if (ASC_FEATURE_RELAXED_SIMD) {
    return i32x4.dot_i16x8_s(
      i16x8.add(
        i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(row), q0),
        i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(row, 16), q1),
      ),
      i16x8.splat(1),
    );
  } else {
    const x0 = v128.load(row);
    const x1 = v128.load(row, 16);
    return i32x4.add(
      i32x4.add(
        i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x0), i16x8.extend_low_i8x16_s(q0)),
        i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x0), i16x8.extend_high_i8x16_s(q0)),
      ),
      i32x4.add(
        i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x1), i16x8.extend_low_i8x16_s(q1)),
        i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x1), i16x8.extend_high_i8x16_s(q1)),
      ),
    );
  }
}

/** The sums of the lanes of four vectors, one a lane. */
// @ts-ignore: decorator
@inline
export function sumFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/**
 * The keys of four rows against a query: constant − 2 · (query · row). Lower is closer.
 * A row is `stride` bytes, its last four the constant; the query's last four are 0.
 */
// @ts-ignore: decorator
@inline
export function keysOfFour(r0: usize, r1: usize, r2: usize, r3: usize, query: usize, stride: usize): v128 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let constants = v128.load32_zero(r0 + stride - 4);
  constants = v128.load_lane<i32>(r1 + stride - 4, constants, 1);
  constants = v128.load_lane<i32>(r2 + stride - 4, constants, 2);
  constants = v128.load_lane<i32>(r3 + stride - 4, constants, 3);
  const end = query + stride;
  while (query < end) {
    const q0 = v128.load(query);
    const q1 = v128.load(query, 16);
    a = i32x4.add(a, multiply32(r0, q0, q1));
    b = i32x4.add(b, multiply32(r1, q0, q1));
    c = i32x4.add(c, multiply32(r2, q0, q1));
    d = i32x4.add(d, multiply32(r3, q0, q1));
    query += 32;
    r0 += 32;
    r1 += 32;
    r2 += 32;
    r3 += 32;
  }
  const sums = sumFour(a, b, c, d);
  return i32x4.sub(constants, i32x4.add(sums, sums));
}

/** The key of one row. */
export function keyOf(row: usize, query: usize, stride: usize): i32 {
  let a = i32x4.splat(0);
  const constant = load<i32>(row + stride - 4);
  const end = query + stride;
  while (query < end) {
    a = i32x4.add(a, multiply32(row, v128.load(query), v128.load(query, 16)));
    query += 32;
    row += 32;
  }
  return constant - 2 * i32x4.extract_lane(sumFour(a, a, a, a), 0);
}
