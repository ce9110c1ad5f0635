/** The work of `loci verify`. */
import type { Cli, CommonFlags } from "../command.ts";
import { openCollection } from "../collections.ts";
import { counted } from "../numbers.ts";
import { openSession } from "../session.ts";
import { LociError } from "../../core/index.ts";

export default async function verify(cli: Cli, flags: CommonFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  await using collection = await openCollection(path, session, { encoder: false });
  const differences = await collection.verify(session);
  const { documents, chunks } = await collection.info();
  session.answer({ differences, documents, chunks }, () =>
    differences.length > 0
      ? differences
      : [`${path}: all is well with ${counted(documents, "document")} and ${counted(chunks, "chunk")}.`],
  );
  if (differences.length > 0) {
    throw new LociError(
      "bad-file",
      `${path}: ${counted(differences.length, "difference")}, listed above. Restore it from a copy, or index anew.`,
    );
  }
}
