/** The work of `loci analogy`. */
import { analogyTerms } from "../analogy-terms.ts";
import { scoreLines } from "../answers.ts";
import type { Cli } from "../command.ts";
import { openModel } from "../model.ts";
import { openSession } from "../session.ts";
import type { AnalogyFlags } from "./analogy.ts";

export default async function analogy(cli: Cli, flags: AnalogyFlags, path: string, ...words: string[]): Promise<void> {
  const session = openSession(cli, flags);
  const embedding = await openModel(path, session);
  const terms = analogyTerms(words, (key) => embedding.vocabulary.has(key));
  const found = embedding.analogy({
    ...terms,
    k: flags.count ?? 10,
    method: flags.method,
    includeInputs: flags.showInputs,
    ...(flags.limit && { limit: flags.limit }),
  });
  const inputs = new Set([...terms.positive, ...terms.negative]);
  const marked = found.map(({ key, score }) => ({ key: inputs.has(key) ? `${key}  (input)` : key, score }));
  session.answer(found, () => scoreLines(marked));
}
