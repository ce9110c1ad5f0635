/**
 * The vector index of a collection: derived, kept beside the store, and never in the way.
 *
 * Nothing here needs to be saved for the collection to be whole, so everything is allowed to be late: the index is opened
 * with the first vector search, from the snapshot that was saved last, and caught up by what was written since; it is built from the
 * store's vectors where there is no snapshot, where it is damaged, or where the store no longer remembers what came after it.
 * Each search names the version it must see, so readers in other processes see a commit with the next question.
 */
import { LociError, Matrix, type Step, checkOneOf, drain, phaseClock } from "../core/index.ts";
import { FlatIndex, HnswIndex, type HnswIndexOptions, type VectorIndex } from "../index/index.ts";
import type { Committed, Space, Store } from "./store.ts";
import { Turns } from "./turns.ts";

/** Which index, and how it is built. */
export interface IndexPlan extends Pick<HnswIndexOptions, "M" | "efConstruction" | "workers" | "graphFrom"> {
  /** "flat" looks at everything; "hnsw" is a graph; "auto", the default, is flat up to some ten thousand chunks. */
  readonly kind?: "auto" | "flat" | "hnsw";
}

/** From so many chunks on "auto" means a graph: a scan of 20,000 × 384 numbers takes some milliseconds. */
const GRAPH_FROM = 20_000;
/** Rows handed over in one call: the first call trains a graph's codes, and many rows make good ones. */
const FLOATS_A_CALL = 1 << 24;
const ROWS_A_READ = 4096;
/** A snapshot is saved anew once so great a share of the index has changed since. */
const CHANGED_SHARE = 0.02;
/** With more newcomers for each row than this, building anew is as quick and makes a better graph. */
const MOST_NEWCOMERS = 3;

/** Pieces of vectors with their chunk numbers, as stores give them. */
export type VectorPieces = AsyncIterable<{ readonly chunks: readonly number[]; readonly vectors: Matrix }>;

/** An index with which of the two it is. */
export interface BuiltIndex {
  readonly index: VectorIndex;
  readonly kind: "flat" | "hnsw";
}

interface Held extends BuiltIndex {
  version: number;
  /** Rows that came or went since the snapshot; as many as there are where there is none. */
  changed: number;
}

export class CollectionIndex {
  readonly #store: Store;
  readonly #plan: IndexPlan;
  readonly #turns = new Turns();
  readonly #space: Space;
  #held: Held | undefined;

  /** An index that is still to be opened, or one at hand that holds what the store held at a version. */
  constructor(store: Store, space: Space, plan: IndexPlan, built?: BuiltIndex & { readonly version: number }) {
    checkOneOf("index.kind", plan.kind ?? "auto", ["auto", "flat", "hnsw"]);
    this.#store = store;
    this.#space = space;
    this.#plan = plan;
    if (built) this.#held = { ...built, changed: 0 };
  }

  /** The space whose vectors are in it. */
  get space(): Space {
    return this.#space;
  }

  /** "flat" or "hnsw"; undefined while nobody has asked it anything. */
  get kind(): "flat" | "hnsw" | undefined {
    return this.#held?.kind;
  }

  /** Which version of the store it holds; −1 while it holds nothing. */
  get version(): number {
    return this.#held?.version ?? -1;
  }

  /** The index as of `version` of the store or later, and as of which. Opens, catches up or builds as needed. */
  async at(version: number): Promise<{ readonly index: VectorIndex; readonly version: number }> {
    const held = this.#held;
    if (held && held.version >= version) return { index: held.index, version: held.version };
    return this.#turns.take(async () => {
      const { index, version: reached } = await drain(this.#atSteps(version));
      return { index, version: reached };
    });
  }

  /** Opens or builds the index, catches it up and saves it where that is worth it, in steps. */
  async *prepareSteps(): AsyncGenerator<Step, void, void> {
    const gate = openTurn(this.#turns);
    try {
      await gate.entered;
      yield* this.#atSteps(await this.#store.version());
      await this.#save(1);
    } finally {
      gate.leave();
    }
  }

  /**
   * Takes a write of this process over, without reading it back; leaves it to the next search where it cannot. The write is
   * committed whatever happens here, so a failure costs the index, not the write: the next search builds it anew, and says
   * why if it cannot.
   */
  async apply({ version, added, removed }: Committed, vectors: readonly Matrix[]): Promise<void> {
    await this.#turns.take(async () => {
      const held = this.#held;
      if (!held || held.version !== version - 1) return;
      try {
        await held.index.remove(removed);
        let at = 0;
        for (const matrix of vectors) {
          await held.index.add(added.slice(at, at + matrix.rows), matrix);
          at += matrix.rows;
        }
        held.version = version;
        held.changed += added.length + removed.length;
      } catch {
        await this.#drop();
      }
    });
  }

  /** Saves what is worth saving and ends the index's threads. */
  async close(): Promise<void> {
    await this.#turns.take(async () => {
      if (!this.#held) return;
      try {
        await this.#save(CHANGED_SHARE);
      } finally {
        await this.#drop();
      }
    });
  }

  /**
   * Takes what was removed out of the saved index too, where one was saved: its codes would still tell of it. Holds the
   * index as of now afterwards.
   */
  async compact(): Promise<void> {
    const name = snapshotName(this.#space);
    if (this.#store.readOnly || !(await this.#store.snapshot(name))) return;
    await this.at(await this.#store.version());
    await this.#turns.take(async () => {
      const held = this.#held;
      if (held?.index instanceof HnswIndex) await held.index.compact();
      // An index that became small since is not saved any more.
      else await this.#store.removeSnapshot(name);
      if (held) held.changed = held.index.count;
      await this.#save(1);
    });
  }

  /** How the index, as of now, differs from the vectors of the store, in sentences. */
  async verify(): Promise<string[]> {
    for (;;) {
      const version = await this.#store.version();
      const found = await this.#differences(version);
      // Who writes meanwhile changes what is compared: then only a second look tells.
      if (found.length === 0 || (await this.#store.version()) === version) return found;
    }
  }

  async #differences(version: number): Promise<string[]> {
    const { index } = await this.at(version);
    const found: string[] = [];
    let there = 0;
    let strangers = 0;
    for await (const { chunks, vectors } of this.#store.vectors()) {
      for (const [r, chunk] of chunks.entries()) {
        there++;
        const vector = index.get(chunk);
        if (!vector || !vector.every((value, i) => value === vectors.row(r)[i])) strangers++;
      }
    }
    if (strangers > 0)
      found.push(`The vector index lacks ${strangers} of ${there} vectors, or holds others in their place.`);
    if (index.count !== there) found.push(`The vector index holds ${index.count} vectors, the store ${there}.`);
    return found;
  }

  /** Lets go of it without saving: the store has moved to another space. */
  discard(): Promise<void> {
    return this.#turns.take(() => this.#drop());
  }

  async *#atSteps(version: number): AsyncGenerator<Step, Held, void> {
    this.#held ??= await this.#opened();
    const held = this.#held;
    if (held && held.version >= version && !this.#outgrown(held)) return held;
    const changes = held && !this.#outgrown(held) ? await this.#store.changes(held.version) : undefined;
    if (held && changes && changes.added.length <= MOST_NEWCOMERS * held.index.count) {
      yield* this.#catchUpSteps(held, changes);
      return held;
    }
    await this.#drop();
    const from = await this.#store.version(); // before reading: what is written meanwhile is caught up below
    const count = (await this.#store.info()).chunks;
    const built = yield* buildIndexSteps(this.#store.vectors(), { space: this.#space, plan: this.#plan, count });
    const anew: Held = { ...built, version: from, changed: built.index.count };
    this.#held = anew;
    const since = await this.#store.changes(from);
    if (since) yield* this.#catchUpSteps(anew, since);
    return anew;
  }

  /** Whether an index that looks at everything should have become a graph. */
  #outgrown({ kind, index }: Held): boolean {
    return kind === "flat" && planned(this.#plan, index.count / 2) === "hnsw";
  }

  async *#catchUpSteps(held: Held, changes: Committed): AsyncGenerator<Step, void, void> {
    const { version, added, removed } = changes;
    let whole = false;
    try {
      await held.index.remove(removed);
      const step = phaseClock("catch up", added.length);
      for (let at = 0; at < added.length; at += ROWS_A_READ) {
        const chunks = added.slice(at, at + ROWS_A_READ);
        await addPresent(held.index, chunks, await this.#store.vectorsOf(chunks));
        yield step(at + chunks.length);
      }
      held.version = version;
      held.changed += added.length + removed.length;
      whole = true;
    } finally {
      if (!whole) await this.#drop(); // half caught up is neither here nor there
    }
  }

  async #drop(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.index.close();
  }

  /** The saved index, or undefined where there is none or it is not whole. */
  async #opened(): Promise<Held | undefined> {
    if (this.#plan.kind === "flat") return undefined;
    const snapshot = await this.#store.snapshot(snapshotName(this.#space));
    if (!snapshot) return undefined;
    try {
      const { workers } = this.#plan;
      const index = await HnswIndex.open(snapshot.source, { ...(workers !== undefined && { workers }) });
      const { dim, metric } = index;
      if (dim === this.#space.dim && metric === this.#space.metric)
        return { index, kind: "hnsw", version: snapshot.version, changed: 0 };
      await index.close();
      return undefined;
    } catch (error) {
      // A damaged index is no loss, nor is one that gave way to a newer one meanwhile: it is built anew from the vectors.
      if (error instanceof LociError && ["bad-file", "not-found"].includes(error.code)) return undefined;
      throw error;
    }
  }

  /** Saves the index where more than `share` of it, or anything at all with 1, has changed since it was saved. */
  async #save(share: number): Promise<void> {
    const held = this.#held;
    if (!held || held.kind !== "hnsw" || this.#store.readOnly) return;
    const least = share === 1 ? 1 : share * held.index.count;
    if (held.changed < least) return;
    await this.#store.saveSnapshot(snapshotName(this.#space), held.version, held.index.pieces());
    held.changed = 0;
  }
}

/** Under which name the index of a space is kept in the store. */
export const snapshotName = ({ fingerprint }: Space): string => `index-${fingerprint}`;

/** Which index is meant for so many chunks. */
export function planned({ kind = "auto" }: IndexPlan, count: number): "flat" | "hnsw" {
  return kind === "auto" ? (count >= GRAPH_FROM ? "hnsw" : "flat") : kind;
}

/** An index of all the vectors that come, chunk numbers as keys; rows of NaN are none. */
export async function* buildIndexSteps(
  pieces: VectorPieces,
  { space, plan, count }: { readonly space: Space; readonly plan: IndexPlan; readonly count: number },
): AsyncGenerator<Step, BuiltIndex, void> {
  const kind = planned(plan, count);
  const { dim, metric } = space;
  const index =
    kind === "flat" ? new FlatIndex({ dim, metric }) : new HnswIndex({ dim, metric, ...graphOptions(plan) });
  const step = phaseClock("build index", count);
  let whole = false;
  try {
    let gathered: { chunks: number[]; parts: Matrix[]; floats: number } = { chunks: [], parts: [], floats: 0 };
    let done = 0;
    const flush = async (): Promise<void> => {
      const { chunks, parts, floats } = gathered;
      gathered = { chunks: [], parts: [], floats: 0 };
      await addPresent(index, chunks, joined(parts, floats, dim));
      done += chunks.length;
    };
    yield step(0);
    for await (const { chunks, vectors } of pieces) {
      for (const chunk of chunks) gathered.chunks.push(chunk);
      gathered.parts.push(vectors);
      gathered.floats += vectors.data.length;
      if (gathered.floats < FLOATS_A_CALL) continue;
      await flush();
      yield step(done);
    }
    await flush();
    yield step(done);
    whole = true;
    return { index, kind };
  } finally {
    if (!whole) await index.close();
  }
}

/** Adds the rows that are numbers: a chunk that has gone meanwhile, or never had a vector, comes as a row of NaN. */
export async function addPresent(index: VectorIndex, chunks: readonly number[], vectors: Matrix): Promise<void> {
  const there = chunks.flatMap((_, r) => (Number.isNaN(vectors.row(r)[0]) ? [] : [r]));
  if (there.length === 0) return;
  if (there.length === chunks.length) return index.add(chunks, vectors);
  const rows = Matrix.zeros(there.length, vectors.dim);
  there.forEach((r, i) => rows.row(i).set(vectors.row(r)));
  await index.add(
    there.map((r) => chunks[r]!),
    rows,
  );
}

function joined(parts: readonly Matrix[], floats: number, dim: number): Matrix {
  if (parts.length === 1) return parts[0]!;
  const all = Matrix.zeros(floats / dim, dim);
  let at = 0;
  for (const { data } of parts) {
    all.data.set(data, at);
    at += data.length;
  }
  return all;
}

const graphOptions = ({ M, efConstruction, workers, graphFrom }: IndexPlan) => ({
  ...(M !== undefined && { M }),
  ...(efConstruction !== undefined && { efConstruction }),
  ...(workers !== undefined && { workers }),
  ...(graphFrom !== undefined && { graphFrom }),
});

/** A turn that a generator holds from its first step to its last. */
function openTurn(turns: Turns): { readonly entered: Promise<void>; leave(): void } {
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  let enter!: () => void;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  void turns.take(() => {
    enter();
    return left;
  });
  return { entered, leave };
}
