/** The work of `loci compact`. */
import type { Cli, CommonFlags } from "../command.ts";
import { openCollection } from "../collections.ts";
import { byteCount } from "../numbers.ts";
import { openSession } from "../session.ts";

export default async function compact(cli: Cli, flags: CommonFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  await using collection = await openCollection(path, session, { write: true, encoder: false });
  const { before, after } = await collection.compact(session);
  session.answer({ before, after }, () => [`${path}: ${byteCount(before)} before, ${byteCount(after)} now`]);
}
