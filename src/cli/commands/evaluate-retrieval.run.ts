/** The work of `loci evaluate retrieval`. */
import { columns } from "../columns.ts";
import { openCollection, openEncoder } from "../collections.ts";
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { learnEncoder } from "../learnt-encoder.ts";
import { fixed, grouped } from "../numbers.ts";
import { readText } from "../question-files.ts";
import { openSession, type Session } from "../session.ts";
import { platform } from "../../core/index.ts";
import {
  type JudgedQuery,
  type RetrievalResult,
  evaluateRetrieval,
  openRetrievalSet,
  parseRetrievalPairs,
} from "../../evaluate/index.ts";
import { Collection, MemoryStore, type SearchMode } from "../../store/index.ts";
import type { EvaluateRetrievalFlags } from "./evaluate-retrieval.ts";

const SHOWN = ["ndcg@10", "recall@100", "mrr"] as const;

export default async function evaluateRetrievalCommand(
  cli: Cli,
  flags: EvaluateRetrievalFlags,
  path: string,
): Promise<void> {
  const session = openSession(cli, flags);
  const folder = (await platform.files!.stat(path))?.folder ?? false;
  if (!folder && flags.collection === undefined)
    throw new UsageError(`${path} is a file of pairs: say with --collection whose documents they are about.`);
  const set = folder ? await openRetrievalSet(path) : undefined;
  const queries = (set?.queries ?? parseRetrievalPairs(await readText(path))).slice(0, flags.limit);
  await using collection =
    flags.collection === undefined
      ? await collectionOf(set!.documents(), flags, session)
      : await openCollection(flags.collection, session, { model: flags.model });
  const modes: SearchMode[] = collection.encoder ? ["keyword", "vector", "hybrid"] : ["keyword"];
  const results = new Map<SearchMode, RetrievalResult>();
  for (const mode of modes) results.set(mode, await resultOf(collection, mode, queries, flags, session));
  const answer = Object.fromEntries(
    [...results].map(([mode, { figures, intervals }]) => [mode, { ...figures, ...(intervals && { intervals }) }]),
  );
  const { count } = results.get("keyword")!;
  const documents = await collection.count();
  session.answer({ modes: answer, queries: count, documents, model: collection.encoder?.name ?? null }, () => [
    ...columns(
      [["", ...SHOWN], ...[...results].map(([mode, result]) => [mode, ...cells(result)])],
      ["left", "right", "right", "right"],
    ),
    "",
    `${grouped(count)} questions about ${grouped(documents)} documents; vectors: ${collection.encoder?.name ?? "none, there was too little text to learn from"}`,
  ]);
}

function cells({ figures, intervals }: RetrievalResult): string[] {
  return SHOWN.map((measure) => {
    const interval = intervals?.[measure];
    return fixed(figures[measure]!, 4) + (interval ? ` (${fixed(interval.low, 3)} to ${fixed(interval.high, 3)})` : "");
  });
}

/** The documents of a test collection in memory, with vectors of the model or of their own words. */
async function collectionOf(
  documents: AsyncIterable<{ readonly id: string; readonly title: string; readonly text: string }>,
  { model }: EvaluateRetrievalFlags,
  session: Session,
): Promise<Collection> {
  const all: { id: string; text: string }[] = [];
  for await (const { id, title, text } of documents) all.push({ id, text: title === "" ? text : `${title}\n${text}` });
  const encoder =
    model === undefined
      ? await learnEncoder(
          all.map(({ text }) => text),
          { signal: session.signal, onStep: session.onStep },
        )
      : await openEncoder(model, session);
  const collection = await Collection.open({ store: new MemoryStore(), ...(encoder && { encoder }) });
  await collection.add(all, session);
  return collection;
}

function resultOf(
  collection: Collection,
  mode: SearchMode,
  queries: readonly JudgedQuery[],
  { intervals }: EvaluateRetrievalFlags,
  { signal, onStep }: Session,
): Promise<RetrievalResult> {
  return evaluateRetrieval({
    queries,
    // A document is as good as its best chunk.
    search: async ({ text }, k) => {
      const { hits } = await collection.search(text, { k, mode, perDocument: 1, signal });
      return hits.map(({ id }) => id);
    },
    interval: intervals,
    signal,
    onStep,
  });
}
