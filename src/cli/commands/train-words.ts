/** `loci train words`: word vectors from text. */
import { type CommonFlags, defineCommand, numberFlag, switchFlag, text, textFlag, wholeFlag } from "../command.ts";
import { TOKENIZER_FLAG_NAMES, type TokenizerFlags, tokenizerFlags } from "../tokenizer-flags.ts";

export interface TrainWordsFlags extends CommonFlags, TokenizerFlags {
  readonly out: string;
  readonly format?: string;
  readonly dim?: number;
  readonly epochs?: number;
  readonly window?: number;
  readonly negatives?: number;
  readonly minCount?: number;
  readonly maxVocabulary?: number;
  readonly subsample?: number;
  readonly learningRate?: number;
  readonly architecture?: "skipgram" | "cbow" | "glove";
  readonly loss?: "negative-sampling" | "hierarchical-softmax" | "softmax";
  readonly preset?: "fast";
  readonly subwords: boolean;
  readonly minN?: number;
  readonly maxN?: number;
  readonly buckets?: number;
  readonly phrases?: number;
  readonly sentences?: "line" | "sentence" | "document";
  readonly seed?: number;
  readonly workers?: number;
  readonly deterministic: boolean;
  readonly checkpoint?: string;
  readonly checkpointMinutes?: number;
}

export const trainWords = defineCommand<TrainWordsFlags, readonly string[]>({
  brief: "Learn word vectors from your own text",
  usage: "CORPUS… --out DIR [options]",
  details: [
    "Reads text (files, folders, patterns, .gz, or - for standard input), learns a vector for each word from the company " +
      "it keeps, and saves a model folder. The defaults are good; the same seed gives the same bytes for any number of " +
      "workers. With --subwords, words that were never seen get vectors too.",
  ],
  examples: [
    {
      command: "loci train words corpus.txt --out words",
      says: "skip-gram, 100 numbers a word, 5 epochs; then: loci near words KEY",
    },
    {
      command: "loci train words docs --out words --subwords --min-count 2 --epochs 50",
      says: "a small, technical corpus: it needs more rounds, and parts of words help where words are rare",
    },
    {
      command: "zcat wiki.gz | loci train words - --out wiki.bin --dim 300",
      says: "standard input, written in word2vec's binary format",
    },
  ],
  positional: {
    kind: "array",
    parameter: {
      brief: "Files, folders (whose .txt, .md and the like are read), patterns in quotes, or - for standard input",
      placeholder: "CORPUS…",
      parse: text,
    },
    minimum: 1,
  },
  sections: [
    ["Result", ["out", "format"]],
    ["Text", [...TOKENIZER_FLAG_NAMES, "sentences", "phrases", "minCount", "maxVocabulary"]],
    [
      "Learning",
      ["architecture", "dim", "epochs", "window", "negatives", "subsample", "learningRate", "loss", "preset"],
    ],
    ["Subwords", ["subwords", "minN", "maxN", "buckets"]],
    ["Running", ["seed", "workers", "deterministic", "checkpoint", "checkpointMinutes", "progress", "json"]],
  ],
  flags: {
    out: {
      kind: "parsed",
      parse: text,
      brief: "Where the model goes: a folder, or a file such as words.bin, words.vec, words.txt",
      placeholder: "DIR",
    },
    format: textFlag("The format, where --out does not end in one (see: loci convert --help)", "NAME"),
    ...tokenizerFlags,
    sentences: {
      kind: "enum",
      values: ["line", "sentence", "document"],
      brief: "What context stays within: each line (default), each sentence by its punctuation, or each whole file",
      optional: true,
    },
    phrases: wholeFlag("Join words that belong together (new_york), in N passes: up to 2, 4, 8, 16 words"),
    minCount: wholeFlag("Drop words seen less often (default 5)"),
    maxVocabulary: wholeFlag("Keep at most the N most frequent words (default all)"),
    architecture: {
      kind: "enum",
      values: ["skipgram", "cbow", "glove"],
      brief:
        "Learn neighbours from the word (skipgram, default; better for rare words), the word from its neighbours (cbow), or from counts of co-occurrence (glove)",
      optional: true,
    },
    dim: wholeFlag("How many numbers each vector has (default 100)"),
    epochs: wholeFlag("How often the corpus is gone through; small ones need more (default 5, for glove 25)"),
    window: wholeFlag("How many words to each side count as company, at most (default 5, for glove 15)"),
    negatives: wholeFlag("Words drawn by chance that each pair is told from; more help small corpora (default 5)"),
    subsample: numberFlag("Thin out words with a larger share than this; 0 keeps all (default 1e-3)"),
    learningRate: numberFlag(
      "Size of the first steps; later ones are smaller (default 0.025, for cbow and glove 0.05)",
    ),
    loss: {
      kind: "enum",
      values: ["negative-sampling", "hierarchical-softmax", "softmax"],
      brief: "What is minimised; softmax is exact, and for vocabularies of a few thousand (default negative-sampling)",
      optional: true,
    },
    preset: {
      kind: "enum",
      values: ["fast"],
      brief: "fast: about a tenth faster, a little less exact",
      optional: true,
    },
    subwords: switchFlag("Learn character n-grams too, as fastText does: a vector for every string"),
    minN: wholeFlag("Shortest n-gram (default 3)"),
    maxN: wholeFlag("Longest n-gram (default 6)"),
    buckets: wholeFlag("Rows that n-grams are hashed to (default: by the vocabulary, 2,000,000 at most)"),
    seed: wholeFlag("Same seed, same bytes (default 1)"),
    workers: wholeFlag("Threads (default: the machine's cores, 8 at most); never changes the result"),
    deterministic: {
      kind: "boolean",
      brief: "Let workers race: up to a tenth faster, another result each time",
      default: true,
    },
    checkpoint: textFlag("Save to FILE now and then, and go on from it if it is there", "FILE"),
    checkpointMinutes: numberFlag("Minutes between two savings, at least (default 1); the end and Ctrl-C save too"),
  },
  load: () => import("./train-words.run.ts"),
});
