/** The work of `loci migrate`. */
import { openCollection, openEncoder } from "../collections.ts";
import { columns } from "../columns.ts";
import type { Cli } from "../command.ts";
import { counted, fixed, percent } from "../numbers.ts";
import { readText } from "../question-files.ts";
import { openSession } from "../session.ts";
import { parseRetrievalPairs } from "../../evaluate/index.ts";
import type { Migrated } from "../../store/index.ts";
import type { MigrateFlags } from "./migrate.ts";

export default async function migrate(cli: Cli, flags: MigrateFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  await using collection = await openCollection(path, session, { write: true });
  const encoder = await openEncoder(flags.model, session);
  const result = await collection.migrate(encoder, {
    keepEncoder: true,
    ...(flags.judged !== undefined && { judged: parseRetrievalPairs(await readText(flags.judged)) }),
    accept: () => !flags.dryRun,
    signal: session.signal,
    onStep: session.onStep,
  });
  session.answer(result, () => lines(result, path));
}

function lines({ switched, comparison }: Migrated, path: string): string[] {
  const { from, to, chunks, neighborOverlap, samples, judged } = comparison;
  return [
    `From     ${from ? `"${from.name}", ${from.dim} numbers` : "no vectors"}`,
    `To       "${to.name}", ${to.dim} numbers, ${counted(chunks, "passage")}`,
    ...(neighborOverlap === undefined
      ? []
      : [
          `Alike    ${percent(neighborOverlap)} of the 10 nearest are the same, over ${counted(samples, "sampled passage")}`,
        ]),
    ...(judged
      ? [
          "",
          ...columns([
            [`${judged.questions} questions`, "nDCG@10 before", "after"],
            ...(["vector", "hybrid"] as const).map((mode) => [
              mode,
              judged.from ? fixed(judged.from[mode]["ndcg@10"], 4) : "–",
              fixed(judged.to[mode]["ndcg@10"], 4),
            ]),
          ]),
          "",
        ]
      : []),
    switched ? `${path} answers in the new space now.` : `${path} was left as it is.`,
  ];
}
