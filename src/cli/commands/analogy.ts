/** `loci analogy`: king − man + woman. */
import { type CommonFlags, defineCommand, switchFlag, text, wholeFlag } from "../command.ts";

export interface AnalogyFlags extends CommonFlags {
  readonly count?: number;
  readonly method: "3CosAdd" | "3CosMul";
  readonly limit?: number;
  readonly showInputs: boolean;
}

export const analogy = defineCommand<AnalogyFlags, [string, ...string[]]>({
  brief: "What completes an analogy: king - man + woman",
  usage: "MODEL KEY - KEY + KEY [-k 10]",
  details: [
    "Adds and subtracts the unit vectors of keys and prints the keys nearest to the result. The keys of the question " +
      "are left out, as is the custom; --show-inputs shows what happens when they are not. Any number of terms may be given.",
  ],
  examples: [
    {
      command: "loci analogy words king - man + woman",
      says: "in the model folder words: what is to “woman” as “king” is to “man”",
    },
    { command: 'loci analogy words "paris - france + italy" -k 3', says: "the same as one argument" },
    {
      command: "loci analogy words king - man + woman --show-inputs",
      says: "with the inputs among the answers: one of them usually wins",
    },
  ],
  positional: {
    kind: "array",
    parameter: {
      brief: "The model, then the terms, with + or - before each but the first",
      placeholder: "MODEL KEY - KEY + KEY",
      parse: text,
    },
    minimum: 2,
  } as never,
  flags: {
    count: wholeFlag("How many (default 10)"),
    method: {
      kind: "enum",
      values: ["3CosAdd", "3CosMul"],
      brief: "Sums of cosines, or products (Levy & Goldberg, 2014), whose scores are no cosines",
      default: "3CosAdd",
    },
    limit: wholeFlag("Let only the first N keys answer, which are the most frequent ones"),
    showInputs: switchFlag("Let the keys of the question answer too"),
  },
  aliases: { k: "count" },
  load: () => import("./analogy.run.ts"),
});
