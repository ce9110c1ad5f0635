/** `loci trace`: every stage from text to vectors. */
import { type CommonFlags, defineCommand, text, textFlag, wholeFlag } from "../command.ts";
import { tokenizerFlags, type TokenizerFlags } from "../tokenizer-flags.ts";

export interface TraceFlags extends CommonFlags, TokenizerFlags {
  readonly model?: string;
  readonly dim?: number;
  readonly seed?: number;
}

export const trace = defineCommand<TraceFlags, [string]>({
  brief: "Every stage from text to vectors, with shapes",
  usage: "TEXT [--model MODEL]",
  details: [
    "Follows a text through the pipeline: characters, normal form, tokens with the ranges they came from, ids, one-hot " +
      "rows, the lookup in the table, vectors. Without a model it makes a tiny table of its own from the text's words, by " +
      "a seed, so that every number can be looked at.",
  ],
  examples: [
    { command: 'loci trace "I love Transformers"', says: "all stages, with a table of the text's own three words" },
    { command: 'loci trace "I love Transformers" --model words', says: "with the rows of a trained model" },
  ],
  positional: { kind: "tuple", parameters: [{ brief: "The text to follow", placeholder: "TEXT", parse: text }] },
  flags: {
    model: textFlag("The model whose rows are looked up", "MODEL"),
    dim: wholeFlag("Width of the tiny table without a model (default 4)"),
    seed: wholeFlag("Seed of its numbers (default 1)"),
    ...tokenizerFlags,
  },
  load: () => import("./trace.run.ts"),
});
