/** `loci verify`: looks at everything in a collection. */
import { type CommonFlags, defineCommand } from "../command.ts";
import { collectionArgument } from "../collection-flags.ts";

export const verify = defineCommand<CommonFlags, [string]>({
  brief: "Check a collection's file from end to end",
  usage: "FILE",
  details: [
    "Reads every page, and compares documents, chunks, vectors, words and index. Exit code 1 where something differs.",
  ],
  examples: [{ command: "loci verify docs.db", says: "what differs, a line each, or that all is well" }],
  positional: { kind: "tuple", parameters: [collectionArgument] },
  flags: {},
  load: () => import("./verify.run.ts"),
});
