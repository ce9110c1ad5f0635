/** The first hour: the names that most people start with. Each room has a door of its own, `loci/table` and so on. */
export { LociError, Matrix, Rng, Vocabulary } from "./core/index.ts";
export type { LociErrorCode, LongOptions, Step } from "./core/index.ts";
export { Embedding, EmbeddingTable } from "./table/index.ts";
export { StaticEncoder } from "./embed/index.ts";
export type { Encoder } from "./embed/index.ts";
export { FlatIndex, HnswIndex } from "./index/index.ts";
export { Collection, contextFor, indexPaths } from "./store/index.ts";
export type { CollectionHit, Filter } from "./store/index.ts";
export { trainFastText, trainGlove, trainWord2vec } from "./train/index.ts";
export type { FastTextOptions, GloveOptions, TrainStep, Word2vecOptions } from "./train/index.ts";
