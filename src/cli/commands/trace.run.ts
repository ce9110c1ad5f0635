/** The work of `loci trace`. */
import type { Cli } from "../command.ts";
import { openModel } from "../model.ts";
import { openSession } from "../session.ts";
import { tokenizerOptions } from "../tokenizer-flags.ts";
import { stageLines, stagesOf, tinyModel, tokenizerOf } from "../trace-stages.ts";
import type { TraceFlags } from "./trace.ts";

export default async function trace(cli: Cli, flags: TraceFlags, text: string): Promise<void> {
  const session = openSession(cli, flags);
  const model = flags.model === undefined ? undefined : await openModel(flags.model, session);
  const tokenizer = tokenizerOf(model, tokenizerOptions(flags));
  const embedding = model ?? tinyModel(text, tokenizer, { dim: flags.dim ?? 4, seed: flags.seed ?? 1 });
  const stages = stagesOf(text, tokenizer, embedding);
  session.answer({ text, stages }, () => stageLines(stages, session));
  if (model === undefined) {
    session.hint("These numbers are drawn, not learnt. Learn your own: loci train words TEXT… --out words");
  }
}
