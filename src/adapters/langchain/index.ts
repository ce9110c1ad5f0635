/** Loci for LangChain.js: its encoders as `Embeddings`, its collections as `VectorStore`. */
export { LociEmbeddings } from "./embeddings.ts";
export { LociVectorStore } from "./vector-store.ts";
