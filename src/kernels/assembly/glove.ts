/**
 * GloVe's two hot loops: counting pairs of words, and fitting rows to the logarithms of the counts.
 *
 * Oracle: ../reference/glove.ts, equal to the bit; the methods, layouts and reasons stand there. Here is only
 * what plain code cannot say: four numbers at a time, and four chains of additions in a product, to hide their
 * latency. Reading the rows of the next pair ahead was tried and cost 9 %: rows lie in strips that fit the cache.
 */
import { mix } from "./mix";

const BLOCKS: f64 = 4096;
const LINE_END: u32 = 0xffffffff;

export function countPairs(
  ids: usize, from: i32, to: i32, weights: usize, window: i32, strips: i32, key: u32,
  table: usize, bits: i32, slots: i32, limit: i32, state: usize,
): i32 {
  const mask = <u32>(1 << strips) - 1;
  let used = load<i32>(state);
  let top = load<i32>(state, 4);
  let p = from;
  for (; p < to; p++) {
    const here = load<u32>(ids + (<usize>p << 2));
    if (here == LINE_END) continue;
    if (used + window > limit || top + window >= slots) break;
    const code = ((here & mask) << 16) | (here >> strips);
    const reach = min(window, p);
    for (let d = 1; d <= reach; d++) {
      const there = load<u32>(ids + (<usize>(p - d) << 2));
      if (there == LINE_END) break;
      const other = ((there & mask) << 16) | (there >> strips);
      const low = min(code, other);
      const high = max(code, other);
      const b = high >> 16;
      const block = (low >> 16) + ((b * (b + 1)) >> 1);
      const hash = mix(((low & 0xffff) | (high << 16)) ^ mix(block ^ key));
      const wanted = <f64>hash * BLOCKS + <f64>block;
      let slot = <i32>(hash >> (32 - bits));
      let at = table + (<usize>slot << 4);
      while (load<f64>(at, 8) != 0 && load<f64>(at) < wanted) {
        at += 16;
        slot++;
      }
      const weight = load<f64>(weights + (<usize>d << 3));
      const count = load<f64>(at, 8);
      if (count != 0 && load<f64>(at) == wanted) {
        store<f64>(at, count + weight, 8);
        continue;
      }
      // Not there: it goes here, and what stands from here to the next free slot moves up by one.
      let free = at;
      while (load<f64>(free, 8) != 0) free += 16;
      const last = <i32>((free - table) >> 4);
      for (; free > at; free -= 16) v128.store(free, v128.load(free - 16));
      store<f64>(at, wanted);
      store<f64>(at, weight, 8);
      used++;
      if (last > top) top = last;
    }
  }
  store<i32>(state, used);
  store<i32>(state, top, 4);
  return p;
}

export function fitPairs(
  pairs: usize, count: i32, words: usize, contexts: usize, vectors: i32, mode: i32, rate: f32, clip: f32,
): f64 {
  const half = <usize>vectors << 4;
  const rowBytes = (half << 1) + 16;
  const half4 = <usize>(vectors & ~3) << 4;
  let loss: f64 = 0;
  const end = pairs + <usize>count * 12;
  for (let pair = pairs; pair < end; pair += 12) {
    const locals = load<u32>(pair);
    let i = locals & 0xffff;
    let j = locals >> 16;
    if (mode == 2 && i == j) continue;
    if (mode != 0) {
      i = locals >> 16;
      j = locals & 0xffff;
    }
    const a = words + <usize>i * rowBytes;
    const b = contexts + <usize>j * rowBytes;

    let x = a;
    let y = b;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    const quads = a + half4;
    while (x < quads) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(x), v128.load(y)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(x, 32), v128.load(y, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(x, 48), v128.load(y, 48)));
      x += 64;
      y += 64;
    }
    const stop = a + half;
    while (x < stop) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(x), v128.load(y)));
      x += 16;
      y += 16;
    }
    const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    const dot =
      f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));

    const biasA = a + (half << 1);
    const biasB = b + (half << 1);
    const difference = dot + (load<f32>(biasA) + load<f32>(biasB)) - load<f32>(pair, 4);
    const pull = load<f32>(pair, 8) * difference;
    loss += 0.5 * <f64>pull * <f64>difference;
    const g = max(-clip, min(clip, pull)) * rate;

    x = a;
    y = b;
    const gs = f32x4.splat(g);
    const two = f32x4.splat(2);
    const oneAndHalf = f32x4.splat(1.5);
    while (x < stop) {
      const rx = x + half;
      const ry = y + half;
      const vx = v128.load(x);
      const vy = v128.load(y);
      const px = v128.load(rx);
      const py = v128.load(ry);
      const dx = f32x4.mul(f32x4.mul(gs, vy), px);
      const dy = f32x4.mul(f32x4.mul(gs, vx), py);
      v128.store(x, f32x4.sub(vx, dx));
      v128.store(y, f32x4.sub(vy, dy));
      const ux = f32x4.mul(dx, dx);
      const uy = f32x4.mul(dy, dy);
      v128.store(rx, f32x4.sub(px, f32x4.div(f32x4.mul(px, ux), f32x4.add(f32x4.mul(ux, oneAndHalf), two))));
      v128.store(ry, f32x4.sub(py, f32x4.div(f32x4.mul(py, uy), f32x4.add(f32x4.mul(uy, oneAndHalf), two))));
      x += 16;
      y += 16;
    }
    fitBias(biasA, g);
    fitBias(biasB, g);
  }
  return loss;
}

// @ts-ignore: decorator
@inline
function fitBias(bias: usize, g: f32): void {
  const root = load<f32>(bias, 4);
  const step = g * root;
  store<f32>(bias, load<f32>(bias) - step);
  const u = step * step;
  store<f32>(bias, root - (root * u) / (u * 1.5 + 2), 4);
}
