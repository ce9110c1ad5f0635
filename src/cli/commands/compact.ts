/** `loci compact`: gives back what a collection no longer needs. */
import { type CommonFlags, defineCommand } from "../command.ts";
import { collectionArgument } from "../collection-flags.ts";

export const compact = defineCommand<CommonFlags, [string]>({
  brief: "Make a collection's file as small as it can be, with nothing left of what was removed",
  usage: "FILE",
  details: [
    "What is removed from a collection is gone from every answer at once; its bytes may stay in the file until they are needed. " +
      "After this no byte of it is left; only a model that was learnt from the files keeps its words, until `loci migrate` puts " +
      "another in its place.",
  ],
  examples: [{ command: "loci compact docs.db", says: "sizes before and after" }],
  positional: { kind: "tuple", parameters: [collectionArgument] },
  flags: {},
  load: () => import("./compact.run.ts"),
});
