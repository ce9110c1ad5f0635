/** `loci near`: the nearest keys. */
import { type CommonFlags, defineCommand, modelArgument, switchFlag, text, textFlag, wholeFlag } from "../command.ts";

export interface NearFlags extends CommonFlags {
  readonly count?: number;
  readonly metric: "cosine" | "euclidean";
  readonly limit?: number;
  readonly exclude?: string;
  readonly origin: boolean;
}

export const near = defineCommand<NearFlags, [string, string]>({
  brief: "The keys nearest to a key",
  usage: "MODEL KEY [-k 10]",
  details: [
    "Compares the vector of KEY with every vector of MODEL, exactly, and prints the closest, nearest first. A model " +
      "with subwords answers for words it never saw, too.",
  ],
  examples: [
    { command: "loci near words cat", says: "the ten nearest neighbours of “cat” in the model folder words" },
    {
      command: "loci near glove.6B.100d.txt cat -k 20 --limit 50000",
      says: "of somebody else's vectors; only their 50,000 most frequent words may answer",
    },
    { command: "loci near words cat --json | jq -r '.[].key'", says: "[{ key, score }], for programs" },
  ],
  positional: {
    kind: "tuple",
    parameters: [modelArgument, { brief: "The key to look around: a word, an item", placeholder: "KEY", parse: text }],
  },
  flags: {
    count: wholeFlag("How many (default 10)"),
    metric: {
      kind: "enum",
      values: ["cosine", "euclidean"],
      brief: "How nearness is measured; scores of euclidean are negative distances",
      default: "cosine",
    },
    limit: wholeFlag("Let only the first N keys answer, which are the most frequent ones"),
    exclude: textFlag("Keys that may not answer", "KEY,KEY"),
    origin: switchFlag("Say how the vector of KEY is made: its own row, or subwords"),
  },
  aliases: { k: "count" },
  load: () => import("./near.run.ts"),
});
