/** The longer work of a store, step by step, as questions to a connection elsewhere. */
import { phaseClock, type Step } from "../../core/index.ts";
import { checkBatch } from "../check-batch.ts";
import type { Committed, Space, WriteBatch } from "../store.ts";
import type { Host } from "./host.ts";
import { partsOf, sent } from "./sending.ts";

const CHECKED_PAGE = 256;

/** Writes a batch: one transaction, in parts on the way. What fails or is given up in the middle is rolled back. */
export async function* writeSteps(
  writer: Host,
  batch: WriteBatch,
  space: Space | undefined,
): AsyncGenerator<Step, Committed, void> {
  const { put, remove } = checkBatch(batch, space);
  const step = phaseClock("write", put.length);
  let committed: Committed | undefined;
  try {
    await writer.ask("beginWrite", remove);
    let done = 0;
    for (const part of partsOf(put)) {
      await writer.ask("putDocuments", part.map(sent));
      done += part.length;
      yield step(done);
    }
    committed = await writer.ask("commitWrite", null);
  } finally {
    if (!committed) await writer.ask("rollbackWrite", null);
  }
  // The write is done whatever becomes of the tidying, which the next one goes on with.
  if (committed.removed.length > 0) await tidy(writer).catch(() => undefined);
  return committed;
}

/** Joins, merges and rewrites what there is, so that nothing of what is gone is left. */
export async function* compactSteps(writer: Host): AsyncGenerator<Step, { before: number; after: number }, void> {
  const step = phaseClock("compact", 4);
  const before = await writer.ask("bytes", null);
  await sweepAll(writer);
  yield step(0);
  for (const [i, name] of (["joinPacks", "mergeWords", "rewriteFile", "emptyLog"] as const).entries()) {
    await writer.ask(name, null);
    yield step(i + 1);
  }
  return { before, after: await writer.ask("bytes", null) };
}

/** Looks at everything: the file, the counts, the vectors, then each document. */
export async function* verifySteps(reader: Pick<Host, "ask">): AsyncGenerator<Step, string[], void> {
  const { documents } = await reader.ask("info", null);
  const step = phaseClock("verify", documents);
  const found = await reader.ask("checkFile", null);
  yield step(0);
  found.push(...(await reader.ask("checkCounts", null)));
  let done = 0;
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: { found: string[]; after: number | undefined } = await reader.ask("checkDocuments", {
      after,
      limit: CHECKED_PAGE,
    });
    found.push(...page.found);
    after = page.after;
    done = Math.min(documents, done + CHECKED_PAGE);
    yield step(done);
  }
  return found;
}

/** Deletes all that nothing refers to. */
export async function sweepAll(writer: Host): Promise<void> {
  while (await writer.ask("sweep", null));
  await tidy(writer);
}

/** Keeps what is dead in bounds: marks in the keyword index, free pages in the file. */
async function tidy(writer: Host): Promise<void> {
  while (await writer.ask("unburyWords", null));
  while (await writer.ask("shrink", null));
}
