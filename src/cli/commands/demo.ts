/** `loci demo`: the main job, on text that is here already. */
import { type CommonFlags, defineCommand, textFlag, wholeFlag } from "../command.ts";

export interface DemoFlags extends CommonFlags {
  readonly out?: string;
  readonly seed?: number;
  readonly workers?: number;
}

export const demo = defineCommand<DemoFlags, []>({
  brief: "Watch it learn, in under a minute, from text already here",
  usage: "[--out DIR]",
  details: [
    "Reads the Markdown and the documentation comments of the npm packages installed here, learns word vectors from them, " +
      "shows the loss falling and what the words have become, then makes those guides searchable and asks them three " +
      "questions. Nothing is downloaded, and nothing is saved unless --out says where.",
  ],
  examples: [
    { command: "loci demo", says: "learn, and look" },
    { command: "loci demo --out demo-words", says: "keep the model; then: loci near demo-words error" },
  ],
  positional: { kind: "tuple", parameters: [] },
  flags: {
    out: textFlag("Save the model to this folder", "DIR"),
    seed: wholeFlag("Same seed, same bytes (default 1)"),
    workers: wholeFlag("Threads (default: the machine's cores, 8 at most)"),
  },
  load: () => import("./demo.run.ts"),
});
