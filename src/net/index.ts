/** How rows learn: optimizers, learning rates, and losses whose gradients are checked. */
export { AdaGrad } from "./adagrad.ts";
export type { AdaGradOptions } from "./adagrad.ts";
export { Adam, SparseAdam } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { gloveLoss } from "./glove-loss.ts";
export type { GloveCell, GloveLoss, GloveLossOptions } from "./glove-loss.ts";
export { checkGradient } from "./gradient-check.ts";
export type { GradientCheck } from "./gradient-check.ts";
export type { Vector } from "./losses.ts";
export type { Optimizer, OptimizerState } from "./optimizer.ts";
export { constant, cosineDecay, linear, warmUp } from "./schedule.ts";
export type { Decay, Schedule } from "./schedule.ts";
export { Sgd } from "./sgd.ts";
export type { SgdOptions } from "./sgd.ts";
export { fullSoftmaxLoss, hierarchicalSoftmaxLoss, negativeSamplingLoss } from "./skip-gram.ts";
export type { FullSoftmaxLoss, HierarchicalSoftmaxLoss, NegativeSamplingLoss } from "./skip-gram.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
export type { SoftmaxCrossEntropy } from "./softmax-cross-entropy.ts";
