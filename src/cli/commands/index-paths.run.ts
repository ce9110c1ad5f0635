/** The work of `loci index`. */
import { basename } from "node:path";
import { openEncoder } from "../collections.ts";
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { learnEncoder } from "../learnt-encoder.ts";
import { byteCount, counted, duration, grouped } from "../numbers.ts";
import { openSession, type Session } from "../session.ts";
import { LociError, platform } from "../../core/index.ts";
import { Collection, type IndexedPaths, indexPaths, watchPaths } from "../../store/index.ts";
import type { IndexFlags } from "./index-paths.ts";

/** Learning reads at most so many characters: more text makes better vectors, but not so much better. */
const LEARN_FROM = 200_000_000;

export default async function index(cli: Cli, flags: IndexFlags, ...paths: string[]): Promise<void> {
  const session = openSession(cli, flags);
  const { signal, onStep } = session;
  const started = platform.now();
  if (flags.size === 0) throw new UsageError("--size takes a whole number of at least 1, not 0.");
  if (!(await platform.files!.stat(flags.out))) await checkPaths(paths);
  const encoder = flags.model === undefined ? undefined : await openEncoder(flags.model, session);
  await using collection = await Collection.open(
    flags.out,
    encoder ? { encoder, keepEncoder: true } : { keptEncoder: true },
  );
  const own = basename(flags.out);
  const options = {
    chunk: { ...(flags.size && { size: flags.size }), ...(flags.overlap && { overlap: flags.overlap }) },
    // The collection itself, and what SQLite and the lock keep beside it.
    exclude: [own, `${own}-*`, ...(flags.exclude ?? [])],
    hidden: flags.hidden,
    full: flags.full,
    signal,
    onStep,
  };
  const result = await indexPaths(collection, paths, options);
  if (!collection.encoder && !flags.keywordOnly) await learn(collection, flags.seed, session);
  await collection.prepare({ signal, onStep });
  const { documents, chunks, bytes } = await collection.info();
  const seconds = platform.now() - started;
  const answer = { ...result, documents, chunks, bytes, seconds, model: collection.encoder?.name ?? null };
  session.answer(answer, () => lines(result, answer, flags.out));
  for (const { path, reason } of result.skipped.slice(0, MOST_SKIPPED)) session.note(`Left out ${path}: ${reason}`);
  if (result.skipped.length > MOST_SKIPPED)
    session.note(`… and ${counted(result.skipped.length - MOST_SKIPPED, "more file")}.`);
  session.hint(`Next: loci search ${flags.out} "your question"`);
  if (!flags.watch) return;
  session.hint("Watching; Ctrl-C ends it.");
  for await (const change of watchPaths(collection, paths, options)) session.note(changeLine(change));
}

/** Looks for the paths before a collection is made, so that a slip of the fingers leaves no file. */
async function checkPaths(paths: readonly string[]): Promise<void> {
  const { files } = platform;
  for (const path of paths) {
    if ((await files!.stat(path)) || (await files!.glob(path)).length > 0) continue;
    throw new LociError("not-found", `There is no file, folder or match at "${path}".`);
  }
}

const MOST_SKIPPED = 10;

/** Words of the collection's own, learnt from what is stored: no file is read a second time. */
async function learn(
  collection: Collection,
  seed: number | undefined,
  { signal, onStep, note }: Session,
): Promise<void> {
  const texts: string[] = [];
  let characters = 0;
  const ids: string[] = [];
  for await (const { id } of collection.list()) ids.push(id);
  for (let i = 0; i < ids.length && characters < LEARN_FROM; i += 256) {
    signal.throwIfAborted();
    for (const document of await collection.store.documents(ids.slice(i, i + 256))) {
      if (!document) continue;
      texts.push(document.text);
      characters += document.text.length;
    }
  }
  const encoder = await learnEncoder(texts, { seed, signal, onStep });
  if (encoder) await collection.migrate(encoder, { keepEncoder: true, samples: 0, signal, onStep });
  else note("There is too little text to learn from: searches go by words alone. Give --model for vectors.");
}

function lines(result: IndexedPaths, { seconds, documents, chunks, bytes, model }: Answer, out: string): string[] {
  const read = result.files - result.unchanged;
  return [
    `Read     ${counted(read, "file")}, ${byteCount(result.bytes)}, in ${duration(seconds)}` +
      (result.unchanged > 0 ? `; ${grouped(result.unchanged)} unchanged` : "") +
      (result.removed > 0 ? `; ${counted(result.removed, "document")} gone` : ""),
    `Holds    ${counted(documents, "document")} in ${counted(chunks, "passage")}` +
      (bytes === undefined ? "" : `: ${out}, ${byteCount(bytes)}`),
    `Vectors  ${model ?? "none: searches go by words alone"}`,
  ];
}

interface Answer {
  readonly seconds: number;
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number | undefined;
  readonly model: string | null;
}

function changeLine({ documents, removed, seconds }: IndexedPaths): string {
  return `Indexed ${counted(documents, "document")}${removed > 0 ? `, removed ${grouped(removed)}` : ""} in ${duration(seconds)}`;
}
