/**
 * Everything the search module exports: codes, graphs, scans.
 *
 * A module of its own, compiled twice: with the relaxed dot product of 8-bit integers and without it. The operands are kept
 * so small that both give the same integers. It has no static data (scripts/generate.ts checks that), so that it can
 * share a memory with the other kernels, and several instances with each other; what an instance needs to
 * scribble on is handed to it (`openScratch`).
 */
export { openScratch } from "./scratch";
export { encodeQuery, encodeRows, encodeScratchBytes, lastError, lastShrink, rowAsQuery, squareRows } from "./encode";
export { keyOf } from "./integers";
export { openGraph } from "./graph";
export { chainEdges, insertItems, mergeTargets, select } from "./build";
export { listBroken, mendItems, placeMended } from "./repair";
export { answer, walkFor } from "./search";
export { addCovariance, dotRows, mirror, multiplyRows, orthonormalize } from "./train";
export { batchProducts, firstReaching, packQueries, reach, scanProducts, scanSquares } from "./scan-floats";
export { listKeys, scanBits, scanCodes, scanCodesBatch, unpackCodes } from "./scan-codes";
export { scoreRows } from "./scan-scores";
