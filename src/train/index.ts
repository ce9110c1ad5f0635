/** Text to tables: word2vec, fastText, GloVe. */
export { trainFastText, trainFastTextSteps } from "./fasttext.ts";
export { trainGlove, trainGloveSteps } from "./glove.ts";
export type { GloveOptions } from "./glove-options.ts";
export type { CheckpointOptions } from "./checkpoint.ts";
export type { FastTextOptions, TrainStep, Word2vecOptions } from "./word2vec-options.ts";
export { trainWord2vec, trainWord2vecSteps } from "./word2vec.ts";
