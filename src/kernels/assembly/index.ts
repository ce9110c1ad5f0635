/** Everything the kernel module exports. */
export { cos, exp, log, pow, sin } from "./elementary";
export { combineRows, firstAbove, quotientRows } from "./combine";
export { addScaled, dots, dotsAt, normalizeRows, squaredDistances } from "./dots";
export { countPairs, fitPairs } from "./glove";
export { wordsKey, wordsOpen, wordsScratchBytes, wordsShardBytes } from "./words/open";
export { wordsRacy } from "./words/racy";
export { wordsCompute, wordsMerge, wordsPrepare } from "./words/shards";
// Where static data ends, so that workspaces can begin above it.
// oxlint-disable-next-line no-undef -- a global of AssemblyScript
export { __heap_base };
