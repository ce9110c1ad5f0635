// loci, as scripts/api.ts records it

export declare class Embedding {
    #private;
    readonly vocabulary: Vocabulary;
    readonly output: Matrix | undefined;
    readonly subwords: Subwords | undefined;
    readonly provenance: Readonly<Record<string, unknown>>;
    constructor({ vocabulary, matrix, rows, output, subwords, provenance }: EmbeddingParts);
    static open(path: string, options?: OpenOptions): Promise<Embedding>;
    static openSteps(path: string, options?: OpenOptions): AsyncGenerator<Step, Embedding, void>;
    static read(source: EmbeddingSource, options?: OpenOptions): Promise<Embedding>;
    static readSteps(source: EmbeddingSource, options?: OpenOptions): AsyncGenerator<Step, Embedding, void>;
    get matrix(): Matrix;
    get size(): number;
    get dim(): number;
    get fingerprint(): string;
    vector(key: string): Float32Array;
    origin(key: string): "row" | "subwords" | undefined;
    outputEmbedding(): Embedding;
    similarity(a: Query, b: Query): number;
    neighbors(query: Query, options?: NeighborOptions): ScoredKey[];
    analogy({ positive, negative, ...options }: Analogy & AnalogyOptions): ScoredKey[];
    analogies(analogies: readonly Analogy[], options?: AnalogyOptions): ScoredKey[][];
    oddOneOut(keys: readonly string[]): {
        readonly key: string;
        readonly scores: ScoredKey[];
    };
    direction(between: KeyPairs | Poles): Float32Array;
    project(keys: readonly string[], direction: ArrayLike<number>): ScoredKey[];
    alignTo(other: Embedding, { keys }?: AlignOptions): Alignment;
    save(path: string, options?: SaveOptions): Promise<void>;
    files({ format, ...options }?: SaveOptions): Record<string, Iterable<Uint8Array>>;
}

export declare class EmbeddingTable {
    #private;
    readonly matrix: Matrix;
    readonly padding: number | undefined;
    readonly maxNorm: number;
    constructor(options: EmbeddingTableOptions);
    get rows(): number;
    get dim(): number;
    row(id: number): Float32Array;
    lookup(ids: ArrayLike<number>): Matrix;
    lookupInto(ids: ArrayLike<number>, out: Matrix): Matrix;
    lookupShaped(ids: NestedIds): ShapedLookup;
    accumulate(ids: ArrayLike<number>, gradients: Matrix): void;
    get gradient(): TableGradient;
    gradientOf(id: number): Float32Array;
    clearGradients(): void;
    freeze(ids?: ArrayLike<number>): void;
    unfreeze(ids?: ArrayLike<number>): void;
    freezeColumns(columns: ArrayLike<number>): void;
    unfreezeColumns(columns?: ArrayLike<number>): void;
    learns(id: number): boolean;
    move(id: number, by: ArrayLike<number>): void;
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

export declare class LociError extends Error {
    readonly name = "LociError";
    readonly code: LociErrorCode;
    constructor(code: LociErrorCode, message: string, options?: ErrorOptions);
}

export type LociErrorCode = "bad-argument" | "bad-file" | "dim-mismatch" | "id-out-of-range" | "unknown-key" | "no-text" | "out-of-memory" | "not-found" | "cannot-write" | "not-supported" | "diverged" | "frozen" | "worker-failed" | "wrong-checkpoint";

export interface LongOptions<S extends Step = Step> {
    readonly signal?: AbortSignal;
    readonly onStep?: (step: S) => void;
}

export declare class Matrix {
    readonly data: Float32Array;
    readonly rows: number;
    readonly dim: number;
    constructor(data: Float32Array, dim: number);
    static zeros(rows: number, dim: number): Matrix;
    static of(rows: readonly ArrayLike<number>[]): Matrix;
    row(r: number): Float32Array;
    copy(): Matrix;
}

export declare class Rng {
    #private;
    readonly seed: number;
    readonly stream: number;
    constructor(seed: number, stream?: number);
    at(counter: number): number;
    nextWord(): number;
    next(): number;
    nextBelow(below: number): number;
    nextNormal(): number;
    fillNormal(out: Float32Array): void;
    shuffle<T extends {
        length: number;
        [i: number]: unknown;
    }>(items: T): T;
}

export interface Step {
    readonly phase: string;
    readonly done: number;
    readonly total: number;
    readonly rate: number;
    readonly secondsLeft: number;
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

export declare class Vocabulary {
    #private;
    readonly keys: readonly string[];
    readonly counts: Float64Array;
    constructor(keys: readonly string[], counts?: ArrayLike<number>);
    get size(): number;
    has(key: string): boolean;
    idOf(key: string): number | undefined;
    requireId(key: string): number;
    keyOf(id: number): string;
    closeKeys(key: string, limit?: number): string[];
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

export declare function trainGlove(input: CorpusInput, options?: GloveOptions): Promise<Embedding>;

export declare function trainWord2vec(input: CorpusInput, options?: Word2vecOptions): Promise<Embedding>;
