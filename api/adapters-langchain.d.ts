// loci/adapters/langchain, as scripts/api.ts records it

export declare class LociEmbeddings extends Embeddings {
    readonly encoder: Encoder;
    constructor(encoder: Encoder);
    embedDocuments(documents: string[]): Promise<number[][]>;
    embedQuery(query: string): Promise<number[]>;
}

export declare class LociVectorStore extends VectorStore {
    FilterType: Filter;
    readonly collection: Collection;
    constructor(collection: Collection);
    _vectorstoreType(): string;
    addDocuments(documents: DocumentInterface[], options?: {
        ids?: string[];
    }): Promise<string[]>;
    addVectors(vectors: number[][], documents: DocumentInterface[], options?: {
        ids?: string[];
    }): Promise<string[]>;
    delete({ ids }?: {
        ids?: string[];
    }): Promise<void>;
    similaritySearchVectorWithScore(query: number[], k: number, filter?: Filter): Promise<[DocumentInterface, number][]>;
}
