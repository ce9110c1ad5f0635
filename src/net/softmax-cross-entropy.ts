/** The loss of choosing among classes: L = −log p_c with p = softmax(z). Next words, labels, contrastive pairs. */
import { LociError } from "../core/index.ts";
import { softmax } from "../math/index.ts";
import { type Vector, logSumExp } from "./losses.ts";

export interface SoftmaxCrossEntropy {
  /** −log p_target, in nats; finite also where p_target is too small for a number. */
  readonly loss: number;
  /** softmax(logits): one a class, summing to 1. */
  readonly probabilities: Float64Array;
  /** ∂loss/∂logits = p − y, with y the one-hot vector of the target. */
  readonly gradient: Float64Array;
}

/**
 * Softmax cross-entropy of `logits` (one a class) against the class `target`: log Σ e^z − z_target.
 *
 * Errors: `id-out-of-range` for a target that is no class.
 */
export function softmaxCrossEntropy(logits: Vector, target: number): SoftmaxCrossEntropy {
  if (!(Number.isInteger(target) && target >= 0 && target < logits.length)) {
    throw new LociError(
      "id-out-of-range",
      `Target ${target} is none of the ${logits.length} classes (0 to ${logits.length - 1}).`,
    );
  }
  const probabilities = softmax(logits);
  const gradient = probabilities.slice();
  gradient[target] = gradient[target]! - 1;
  return { loss: logSumExp(logits) - logits[target]!, probabilities, gradient };
}
