/**
 * σ(x) = 1 / (1 + e⁻ˣ), four at a time, from + − × ÷ alone, so that every machine gets the same bits.
 *
 * σ(x) = ½ + ½ tanh(x/2), with Lambert's continued fraction of tanh cut at y⁷; |x| is clamped to 8, where
 * σ is within 4e-4 of its limit. Absolute error below 4e-4 (a test measures it). A table, as word2vec has,
 * would need a gather, which WebAssembly lacks. Oracle: `sigmoid` in ../../reference/words.ts.
 */

// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const y = f32x4.mul(f32x4.max(f32x4.min(x, f32x4.splat(8)), f32x4.splat(-8)), f32x4.splat(0.5));
  const q = f32x4.mul(y, y);
  const over = f32x4.mul(y, f32x4.add(f32x4.splat(10395), f32x4.mul(q, f32x4.add(f32x4.splat(1260), f32x4.mul(q, f32x4.splat(21))))));
  const under = f32x4.add(f32x4.splat(10395), f32x4.mul(q, f32x4.add(f32x4.splat(4725), f32x4.mul(q, f32x4.add(f32x4.splat(210), q)))));
  return f32x4.add(f32x4.splat(0.5), f32x4.mul(f32x4.splat(0.5), f32x4.div(over, under)));
}
