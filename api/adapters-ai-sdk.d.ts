// loci/adapters/ai-sdk, as scripts/api.ts records it

export declare function embeddingModel(encoder: Encoder): EmbeddingModelV4;

export declare function embeddingProvider(encoders: Readonly<Record<string, Encoder>>): {
    readonly specificationVersion: "v4";
    embeddingModel(name: string): EmbeddingModelV4;
};
