/**
 * The losses of word2vec: how well the vector of a word foretells the words around it.
 *
 * v_c is the input vector of the center word, u_w the output vector of word w. The full softmax compares the true
 * neighbor with every word there is, which is exact and costs the whole vocabulary; negative sampling and the hierarchical
 * softmax are the two ways round that (Mikolov et al., 2013; Goldberg & Levy, 2014, derive the gradients).
 */
import { LociError } from "../core/index.ts";
import { dot } from "../math/index.ts";
import { type Vector, addTo, scaled, sigmoid, softplus } from "./losses.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

export interface FullSoftmaxLoss {
  readonly loss: number;
  /** p(w | c) for every word w. */
  readonly probabilities: Float64Array;
  /** ∂loss/∂v_c = Σ p(w) u_w − u_o: away from what was expected, towards what came. */
  readonly center: Float64Array;
  /** ∂loss/∂u_w = (p(w) − [w = o]) v_c, one a word: no row stays untouched. */
  readonly outputs: Float64Array[];
}

/** −u_o·v_c + log Σ_w exp(u_w·v_c), with `outputs[w]` = u_w for the whole vocabulary and `target` = o. */
export function fullSoftmaxLoss(center: Vector, outputs: readonly Vector[], target: number): FullSoftmaxLoss {
  const logits = outputs.map((output) => dot(output, center));
  const { loss, probabilities, gradient } = softmaxCrossEntropy(logits, target);
  const centerGradient = new Float64Array(center.length);
  outputs.forEach((output, w) => addTo(centerGradient, output, gradient[w]!));
  return { loss, probabilities, center: centerGradient, outputs: outputs.map((_, w) => scaled(center, gradient[w]!)) };
}

/** The loss of one pair against its negatives, and its gradients. */
export interface NegativeSamplingLoss {
  readonly loss: number;
  /** ∂loss/∂v_c */
  readonly center: Float64Array;
  /** ∂loss/∂u_o of the true neighbor: its step pulls u_o towards v_c. */
  readonly positive: Float64Array;
  /** ∂loss/∂u_k, one a negative: their steps push them away. */
  readonly negatives: Float64Array[];
}

/**
 * −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c): tell the true neighbor from words drawn at random.
 *
 * A word drawn twice stands in `negatives` twice, and its gradients add up in `EmbeddingTable.accumulate`.
 */
export function negativeSamplingLoss(
  center: Vector,
  positive: Vector,
  negatives: readonly Vector[],
): NegativeSamplingLoss {
  const positiveScore = dot(positive, center);
  const pull = sigmoid(positiveScore) - 1; // ∂(−log σ(x))/∂x
  let loss = softplus(-positiveScore);
  const centerGradient = scaled(positive, pull);
  const negativeGradients = negatives.map((negative) => {
    const score = dot(negative, center);
    const push = sigmoid(score); // ∂(−log σ(−x))/∂x
    loss += softplus(score);
    addTo(centerGradient, negative, push);
    return scaled(center, push);
  });
  return { loss, center: centerGradient, positive: scaled(center, pull), negatives: negativeGradients };
}

/** The loss of one pair along the path to its word, and its gradients. */
export interface HierarchicalSoftmaxLoss {
  readonly loss: number;
  /** ∂loss/∂v_c */
  readonly center: Float64Array;
  /** ∂loss/∂(node vector), one a node of the path. */
  readonly nodes: Float64Array[];
}

/**
 * −Σ_j log σ((1 − 2 code_j) n_j·v_c): turn the right way at every node of the word's path in a binary tree
 * (Morin & Bengio, 2005). `nodes` are the vectors of the inner nodes from the root down, `code` the turns taken there:
 * 0 where the node should say yes, 1 where no, as in a Huffman code. The probabilities of all leaves sum to 1.
 */
export function hierarchicalSoftmaxLoss(
  center: Vector,
  nodes: readonly Vector[],
  code: Vector,
): HierarchicalSoftmaxLoss {
  if (code.length !== nodes.length) {
    throw new LociError("dim-mismatch", `Expected one turn a node (${nodes.length}), got a code of ${code.length}.`);
  }
  let loss = 0;
  const centerGradient = new Float64Array(center.length);
  const nodeGradients = nodes.map((node, j) => {
    const score = dot(node, center);
    const slope = sigmoid(score) - (1 - code[j]!);
    loss += softplus(code[j] === 0 ? -score : score);
    addTo(centerGradient, node, slope);
    return scaled(center, slope);
  });
  return { loss, center: centerGradient, nodes: nodeGradients };
}
