// loci/store/opensearch, as scripts/api.ts records it

export type Fetch = (url: string, init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    signal: AbortSignal;
}) => Promise<{
    status: number;
    json(): Promise<unknown>;
}>;

export interface OpenSearchIndexOptions {
    readonly shards?: number;
    readonly replicas?: number;
    readonly M?: number;
    readonly efConstruction?: number;
}

export interface OpenSearchOptions {
    readonly urls: string | readonly string[];
    readonly name?: string;
    readonly readOnly?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
    readonly fetch?: Fetch;
    readonly index?: OpenSearchIndexOptions;
    readonly efSearch?: number;
    readonly leaseMs?: number;
    readonly timeoutMs?: number;
    readonly patienceMs?: number;
}

export declare class OpenSearchStore implements Store {
    #private;
    readonly kind = "opensearch";
    readonly readOnly: boolean;
    private constructor();
    static open(options: OpenSearchOptions): Promise<OpenSearchStore>;
    info(): Promise<StoreInfo>;
    version(): Promise<number>;
    setSpace(space: Space): Promise<void>;
    write(batch: WriteBatch, options?: LongOptions): Promise<Committed>;
    documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
    list({ filter, prefix }?: {
        readonly filter?: Filter;
        readonly prefix?: string;
    }): AsyncGenerator<{
        id: string;
        hash: string;
        meta: Meta;
    }, void, void>;
    chunksOf(id: string): Promise<StoredChunk[]>;
    chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]>;
    matching(filter: Filter): Promise<Float64Array>;
    count(filter?: Filter): Promise<number>;
    keyword(query: string, search: StoreSearch): Promise<ScoredChunk[]>;
    nearest(query: Float32Array, { k, filter, exact }: StoreSearch & {
        readonly exact?: boolean;
    }): Promise<ScoredChunk[]>;
    vectors(after?: number): AsyncGenerator<{
        chunks: number[];
        vectors: Matrix;
    }, void, void>;
    migratedVectors(after?: number): AsyncGenerator<{
        chunks: number[];
        vectors: Matrix;
    }, void, void>;
    vectorsOf(numbers: readonly number[]): Promise<Matrix>;
    migratedVectorsOf(numbers: readonly number[]): Promise<Matrix>;
    changes(since: number): ReturnType<Store["changes"]>;
    saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
    snapshot(name: string): ReturnType<Store["snapshot"]>;
    removeSnapshot(name: string): Promise<void>;
    setting(name: string): Promise<unknown>;
    setSetting(name: string, value: unknown): Promise<void>;
    migration(): Promise<Migration | undefined>;
    beginMigration(space: Space): Promise<void>;
    unmigrated(limit: number): Promise<StoredChunk[]>;
    writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void>;
    commitMigration(): Promise<number>;
    abandonMigration(): Promise<void>;
    compact(): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(options?: LongOptions): Promise<string[]>;
    drop(): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
