/**
 * The linear algebra of a projection: covariance, subspace iteration, orthonormal rows.
 *
 * Oracle: ../../reference/search-train.ts. Sums are float32, so n terms agree to n roundings of their sizes, which a
 * projection that is rounded to 2⁻¹⁴ does not notice; the orders are fixed, so the bits are the same everywhere.
 */

// @ts-ignore: decorator
@inline
function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

/**
 * Adds the outer products of rows [0, count) of `x` (f32 × width, width a multiple of 4) to rows [from, to) of the
 * width × width matrix `out`, from the diagonal's block of four on: the rest is its mirror image.
 */
export function addCovariance(x: usize, count: u32, width: u32, from: u32, to: u32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let j = from; j < to; j++) {
    const target = out + <usize>j * bytes;
    let r: u32 = 0;
    for (; r + 4 <= count; r += 4) {
      const r0 = x + <usize>r * bytes;
      const r1 = r0 + bytes;
      const r2 = r1 + bytes;
      const r3 = r2 + bytes;
      const at = <usize>j << 2;
      const a = v128.load32_splat(r0 + at);
      const b = v128.load32_splat(r1 + at);
      const c = v128.load32_splat(r2 + at);
      const d = v128.load32_splat(r3 + at);
      if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
      for (let k = <usize>(j & ~3) << 2; k < bytes; k += 16) {
        const ab = f32x4.add(f32x4.mul(a, v128.load(r0 + k)), f32x4.mul(b, v128.load(r1 + k)));
        const cd = f32x4.add(f32x4.mul(c, v128.load(r2 + k)), f32x4.mul(d, v128.load(r3 + k)));
        v128.store(target + k, f32x4.add(v128.load(target + k), f32x4.add(ab, cd)));
      }
    }
    for (; r < count; r++) {
      const row = x + <usize>r * bytes;
      addScaled(target, row, load<f32>(row + (<usize>j << 2)), width);
    }
  }
}

/** Copies what lies above the diagonal below it. */
export function mirror(matrix: usize, width: u32): void {
  for (let j: u32 = 0; j < width; j++) {
    for (let k = j + 1; k < width; k++) {
      const value = load<f32>(matrix + ((<usize>j * width + k) << 2));
      store<f32>(matrix + ((<usize>k * width + j) << 2), value);
    }
  }
}

/** out[i] = Σₖ a[i][k] · b[k] for rows [from, to): a is rows × inner, b is inner × width, width a multiple of 4. */
export function multiplyRows(a: usize, from: u32, to: u32, inner: u32, b: usize, width: u32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let i = from; i < to; i++) {
    const target = out + <usize>i * bytes;
    const factors = a + ((<usize>i * inner) << 2);
    memory.fill(target, 0, bytes);
    let k: u32 = 0;
    for (; k + 4 <= inner; k += 4) {
      const f = factors + (<usize>k << 2);
      const f0 = v128.load32_splat(f);
      const f1 = v128.load32_splat(f, 4);
      const f2 = v128.load32_splat(f, 8);
      const f3 = v128.load32_splat(f, 12);
      const b0 = b + <usize>k * bytes;
      const b1 = b0 + bytes;
      const b2 = b1 + bytes;
      const b3 = b2 + bytes;
      for (let c: usize = 0; c < bytes; c += 16) {
        const low = f32x4.add(f32x4.mul(f0, v128.load(b0 + c)), f32x4.mul(f1, v128.load(b1 + c)));
        const high = f32x4.add(f32x4.mul(f2, v128.load(b2 + c)), f32x4.mul(f3, v128.load(b3 + c)));
        v128.store(target + c, f32x4.add(v128.load(target + c), f32x4.add(low, high)));
      }
    }
    for (; k < inner; k++) addScaled(target, b + <usize>k * bytes, load<f32>(factors + (<usize>k << 2)), width);
  }
}

/** target += factor · source; width a multiple of 4. */
function addScaled(target: usize, source: usize, factor: f32, width: u32): void {
  const f = f32x4.splat(factor);
  for (const end = target + (<usize>width << 2); target < end; target += 16, source += 16) {
    v128.store(target, f32x4.add(v128.load(target), f32x4.mul(f, v128.load(source))));
  }
}

/** a · b; width a multiple of 4. */
export function dotRows(a: usize, b: usize, width: u32): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  const end = a + (<usize>width << 2);
  const end8 = a + (<usize>(width & ~7) << 2);
  for (; a < end8; a += 32, b += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(a), v128.load(b)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  for (; a < end; a += 16, b += 16) even = f32x4.add(even, f32x4.mul(v128.load(a), v128.load(b)));
  return sumLanes(f32x4.add(even, odd));
}

/**
 * Makes row `at` of `rows` orthogonal to all before it, twice (Gram & Schmidt; "twice is enough", Kahan), and one long. Returns
 * its length before it was made one long, 0 where it lies in the span of the others: then it is zeros.
 */
export function orthonormalize(rows: usize, at: u32, width: u32): f32 {
  const bytes = <usize>width << 2;
  const row = rows + <usize>at * bytes;
  const before = sqrt<f32>(dotRows(row, row, width));
  for (let pass = 0; pass < 2; pass++) {
    for (let other = rows; other < row; other += bytes) addScaled(row, other, -dotRows(row, other, width), width);
  }
  const length = sqrt<f32>(dotRows(row, row, width));
  if (!(length > 1e-5 * before)) {
    memory.fill(row, 0, bytes);
    return 0;
  }
  const f = f32x4.splat(1 / length);
  for (let p = row; p < row + bytes; p += 16) v128.store(p, f32x4.mul(v128.load(p), f));
  return length;
}
