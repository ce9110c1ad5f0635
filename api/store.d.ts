// loci/store, as scripts/api.ts records it

export interface Added {
    readonly documents: number;
    readonly chunks: number;
    readonly version: number;
}

export interface Bound {
    readonly value: string | number;
    readonly inclusive: boolean;
}

export interface ChunkName {
    readonly id: string;
    readonly chunk: number;
}

export interface ChunkRange {
    readonly start: number;
    readonly end: number;
}

export type Chunker = (text: string) => readonly ChunkRange[] | Promise<readonly ChunkRange[]>;

export interface Citation extends PassagePlace {
    readonly n: number;
    readonly id: string;
    readonly range: ChunkRange;
    readonly score: number;
}

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

export interface CollectionAnswer {
    readonly hits: readonly CollectionHit[];
    readonly mode: SearchMode;
    readonly exact: boolean;
    readonly recall: number;
}

export interface CollectionDuplicatesOptions {
    readonly threshold?: number;
    readonly filter?: Filter;
    readonly withinDocuments?: boolean;
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

export interface CollectionInfo {
    readonly store: string;
    readonly version: number;
    readonly space: Space | undefined;
    readonly documents: number;
    readonly chunks: number;
    readonly bytes: number | undefined;
    readonly deadBytes: number | undefined;
    readonly weights: FusionWeights;
    readonly index: string | undefined;
    readonly migration: {
        readonly space: Space;
        readonly written: number;
        readonly missing: number;
    } | undefined;
}

export interface CollectionMigrateOptions extends MigrateOptions {
    readonly metric?: IndexMetric;
    readonly keepEncoder?: boolean;
}

export interface CollectionOptions {
    readonly encoder?: Encoder;
    readonly keptEncoder?: boolean;
    readonly keepEncoder?: boolean;
    readonly space?: OwnSpace;
    readonly metric?: IndexMetric;
    readonly readOnly?: boolean;
    readonly chunk?: Chunker;
    readonly index?: IndexPlan;
}

export type CollectionQuery = string | {
    readonly text: string;
    readonly vector?: ArrayLike<number>;
} | {
    readonly vector: ArrayLike<number>;
    readonly text?: string;
};

export interface CollectionSearchOptions {
    readonly k?: number;
    readonly filter?: Filter;
    readonly mode?: SearchMode;
    readonly recall?: number;
    readonly exact?: boolean;
    readonly diversity?: number;
    readonly perDocument?: number;
    readonly fusion?: "weighted" | "reciprocal-rank";
    readonly weights?: FusionWeights;
    readonly signal?: AbortSignal;
}

export interface Committed {
    readonly version: number;
    readonly added: readonly number[];
    readonly removed: readonly number[];
}

export type Condition = {
    readonly kind: "and";
    readonly of: readonly Condition[];
} | {
    readonly kind: "or";
    readonly of: readonly Condition[];
} | {
    readonly kind: "not";
    readonly of: Condition;
} | {
    readonly kind: "there";
    readonly field: string;
} | MemberCondition;

export interface Context {
    readonly context: string;
    readonly tokens: number;
    readonly citations: readonly Citation[];
}

export interface ContextOptions {
    readonly budget?: number;
    readonly k?: number;
    readonly filter?: Filter;
    readonly mode?: SearchMode;
    readonly countTokens?: CountTokens;
    readonly signal?: AbortSignal;
}

export declare const DEFAULT_WEIGHTS: FusionWeights;

export interface Diverse {
    readonly relevance: number;
    readonly vector: ArrayLike<number> | undefined;
}

export interface DiversityOptions {
    readonly k: number;
    readonly diversity: number;
}

export interface DuplicatePair<K> {
    readonly a: K;
    readonly b: K;
    readonly score: number;
}

export interface ExportOptions {
    readonly vectors?: boolean;
}

export interface FieldCondition {
    readonly eq?: MetaValue;
    readonly ne?: MetaValue;
    readonly in?: readonly MetaValue[];
    readonly lt?: string | number | Date;
    readonly lte?: string | number | Date;
    readonly gt?: string | number | Date;
    readonly gte?: string | number | Date;
    readonly exists?: boolean;
}

export type Filter = {
    readonly and?: readonly Filter[];
    readonly or?: readonly Filter[];
    readonly not?: Filter;
} & {
    readonly [field: string]: MetaValue | FieldCondition | readonly Filter[] | Filter | undefined;
};

export interface FitWeightsOptions {
    readonly folds?: number;
    readonly seed?: number;
}

export interface FittedWeights {
    readonly weights: FusionWeights;
    readonly kept: boolean;
    readonly questions: number;
    readonly ndcg: {
        readonly keyword: number;
        readonly vector: number;
        readonly default: number;
        readonly fitted: number;
        readonly crossValidated: number;
    };
}

export interface FusionWeights {
    readonly keyword: number;
    readonly vector: number;
}

export interface IndexPathsOptions extends LongOptions<IndexStep>, WalkOptions {
    readonly read?: ReadDocumentsOptions;
    readonly chunk?: ChunkOptions;
    readonly full?: boolean;
}

export interface IndexPlan extends Pick<HnswIndexOptions, "M" | "efConstruction" | "workers" | "graphFrom"> {
    readonly kind?: "auto" | "flat" | "hnsw";
}

export interface IndexStep extends Step {
    readonly phase: "find" | "index";
    readonly documents: number;
    readonly chunks: number;
    readonly path: string;
}

export interface IndexedPaths {
    readonly files: number;
    readonly unchanged: number;
    readonly documents: number;
    readonly chunks: number;
    readonly removed: number;
    readonly renamed: number;
    readonly skipped: readonly SkippedFile[];
    readonly bytes: number;
    readonly seconds: number;
}

export interface JudgedQuestion {
    readonly text: string;
    readonly relevant: ReadonlyMap<string, number>;
}

export interface Judgement {
    readonly "ndcg@10": number;
    readonly "recall@100": number;
    readonly mrr: number;
}

export interface MemberCondition {
    readonly kind: "member";
    readonly field: string;
    readonly type: ValueType;
    readonly values: readonly (string | number)[] | undefined;
    readonly low: Bound | undefined;
    readonly high: Bound | undefined;
}

export declare class MemoryStore implements Store {
    #private;
    readonly kind = "memory";
    readonly readOnly = false;
    readonly nearest: undefined;
    info(): Promise<StoreInfo>;
    version(): Promise<number>;
    setSpace(space: Space): Promise<void>;
    write(batch: WriteBatch, { signal }?: LongOptions): Promise<Committed>;
    documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
    list({ filter, prefix }?: {
        readonly filter?: Filter;
        readonly prefix?: string;
    }): AsyncGenerator<{
        id: string;
        hash: string;
        meta: Readonly<Record<string, readonly import("./filter.ts").MetaValue[] | import("./filter.ts").MetaValue>>;
    }, void, unknown>;
    chunksOf(id: string): Promise<StoredChunk[]>;
    chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]>;
    matching(filter: Filter): Promise<Float64Array>;
    count(filter?: Filter): Promise<number>;
    keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]>;
    vectors(after?: number): AsyncIterable<VectorPiece>;
    vectorsOf(numbers: readonly number[]): Promise<Matrix>;
    changes(since: number): Promise<import("./change-log.ts").Changes | undefined>;
    saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
    snapshot(name: string): Promise<{
        readonly version: number;
        readonly source: ByteSource;
    } | undefined>;
    removeSnapshot(name: string): Promise<void>;
    migration(): Promise<Migration | undefined>;
    beginMigration(space: Space): Promise<void>;
    unmigrated(limit: number): Promise<StoredChunk[]>;
    writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void>;
    migratedVectors(after?: number): AsyncIterable<VectorPiece>;
    migratedVectorsOf(numbers: readonly number[]): Promise<Matrix>;
    commitMigration(): Promise<number>;
    abandonMigration(): Promise<void>;
    setting(name: string): Promise<unknown>;
    setSetting(name: string, value: unknown): Promise<void>;
    compact(): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(): Promise<string[]>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export type Meta = Readonly<Record<string, MetaValue | readonly MetaValue[]>>;

export type MetaValue = string | number | boolean | Date | null;

export interface MigrateOptions {
    readonly judged?: readonly JudgedQuestion[];
    readonly samples?: number;
    readonly accept?: (comparison: MigrationComparison) => boolean | Promise<boolean>;
}

export interface Migrated {
    readonly switched: boolean;
    readonly comparison: MigrationComparison;
    readonly version: number;
}

export interface Migration {
    readonly space: Space;
    readonly written: number;
    readonly missing: number;
}

export interface MigrationComparison {
    readonly from: Space | undefined;
    readonly to: Space;
    readonly chunks: number;
    readonly neighborOverlap: number | undefined;
    readonly samples: number;
    readonly judged: {
        readonly questions: number;
        readonly from: Readonly<Record<"vector" | "hybrid", Judgement>> | undefined;
        readonly to: Readonly<Record<"vector" | "hybrid", Judgement>>;
    } | undefined;
}

export interface NearDuplicateOptions {
    readonly threshold?: number;
    readonly metric?: IndexMetric;
}

export interface NearDuplicates<K> {
    readonly pairs: readonly DuplicatePair<K>[];
    readonly groups: readonly (readonly K[])[];
}

export interface NewDocument {
    readonly id: string;
    readonly text: string;
    readonly meta?: Meta;
    readonly hash?: string;
    readonly chunks?: readonly ChunkRange[];
    readonly vectors?: Matrix;
}

export interface OwnSpace {
    readonly name: string;
    readonly dim: number;
    readonly fingerprint?: string;
}

export interface PassagePlace {
    readonly path: string;
    readonly lines: LineRange | undefined;
    readonly pages: LineRange | undefined;
    readonly headings: readonly string[];
}

export interface PutDocument extends StoredDocument {
    readonly chunks: readonly ChunkRange[];
    readonly vectors: Matrix | undefined;
}

export interface ScoredChunk {
    readonly chunk: number;
    readonly score: number;
}

export type SearchMode = "hybrid" | "vector" | "keyword";

export interface SkippedFile {
    readonly path: string;
    readonly reason: string;
}

export interface Space {
    readonly name: string;
    readonly dim: number;
    readonly fingerprint: string;
    readonly metric: "cosine" | "dot" | "euclidean";
}

export declare class SqliteStore implements Store {
    #private;
    readonly kind = "sqlite";
    readonly nearest: undefined;
    readonly path: string;
    readonly readOnly: boolean;
    private constructor();
    static open(path: string, options?: SqliteStoreOptions): Promise<SqliteStore>;
    static import(path: string, bytes: Uint8Array, options: SqliteStoreOptions): Promise<SqliteStore>;
    fileBytes(): Promise<Uint8Array>;
    info(): Promise<StoreInfo>;
    version(): Promise<number>;
    setSpace(space: Space): Promise<void>;
    write(batch: WriteBatch, options?: LongOptions): Promise<Committed>;
    documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
    list({ filter, prefix }?: {
        readonly filter?: Filter;
        readonly prefix?: string;
    }): AsyncGenerator<import("./read.ts").ListedDocument, void, unknown>;
    chunksOf(id: string): Promise<StoredChunk[]>;
    chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]>;
    matching(filter: Filter): Promise<Float64Array>;
    count(filter?: Filter): Promise<number>;
    keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]>;
    vectors(after?: number): AsyncIterable<VectorPiece>;
    vectorsOf(numbers: readonly number[]): Promise<Matrix>;
    changes(since: number): Promise<import("../change-log.ts").Changes | undefined>;
    saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
    snapshot(name: string): Promise<{
        readonly version: number;
        readonly source: ByteSource;
    } | undefined>;
    removeSnapshot(name: string): Promise<void>;
    migration(): Promise<Migration | undefined>;
    beginMigration(space: Space): Promise<void>;
    unmigrated(limit: number): Promise<StoredChunk[]>;
    writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void>;
    migratedVectors(after?: number): AsyncGenerator<VectorPiece, void, void>;
    migratedVectorsOf(numbers: readonly number[]): Promise<Matrix>;
    commitMigration(): Promise<number>;
    abandonMigration(): Promise<void>;
    setting(name: string): Promise<unknown>;
    setSetting(name: string, value: unknown): Promise<void>;
    compact(options?: LongOptions): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(options?: LongOptions): Promise<string[]>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export interface SqliteStoreOptions {
    readonly readOnly?: boolean;
    readonly here?: boolean;
    readonly sqlite?: {
        readonly module: string | URL;
        readonly wasm?: string | URL;
    };
}

export interface Store extends AsyncDisposable {
    readonly kind: string;
    readonly readOnly: boolean;
    info(): Promise<StoreInfo>;
    version(): Promise<number>;
    setSpace(space: Space): Promise<void>;
    write(batch: WriteBatch, options?: LongOptions): Promise<Committed>;
    documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
    list(options?: {
        readonly filter?: Filter;
        readonly prefix?: string;
    }): AsyncIterable<{
        id: string;
        hash: string;
        meta: Meta;
    }>;
    chunksOf(id: string): Promise<StoredChunk[]>;
    chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]>;
    matching(filter: Filter): Promise<Float64Array>;
    count(filter?: Filter): Promise<number>;
    keyword(query: string, search: StoreSearch): Promise<ScoredChunk[]>;
    vectors(after?: number): AsyncIterable<{
        readonly chunks: readonly number[];
        readonly vectors: Matrix;
    }>;
    vectorsOf(numbers: readonly number[]): Promise<Matrix>;
    changes(since: number): Promise<{
        readonly version: number;
        readonly added: readonly number[];
        readonly removed: readonly number[];
    } | undefined>;
    readonly nearest: ((query: Float32Array, search: StoreSearch & {
        readonly exact?: boolean;
    }) => Promise<ScoredChunk[]>) | undefined;
    saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
    snapshot(name: string): Promise<{
        readonly version: number;
        readonly source: ByteSource;
    } | undefined>;
    removeSnapshot(name: string): Promise<void>;
    migration(): Promise<Migration | undefined>;
    beginMigration(space: Space): Promise<void>;
    unmigrated(limit: number): Promise<StoredChunk[]>;
    writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void>;
    migratedVectors(after?: number): AsyncIterable<{
        readonly chunks: readonly number[];
        readonly vectors: Matrix;
    }>;
    migratedVectorsOf(numbers: readonly number[]): Promise<Matrix>;
    commitMigration(): Promise<number>;
    abandonMigration(): Promise<void>;
    setting(name: string): Promise<unknown>;
    setSetting(name: string, value: unknown): Promise<void>;
    compact(options?: LongOptions): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(options?: LongOptions): Promise<string[]>;
    close(): Promise<void>;
}

export interface StoreInfo {
    readonly schema: number;
    readonly version: number;
    readonly space: Space | undefined;
    readonly documents: number;
    readonly chunks: number;
    readonly bytes: number | undefined;
    readonly deadBytes: number | undefined;
}

export interface StoreSearch {
    readonly k: number;
    readonly filter?: Filter;
}

export interface StoredChunk extends ChunkRange {
    readonly chunk: number;
    readonly document: string;
    readonly text: string;
    readonly meta: Meta;
}

export interface StoredDocument {
    readonly id: string;
    readonly text: string;
    readonly meta: Meta;
    readonly hash: string;
}

export interface WalkOptions {
    readonly exclude?: readonly string[];
    readonly gitignore?: boolean;
    readonly hidden?: boolean;
}

export interface WatchPathsOptions extends IndexPathsOptions {
    readonly quietMs?: number;
}

export interface WriteBatch {
    readonly put?: readonly PutDocument[];
    readonly remove?: readonly string[];
}

export declare function contentHash(content: string | Uint8Array): string;

export declare function contextFor(collection: Pick<Collection, "search" | "store" | "encoder">, question: string, options?: ContextOptions): Promise<Context>;

export declare function indexPaths(collection: Collection, paths: string | readonly string[], options?: IndexPathsOptions): Promise<IndexedPaths>;

export declare function indexPathsSteps(collection: Collection, paths: string | readonly string[], options?: IndexPathsOptions): AsyncGenerator<IndexStep, IndexedPaths, void>;

export declare function maximalMarginalRelevance(candidates: readonly Diverse[], { k, diversity }: DiversityOptions): number[];

export declare function meets(meta: Meta, condition: Condition): boolean;

export declare function nearDuplicates(vectors: Matrix, options?: NearDuplicateOptions & LongOptions): Promise<NearDuplicates<number>>;

export declare function nearDuplicatesSteps(vectors: Matrix, { metric, ...options }?: NearDuplicateOptions): AsyncGenerator<Step, NearDuplicates<number>, void>;

export declare function parseFilter(filter: Filter): Condition;

export declare function passes(meta: Meta, filter: Filter): boolean;

export declare function placesOf(collection: Pick<Collection, "store">, hits: readonly Pick<CollectionHit, "id" | "range">[]): Promise<PassagePlace[]>;

export declare function watchPaths(collection: Collection, paths: string | readonly string[], options?: WatchPathsOptions): AsyncGenerator<IndexedPaths, void, void>;
