/** The few things everyone speaks of: matrices, vocabularies, chance, memory, threads, steps, errors. */
export { openCorpusSource } from "./corpus-source.ts";
export type { CorpusFile, CorpusSource } from "./corpus-source.ts";
export { bytesSource, fileSource } from "./byte-source.ts";
export type { ByteSource } from "./byte-source.ts";
export { LociError, checkNumber, checkOneOf, checkWhole } from "./error.ts";
export type { LociErrorCode } from "./error.ts";
export { Matrix } from "./matrix.ts";
export { platform } from "./platform.ts";
export type { Files, Platform, Scratch, WorkerLike } from "./platform.ts";
export { nextTask, openPool, serve } from "./pool.ts";
export type { JobContext, Jobs, Pool, PoolOptions } from "./pool.ts";
export { Rng } from "./rng.ts";
export { drain, phaseClock } from "./steps.ts";
export type { LongOptions, Step } from "./steps.ts";
export { Vocabulary } from "./vocabulary.ts";
export { bytes, doubles, floats, integers, openWorkspace, words } from "./workspace.ts";
export type { Layout, Part, Views, Workspace } from "./workspace.ts";
