/** `loci inspect`: what a file of vectors is. */
import { type CommonFlags, defineCommand, modelArgument, textFlag, wholeFlag } from "../command.ts";

export interface InspectFlags extends CommonFlags {
  readonly keys?: number;
  readonly from?: string;
}

export const inspect = defineCommand<InspectFlags, [string]>({
  brief: "What a model or a file of vectors is",
  usage: "MODEL",
  details: [
    "Tells the format (by the bytes, not by the name), how many keys there are and how wide their vectors, the memory they " +
      "take, the lengths of the vectors, the first keys, the fingerprint of the space, and what training left on record.",
  ],
  examples: [
    { command: "loci inspect words", says: "a model folder" },
    { command: "loci inspect vectors.bin --json", says: "any file Loci reads, for programs" },
  ],
  positional: { kind: "tuple", parameters: [modelArgument] },
  flags: {
    keys: wholeFlag("How many of the first keys to show (default 10)"),
    from: textFlag("The format, where it cannot be seen from the bytes", "FORMAT"),
  },
  load: () => import("./inspect.run.ts"),
});
