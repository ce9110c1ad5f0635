/** Near-duplicates among the chunks of a collection, told by their documents. */
import { type Step, drain } from "../core/index.ts";
import type { VectorIndex } from "../index/index.ts";
import { buildIndexSteps } from "./collection-index.ts";
import type { Filter } from "./filter.ts";
import { type DuplicatePair, type NearDuplicates, duplicatesInSteps, groupsOf } from "./near-duplicates.ts";
import type { Space, Store } from "./store.ts";

export interface CollectionDuplicatesOptions {
  /** Pairs with at least this score of the collection's metric. Default 0.95. */
  readonly threshold?: number;
  /** Only among documents that pass. */
  readonly filter?: Filter;
  /** Whether two chunks of one document count: overlapping chunks always look alike. Default false. */
  readonly withinDocuments?: boolean;
}

/** A chunk by its number and its document. */
export interface ChunkName {
  readonly id: string;
  readonly chunk: number;
}

/** The pairs among all chunks that pass, in steps. `index` is the collection's, or undefined where its store keeps the vectors to itself. */
export async function* collectionDuplicatesSteps(
  store: Store,
  space: Space,
  index: VectorIndex | undefined,
  { threshold, filter = {}, withinDocuments = false }: CollectionDuplicatesOptions,
): AsyncGenerator<Step, NearDuplicates<ChunkName>, void> {
  const chunks = Array.from(await store.matching(filter));
  const wide = index ?? (await ofAll(store, space));
  try {
    const { pairs } = yield* duplicatesInSteps(wide, chunks, threshold === undefined ? {} : { threshold });
    const names = await namesOf(store, pairs);
    const known = pairs.filter(({ a, b }) => {
      const [x, y] = [names.get(a), names.get(b)];
      return x && y && (withinDocuments || x.id !== y.id);
    });
    return {
      pairs: known.map(({ a, b, score }) => ({ a: names.get(a)!, b: names.get(b)!, score })),
      groups: groupsOf(known).map((group) => group.map((chunk) => names.get(chunk)!)),
    };
  } finally {
    if (wide !== index) await wide.close();
  }
}

async function ofAll(store: Store, space: Space): Promise<VectorIndex> {
  const { chunks: count } = await store.info();
  return (await drain(buildIndexSteps(store.vectors(), { space, plan: { kind: "flat" }, count }))).index;
}

const CHUNKS_AT_ONCE = 1024;

async function namesOf(store: Store, pairs: readonly DuplicatePair<number>[]): Promise<ReadonlyMap<number, ChunkName>> {
  const numbers = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const names = new Map<number, ChunkName>();
  for (let at = 0; at < numbers.length; at += CHUNKS_AT_ONCE) {
    for (const one of await store.chunks(numbers.slice(at, at + CHUNKS_AT_ONCE))) {
      if (one) names.set(one.chunk, { id: one.document, chunk: one.chunk });
    }
  }
  return names;
}
