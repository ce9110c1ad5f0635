/**
 * GloVe's two hot loops (Pennington, Socher & Manning, 2014), plain: the oracle of ../assembly/glove.ts.
 *
 * **Pairs.** A pair of words is unordered here, since a symmetric window makes X symmetric: {i, j} is counted
 * once and later fitted as (i, j) and as (j, i). Words lie in 2^strips strips: id modulo the number of strips
 * is the strip, the rest the place in it, so that every strip holds frequent and rare words alike. The block
 * of a pair is the unordered pair of its strips, numbered a + b(b + 1)/2 for a ≤ b.
 *
 * **The table.** Slots of two float64, [key, count], free where the count is 0. A key is hash · 4096 + block,
 * where the hash is a one-to-one mix of the two places in their strips, salted by block and seed. The slot where
 * a key wants to be is the first bits of its hash, and a probe goes up and keeps the keys in order (Amble &
 * Knuth, Ordered hash tables, 1974). So the table, read from end to end, is sorted: putting it away needs no
 * sort, many of them merge, and since the order is that of a hash, what comes out is already shuffled.
 *
 * **Fitting.** AdaGrad divides each step by the root of the sum G of squared steps, 1 at first. What is kept is the
 * inverse root r = G^(−1/2): with s = r · gradient, G grows by the factor 1 + s², so r shrinks by (1 + s²)^(−1/2).
 * That is taken as its [1/1] Padé approximant 1 − u/(2 + 1.5u), u = s²: one division where the textbook has two
 * divisions' worth of root and one division. It errs by u³/32, in all below 1 % of a step's length, and never leaves (1/3, 1].
 */
import { mix } from "./mix.ts";

const BLOCKS = 4096;
const LINE_END = 0xffffffff;

/**
 * Adds the pairs of the words `ids[from .. to)` with up to `window` words before each, within the line, to a
 * table. Returns where it stopped: `to`, or earlier where the table might not take one more word's pairs.
 *
 * `weights[d]` is what a pair at distance d adds, a whole number, so that sums are exact in any order.
 * The table has `2 ** bits` home slots and some more behind them, so that no probe wraps around.
 * `state` is [slots in use, highest slot in use]; `limit` is how many may be in use.
 */
export function countPairs(
  ids: Uint32Array,
  from: number,
  to: number,
  weights: Float64Array,
  strips: number,
  key: number,
  table: Float64Array,
  bits: number,
  limit: number,
  state: Int32Array,
): number {
  const window = weights.length - 1;
  const slots = table.length / 2;
  const mask = (1 << strips) - 1;
  const codeOf = (id: number) => ((id & mask) << 16) | (id >>> strips);
  for (let p = from; p < to; p++) {
    if (ids[p] === LINE_END) continue;
    if (state[0]! + window > limit || state[1]! + window >= slots) return p;
    const code = codeOf(ids[p]!);
    for (let d = 1; d <= window && d <= p && ids[p - d] !== LINE_END; d++) {
      const other = codeOf(ids[p - d]!);
      const low = Math.min(code, other);
      const high = Math.max(code, other);
      const b = high >>> 16;
      const block = (low >>> 16) + (b * (b + 1)) / 2;
      const hash = mix(((low & 0xffff) | (high << 16)) ^ mix(block ^ key));
      const wanted = hash * BLOCKS + block;
      let slot = hash >>> (32 - bits);
      while (table[2 * slot + 1] !== 0 && table[2 * slot]! < wanted) slot++;
      if (table[2 * slot + 1] === 0 || table[2 * slot] !== wanted) {
        let free = slot;
        while (table[2 * free + 1] !== 0) free++;
        table.copyWithin(2 * slot + 2, 2 * slot, 2 * free);
        table[2 * slot] = wanted;
        table[2 * slot + 1] = 0;
        state[0]!++;
        state[1] = Math.max(state[1]!, free);
      }
      table[2 * slot + 1]! += weights[d]!;
    }
  }
  return to;
}

/**
 * Fits rows to pairs, one after another, and returns the sum of their losses ½ f(x) (w·w̃ + b + b̃ − log x)²,
 * each as it was before its step.
 *
 * A pair is three 32-bit words: two places of 16 bits (the first word's below), log x and f(x) as float32.
 * A row is `2 · 4 · vectors + 4` numbers: the vector, the inverse roots of its numbers, the bias, the inverse
 * root of the bias, and two zeros. `words` and `contexts` are the rows of the strips the places count in.
 * `mode` 0 fits pairs as they stand, 1 with the two words' roles exchanged, 2 the same but without pairs of
 * a word with itself, which have no other role. `clip` bounds f(x) · difference.
 */
export function fitPairs(
  pairs: Uint32Array,
  words: Float32Array,
  contexts: Float32Array,
  vectors: number,
  mode: number,
  rate: number,
  clip: number,
): number {
  const { fround } = Math;
  const numbers = new Float32Array(pairs.buffer, pairs.byteOffset, pairs.length);
  const dim = 4 * vectors;
  const stride = 2 * dim + 4;
  const f32rate = fround(rate);
  const bound = fround(clip);
  let loss = 0;
  for (let p = 0; p < pairs.length; p += 3) {
    const [first, second] = [pairs[p]! & 0xffff, pairs[p]! >>> 16];
    if (mode === 2 && first === second) continue;
    const a = words.subarray((mode === 0 ? first : second) * stride);
    const b = contexts.subarray((mode === 0 ? second : first) * stride);
    const difference = fround(fround(product(a, b, vectors) + fround(a[2 * dim]! + b[2 * dim]!)) - numbers[p + 1]!);
    const pull = fround(numbers[p + 2]! * difference);
    loss += 0.5 * pull * difference;
    const g = fround(Math.max(-bound, Math.min(bound, pull)) * f32rate);
    for (let i = 0; i < dim; i++) {
      const [x, y] = [a[i]!, b[i]!]; // both as they were before either moves
      step(a, i, dim + i, fround(g * y));
      step(b, i, dim + i, fround(g * x));
    }
    step(a, 2 * dim, 2 * dim + 1, g);
    step(b, 2 * dim, 2 * dim + 1, g);
  }
  return loss;
}

/** One AdaGrad step of the number at `at`, whose inverse root is at `root`. `gradient` holds the learning rate. */
function step(row: Float32Array, at: number, root: number, gradient: number): void {
  const { fround } = Math;
  const r = row[root]!;
  const s = fround(gradient * r);
  row[at] = row[at]! - s;
  const u = fround(s * s);
  row[root] = r - fround(fround(r * u) / fround(fround(u * 1.5) + 2));
}

/** a · b in float32, added in the kernel's order: four chains of four lanes, what does not fill four in the first. */
function product(a: Float32Array, b: Float32Array, vectors: number): number {
  const { fround } = Math;
  const sums = new Float32Array(16);
  for (let i = 0; i < 4 * vectors; i++) {
    const chain = i < 4 * (vectors & ~3) ? i & 15 : i & 3;
    sums[chain] = sums[chain]! + fround(a[i]! * b[i]!);
  }
  const lane = (l: number) => fround(fround(sums[l]! + sums[4 + l]!) + fround(sums[8 + l]! + sums[12 + l]!));
  return fround(fround(lane(0) + lane(1)) + fround(lane(2) + lane(3)));
}
