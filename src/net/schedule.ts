/**
 * Learning rates that change as learning goes on: plain functions from a step to a rate.
 *
 * Steps count from 0, and a schedule knows nothing but the step, so a resumed run goes on with the rates of
 * an uninterrupted one.
 */
import { LociError, checkNumber, checkWhole } from "../core/index.ts";
import { reference } from "../kernels/index.ts";

/** The learning rate of step 0, 1, 2, … */
export type Schedule = (step: number) => number;

/** From one rate to another over so many steps; from then on the last one. */
export interface Decay {
  readonly from: number;
  /** Default 0. Word2vec ends at 1e-4 of its rate rather than at 0. */
  readonly to?: number;
  readonly steps: number;
}

/** Always the same rate. */
export function constant(rate: number): Schedule {
  checkNumber("rate", rate, 0);
  return () => rate;
}

/** Down (or up) a straight line, as word2vec's learning rate goes (Mikolov et al., 2013). */
export function linear(decay: Decay): Schedule {
  return between(decay, (progress) => 1 - progress);
}

/** Half a cosine: slow at first, fast in the middle, slow at the end (Loshchilov & Hutter, SGDR, 2017). */
export function cosineDecay(decay: Decay): Schedule {
  return between(decay, (progress) => (1 + reference.cos(Math.PI * progress)) / 2);
}

/**
 * Up from near 0 in a straight line over `steps` steps, then as `after` says, which counts from its own 0
 * (Goyal et al., 2017). Step 0 already moves: its rate is 1 ÷ steps of `after`'s first. Adam likes it, whose first
 * steps rest on few gradients.
 */
export function warmUp(steps: number, after: Schedule): Schedule {
  checkWhole("steps", steps, 1);
  return (step) => (step < steps ? (after(0) * (step + 1)) / steps : after(step - steps));
}

function between({ from, to = 0, steps }: Decay, shareLeft: (progress: number) => number): Schedule {
  checkNumber("from", from, 0);
  checkNumber("to", to, 0);
  checkWhole("steps", steps, 1);
  return (step) => (step >= steps ? to : to + (from - to) * shareLeft(step / steps));
}

/** A rate as a schedule. */
export function asSchedule(learningRate: number | Schedule): Schedule {
  return typeof learningRate === "number" ? constant(learningRate) : learningRate;
}

/** The rate of a step, refused where a schedule of the caller's gives nonsense. */
export function rateAt(schedule: Schedule, step: number): number {
  const rate = schedule(step);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new LociError(
    "bad-argument",
    `Expected a finite learning rate >= 0 for step ${step}, but the schedule gave ${rate}.`,
  );
}
