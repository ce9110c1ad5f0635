/** `loci evaluate words`: how good word vectors are, by what people said. */
import { type CommonFlags, defineCommand, switchFlag, text, wholeFlag } from "../command.ts";

export interface EvaluateWordsFlags extends CommonFlags {
  readonly pairs?: readonly string[];
  readonly analogies?: readonly string[];
  readonly limit?: number;
  readonly method: "3CosAdd" | "3CosMul";
  readonly lowercase: boolean;
  readonly subwords: boolean;
  readonly intervals: boolean;
  readonly seed?: number;
}

export const evaluateWords = defineCommand<EvaluateWordsFlags, readonly string[]>({
  brief: "How well word vectors agree with people: pairs and analogies",
  usage: "MODEL FILE… [--limit 30000]",
  details: [
    "Pairs (word, word, score, separated by tabs) are scored by the model; what is reported is the rank correlation with " +
      "people's scores (Spearman). Analogies (Google's format: lines of four words under “: section” lines) are answered; what " +
      "is reported is the share of right answers, by section. What holds unknown words is left out, and counted.",
  ],
  examples: [
    {
      command: "loci evaluate words MODEL wordsim353.tsv questions-words.txt",
      says: "both kinds at once; which is which is seen from the files",
    },
    {
      command: "loci evaluate words MODEL --pairs rare.txt --subwords --intervals",
      says: "pairs of rare words, unseen ones by their subwords, with 95 % intervals",
    },
  ],
  positional: {
    kind: "array",
    parameter: { brief: "The model, then files of pairs or of analogies", placeholder: "MODEL FILE…", parse: text },
    minimum: 1,
  },
  flags: {
    pairs: {
      kind: "parsed",
      parse: text,
      variadic: true,
      brief: "A file of pairs, also where it looks like something else",
      placeholder: "FILE",
      optional: true,
    },
    analogies: {
      kind: "parsed",
      parse: text,
      variadic: true,
      brief: "A file of analogies, also where it looks like something else",
      placeholder: "FILE",
      optional: true,
    },
    limit: wholeFlag("Only the first N keys take part in analogies (default 30000, as is the custom)"),
    method: { kind: "enum", values: ["3CosAdd", "3CosMul"], brief: "How analogies are answered", default: "3CosAdd" },
    lowercase: switchFlag("Look up the words of analogies in lower case only"),
    subwords: switchFlag("Let words without a row take part in pairs by their subwords"),
    intervals: switchFlag("Add 95 % intervals, by the bootstrap"),
    seed: wholeFlag("Seed of the intervals (default 1)"),
  },
  load: () => import("./evaluate-words.run.ts"),
});
