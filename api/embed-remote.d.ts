// loci/embed/remote, as scripts/api.ts records it

export declare class RemoteEncoder implements Encoder {
    #private;
    readonly name: string;
    readonly dim: number;
    readonly fingerprint: string;
    readonly maxTokens?: number;
    readonly countTokens?: (text: string) => number;
    constructor(options: RemoteEncoderOptions);
    static open(options: RemoteEncoderOptions & LongOptions): Promise<RemoteEncoder>;
    embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
    embedSteps(texts: readonly string[], options?: Pick<EmbedOptions, "purpose" | "signal">): AsyncGenerator<Step, Matrix, void>;
}

export interface RemoteEncoderOptions extends RemoteLimits {
    readonly url: string;
    readonly model: string;
    readonly apiKey?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly dim?: number;
    readonly dimensions?: number;
    readonly encoding?: "base64" | "float";
    readonly prefixes?: {
        readonly query?: string;
        readonly document?: string;
    };
    readonly extraBody?: (purpose: "document" | "query") => Readonly<Record<string, unknown>>;
    readonly maxTokens?: number;
    readonly countTokens?: (text: string) => number;
    readonly seed?: number;
    readonly network?: Network;
}

export interface RemoteLimits {
    readonly batchTexts?: number;
    readonly batchTokens?: number;
    readonly concurrency?: number;
    readonly requestsPerMinute?: number;
    readonly retries?: number;
    readonly backoffMs?: number;
    readonly mostBackoffMs?: number;
    readonly timeoutMs?: number;
}
