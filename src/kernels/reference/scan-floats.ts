/** Exact search over float32 rows. Plain, slow, and right: the oracle of ../assembly/search/scan-floats.ts. */

/** out[r] = query · row r, or of the chosen rows. */
export function scanProducts(
  query: Float32Array,
  rows: Float32Array,
  ids: Uint32Array | undefined,
  out: Float32Array,
): void {
  const dim = query.length;
  for (let r = 0; r < out.length; r++) {
    const start = (ids ? ids[r]! : r) * dim;
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += query[i]! * rows[start + i]!;
    out[r] = sum;
  }
}

/** out[r] = ‖query − row r‖², or of the chosen rows. */
export function scanSquares(
  query: Float32Array,
  rows: Float32Array,
  ids: Uint32Array | undefined,
  out: Float32Array,
): void {
  const dim = query.length;
  for (let r = 0; r < out.length; r++) {
    const start = (ids ? ids[r]! : r) * dim;
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += (query[i]! - rows[start + i]!) ** 2;
    out[r] = sum;
  }
}

/** How `reach` makes the most that a closeness can be of what a kernel said. */
export interface Reach {
  /** Multiply by the row's weight w, and add `base`; else value · factor + (w · (slack + w · curve) + base). */
  readonly weigh: boolean;
  readonly factor: number;
  readonly slack: number;
  readonly curve: number;
  readonly base: number;
}

/** Turns closenesses into the most that they can be, in place. Row r has weights[r], or weights[ids[r]]. */
export function reach(values: Float32Array, weights: Float32Array, ids: Uint32Array | undefined, by: Reach): void {
  const { fround } = Math;
  const [factor, slack, curve, base] = [by.factor, by.slack, by.curve, by.base].map(fround) as [number, number, number, number]; // prettier-ignore
  for (let r = 0; r < values.length; r++) {
    const w = weights[ids ? ids[r]! : r]!;
    const v = values[r]!;
    const own = fround(fround(w * fround(slack + fround(w * curve))) + base);
    values[r] = by.weigh ? fround(v * w) + base : fround(v * factor) + own;
  }
}

/** The first place from `from` on whose number is not below `bar` (NaN is not), or the length. */
export function firstReaching(values: Float32Array, bar: number, from: number): number {
  const b = Math.fround(bar);
  let r = from;
  while (r < values.length && values[r]! < b) r++;
  return r;
}

/** Up to eight queries side by side: out[8 · i + j] = number i of query j; past the last one zeros. */
export function packQueries(queries: Float32Array, dim: number, out: Float32Array): void {
  const count = queries.length / dim;
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < 8; j++) out[8 * i + j] = j < count ? queries[j * dim + i]! : 0;
  }
}

/** Products of eight packed queries with a run of `count` rows: out[j · stride + r] = query j · row r. */
export function batchProducts(
  packed: Float32Array,
  rows: Float32Array,
  count: number,
  out: Float32Array,
  stride: number,
): void {
  const dim = packed.length / 8;
  for (let j = 0; j < 8; j++) {
    for (let r = 0; r < count; r++) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += packed[8 * i + j]! * rows[r * dim + i]!;
      out[j * stride + r] = sum;
    }
  }
}

/** How rows are scored: cosine, dot product, minus the distance. */
export type ScoreMetric = 0 | 1 | 2;

/**
 * The scores of chosen rows in float64, first number first: the bits of `math`, for vectors whose squares a float64 holds.
 * `squares` are Σ x² of all rows, `querySquares` of the query; `work` is 96 bytes for the kernel to write to.
 */
export function scoreRows(
  metric: ScoreMetric,
  query: Float32Array,
  querySquares: number,
  rows: Float32Array,
  squares: Float64Array,
  ids: Uint32Array,
  out: Float64Array,
  _work: Uint8Array,
): void {
  const dim = query.length;
  for (let k = 0; k < ids.length; k++) {
    const start = ids[k]! * dim;
    let sum = 0;
    for (let i = 0; i < dim; i++)
      sum += metric === 2 ? (query[i]! - rows[start + i]!) ** 2 : query[i]! * rows[start + i]!;
    const both = querySquares * squares[ids[k]!]!;
    if (metric === 1) out[k] = sum;
    else if (metric === 2) out[k] = 0 - Math.sqrt(sum);
    else out[k] = both > 0 ? Math.max(-1, Math.min(1, sum / Math.sqrt(both))) : 0;
  }
}
