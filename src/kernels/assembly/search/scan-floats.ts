/**
 * Exact search over float32 rows: products and squared distances of many rows, and which of them could matter.
 *
 * Oracle: ../../reference/scan-floats.ts. Sums are taken in another order there, so products of n numbers agree to
 * (n + 1)(2⁻²⁴ Σ|qᵢrᵢ| + 2⁻¹⁴⁹), squared distances to (n + 4)(2⁻²⁴ Σdᵢ² + 2⁻¹⁴⁹), to the bit all that follows.
 * Rows are read one after the other: one stream of reads keeps the processor's prefetcher at full speed, where
 * four rows at a time reached less than half of it. Where `ids` is not 0, it tells which rows.
 */

// @ts-ignore: decorator
@inline
function sumLanes(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

/** out[r] = query · row r. */
export function scanProducts(query: usize, rows: usize, ids: usize, out: usize, dim: i32, count: i32): void {
  const bytes = <usize>dim << 2;
  const end16 = query + (<usize>(dim & ~15) << 2);
  const end4 = query + (<usize>(dim & ~3) << 2);
  const end = query + bytes;
  let row = rows;
  for (let r = 0; r < count; r++) {
    if (ids) row = rows + <usize>load<u32>(ids + (<usize>r << 2)) * bytes;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let q = query;
    while (q < end16) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(q), v128.load(row)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(q, 16), v128.load(row, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(q, 32), v128.load(row, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(q, 48), v128.load(row, 48)));
      q += 64;
      row += 64;
    }
    while (q < end4) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(q), v128.load(row)));
      q += 16;
      row += 16;
    }
    let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    while (q < end) {
      sum += load<f32>(q) * load<f32>(row);
      q += 4;
      row += 4;
    }
    store<f32>(out + (<usize>r << 2), sum);
  }
}

// @ts-ignore: decorator
@inline
function squareAt(q: usize, row: usize): v128 {
  const d = f32x4.sub(v128.load(q), v128.load(row));
  return f32x4.mul(d, d);
}

/** out[r] = ‖query − row r‖². */
export function scanSquares(query: usize, rows: usize, ids: usize, out: usize, dim: i32, count: i32): void {
  const bytes = <usize>dim << 2;
  const end16 = query + (<usize>(dim & ~15) << 2);
  const end4 = query + (<usize>(dim & ~3) << 2);
  const end = query + bytes;
  let row = rows;
  for (let r = 0; r < count; r++) {
    if (ids) row = rows + <usize>load<u32>(ids + (<usize>r << 2)) * bytes;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let q = query;
    while (q < end16) {
      s0 = f32x4.add(s0, squareAt(q, row));
      s1 = f32x4.add(s1, squareAt(q + 16, row + 16));
      s2 = f32x4.add(s2, squareAt(q + 32, row + 32));
      s3 = f32x4.add(s3, squareAt(q + 48, row + 48));
      q += 64;
      row += 64;
    }
    while (q < end4) {
      s0 = f32x4.add(s0, squareAt(q, row));
      q += 16;
      row += 16;
    }
    let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    while (q < end) {
      const d = load<f32>(q) - load<f32>(row);
      sum += d * d;
      q += 4;
      row += 4;
    }
    store<f32>(out + (<usize>r << 2), sum);
  }
}

/**
 * The most that closenesses can be, with w the weight of the row (where `ids` is not 0, of row ids[r]):
 * values[r] = values[r] · factor + (w · (slack + w · curve) + base), or with `weigh` values[r] · w + base.
 */
export function reach(
  values: usize,
  count: i32,
  weights: usize,
  ids: usize,
  weigh: bool,
  factor: f32,
  slack: f32,
  curve: f32,
  base: f32,
): void {
  const f = f32x4.splat(factor);
  const s = f32x4.splat(slack);
  const c = f32x4.splat(curve);
  const b = f32x4.splat(base);
  let r = 0;
  for (; r + 4 <= count; r += 4) {
    const at = values + (<usize>r << 2);
    let w: v128;
    if (ids) {
      const id = ids + (<usize>r << 2);
      w = v128.load32_zero(weights + (<usize>load<u32>(id) << 2));
      w = v128.load_lane<f32>(weights + (<usize>load<u32>(id, 4) << 2), w, 1);
      w = v128.load_lane<f32>(weights + (<usize>load<u32>(id, 8) << 2), w, 2);
      w = v128.load_lane<f32>(weights + (<usize>load<u32>(id, 12) << 2), w, 3);
    } else w = v128.load(weights + (<usize>r << 2));
    const v = v128.load(at);
    const own = f32x4.add(f32x4.mul(w, f32x4.add(s, f32x4.mul(w, c))), b);
    v128.store(at, weigh ? f32x4.add(f32x4.mul(v, w), b) : f32x4.add(f32x4.mul(v, f), own));
  }
  for (; r < count; r++) {
    const at = values + (<usize>r << 2);
    const w = load<f32>(weights + (<usize>(ids ? load<u32>(ids + (<usize>r << 2)) : r) << 2));
    const v = load<f32>(at);
    store<f32>(at, weigh ? v * w + base : v * factor + (w * (slack + w * curve) + base));
  }
}

/** The first place from `from` on whose number is not below `bar` (NaN is not), or `count`. */
export function firstReaching(values: usize, count: i32, bar: f32, from: i32): i32 {
  const b = f32x4.splat(bar);
  let r = from;
  for (; r + 4 <= count; r += 4) {
    const below = i32x4.bitmask(f32x4.lt(v128.load(values + (<usize>r << 2)), b));
    if (below != 15) return r + ctz(~below);
  }
  while (r < count && load<f32>(values + (<usize>r << 2)) < bar) r++;
  return r;
}

/** Eight queries side by side: out[i][j] = number i of query j; past `count` zeros. */
export function packQueries(queries: usize, count: i32, dim: i32, out: usize): void {
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < 8; j++) {
      store<f32>(out, j < count ? load<f32>(queries + (<usize>(j * dim + i) << 2)) : 0);
      out += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function spread(out: usize, stride: usize, low: v128, high: v128): void {
  v128.store_lane<f32>(out, low, 0);
  v128.store_lane<f32>(out + stride, low, 1);
  v128.store_lane<f32>(out + 2 * stride, low, 2);
  v128.store_lane<f32>(out + 3 * stride, low, 3);
  v128.store_lane<f32>(out + 4 * stride, high, 0);
  v128.store_lane<f32>(out + 5 * stride, high, 1);
  v128.store_lane<f32>(out + 6 * stride, high, 2);
  v128.store_lane<f32>(out + 7 * stride, high, 3);
}

/**
 * Products of eight packed queries with a run of rows: out[j · stride + r] = query j · row r. Four rows by eight queries are
 * in registers at a time, so that each number read from memory is used eight or four times. `stride` is in numbers.
 */
export function batchProducts(packed: usize, rows: usize, out: usize, stride: i32, dim: i32, count: i32): void {
  const bytes = <usize>dim << 2;
  const step = <usize>stride << 2;
  let r = 0;
  for (; r + 4 <= count; r += 4) {
    let r0 = rows + <usize>r * bytes;
    let r1 = r0 + bytes;
    let r2 = r1 + bytes;
    let r3 = r2 + bytes;
    const end = r1;
    let p = packed;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    while (r0 < end) {
      const q0 = v128.load(p);
      const q1 = v128.load(p, 16);
      let x = v128.load32_splat(r0);
      a0 = f32x4.add(a0, f32x4.mul(x, q0));
      a1 = f32x4.add(a1, f32x4.mul(x, q1));
      x = v128.load32_splat(r1);
      b0 = f32x4.add(b0, f32x4.mul(x, q0));
      b1 = f32x4.add(b1, f32x4.mul(x, q1));
      x = v128.load32_splat(r2);
      c0 = f32x4.add(c0, f32x4.mul(x, q0));
      c1 = f32x4.add(c1, f32x4.mul(x, q1));
      x = v128.load32_splat(r3);
      d0 = f32x4.add(d0, f32x4.mul(x, q0));
      d1 = f32x4.add(d1, f32x4.mul(x, q1));
      p += 32;
      r0 += 4;
      r1 += 4;
      r2 += 4;
      r3 += 4;
    }
    const at = out + (<usize>r << 2);
    spread(at, step, a0, a1);
    spread(at + 4, step, b0, b1);
    spread(at + 8, step, c0, c1);
    spread(at + 12, step, d0, d1);
  }
  for (; r < count; r++) {
    let row = rows + <usize>r * bytes;
    const end = row + bytes;
    let p = packed;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    while (row < end) {
      const x = v128.load32_splat(row);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(p)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(p, 16)));
      p += 32;
      row += 4;
    }
    spread(out + (<usize>r << 2), step, a0, a1);
  }
}
