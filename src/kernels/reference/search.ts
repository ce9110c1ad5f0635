/** The plain twins of the search module: codes and keys, walks and choices, and the algebra of training. */
export { encodeQuery, encodeRow, keyOf, rowAsQuery } from "./search-codes.ts";
export type { CodecNumbers } from "./search-codes.ts";
export { descend, select, walk } from "./search-graph.ts";
export type { Candidate } from "./search-graph.ts";
export { covarianceOf, product } from "./search-train.ts";
