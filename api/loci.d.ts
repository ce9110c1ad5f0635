// loci, as scripts/api.ts records it

export declare class Collection implements AsyncDisposable {
    #private;
    readonly store: Store;
    private constructor();
    static open(where: string | ({
        readonly store: Store;
    } & CollectionOptions), options?: CollectionOptions): Promise<Collection>;
    get encoder(): Encoder | undefined;
    get space(): Space | undefined;
    get readOnly(): boolean;
    keepEncoder(): Promise<void>;
    add(documents: Documents, options?: LongOptions): Promise<Added>;
    addSteps(documents: Documents, signal?: AbortSignal): AsyncGenerator<Step, Added, void>;
    upsert(documents: Documents, options?: LongOptions): Promise<Added>;
    upsertSteps(documents: Documents, signal?: AbortSignal): AsyncGenerator<Step, Added, void>;
    remove(ids: readonly string[], options?: LongOptions): Promise<number>;
    get(id: string): Promise<StoredDocument | undefined>;
    list(options?: {
        readonly filter?: Filter;
        readonly prefix?: string;
    }): AsyncIterable<{
        id: string;
        hash: string;
        meta: Meta;
    }>;
    chunksOf(id: string): Promise<StoredChunk[]>;
    count(filter?: Filter): Promise<number>;
    search(query: CollectionQuery, options?: CollectionSearchOptions): Promise<CollectionAnswer>;
    sources(mode: SearchMode): Promise<Sources>;
    prepare(options?: LongOptions): Promise<void>;
    prepareSteps(): AsyncGenerator<Step, void, void>;
    fitWeights(judged: readonly JudgedQuestion[], options?: FitWeightsOptions & LongOptions & {
        readonly keep?: boolean;
    }): Promise<FittedWeights>;
    fitWeightsSteps(judged: readonly JudgedQuestion[], { keep, ...options }?: FitWeightsOptions & {
        readonly keep?: boolean;
    }): AsyncGenerator<Step, FittedWeights, void>;
    nearDuplicates(options?: CollectionDuplicatesOptions & LongOptions): Promise<NearDuplicates<ChunkName>>;
    nearDuplicatesSteps(options?: CollectionDuplicatesOptions): AsyncGenerator<Step, NearDuplicates<ChunkName>, void>;
    migrate(encoder: Encoder, options?: CollectionMigrateOptions & LongOptions): Promise<Migrated>;
    migrateSteps(encoder: Encoder, options?: CollectionMigrateOptions, signal?: AbortSignal): AsyncGenerator<Step, Migrated, void>;
    export(options?: ExportOptions): AsyncGenerator<string, void, void>;
    import(source: string | ByteSource, options?: LongOptions): Promise<Added>;
    importSteps(source: string | ByteSource, signal?: AbortSignal): AsyncGenerator<Step, Added, void>;
    compact(options?: LongOptions): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(options?: LongOptions): Promise<string[]>;
    info(): Promise<CollectionInfo>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export interface CollectionHit {
    readonly id: string;
    readonly chunk: number;
    readonly score: number;
    readonly parts: {
        readonly vector: number | undefined;
        readonly keyword: number | undefined;
    };
    readonly percentile: number | undefined;
    readonly text: string;
    readonly range: ChunkRange;
    readonly meta: Meta;
}

export declare class Embedding {
    #private;
    readonly vocabulary: Vocabulary;
    readonly output: Matrix | undefined;
    readonly subwords: Subwords | undefined;
    readonly provenance: Readonly<Record<string, unknown>>;
    readonly notes: readonly string[];
    constructor(parts: EmbeddingParts);
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

export interface Encoder {
    readonly name: string;
    readonly dim: number;
    readonly fingerprint: string;
    embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
    countTokens?(text: string): number;
    readonly maxTokens?: number;
}

export interface FastTextOptions extends Word2vecOptions {
    readonly minN?: number;
    readonly maxN?: number;
    readonly buckets?: number;
}

export type Filter = {
    readonly and?: readonly Filter[];
    readonly or?: readonly Filter[];
    readonly not?: Filter;
} & {
    readonly [field: string]: MetaValue | FieldCondition | readonly Filter[] | Filter | undefined;
};

export declare class FlatIndex implements VectorIndex {
    #private;
    readonly metric: IndexMetric;
    readonly dim: number;
    constructor({ dim, metric, codes, estimate }: FlatIndexOptions);
    get count(): number;
    get slots(): number;
    has(key: Key): boolean;
    get(key: Key): Float32Array | undefined;
    slotOf(key: Key): number | undefined;
    keys(): IterableIterator<Key>;
    add(keys: readonly Key[], vectors: Matrix, options?: LongOptions): Promise<void>;
    remove(keys: Iterable<Key>, options?: LongOptions): Promise<number>;
    search(query: ArrayLike<number>, options?: IndexSearchOptions): Promise<IndexAnswer>;
    searchMany(queries: Matrix, options?: IndexSearchOptions & LongOptions): Promise<IndexAnswer[]>;
    searchWithin(query: ArrayLike<number>, leastScore: number, options?: Omit<IndexSearchOptions, "k">): Promise<IndexAnswer>;
    pieces(): AsyncGenerator<Uint8Array, void, void>;
    static open(source: ByteSource, options?: LongOptions & Pick<FlatIndexOptions, "codes" | "estimate">): Promise<FlatIndex>;
    prepare({ signal }?: LongOptions): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
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

export declare class HnswIndex implements VectorIndex {
    #private;
    readonly metric: IndexMetric;
    readonly dim: number;
    constructor(options: HnswIndexOptions);
    get count(): number;
    get slots(): number;
    get hasGraph(): boolean;
    has(key: Key): boolean;
    get(key: Key): Float32Array | undefined;
    slotOf(key: Key): number | undefined;
    keys(): IterableIterator<Key>;
    add(keys: readonly Key[], vectors: Matrix, options?: LongOptions): Promise<void>;
    remove(keys: Iterable<Key>, options?: LongOptions): Promise<number>;
    compact(): Promise<void>;
    search(query: ArrayLike<number>, options?: HnswSearchOptions): Promise<IndexAnswer>;
    searchMany(queries: Matrix, options?: HnswSearchOptions & LongOptions): Promise<IndexAnswer[]>;
    searchWithin(query: ArrayLike<number>, leastScore: number, options?: Omit<IndexSearchOptions, "k">): Promise<IndexAnswer>;
    pieces(): AsyncGenerator<Uint8Array, void, void>;
    static open(source: ByteSource, options?: HnswOpenOptions): Promise<HnswIndex>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export declare class LociError extends Error {
    readonly name = "LociError";
    readonly code: LociErrorCode;
    constructor(code: LociErrorCode, message: string, options?: ErrorOptions);
}

export type LociErrorCode = "bad-argument" | "bad-file" | "dim-mismatch" | "id-out-of-range" | "unknown-key" | "no-text" | "out-of-memory" | "not-found" | "cannot-write" | "not-supported" | "diverged" | "frozen" | "worker-failed" | "wrong-checkpoint" | "wrong-space" | "peer-missing" | "store-locked" | "read-only" | "network";

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

export declare class StaticEncoder implements Encoder {
    #private;
    readonly name: string;
    readonly dim: number;
    readonly embedding: Embedding;
    readonly settings: StaticSettings;
    constructor(embedding: Embedding, settings: StaticSettings);
    static from(embedding: Embedding, options?: StaticEncoderOptions & LongOptions): Promise<StaticEncoder>;
    static fromSteps(embedding: Embedding, options?: StaticEncoderOptions): AsyncGenerator<Step, StaticEncoder, void>;
    static open(path: string, options?: StaticEncoderOptions & OpenOptions): Promise<StaticEncoder>;
    static read(source: EmbeddingSource, options?: StaticEncoderOptions & OpenOptions): Promise<StaticEncoder>;
    get fingerprint(): string;
    embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
    embedSteps(texts: readonly string[]): AsyncGenerator<Step, Matrix, void>;
    countTokens(text: string): number;
    save(path: string): Promise<void>;
    files(): Record<string, Iterable<Uint8Array>>;
}

export interface Step {
    readonly phase: string;
    readonly done: number;
    readonly total: number;
    readonly rate: number;
    readonly secondsLeft: number;
    readonly note?: string;
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

export declare function contextFor(collection: Pick<Collection, "search" | "store" | "encoder">, question: string, options?: ContextOptions): Promise<Context>;

export declare function indexPaths(collection: Collection, paths: string | readonly string[], options?: IndexPathsOptions): Promise<IndexedPaths>;

export declare function trainFastText(input: CorpusInput, options?: FastTextOptions): Promise<Embedding>;

export declare function trainGlove(input: CorpusInput, options?: GloveOptions): Promise<Embedding>;

export declare function trainWord2vec(input: CorpusInput, options?: Word2vecOptions): Promise<Embedding>;
