/** Loci's encoders for the AI SDK (`ai`), as its embedding models. */
export { embeddingModel, embeddingProvider } from "./embedding-model.ts";
