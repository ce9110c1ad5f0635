/** `loci migrate`: another model for a collection. */
import { collectionArgument } from "../collection-flags.ts";
import { type CommonFlags, defineCommand, switchFlag, text, textFlag } from "../command.ts";

export interface MigrateFlags extends CommonFlags {
  readonly model: string;
  readonly judged?: string;
  readonly dryRun: boolean;
}

export const migrate = defineCommand<MigrateFlags, [string]>({
  brief: "Move a collection to another model, compared before the switch",
  usage: "FILE --model MODEL",
  details: [
    "Embeds every passage with the new model while the old vectors go on answering; interrupted, it goes on where it was. Before the " +
      "switch it says how alike the neighbours are, and with judged questions how good both are.",
  ],
  examples: [
    { command: "loci migrate docs.db --model words2", says: "neighbour overlap, then the switch" },
    {
      command: "loci migrate docs.db --model words2 --judged questions.tsv --dry-run",
      says: "only compare: nothing is changed",
    },
  ],
  positional: { kind: "tuple", parameters: [collectionArgument] },
  flags: {
    model: {
      kind: "parsed",
      parse: text,
      brief: "The new model: a folder, or a file of vectors",
      placeholder: "MODEL",
    },
    judged: textFlag("Questions with known answers: lines “question TAB document”", "FILE"),
    dryRun: switchFlag("Compare, and leave everything as it is"),
  },
  load: () => import("./migrate.run.ts"),
});
