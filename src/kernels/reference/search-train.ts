/** The linear algebra of a projection, plainly, in float64: the oracle of ../assembly/search/train.ts. */

/** Σ of the outer products of rows: width × width. */
export function covarianceOf(rows: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let start = 0; start < rows.length; start += width) {
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < width; k++) out[j * width + k]! += rows[start + j]! * rows[start + k]!;
    }
  }
  return out;
}

/** a · b, where a is rows × inner and b is inner × width. */
export function product(a: ArrayLike<number>, inner: number, b: ArrayLike<number>, width: number): Float64Array {
  const rows = a.length / inner;
  const out = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      for (let c = 0; c < width; c++) out[i * width + c]! += a[i * inner + k]! * b[k * width + c]!;
    }
  }
  return out;
}
