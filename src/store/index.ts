/** What lasts: stores of documents, chunks, vectors and words, and the filters they understand. */
export { Collection } from "./collection.ts";
export type { IndexPlan } from "./collection-index.ts";
export type {
  Added,
  Chunker,
  CollectionAnswer,
  CollectionHit,
  CollectionInfo,
  CollectionOptions,
  CollectionQuery,
  CollectionSearchOptions,
  NewDocument,
  OwnSpace,
  SearchMode,
} from "./collection-types.ts";
export type { ChunkName, CollectionDuplicatesOptions } from "./collection-duplicates.ts";
export { contextFor, placesOf } from "./context.ts";
export type { Citation, Context, ContextOptions, PassagePlace } from "./context.ts";
export { contentHash } from "./content-hash.ts";
export { maximalMarginalRelevance } from "./diversity.ts";
export type { Diverse, DiversityOptions } from "./diversity.ts";
export { indexPaths, indexPathsSteps } from "./folder-index.ts";
export type { IndexedPaths, IndexPathsOptions, IndexStep, SkippedFile } from "./folder-index.ts";
export type { WalkOptions } from "./folder-walk.ts";
export { watchPaths } from "./folder-watch.ts";
export type { WatchPathsOptions } from "./folder-watch.ts";
export { DEFAULT_WEIGHTS } from "./fusion.ts";
export type { FusionWeights } from "./fusion.ts";
export type { ExportOptions } from "./exchange.ts";
export type { FitWeightsOptions, FittedWeights } from "./fit-weights.ts";
export type { JudgedQuestion, Judgement } from "./judged.ts";
export type { CollectionMigrateOptions, Migrated, MigrateOptions, MigrationComparison } from "./migrate.ts";
export { nearDuplicates, nearDuplicatesSteps } from "./near-duplicates.ts";
export type { DuplicatePair, NearDuplicateOptions, NearDuplicates } from "./near-duplicates.ts";
export { meets, parseFilter, passes } from "./condition.ts";
export type { Bound, Condition, MemberCondition } from "./condition.ts";
export type { FieldCondition, Filter, Meta, MetaValue } from "./filter.ts";
export { MemoryStore } from "./memory-store.ts";
export { SqliteStore } from "./sqlite/sqlite-store.ts";
export type { SqliteStoreOptions } from "./sqlite/sqlite-store.ts";
export type {
  ChunkRange,
  Committed,
  Migration,
  PutDocument,
  ScoredChunk,
  Space,
  Store,
  StoreInfo,
  StoreSearch,
  StoredChunk,
  StoredDocument,
  WriteBatch,
} from "./store.ts";
