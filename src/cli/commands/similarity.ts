/** `loci similarity`: how close two keys are. */
import { type CommonFlags, defineCommand, modelArgument, text, wholeFlag } from "../command.ts";

export interface SimilarityFlags extends CommonFlags {
  readonly seed?: number;
  readonly pairs?: number;
}

export const similarity = defineCommand<SimilarityFlags, [string, string, string]>({
  brief: "How close two keys are, and how unusual that is",
  usage: "MODEL A B",
  details: [
    "Prints the cosine of the two vectors, from -1 to 1, and its percentile: the share of random pairs of keys that are " +
      "less similar. The percentile is what compares between models: in one space 0.4 is close, in another it is the average.",
  ],
  examples: [
    {
      command: "loci similarity words cat dog",
      says: "two words of the model folder words: the cosine, and how many random pairs lie below it",
    },
    { command: "loci similarity words cat dog --json", says: "{ score, percentile }" },
  ],
  positional: {
    kind: "tuple",
    parameters: [
      modelArgument,
      { brief: "A key", placeholder: "A", parse: text },
      { brief: "Another key", placeholder: "B", parse: text },
    ],
  },
  flags: {
    pairs: wholeFlag("Random pairs to compare with (default 10000)"),
    seed: wholeFlag("Seed that they are drawn by (default 1)"),
  },
  load: () => import("./similarity.run.ts"),
});
