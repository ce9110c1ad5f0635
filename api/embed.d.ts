// loci/embed, as scripts/api.ts records it

export interface EmbedOptions extends LongOptions {
    readonly purpose?: "document" | "query";
}

export interface Encoder {
    readonly name: string;
    readonly dim: number;
    readonly fingerprint: string;
    embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
    countTokens?(text: string): number;
    readonly maxTokens?: number;
}

export declare class HashingEncoder implements Encoder {
    #private;
    readonly name: string;
    readonly dim: number;
    readonly seed: number;
    readonly fingerprint: string;
    constructor({ dim, seed }?: HashingEncoderOptions);
    embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
    embedSteps(texts: readonly string[]): AsyncGenerator<Step, Matrix, void>;
    countTokens(text: string): number;
}

export interface HashingEncoderOptions {
    readonly dim?: number;
    readonly seed?: number;
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

export interface StaticEncoderOptions {
    readonly name?: string;
    readonly tokenizer?: WordTokenizerOptions;
    readonly smoothing?: number;
    readonly components?: number;
    readonly unitLength?: boolean;
    readonly sample?: Iterable<string> | AsyncIterable<string>;
}

export interface StaticSettings {
    readonly name: string;
    readonly tokenizer: WordTokenizerOptions;
    readonly smoothing: number;
    readonly unitLength: boolean;
    readonly components: readonly (readonly number[])[];
}
