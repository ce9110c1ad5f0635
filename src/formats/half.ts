/**
 * The two 16-bit floats of model files: IEEE half precision (F16) and the upper half of a float32 (BF16).
 *
 * Widening is exact. Narrowing rounds to nearest, ties to even, as NumPy and PyTorch do; it is done by hand
 * because Node 22 has no Float16Array.
 */
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of a half: 1 sign bit, 5 of exponent, 10 of fraction. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  bits[0] = ((half & 0x8000) << 16) | ((exponent + 112) << 23) | (fraction << 13);
  return float[0]!;
}

/** The half nearest to a float32; from 65,520 on it is infinite. */
export function toHalf(value: number): number {
  float[0] = value;
  const all = bits[0]!;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds past 65,504
  if (magnitude < 0x38800000) {
    // Below 2⁻¹⁴ a half counts in steps of 2⁻²⁴: scale, and round ties to even.
    const steps = Math.abs(float[0]) * 2 ** 24;
    const floor = Math.floor(steps);
    const rest = steps - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor & 1) ? 1 : 0));
  }
  const rebased = magnitude - (112 << 23);
  return sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13); // the carry may walk into the exponent: right
}

/** The value of a bfloat16: the upper 16 bits of a float32. */
export function fromBrain(brain: number): number {
  bits[0] = brain << 16;
  return float[0]!;
}

/** The bfloat16 nearest to a float32. */
export function toBrain(value: number): number {
  float[0] = value;
  const all = bits[0]!;
  if ((all & 0x7fffffff) > 0x7f800000) return (all >>> 16) | 0x40;
  return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
}
