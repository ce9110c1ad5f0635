/** The plain twin of every kernel: what a student reads and what the tests believe. */
export { combineRows, firstAbove, quotientRows } from "./combine.ts";
export { addScaled, dots, dotsAt, normalizeRows, squaredDistances } from "./dots.ts";
export { cos, exp, log, pow, sin } from "./elementary.ts";
export { countPairs, fitPairs } from "./glove.ts";
export { mix } from "./mix.ts";
export { LINE_END, drawPools, keepAndWindow } from "./words-sample.ts";
export type { Kept, Piece, SamplingPlan } from "./words-sample.ts";
export { sigmoid, trainPiece, trainRound } from "./words.ts";
export type { ShardPiece, WordsPlan, WordsState } from "./words.ts";
