// loci/index, as scripts/api.ts records it

export interface CompressionOptions extends LongOptions {
    readonly vectors: Matrix;
    readonly queries?: Matrix;
    readonly metric?: IndexMetric;
    readonly k?: number;
    readonly depths?: readonly number[];
    readonly recall?: number;
    readonly kinds?: readonly RowKind[];
    readonly now?: () => number;
}

export interface CompressionRow {
    readonly kind: RowKind;
    readonly name: string;
    readonly bytesPerVector: number;
    readonly ratio: number;
    readonly recalls: readonly {
        readonly depth: number;
        readonly recall: number;
    }[];
    readonly queriesPerSecond: number;
    readonly maxError: number | undefined;
}

export interface CompressionTable {
    readonly rows: readonly CompressionRow[];
    readonly recommended: CompressionRow;
    readonly depth: number;
    readonly because: string;
}

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

export interface FlatIndexOptions {
    readonly dim: number;
    readonly metric?: IndexMetric;
    readonly codes?: boolean;
    readonly estimate?: boolean;
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

export interface HnswIndexOptions {
    readonly dim: number;
    readonly metric?: IndexMetric;
    readonly M?: number;
    readonly efConstruction?: number;
    readonly workers?: number;
    readonly graphFrom?: number;
    readonly variant?: SearchVariant;
}

export interface HnswOpenOptions extends Pick<HnswIndexOptions, "workers" | "variant"> {
    readonly signal?: AbortSignal;
}

export interface HnswSearchOptions extends IndexSearchOptions {
    readonly efSearch?: number;
    readonly rerank?: number;
}

export interface IndexAnswer {
    readonly hits: readonly IndexHit[];
    readonly exact: boolean;
    readonly recall: number;
}

export interface IndexHit {
    readonly key: Key;
    readonly score: number;
}

export type IndexMetric = "cosine" | "dot" | "euclidean";

export interface IndexSearchOptions {
    readonly k?: number;
    readonly filter?: KeyFilter;
    readonly recall?: number;
    readonly exact?: boolean;
    readonly signal?: AbortSignal;
}

export type Key = string | number | bigint;

export type KeyFilter = ((key: Key) => boolean) | ReadonlySet<Key> | {
    readonly slots: Uint32Array;
};

export interface KeywordHit<K extends Key = Key> {
    readonly key: K;
    readonly score: number;
}

export declare class KeywordIndex<K extends Key = Key> {
    #private;
    readonly k1: number;
    readonly b: number;
    constructor({ k1, b, terms, stopWords }?: KeywordOptions);
    get count(): number;
    get averageLength(): number;
    has(key: K): boolean;
    documentFrequency(term: string): number;
    add(key: K, text: string): void;
    remove(key: K): boolean;
    clear(): void;
    search(query: string, { k, filter }?: KeywordSearchOptions<K>): KeywordHit<K>[];
}

export interface KeywordOptions {
    readonly k1?: number;
    readonly b?: number;
    readonly terms?: (text: string) => readonly string[];
    readonly stopWords?: Iterable<string>;
}

export interface KeywordSearchOptions<K extends Key = Key> {
    readonly k?: number;
    readonly filter?: (key: K) => boolean;
}

export declare const ROW_KINDS: readonly RowKind[];

export type RowKind = "f32" | "f16" | "int8" | "int7" | "4bit" | "1bit" | "pq" | "pca" | "leading";

export interface VectorIndex extends AsyncDisposable {
    readonly metric: IndexMetric;
    readonly dim: number;
    readonly count: number;
    has(key: Key): boolean;
    get(key: Key): Float32Array | undefined;
    slotOf(key: Key): number | undefined;
    readonly slots: number;
    keys(): IterableIterator<Key>;
    add(keys: readonly Key[], vectors: Matrix, options?: LongOptions): Promise<void>;
    remove(keys: Iterable<Key>, options?: LongOptions): Promise<number>;
    search(query: ArrayLike<number>, options?: IndexSearchOptions): Promise<IndexAnswer>;
    searchMany(queries: Matrix, options?: IndexSearchOptions & LongOptions): Promise<IndexAnswer[]>;
    searchWithin(query: ArrayLike<number>, leastScore: number, options?: Omit<IndexSearchOptions, "k">): Promise<IndexAnswer>;
    pieces(): AsyncIterable<Uint8Array>;
    close(): Promise<void>;
}

export declare function compressionSteps(options: CompressionOptions): AsyncGenerator<Step, CompressionTable, void>;

export declare function compressionTable(options: CompressionOptions): Promise<CompressionTable>;

export declare function keywordTerms(text: string): string[];
