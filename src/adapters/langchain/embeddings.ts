/**
 * An encoder as LangChain's `Embeddings`.
 *
 * LangChain's base class adds retries and a queue, which a local encoder does not need: they are left at one try.
 */
import { Embeddings } from "@langchain/core/embeddings";
import type { Encoder } from "../../embed/index.ts";

/** Embeds with an encoder of Loci's: `new LociEmbeddings(encoder)` goes wherever LangChain takes `Embeddings`. */
export class LociEmbeddings extends Embeddings {
  readonly encoder: Encoder;

  constructor(encoder: Encoder) {
    super({ maxRetries: 0 });
    this.encoder = encoder;
  }

  /** One vector a document. */
  async embedDocuments(documents: string[]): Promise<number[][]> {
    const vectors = await this.encoder.embed(documents, { purpose: "document" });
    return documents.map((_, row) => [...vectors.row(row)]);
  }

  /** The vector of a question, which some models embed otherwise than documents. */
  async embedQuery(query: string): Promise<number[]> {
    return [...(await this.encoder.embed([query], { purpose: "query" })).row(0)];
  }
}
