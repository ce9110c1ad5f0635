// loci/serve, as scripts/api.ts records it

export interface Listening extends AsyncDisposable {
    readonly url: string;
    readonly port: number;
    close(): Promise<void>;
}

export interface McpConnection {
    readonly ended: Promise<void>;
    close(): Promise<void>;
}

export interface McpOptions {
    readonly collection: Searchable;
    readonly about?: string;
    readonly version?: string;
    readonly transport?: object;
}

export interface Searchable {
    search(query: string, options: {
        readonly k?: number;
        readonly filter?: Filter;
        readonly mode?: (typeof MODES)[number];
        readonly signal?: AbortSignal;
    }): Promise<{
        readonly hits: readonly ServedHit[];
        readonly exact: boolean;
        readonly recall: number;
    }>;
    count(): Promise<number>;
}

export interface ServeOptions {
    readonly encoders?: readonly Encoder[];
    readonly collection?: Searchable;
    readonly host?: string;
    readonly port?: number;
    readonly token?: string;
    readonly maxBodyBytes?: number;
    readonly maxConcurrent?: number;
    readonly timeoutMs?: number;
}

export declare function connectMcp({ collection, about, version, transport, }: McpOptions): Promise<McpConnection>;

export declare function serve(options: ServeOptions): Promise<Listening>;
