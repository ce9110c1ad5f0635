/** From bytes to tokens to ids. */
export { encodeCorpus, encodeCorpusSteps } from "./corpus.ts";
export type { Corpus, CorpusOptions } from "./corpus.ts";
export { LINE_END } from "./draft.ts";
export { readLines } from "./lines.ts";
export type { LinePiece, ReadLinesOptions } from "./lines.ts";
export { subwordIds, subwordTexts } from "./ngrams.ts";
export type { SubwordIdOptions, SubwordOptions } from "./ngrams.ts";
export { Phrases, learnPhrases, learnPhrasesSteps } from "./phrases.ts";
export type { LearnPhrasesOptions, Phrase, PhraseOptions } from "./phrases.ts";
export type { CorpusInput, ReadOptions } from "./read.ts";
export { sentenceEnds, splitSentences } from "./sentences.ts";
export { WordTokenizer } from "./words.ts";
export type { RangedToken, WordTokenizerOptions } from "./words.ts";
