/** `loci compress`: what smaller vectors would cost. */
import { type CommonFlags, defineCommand, numberFlag, text, textFlag, wholeFlag } from "../command.ts";

export interface CompressFlags extends CommonFlags {
  readonly queries?: string;
  readonly count?: number;
  readonly recall?: number;
  readonly model?: string;
}

export const compress = defineCommand<CompressFlags, [string]>({
  brief: "Bytes, recall and speed of every way to keep vectors, on your own; and which to take",
  usage: "FILE|MODEL [--queries FILE]",
  details: [
    "Measures float16, int8, int7 on principal axes, 4 bits, 1 bit, product quantisation and fewer dimensions, each with its best " +
      "candidates scored again in float32: the table says what is found, in how many bytes. Nothing is changed.",
  ],
  examples: [
    { command: "loci compress docs.db --queries questions.txt", says: "by the questions you ask, one a line" },
    { command: "loci compress words.vec --recall 0.95 --json", says: "{ rows, recommended, depth, because }" },
  ],
  positional: {
    kind: "tuple",
    parameters: [{ brief: "A collection, a model folder, or a file of vectors", placeholder: "FILE", parse: text }],
  },
  flags: {
    queries: textFlag("A file of questions, one a line (default: some of the vectors themselves)", "FILE"),
    count: wholeFlag("How many neighbours a search wants (default 10)"),
    recall: numberFlag("The recall that the recommendation must keep (default 0.99)"),
    model: textFlag("The model for the questions, where the collection does not keep it", "MODEL"),
  },
  aliases: { k: "count" },
  load: () => import("./compress.run.ts"),
});
