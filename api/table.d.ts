// loci/table, as scripts/api.ts records it

export interface AlignOptions {
    readonly keys?: Iterable<string>;
}

export interface Alignment extends Fit {
    readonly aligned: Embedding;
}

export interface Analogy {
    readonly positive: readonly Query[];
    readonly negative?: readonly Query[];
}

export type AnalogyMethod = "3CosAdd" | "3CosMul";

export interface AnalogyOptions extends SearchOptions {
    readonly method?: AnalogyMethod;
    readonly includeInputs?: boolean;
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

export interface EmbeddingParts {
    readonly vocabulary: Vocabulary;
    readonly matrix: Matrix;
    readonly rows?: "composed" | "own";
    readonly output?: Matrix;
    readonly subwords?: Subwords;
    readonly provenance?: Readonly<Record<string, unknown>>;
    readonly notes?: readonly string[];
}

export type EmbeddingSource = ByteSource | Readonly<Record<string, ByteSource>>;

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

export interface EmbeddingTableOptions {
    readonly rows?: number;
    readonly dim?: number;
    readonly init?: InitializerName | Initializer | Matrix;
    readonly seed?: number;
    readonly padding?: number;
    readonly maxNorm?: number;
    readonly freeze?: boolean | ArrayLike<number>;
}

export interface HasVectors {
    readonly dim: number;
    vector(key: string): Float32Array;
}

export interface Initializer {
    readonly kind: InitializerName;
    readonly scale?: number;
}

export type InitializerName = "word2vec" | "normal" | "uniform" | "xavier" | "zeros";

export type KeyPairs = readonly (readonly [from: string, to: string])[];

export type Metric = "cosine" | "dot" | "euclidean";

export interface NeighborOptions extends SearchOptions {
    readonly metric?: Metric;
    readonly includeQuery?: boolean;
}

export type NestedIds = number | readonly NestedIds[];

export interface OffsetAgreement {
    readonly meanCosine: number;
    readonly baseline: number;
    readonly pairs: number;
}

export type OpenOptions = ReadVectorsOptions;

export interface Poles {
    readonly from: readonly string[];
    readonly to: readonly string[];
}

export type Query = string | ArrayLike<number>;

export type SaveFormat = Exclude<FormatName, "fasttext-bin">;

export interface SaveOptions extends TextWriteOptions, LongOptions {
    readonly format?: SaveFormat;
}

export interface ScoredKey {
    readonly key: string;
    readonly score: number;
}

export interface SearchOptions {
    readonly k?: number;
    readonly exclude?: Iterable<string>;
    readonly filter?: (key: string, id: number) => boolean;
    readonly limit?: number;
}

export interface ShapedLookup {
    readonly shape: readonly number[];
    readonly ids: Uint32Array;
    readonly rows: Matrix;
}

export interface SparseOneHot {
    readonly id: number;
    readonly rows: number;
}

export interface SubwordParts {
    readonly minN: number;
    readonly maxN: number;
    readonly buckets: Matrix;
    readonly bucketCount?: number;
    readonly pruned?: ReadonlyMap<number, number>;
}

export declare class Subwords {
    readonly minN: number;
    readonly maxN: number;
    readonly buckets: Matrix;
    readonly bucketCount: number;
    readonly pruned: ReadonlyMap<number, number> | undefined;
    constructor({ minN, maxN, buckets, bucketCount, pruned }: SubwordParts);
    get dim(): number;
    rowsOf(word: string): number[];
    compose(word: string, own?: ArrayLike<number>): Float32Array;
    composeAll(words: readonly string[], own: Matrix): Matrix;
    rotated(rotation: Matrix): Subwords;
}

export interface TableGradient {
    readonly ids: Uint32Array;
    readonly rows: Matrix;
}

export interface TableSize {
    readonly parameters: number;
    readonly bytes: number;
    readonly mebibytes: number;
    readonly megabytes: number;
}

export declare function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function density(vector: ArrayLike<number>): number;

export declare function initialize(matrix: Matrix, how: InitializerName | Initializer, seed: number): void;

export declare function multiplyOneHot(x: SparseOneHot | Float32Array, matrix: Matrix): Float32Array;

export declare function offsetAgreement(space: HasVectors, pairs: KeyPairs, { shuffles, seed }?: {
    readonly shuffles?: number;
    readonly seed?: number;
}): OffsetAgreement;

export declare function oneHot(id: number, rows: number): Float32Array;

export declare function saveFormatOf(path: string): SaveFormat;

export declare function sparseOneHot(id: number, rows: number): SparseOneHot;

export declare function tableSize(options: {
    rows: number;
    dim: number;
    bytesPerNumber?: number;
}): TableSize;
