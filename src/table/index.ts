/** Rows of numbers, and rows with names. */
export { Embedding } from "./embedding.ts";
export type {
  AlignOptions,
  Alignment,
  Analogy,
  AnalogyOptions,
  NeighborOptions,
  Query,
  ScoredKey,
  SearchOptions,
} from "./embedding.ts";
export type { EmbeddingParts } from "./embedding-parts.ts";
export { saveFormatOf } from "./embedding-files.ts";
export type { EmbeddingSource, OpenOptions, SaveFormat, SaveOptions } from "./embedding-files.ts";
export { angleBetween, offsetAgreement } from "./directions.ts";
export type { HasVectors, KeyPairs, OffsetAgreement, Poles } from "./directions.ts";
export type { AnalogyMethod, Metric } from "./questions.ts";
export { Subwords } from "./subwords.ts";
export type { SubwordParts } from "./subwords.ts";
export { EmbeddingTable } from "./embedding-table.ts";
export type { EmbeddingTableOptions, ShapedLookup, TableGradient } from "./embedding-table.ts";
export { initialize } from "./initialize.ts";
export type { Initializer, InitializerName } from "./initialize.ts";
export type { NestedIds } from "./nested-ids.ts";
export { density, multiplyOneHot, oneHot, sparseOneHot } from "./one-hot.ts";
export type { SparseOneHot } from "./one-hot.ts";
export { tableSize } from "./size.ts";
export type { TableSize } from "./size.ts";
