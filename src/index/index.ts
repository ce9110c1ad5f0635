/** Indexes of vectors: who is near whom, exactly or nearly, over vectors that come and go. */
export { FlatIndex } from "./flat-index.ts";
export { HnswIndex } from "./hnsw-index.ts";
export type { HnswIndexOptions, HnswOpenOptions, HnswSearchOptions } from "./hnsw-index.ts";
export type { FlatIndexOptions } from "./flat-index.ts";
export type {
  IndexAnswer,
  IndexHit,
  IndexMetric,
  IndexSearchOptions,
  Key,
  KeyFilter,
  VectorIndex,
} from "./vector-index.ts";
export { KeywordIndex } from "./keyword-index.ts";
export type { KeywordHit, KeywordOptions, KeywordSearchOptions } from "./keyword-index.ts";
export { keywordTerms } from "./keyword-terms.ts";
export { ROW_KINDS, compressionSteps, compressionTable } from "./compress.ts";
export type { CompressionOptions, CompressionRow, CompressionTable, RowKind } from "./compress.ts";
