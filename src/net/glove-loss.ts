/** The loss of GloVe: the product of two words' vectors should be the logarithm of how often they meet. */
import { LociError, checkNumber } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import { dot } from "../math/index.ts";
import { type Vector, scaled } from "./losses.ts";

export interface GloveLossOptions {
  /** Counts from here on weigh fully. Default 100. */
  readonly xMax?: number;
  /** How fast smaller counts lose weight. Default 0.75. */
  readonly alpha?: number;
}

/** One cell of the co-occurrence table, with what stands for its two words. */
export interface GloveCell {
  readonly word: Vector;
  readonly context: Vector;
  readonly wordBias: number;
  readonly contextBias: number;
  /** X_ij: how often the two met, near ones counting more. Above 0: cells of 0 are not in the sum. */
  readonly count: number;
}

/** The loss of one cell, and its gradients. */
export interface GloveLoss {
  readonly loss: number;
  readonly word: Float64Array;
  readonly context: Float64Array;
  /** The gradient of both biases, which is one number. */
  readonly bias: number;
}

/**
 * f(X) (w·c + b_w + b_c − log X)², with f(X) = min(1, (X ÷ xMax)^α) (Pennington, Socher & Manning, 2014, eq. 8–9).
 *
 * The true gradient, with the factor 2 of the square; the authors' C program halves the loss and has it without.
 */
export function gloveLoss(cell: GloveCell, { xMax = 100, alpha = 0.75 }: GloveLossOptions = {}): GloveLoss {
  const { word, context, wordBias, contextBias, count } = cell;
  checkNumber("alpha", alpha, 0);
  if (!(xMax > 0)) throw new LociError("bad-argument", `Expected \`xMax\` to be above 0, got ${xMax}.`);
  if (!(count > 0 && count < Infinity)) {
    throw new LociError("bad-argument", `Expected a count above 0, got ${count}. Leave out the pairs that never met.`);
  }
  const weight = count >= xMax ? 1 : reference.pow(count / xMax, alpha);
  const residual = dot(word, context) + wordBias + contextBias - reference.log(count);
  const slope = 2 * weight * residual;
  return {
    loss: weight * residual * residual,
    word: scaled(context, slope),
    context: scaled(word, slope),
    bias: slope,
  };
}
