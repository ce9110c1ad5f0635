/**
 * Questions about the documentation that was found, answered by a collection in memory.
 *
 * The words just learnt become an encoder, the guides' passages vectors; hybrid search does the rest. Questions are about what
 * any set of packages explains, so that they can be asked on any machine.
 */
import type { LongOptions } from "../../core/index.ts";
import { chunkMarkdown } from "../../documents/index.ts";
import { StaticEncoder } from "../../embed/index.ts";
import { Collection, MemoryStore, placesOf } from "../../store/index.ts";
import type { Embedding } from "../../table/index.ts";
import type { Guide } from "./found-text.ts";

/** What is asked. Guides put the answers in words of their own. */
const QUESTIONS = [
  "which browsers does it run in?",
  "under which licence may I use it?",
  "where do I report a bug or a security hole?",
] as const;

/** A question with the passage that answers it best. */
export interface Answered {
  readonly question: string;
  /** Of the guide; undefined where nothing was found. */
  readonly path: string | undefined;
  readonly lines: { readonly first: number; readonly last: number } | undefined;
  readonly score: number;
  readonly text: string;
}

/** What was searched, and what it answered. */
export interface Asked {
  readonly guides: number;
  readonly passages: number;
  readonly answers: readonly Answered[];
}

/** Makes the guides searchable and asks the questions. */
export async function askGuides(
  guides: readonly Guide[],
  words: Embedding,
  { signal, onStep }: LongOptions,
): Promise<Asked> {
  const long = { ...(signal && { signal }), ...(onStep && { onStep }) };
  const encoder = await StaticEncoder.from(words, { sample: guides.map(({ text }) => text), ...long });
  await using collection = await Collection.open({
    store: new MemoryStore(),
    encoder,
    chunk: (text) => chunkMarkdown(text),
  });
  await collection.add(
    guides.map(({ path, text }) => ({ id: path, text, meta: { path, kind: "markdown" } })),
    long,
  );
  const answers: Answered[] = [];
  for (const question of QUESTIONS) {
    const { hits } = await collection.search(question, { k: 1, ...(signal && { signal }) });
    const [place] = await placesOf(collection, hits);
    const { score = 0, text = "" } = hits[0] ?? {};
    answers.push({ question, path: place?.path, lines: place?.lines, score, text });
  }
  const { chunks } = await collection.info();
  return { guides: guides.length, passages: chunks, answers };
}
