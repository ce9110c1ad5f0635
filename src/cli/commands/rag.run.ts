/** The work of `loci rag`. */
import { openCollection } from "../collections.ts";
import type { Cli } from "../command.ts";
import { lineSpan } from "../passages.ts";
import { openSession } from "../session.ts";
import { filterOf } from "../where.ts";
import { contextFor } from "../../store/index.ts";
import type { RagFlags } from "./rag.ts";

export default async function rag(cli: Cli, flags: RagFlags, path: string, question: string): Promise<void> {
  const session = openSession(cli, flags);
  await using collection = await openCollection(path, session, { model: flags.model });
  const filter = filterOf(flags.where);
  const found = await contextFor(collection, question, {
    ...(flags.budget !== undefined && { budget: flags.budget }),
    ...(flags.count !== undefined && { k: flags.count }),
    ...(flags.mode && { mode: flags.mode }),
    ...(filter && { filter }),
    signal: session.signal,
  });
  session.answer(found, () =>
    found.citations.length === 0
      ? ["Nothing found."]
      : [
          found.context,
          "",
          ...found.citations.map(({ n, path: file, id, lines }) => `[${n}] ${file ?? id}${lineSpan(lines)}`),
        ],
  );
}
