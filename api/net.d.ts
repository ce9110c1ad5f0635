// loci/net, as scripts/api.ts records it

export declare class AdaGrad implements Optimizer {
    #private;
    constructor(options?: AdaGradOptions);
    step(table: EmbeddingTable): void;
    state(table: EmbeddingTable): OptimizerState;
    restore(table: EmbeddingTable, state: OptimizerState): void;
}

export interface AdaGradOptions {
    readonly learningRate?: number | Schedule;
    readonly epsilon?: number;
    readonly initialSquares?: number;
}

export declare class Adam implements Optimizer {
    #private;
    constructor(options?: AdamOptions);
    step(table: EmbeddingTable): void;
    state(table: EmbeddingTable): OptimizerState;
    restore(table: EmbeddingTable, state: OptimizerState): void;
}

export interface AdamOptions {
    readonly learningRate?: number | Schedule;
    readonly beta1?: number;
    readonly beta2?: number;
    readonly epsilon?: number;
}

export interface Decay {
    readonly from: number;
    readonly to?: number;
    readonly steps: number;
}

export interface FullSoftmaxLoss {
    readonly loss: number;
    readonly probabilities: Float64Array;
    readonly center: Float64Array;
    readonly outputs: Float64Array[];
}

export interface GloveCell {
    readonly word: Vector;
    readonly context: Vector;
    readonly wordBias: number;
    readonly contextBias: number;
    readonly count: number;
}

export interface GloveLoss {
    readonly loss: number;
    readonly word: Float64Array;
    readonly context: Float64Array;
    readonly bias: number;
}

export interface GloveLossOptions {
    readonly xMax?: number;
    readonly alpha?: number;
}

export interface GradientCheck {
    readonly relativeError: number;
    readonly at: number;
    readonly analytic: number;
    readonly numeric: number;
}

export interface HierarchicalSoftmaxLoss {
    readonly loss: number;
    readonly center: Float64Array;
    readonly nodes: Float64Array[];
}

export interface NegativeSamplingLoss {
    readonly loss: number;
    readonly center: Float64Array;
    readonly positive: Float64Array;
    readonly negatives: Float64Array[];
}

export interface Optimizer {
    step(table: EmbeddingTable): void;
    state(table: EmbeddingTable): OptimizerState;
    restore(table: EmbeddingTable, state: OptimizerState): void;
}

export interface OptimizerState {
    readonly kind: string;
    readonly rows: number;
    readonly dim: number;
    readonly steps: number;
    readonly parts: Readonly<Record<string, Float32Array>>;
}

export type Schedule = (step: number) => number;

export declare class Sgd implements Optimizer {
    #private;
    constructor(options: SgdOptions);
    step(table: EmbeddingTable): void;
    state(table: EmbeddingTable): OptimizerState;
    restore(table: EmbeddingTable, state: OptimizerState): void;
}

export interface SgdOptions {
    readonly learningRate: number | Schedule;
}

export interface SoftmaxCrossEntropy {
    readonly loss: number;
    readonly probabilities: Float64Array;
    readonly gradient: Float64Array;
}

export declare class SparseAdam implements Optimizer {
    #private;
    constructor(options?: AdamOptions);
    step(table: EmbeddingTable): void;
    state(table: EmbeddingTable): OptimizerState;
    restore(table: EmbeddingTable, state: OptimizerState): void;
}

export type Vector = ArrayLike<number>;

export declare function checkGradient(f: (x: Float64Array) => number, x: Float64Array, analytic: ArrayLike<number>): GradientCheck;

export declare function constant(rate: number): Schedule;

export declare function cosineDecay(decay: Decay): Schedule;

export declare function fullSoftmaxLoss(center: Vector, outputs: readonly Vector[], target: number): FullSoftmaxLoss;

export declare function gloveLoss(cell: GloveCell, { xMax, alpha }?: GloveLossOptions): GloveLoss;

export declare function hierarchicalSoftmaxLoss(center: Vector, nodes: readonly Vector[], code: Vector): HierarchicalSoftmaxLoss;

export declare function linear(decay: Decay): Schedule;

export declare function negativeSamplingLoss(center: Vector, positive: Vector, negatives: readonly Vector[]): NegativeSamplingLoss;

export declare function softmaxCrossEntropy(logits: Vector, target: number): SoftmaxCrossEntropy;

export declare function warmUp(steps: number, after: Schedule): Schedule;
