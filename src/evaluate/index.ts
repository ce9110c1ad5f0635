/** How good is it: figures with their coverage, and with intervals where they are asked for. */
export { evaluateAnalogies, evaluateAnalogiesSteps, parseAnalogies } from "./analogies.ts";
export type { AnalogyOptions, AnalogyResult, AnalogyRow, AnalogyScore, AnalogySection } from "./analogies.ts";
export { bootstrapInterval } from "./bootstrap.ts";
export type { Interval, IntervalOptions } from "./bootstrap.ts";
export { evaluateWordPairs, parseWordPairs } from "./word-pairs.ts";
export type { WordPair, WordPairOptions, WordPairResult } from "./word-pairs.ts";
export { compareRetrieval, evaluateRetrieval, evaluateRetrievalSteps } from "./retrieval.ts";
export type {
  JudgedRanking,
  RetrievalComparison,
  RetrievalMeasure,
  RetrievalOptions,
  RetrievalResult,
  RetrievalSearch,
} from "./retrieval.ts";
export { openRetrievalSet, parseRetrievalPairs } from "./retrieval-set.ts";
export type {
  JudgedQuery,
  RetrievalDocument,
  RetrievalFolder,
  RetrievalSet,
  RetrievalSetOptions,
} from "./retrieval-set.ts";
