/** The work of `loci convert`. */
import type { Cli } from "../command.ts";
import { formatOf, openModel, saveModel } from "../model.ts";
import { counted } from "../numbers.ts";
import { openSession } from "../session.ts";
import { checkTarget } from "../targets.ts";
import type { ConvertFlags } from "./convert.ts";

export default async function convert(cli: Cli, flags: ConvertFlags, from: string, to: string): Promise<void> {
  const session = openSession(cli, flags);
  await checkTarget(to, flags.to);
  const embedding = await openModel(from, session, { output: true, from: flags.from, limit: flags.limit });
  session.signal.throwIfAborted();
  const source = await formatOf(from, flags.from);
  const format = await saveModel(embedding, to, session, { to: flags.to, whitespace: flags.whitespace });
  const { size, dim } = embedding;
  session.answer({ from: source, to: format, keys: size, dim }, () => [
    `${counted(size, "key")} of dim ${dim}: ${source} → ${format}, in ${to}`,
  ]);
}
