// loci/train, as scripts/api.ts records it

export interface CheckpointOptions {
    readonly path: string;
    readonly everySeconds?: number;
}

export interface FastTextOptions extends Word2vecOptions {
    readonly minN?: number;
    readonly maxN?: number;
    readonly buckets?: number;
}

export interface GloveOptions extends Omit<CorpusOptions, "onStep" | "signal">, LongOptions<Step | TrainStep> {
    readonly dim?: number;
    readonly epochs?: number;
    readonly window?: number;
    readonly xMax?: number;
    readonly alpha?: number;
    readonly learningRate?: number;
    readonly seed?: number;
    readonly workers?: number;
    readonly memoryBytes?: number;
    readonly watch?: readonly string[];
    readonly checkpoint?: CheckpointOptions;
}

export interface TrainStep extends Step {
    readonly epoch: number;
    readonly loss: number;
    readonly epochLoss: number;
    readonly learningRate: number;
    readonly seconds: number;
    readonly cpuSeconds?: number;
    readonly watched?: Float32Array;
}

export interface Word2vecOptions extends Omit<CorpusOptions, "onStep" | "signal">, LongOptions<Step | TrainStep> {
    readonly dim?: number;
    readonly epochs?: number;
    readonly window?: number;
    readonly architecture?: "skipgram" | "cbow";
    readonly objective?: "negative-sampling" | "hierarchical-softmax" | "softmax";
    readonly negatives?: number;
    readonly pool?: number;
    readonly subsample?: number;
    readonly learningRate?: number;
    readonly seed?: number;
    readonly workers?: number;
    readonly deterministic?: boolean;
    readonly preset?: "fast";
    readonly watch?: readonly string[];
    readonly checkpoint?: CheckpointOptions;
}

export declare function trainFastText(input: CorpusInput, options?: FastTextOptions): Promise<Embedding>;

export declare function trainFastTextSteps(input: CorpusInput, options?: FastTextOptions): AsyncGenerator<Step | TrainStep, Embedding, void>;

export declare function trainGlove(input: CorpusInput, options?: GloveOptions): Promise<Embedding>;

export declare function trainGloveSteps(input: CorpusInput, options?: GloveOptions): AsyncGenerator<Step | TrainStep, Embedding, void>;

export declare function trainWord2vec(input: CorpusInput, options?: Word2vecOptions): Promise<Embedding>;

export declare function trainWord2vecSteps(input: CorpusInput, options?: Word2vecOptions): AsyncGenerator<Step | TrainStep, Embedding, void>;
