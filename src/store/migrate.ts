/**
 * From one encoder to another, without a gap and without beginning again.
 *
 * Every chunk gets a vector in the new space, some hundred at a time, each in a transaction: a process that is killed goes on where it
 * was. Meanwhile the collection answers, and is written to, in the old space. When no chunk lacks a vector the new index is
 * built and the two are compared; then one transaction puts the new vectors in the place of the old ones. Whoever only looks
 * at the comparison and says no has lost nothing but the time.
 */
import { LociError, Matrix, type Step, checkWhole, phaseClock } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import type { IndexMetric, VectorIndex } from "../index/index.ts";
import { type BuiltIndex, type IndexPlan, addPresent, buildIndexSteps, snapshotName } from "./collection-index.ts";
import { type Sources, searchOnce } from "./collection-search.ts";
import type { SearchMode } from "./collection-types.ts";
import { embedSteps } from "./collection-write.ts";
import { dropCalibration } from "./calibration.ts";
import { DEFAULT_WEIGHTS } from "./fusion.ts";
import { JUDGED_DEPTH, type Judgement, type JudgedQuestion, checkJudged, judge, meanJudgement } from "./judged.ts";
import { dropOtherEncoders, keepEncoder } from "./kept-encoder.ts";
import { sampleOf } from "./percentile.ts";
import { sameSpace } from "./space.ts";
import type { Space, Store } from "./store.ts";
import { type SideStore, type VectorSide, VectorSides } from "./vector-side.ts";
import { keepWeights } from "./weights.ts";

export interface MigrateOptions {
  /** Questions with known answers: both spaces are judged by them. */
  readonly judged?: readonly JudgedQuestion[];
  /** How many chunks' neighbourhoods are compared. Default 200. */
  readonly samples?: number;
  /**
   * Looks at the comparison and says whether to switch. With false the new vectors are dropped and all stays as it was.
   * Default: switch.
   */
  readonly accept?: (comparison: MigrationComparison) => boolean | Promise<boolean>;
}

/** What a collection's `migrate` takes besides. */
export interface CollectionMigrateOptions extends MigrateOptions {
  /** How the new vectors are compared. Default: as the old ones. */
  readonly metric?: IndexMetric;
  /** Keeps the new encoder in the collection. Default: where the old one was kept. */
  readonly keepEncoder?: boolean;
}

/** The two spaces side by side, before the switch. */
export interface MigrationComparison {
  readonly from: Space | undefined;
  readonly to: Space;
  readonly chunks: number;
  /** Of the 10 nearest neighbours of sampled chunks, the mean share that is the same in both; undefined without old vectors. */
  readonly neighborOverlap: number | undefined;
  /** How many chunks that was measured on. */
  readonly samples: number;
  /** By the judged questions; undefined where there are none, "from" also without an encoder of the old space. */
  readonly judged:
    | {
        readonly questions: number;
        readonly from: Readonly<Record<"vector" | "hybrid", Judgement>> | undefined;
        readonly to: Readonly<Record<"vector" | "hybrid", Judgement>>;
      }
    | undefined;
}

/** How a migration ended. */
export interface Migrated {
  /** Whether the collection is in the new space now. */
  readonly switched: boolean;
  readonly comparison: MigrationComparison;
  /** Of the store, after it. */
  readonly version: number;
}

/** What a migration needs of the collection. */
export interface Migrating {
  readonly store: Store;
  readonly plan: IndexPlan;
  /** The old space; undefined where there are no vectors yet. */
  readonly from: Space | undefined;
  /** Who answers in the old space. Asked for only where the two are compared: its index may have to be built. */
  readonly before: () => Promise<Sources>;
  /** Of the old space; undefined where the collection was opened without it. */
  readonly encoder: Encoder | undefined;
  /** Whether the new encoder is to be kept in the store. */
  readonly keepEncoder: boolean;
  /** Keeps other writes out while the work runs. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs the switch, and takes the new index over with the version that it returns; whoever asks meanwhile waits. */
  readonly through: (index: BuiltIndex | undefined, commit: () => Promise<number>) => Promise<number>;
}

const CHUNKS_AT_ONCE = 512;
const NEIGHBORS = 10;
const SAMPLE_SEED = 2;

export async function* migrateSteps(
  collection: Migrating,
  encoder: Encoder,
  to: Space,
  { judged, samples = 200, accept = () => true }: MigrateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, Migrated, void> {
  const { store, plan, from } = collection;
  checkWhole("samples", samples, 0);
  if (judged) checkJudged(judged);
  if (from && sameSpace(from, to))
    throw new LociError(
      "bad-argument",
      `The collection is in the space of "${to.name}" already: there is nothing to migrate.`,
    );
  await store.beginMigration(to);
  yield* fillSteps(store, encoder, signal);

  const version = await store.version(); // what is written from here on is caught up at the switch
  const count = (await store.info()).chunks;
  const built = yield* buildIndexSteps(store.migratedVectors(), { space: to, plan, count });
  let handedOver = false;
  try {
    const after = new VectorSides(inNewSpace(store), true).over(built.index, to, version);
    const comparison = yield* compareSteps(collection, encoder, after, { judged, samples }, signal);
    if (!(await accept(comparison))) {
      await store.abandonMigration();
      return { switched: false, comparison, version };
    }
    const switched = await collection.exclusively(async () => {
      await catchUp(store, encoder, built.index, version, signal);
      const next = (await store.version()) + 1;
      // Before the switch, so that whoever opens the collection right after it finds its index.
      if (built.kind === "hnsw" && !store.nearest)
        await store.saveSnapshot(snapshotName(to), next, built.index.pieces());
      if (collection.keepEncoder) await keepEncoder(store, encoder);
      const reached = await collection.through(store.nearest ? undefined : built, () => store.commitMigration());
      handedOver = !store.nearest;
      if (from) await store.removeSnapshot(snapshotName(from));
      await dropOtherEncoders(store, to);
      await dropCalibration(store);
      await keepWeights(store, to, undefined);
      return reached;
    });
    return { switched: true, comparison, version: switched };
  } finally {
    if (!handedOver) await built.index.close();
  }
}

/** Gives every chunk that lacks one a vector in the new space. */
async function* fillSteps(
  store: Store,
  encoder: Encoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, void, void> {
  const begun = (await store.migration())!;
  let done = begun.written;
  const step = phaseClock("embed", begun.written + begun.missing, done);
  yield step(done);
  for (;;) {
    const chunks = await store.unmigrated(CHUNKS_AT_ONCE);
    if (chunks.length === 0) return;
    const embedding = embedSteps(
      chunks.map(({ text }) => text),
      encoder,
      signal,
    );
    let vectors: Matrix | undefined;
    while (!vectors) {
      const next = await embedding.next();
      if (next.done) vectors = next.value;
      else yield step(done + Math.min(next.value.done, chunks.length));
    }
    await store.writeMigrated(
      chunks.map(({ chunk }) => chunk),
      vectors,
    );
    done += chunks.length;
    yield step(done);
  }
}

/** Brings the new vectors and the new index up to what was written while they were made. Nobody writes now. */
async function catchUp(
  store: Store,
  encoder: Encoder,
  index: VectorIndex,
  version: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const _ of fillSteps(store, encoder, signal));
  const changes = await store.changes(version);
  if (!changes)
    throw new LociError(
      "bad-argument",
      "So much was written during the migration that the store no longer knows what. Migrate again: what is embedded is kept.",
    );
  await index.remove(changes.removed);
  for (let at = 0; at < changes.added.length; at += CHUNKS_AT_ONCE) {
    const chunks = changes.added.slice(at, at + CHUNKS_AT_ONCE);
    await addPresent(index, chunks, await store.migratedVectorsOf(chunks));
  }
}

async function* compareSteps(
  { store, from, before, encoder: old }: Migrating,
  encoder: Encoder,
  after: VectorSide,
  { judged, samples: most }: { readonly judged: readonly JudgedQuestion[] | undefined; readonly samples: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, MigrationComparison, void> {
  const all = await store.matching({});
  const sources = from && (most > 0 || judged) ? await before() : undefined;
  const side = sources?.side;
  const sampled = side ? sampleOf(all.length, most, SAMPLE_SEED).map((i) => all[i]!) : [];
  const step = phaseClock("compare", sampled.length + (judged?.length ?? 0));
  const overlaps: number[] = [];
  for (const chunk of sampled) {
    const overlap = await overlapOf(side!, after, chunk);
    if (overlap !== undefined) overlaps.push(overlap);
    yield step(overlaps.length);
  }
  const verdict = { from: { vector: [], hybrid: [] } as Verdict, to: { vector: [], hybrid: [] } as Verdict };
  const anew: Sources = { store, side: after, weights: DEFAULT_WEIGHTS };
  for (const [i, question] of (judged ?? []).entries()) {
    for (const mode of ["vector", "hybrid"] as const) {
      if (sources && old) verdict.from[mode].push(await judgedBy(sources, old, question, mode, signal));
      verdict.to[mode].push(await judgedBy(anew, encoder, question, mode, signal));
    }
    yield step(sampled.length + i + 1);
  }
  return {
    from,
    to: after.space,
    chunks: all.length,
    neighborOverlap: overlaps.length > 0 ? overlaps.reduce((a, b) => a + b, 0) / overlaps.length : undefined,
    samples: overlaps.length,
    judged: judged && {
      questions: judged.length,
      from: sources && old ? means(verdict.from) : undefined,
      to: means(verdict.to),
    },
  };
}

type Verdict = Record<"vector" | "hybrid", Judgement[]>;

const means = ({ vector, hybrid }: Verdict) => ({ vector: meanJudgement(vector), hybrid: meanJudgement(hybrid) });

/** The share of a chunk's nearest neighbours that both spaces agree on; undefined where it has none. */
async function overlapOf(before: VectorSide, after: VectorSide, chunk: number): Promise<number | undefined> {
  const neighbors = async (side: VectorSide): Promise<number[]> => {
    const [vector] = await side.vectorsOf([chunk]);
    if (!vector) return [];
    const { hits } = await side.nearest(vector, { k: NEIGHBORS + 1, exact: true });
    return hits
      .map((hit) => hit.chunk)
      .filter((other) => other !== chunk)
      .slice(0, NEIGHBORS);
  };
  const [old, anew] = [await neighbors(before), await neighbors(after)];
  const possible = Math.min(old.length, anew.length);
  if (possible === 0) return undefined;
  const known = new Set(old);
  return anew.filter((other) => known.has(other)).length / possible;
}

async function judgedBy(
  sources: Sources,
  encoder: Encoder,
  { text, relevant }: JudgedQuestion,
  mode: SearchMode & ("vector" | "hybrid"),
  signal: AbortSignal | undefined,
): Promise<Judgement> {
  const rows = await encoder.embed([text], { purpose: "query", ...(signal && { signal }) });
  const question = { mode, text: mode === "vector" ? undefined : text, vector: rows.row(0) };
  const answer = await searchOnce(sources, question, { k: JUDGED_DEPTH, perDocument: 1 }, true);
  return judge(answer?.hits.map(({ id }) => id) ?? [], relevant);
}

/** The store as it looks in the space that is not its own yet. */
function inNewSpace(store: Store): SideStore {
  return {
    setting: async () => undefined,
    setSetting: async () => undefined,
    matching: (filter) => store.matching(filter),
    info: () => store.info(),
    vectorsOf: (numbers) => store.migratedVectorsOf(numbers),
  };
}
