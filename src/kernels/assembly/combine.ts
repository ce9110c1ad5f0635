/**
 * Sums and quotients of rows, and the next number above a bar, four numbers at a time.
 *
 * Oracle: ../reference/combine.ts, equal to the bit: each number is made in the order of the ids.
 * Pointers are byte offsets and need no alignment.
 */

export function combineRows(
  rows: usize, ids: usize, weights: usize, terms: i32, base: f32, out: usize, count: i32,
): void {
  const stride = <usize>count << 2;
  const endIds = ids + (<usize>terms << 2);
  const end4 = <usize>(count & ~3) << 2;
  let i: usize = 0;
  for (; i < end4; i += 16) {
    let sum = f32x4.splat(base);
    for (let id = ids, weight = weights; id < endIds; id += 4, weight += 4) {
      const row = rows + <usize>load<u32>(id) * stride;
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weight), v128.load(row + i)));
    }
    v128.store(out + i, sum);
  }
  for (; i < stride; i += 4) {
    let sum = base;
    for (let id = ids, weight = weights; id < endIds; id += 4, weight += 4) {
      sum += load<f32>(weight) * load<f32>(rows + <usize>load<u32>(id) * stride + i);
    }
    store<f32>(out + i, sum);
  }
}

// Ids up to `endPositives` multiply the upper product, the rest up to `endIds` the lower one.
export function quotientRows(
  rows: usize, ids: usize, positives: i32, terms: i32, above: f32, below: f32, epsilon: f32, out: usize, count: i32,
): void {
  const stride = <usize>count << 2;
  const endPositives = ids + (<usize>positives << 2);
  const endIds = ids + (<usize>terms << 2);
  const end4 = <usize>(count & ~3) << 2;
  const half = f32x4.splat(0.5);
  let i: usize = 0;
  for (; i < end4; i += 16) {
    let score = f32x4.splat(1);
    let against = score;
    let id = ids;
    for (; id < endPositives; id += 4) {
      const cosines = v128.load(rows + <usize>load<u32>(id) * stride + i);
      score = f32x4.mul(score, f32x4.mul(f32x4.add(f32x4.splat(above), cosines), half));
    }
    for (; id < endIds; id += 4) {
      const cosines = v128.load(rows + <usize>load<u32>(id) * stride + i);
      const closeness = f32x4.max(f32x4.splat(0), f32x4.add(f32x4.splat(below), cosines));
      against = f32x4.mul(against, f32x4.mul(closeness, half));
    }
    v128.store(out + i, f32x4.div(score, f32x4.add(against, f32x4.splat(epsilon))));
  }
  for (; i < stride; i += 4) {
    let score: f32 = 1;
    let against: f32 = 1;
    let id = ids;
    for (; id < endPositives; id += 4) {
      score *= (above + load<f32>(rows + <usize>load<u32>(id) * stride + i)) * 0.5;
    }
    for (; id < endIds; id += 4) {
      against *= max<f32>(0, below + load<f32>(rows + <usize>load<u32>(id) * stride + i)) * 0.5;
    }
    store<f32>(out + i, score / (against + epsilon));
  }
}

export function firstAbove(values: usize, count: i32, bar: f32, from: i32): i32 {
  const bars = f32x4.splat(bar);
  let i = from;
  // Sixteen at a time until one of them is above, then one by one.
  for (; i + 16 <= count; i += 16) {
    const at = values + (<usize>i << 2);
    const above = v128.or(
      v128.or(f32x4.gt(v128.load(at), bars), f32x4.gt(v128.load(at, 16), bars)),
      v128.or(f32x4.gt(v128.load(at, 32), bars), f32x4.gt(v128.load(at, 48), bars)),
    );
    if (v128.any_true(above)) break;
  }
  while (i < count && !(load<f32>(values + (<usize>i << 2)) > bar)) i++;
  return i;
}
