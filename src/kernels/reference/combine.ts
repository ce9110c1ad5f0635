/** Sums and quotients of rows, and the next number above a bar. Plain: the oracle of ../assembly/combine.ts. */

/**
 * out[i] = base + Σₖ weights[k] · rows[ids[k]][i], where a row is as long as `out`. Used on rows of scores, so
 * that what one vector scored can be used by every question it stands in.
 */
export function combineRows(
  rows: Float32Array,
  ids: Uint32Array,
  weights: Float32Array,
  base: number,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i++) {
    let sum = Math.fround(base);
    for (let k = 0; k < ids.length; k++) {
      sum = Math.fround(sum + Math.fround(weights[k]! * rows[ids[k]! * out.length + i]!));
    }
    out[i] = sum;
  }
}

/**
 * 3CosMul's quotient of closenesses: out[i] = Π (above + rows[id][i]) / 2 over the first `positives` ids, divided by
 * ε + Π max(0, below + rows[id][i]) / 2 over the others. With above = below = 1 the factors are (1 + cos) / 2.
 */
export function quotientRows(
  rows: Float32Array,
  ids: Uint32Array,
  positives: number,
  { above, below, epsilon }: { readonly above: number; readonly below: number; readonly epsilon: number },
  out: Float32Array,
): void {
  const fround = Math.fround;
  for (let i = 0; i < out.length; i++) {
    let score = 1;
    let against = 1;
    for (let k = 0; k < ids.length; k++) {
      const cosine = rows[ids[k]! * out.length + i]!;
      if (k < positives) score = fround(score * fround(fround(fround(above) + cosine) * 0.5));
      else against = fround(against * fround(Math.max(0, fround(fround(below) + cosine)) * 0.5));
    }
    out[i] = fround(score / fround(against + fround(epsilon)));
  }
}

/** The first place at or after `from` whose number is greater than `bar`; the length where there is none. */
export function firstAbove(values: Float32Array, bar: number, from: number): number {
  const least = Math.fround(bar);
  let i = from;
  while (i < values.length && !(values[i]! > least)) i++;
  return i;
}
