// loci/store/postgres, as scripts/api.ts records it

export interface PostgresClient {
    query(statement: {
        text: string;
        values?: unknown[];
    }): Promise<{
        rows: Row[];
    }>;
    release(destroy?: boolean): void;
    on(event: "error", listener: (error: Error) => void): unknown;
}

export interface PostgresIndexOptions {
    readonly M?: number;
    readonly efConstruction?: number;
}

export interface PostgresOptions {
    readonly database: string | PostgresPool;
    readonly name?: string;
    readonly readOnly?: boolean;
    readonly connections?: number;
    readonly index?: PostgresIndexOptions;
    readonly efSearch?: number;
}

export interface PostgresPool {
    connect(): Promise<PostgresClient>;
    end(): Promise<void>;
}

export declare class PostgresStore implements Store {
    #private;
    readonly kind = "postgres";
    readonly readOnly: boolean;
    private constructor();
    static open(options: PostgresOptions): Promise<PostgresStore>;
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
    keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]>;
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
    compact({ signal }?: LongOptions): Promise<{
        readonly before: number;
        readonly after: number;
    }>;
    verify(options?: LongOptions): Promise<string[]>;
    drop(): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
