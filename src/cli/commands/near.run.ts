/** The work of `loci near`. */
import { scoreLines } from "../answers.ts";
import type { Cli } from "../command.ts";
import { openModel } from "../model.ts";
import { openSession } from "../session.ts";
import type { NearFlags } from "./near.ts";

export default async function near(cli: Cli, flags: NearFlags, path: string, key: string): Promise<void> {
  const session = openSession(cli, flags);
  const embedding = await openModel(path, session);
  if (!embedding.origin(key)) embedding.vocabulary.requireId(key); // zeros have no neighbours: say that it is unknown
  const found = embedding.neighbors(key, {
    k: flags.count ?? 10,
    metric: flags.metric,
    exclude: flags.exclude?.split(",") ?? [],
    ...(flags.limit && { limit: flags.limit }),
  });
  const origin = embedding.origin(key);
  if (flags.origin || origin === "subwords") {
    session.note(`The vector of "${key}" is ${origin === "row" ? "a row of the model" : "made of its subwords"}.`);
  }
  session.answer(found, () => scoreLines(found));
}
