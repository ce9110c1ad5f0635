/**
 * Scores in float64, as src/math computes them.
 *
 * Each sum adds its first number first, so that its bits are those of `cosine`, `dot` and `0 - euclidean` there, whoever found the
 * row. Such a sum is one long chain of additions; eight rows side by side, two in each vector, hide how long each one takes.
 *
 * Oracle: ../../reference/scan-floats.ts, and src/math itself, to the bit.
 */

const DOT: i32 = 1;
const EUCLIDEAN: i32 = 2;

/** Number i of two rows, as float64. */
// @ts-ignore: decorator
@inline
function pair(a: usize, b: usize): v128 {
  return f64x2.replace_lane(f64x2.splat(<f64>load<f32>(a)), 1, <f64>load<f32>(b));
}

/** sum + q · x, or sum + (q − x)². */
// @ts-ignore: decorator
@inline
function add(sum: v128, q: v128, x: v128, distances: bool): v128 {
  if (!distances) return f64x2.add(sum, f64x2.mul(q, x));
  const d = f64x2.sub(q, x);
  return f64x2.add(sum, f64x2.mul(d, d));
}

/** Σ q·x or Σ (q − x)² of the rows whose addresses are the eight u32 at `at`, to eight f64 at `out`. */
// @ts-ignore: decorator
@inline
function sumEight(query: usize, dim: i32, at: usize, out: usize, distances: bool): void {
  let r0 = <usize>load<u32>(at);
  let r1 = <usize>load<u32>(at, 4);
  let r2 = <usize>load<u32>(at, 8);
  let r3 = <usize>load<u32>(at, 12);
  let r4 = <usize>load<u32>(at, 16);
  let r5 = <usize>load<u32>(at, 20);
  let r6 = <usize>load<u32>(at, 24);
  let r7 = <usize>load<u32>(at, 28);
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (const end = query + (<usize>dim << 2); query < end; query += 4) {
    const q = f64x2.splat(<f64>load<f32>(query));
    a = add(a, q, pair(r0, r1), distances);
    b = add(b, q, pair(r2, r3), distances);
    c = add(c, q, pair(r4, r5), distances);
    d = add(d, q, pair(r6, r7), distances);
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    r4 += 4;
    r5 += 4;
    r6 += 4;
    r7 += 4;
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

/**
 * The scores of the rows `ids` (u32 × count), to f64s at `out`: cosine (0), dot product (1), minus the distance (2). `squares`
 * (f64 a row) and `querySquares`: Σ x². `work`: 96 bytes.
 */
export function scoreRows(
  metric: i32,
  query: usize,
  querySquares: f64,
  rows: usize,
  squares: usize,
  dim: i32,
  ids: usize,
  count: i32,
  out: usize,
  work: usize,
): void {
  const bytes = <usize>dim << 2;
  const sums = work + 32;
  for (let i = 0; i < count; i += 8) {
    const here = min(8, count - i);
    for (let j = 0; j < 8; j++) {
      const id = <usize>load<u32>(ids + (<usize>(i + min(j, here - 1)) << 2));
      store<u32>(work + (<usize>j << 2), <u32>(rows + id * bytes));
    }
    if (metric == EUCLIDEAN) sumEight(query, dim, work, sums, true);
    else sumEight(query, dim, work, sums, false);
    for (let j = 0; j < here; j++) {
      const sum = load<f64>(sums + (<usize>j << 3));
      let score = sum;
      if (metric == EUCLIDEAN) score = 0 - sqrt<f64>(sum);
      else if (metric != DOT) {
        const id = <usize>load<u32>(ids + (<usize>(i + j) << 2));
        const both = querySquares * load<f64>(squares + (id << 3));
        score = both > 0 ? max<f64>(-1, min<f64>(1, sum / sqrt<f64>(both))) : 0;
      }
      store<f64>(out + (<usize>(i + j) << 3), score);
    }
  }
}
