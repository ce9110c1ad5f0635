/**
 * Is the gradient right? Compared with how the loss really changes.
 *
 * A gradient derived by hand is easily wrong by a sign or a factor, and a wrong one still learns, only worse. So every loss
 * in Loci is held against central differences, (f(x + h) − f(x − h)) ÷ 2h, in float64. Their own error is about
 * h² from the curve plus ε|f| ÷ h from rounding; h = ∛ε balances the two near 1e-10.
 */
import { LociError } from "../core/index.ts";

/** What a check found. */
export interface GradientCheck {
  /** The largest |analytic − numeric| ÷ max(|analytic|, |numeric|) over all numbers. Below 1e-4 is a pass; 1e-8 is usual. */
  readonly relativeError: number;
  /** Where that was, and the two values there. */
  readonly at: number;
  readonly analytic: number;
  readonly numeric: number;
}

/** ∛ε of float64. */
const STEP = 6.055454452393343e-6;

/**
 * Compares the gradient `analytic` of `f` at `x` with central differences.
 *
 * `f` may read x only; x is the same array afterwards. Gradients below 1e-6 · max(1, |f(x)|) are compared
 * absolutely, on that scale: differences cannot tell them from 0. Choose x away from kinks, where no gradient is right.
 * Errors: `dim-mismatch` for lengths that differ.
 */
export function checkGradient(
  f: (x: Float64Array) => number,
  x: Float64Array,
  analytic: ArrayLike<number>,
): GradientCheck {
  if (analytic.length !== x.length) {
    throw new LociError(
      "dim-mismatch",
      `Expected a gradient of ${x.length} numbers, one a number of x, got ${analytic.length}.`,
    );
  }
  const moved = x.slice();
  const floor = 1e-6 * Math.max(1, Math.abs(f(moved)));
  let worst: GradientCheck = { relativeError: 0, at: 0, analytic: analytic[0] ?? 0, numeric: analytic[0] ?? 0 };
  for (let i = 0; i < x.length; i++) {
    const numeric = difference(f, moved, i);
    const scale = Math.max(Math.abs(analytic[i]!), Math.abs(numeric), floor);
    const relativeError = Math.abs(analytic[i]! - numeric) / scale;
    // Written so that a NaN on either side counts as the worst there is.
    if (!(relativeError <= worst.relativeError)) {
      worst = {
        relativeError: Number.isNaN(relativeError) ? Infinity : relativeError,
        at: i,
        analytic: analytic[i]!,
        numeric,
      };
    }
  }
  return worst;
}

/** The slope of f along x[i]; x is put back. */
function difference(f: (x: Float64Array) => number, x: Float64Array, i: number): number {
  const kept = x[i]!;
  const h = STEP * Math.max(1, Math.abs(kept));
  x[i] = kept + h;
  const above = x[i]; // x + h as it was really stored
  const higher = f(x);
  x[i] = kept - h;
  const below = x[i];
  const lower = f(x);
  x[i] = kept;
  return (higher - lower) / (above - below);
}
