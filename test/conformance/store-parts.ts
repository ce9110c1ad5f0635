/** What the cases of stores share: documents to write, and ways to look at everything. */
import { Matrix } from "../../src/core/index.ts";
import type { PutDocument, Space, Store } from "../../src/store/index.ts";
import { expectSame } from "./case.ts";

/** How to come by stores of one kind, and what this kind cannot do, each with the reason. */
export interface StoreVariant {
  /** A store of its own, empty. */
  open(): Promise<Store>;
  /** The same store again, after it was closed, or another reader of it while it is open; undefined where that cannot be. */
  readonly reopen?: (store: Store, options: { readOnly: boolean }) => Promise<Store>;
  /** Why nothing is kept once the store is closed. */
  readonly forgets?: string;
  /** Why there cannot be readers beside the writer. */
  readonly alone?: string;
  /** Why text with the character U+0000 is not kept. */
  readonly noNul?: string;
  /** Why scores of `keyword` are not those of BM25 to seven digits; their order is asked all the same. */
  readonly otherScores?: string;
  /** Random filters asked of the store in its property test. Default 100. */
  readonly filters?: number;
}

export const SPACE: Space = { name: "three", dim: 3, fingerprint: "f".repeat(32), metric: "cosine" };

/** A document of these sentences, a chunk each, with vectors [i, first letter, length] or none. */
export function documentOf(id: string, sentences: readonly string[], more: Partial<PutDocument> = {}): PutDocument {
  const text = sentences.join(" ");
  let at = 0;
  const chunks = sentences.map((sentence) => {
    const start = at;
    at += sentence.length + 1;
    return { start, end: start + sentence.length };
  });
  const rows = sentences.map((sentence, i) => [i, sentence.charCodeAt(0) || 0, sentence.length]);
  return {
    id,
    text,
    hash: `hash of ${id}`,
    meta: {},
    chunks,
    vectors: rows.length > 0 ? Matrix.of(rows) : undefined,
    ...more,
  };
}

/** A document found by words alone. */
export const wordsOnly = (id: string, ...sentences: string[]): PutDocument =>
  documentOf(id, sentences, { vectors: undefined });

/** Runs cases in a store of their own, which is closed afterwards: `inStore` with a space, `inWords` without. */
export function roomsOf(variant: StoreVariant): { inStore: InStore; inWords: InStore } {
  const within =
    (space: Space | undefined): InStore =>
    (run) =>
    async () => {
      const store = await variant.open();
      try {
        if (space) await store.setSpace(space);
        await run(store);
      } finally {
        await store.close();
      }
    };
  return { inStore: within(SPACE), inWords: within(undefined) };
}

export type InStore = (run: (store: Store) => Promise<void>) => () => Promise<void>;

/** A reason to skip, as a case holds it. */
export const skipped = (reason: string | undefined): { skip?: string } =>
  reason === undefined ? {} : { skip: reason };

/** All that a store shows, as plain data. */
export async function seen(store: Store): Promise<unknown> {
  const documents = [];
  for (const { id, hash, meta } of await gathered(store.list()))
    documents.push({
      id,
      hash,
      meta,
      text: (await store.documents([id]))[0]!.text,
      chunks: (await store.chunksOf(id)).map(sorted),
    });
  const vectors = (await gathered(store.vectors())).map(({ chunks, vectors }) => [chunks, [...vectors.data]]);
  const words = await store.keyword("common one two three x", { k: 50 });
  return { documents, vectors, words: words.map(({ chunk }) => chunk), version: await store.version() };
}

/** Throws unless both are the same metadata, dates being dates. */
export function expectSameMeta(actual: object, expected: object): void {
  // Dates say through JSON when they are, not that they are dates.
  const typed = (value: unknown): unknown =>
    value instanceof Date ? { date: value.getTime() } : Array.isArray(value) ? value.map(typed) : value;
  const shown = (meta: object): [string, unknown][] =>
    Object.entries(meta)
      .map(([field, value]): [string, unknown] => [field, typed(value)])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  expectSame(shown(actual), shown(expected), "metadata");
}

/** An object with its fields in order. */
export const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What comes, in a list; bytes copied. */
export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item instanceof Uint8Array ? (item.slice() as T) : item);
  return list;
}

/** Length and a checksum of pieces taken together. */
export function sum(pieces: readonly Uint8Array[]): [number, number] {
  let [length, hash] = [0, 7];
  for (const piece of pieces) {
    length += piece.length;
    for (const byte of piece) hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return [length, hash];
}
