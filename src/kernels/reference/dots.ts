/** Products, distances and sums of rows. Plain, slow, and right: the oracle of ../assembly/dots.ts. */

/** The scores of many rows against one query: out[r] = query · rows[r]. Rows lie end to end. */
export function dots(query: Float32Array, rows: Float32Array, out: Float32Array): void {
  const dim = query.length;
  for (let r = 0; r < out.length; r++) {
    let sum = 0; // a float64, so that this side of a comparison carries almost no error
    for (let i = 0; i < dim; i++) sum += query[i]! * rows[r * dim + i]!;
    out[r] = sum;
  }
}

/** The same for chosen rows: out[k] = query · rows[ids[k]]. */
export function dotsAt(query: Float32Array, rows: Float32Array, ids: Uint32Array, out: Float32Array): void {
  const dim = query.length;
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += query[i]! * rows[ids[k]! * dim + i]!;
    out[k] = sum;
  }
}

/** Squared Euclidean distances: out[r] = ‖query − rows[r]‖². */
export function squaredDistances(query: Float32Array, rows: Float32Array, out: Float32Array): void {
  const dim = query.length;
  for (let r = 0; r < out.length; r++) {
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      const difference = query[i]! - rows[r * dim + i]!;
      sum += difference * difference;
    }
    out[r] = sum;
  }
}

/** target[i] += factor · source[i]. */
export function addScaled(target: Float32Array, source: Float32Array, factor: number): void {
  const f = Math.fround(factor);
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + Math.fround(f * source[i]!);
}

/** Makes every row one long, in place; a row of zeros stays as it is. */
export function normalizeRows(rows: Float32Array, dim: number): void {
  for (let start = 0; start < rows.length; start += dim) {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += rows[start + i]! * rows[start + i]!;
    if (sum === 0) continue;
    const factor = 1 / Math.sqrt(sum);
    for (let i = 0; i < dim; i++) rows[start + i] = rows[start + i]! * factor;
  }
}
