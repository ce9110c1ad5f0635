/** `loci rag`: the passages a language model should read to answer a question. */
import { collectionArgument, modelFlag, whereFlag } from "../collection-flags.ts";
import { type CommonFlags, defineCommand, text, wholeFlag } from "../command.ts";

export interface RagFlags extends CommonFlags {
  readonly budget?: number;
  readonly count?: number;
  readonly mode?: "hybrid" | "vector" | "keyword";
  readonly where?: readonly string[];
  readonly model?: string;
}

export const rag = defineCommand<RagFlags, [string, string]>({
  brief: "The context a language model needs for a question, within a budget, with citations",
  usage: "FILE QUESTION [--budget 2000]",
  details: [
    "Finds the passages that answer the question, joins neighbours, numbers them, and stops before the budget is spent. No language " +
      "model is asked: pipe the output into one.",
  ],
  examples: [
    {
      command: 'loci rag docs.db "how is a leap year defined?" --budget 1000',
      says: "context, then where each part stands",
    },
    { command: 'loci rag docs.db "…" --json | jq -r .context', says: "{ context, citations }, for programs" },
  ],
  positional: {
    kind: "tuple",
    parameters: [collectionArgument, { brief: "The question", placeholder: "QUESTION", parse: text }],
  },
  flags: {
    budget: wholeFlag("Tokens that the context may take (default 2000)"),
    count: wholeFlag("How many passages are looked at (default 20)"),
    mode: {
      kind: "enum",
      values: ["hybrid", "vector", "keyword"],
      brief: "What decides: words, meaning, or both (default: both where there are vectors)",
      optional: true,
    },
    where: whereFlag,
    model: modelFlag,
  },
  aliases: { k: "count" },
  load: () => import("./rag.run.ts"),
});
