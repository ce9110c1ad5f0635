/**
 * A graph over slots: its memory, and what is done with it.
 *
 * Knows slots and vectors, no keys. Nothing here depends on how many threads there are.
 */
import { platform } from "../core/index.ts";
import { type KernelExports, type SearchVariant, openScans } from "../kernels/index.ts";
import type { Codec } from "./codec.ts";
import { Gate } from "./gate.ts";
import {
  CALIBRATED_K,
  CALIBRATION_QUERIES,
  type Depths,
  type Frontier,
  type Setting,
  WIDTHS,
  foundNearlyAll,
  frontierOf,
} from "./hnsw-calibration.ts";
import { copySpace } from "./hnsw-copy.ts";
import { Crew } from "./hnsw-crew.ts";
import { type AskFields, PLAN } from "./hnsw-member.ts";
import {
  type HnswSpace,
  type HnswViews,
  POOL_MOST,
  QUERIES_MOST,
  RESULTS_MOST,
  linkBytes,
  mostSlots,
  openSpace,
  upperBytes,
} from "./hnsw-space.ts";
import { RowSpace, type Segment } from "./row-space.ts";
import type { Turn } from "./turn.ts";
import type { IndexMetric } from "./vector-index.ts";

const METRIC: Readonly<Record<IndexMetric, number>> = { cosine: 0, dot: 1, euclidean: 2 };
/** Candidates that a mended row chooses among. */
const MEND_CANDIDATES = 128;
/** Broken rows are looked for so many slots at a time. */
const LIST_SLOTS = 1 << 15;
/** A filtered walk costs about so many rows of a scan for each pool entry. */
const ROWS_A_CANDIDATE = 30;
/** By how much the kernel widens the walk of a query that lies far out (search.ts). */
const WIDEST = 4;

export interface GraphOptions {
  readonly metric: IndexMetric;
  readonly dim: number;
  readonly M: number;
  readonly efConstruction: number;
  /** Threads beside this one; 0: none. */
  readonly workers: number;
  readonly variant: SearchVariant | undefined;
  /** Runs what changes the graph while no search does. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The hits of some queries, `k` places each: slots, best first, NONE behind the last, and their scores. Views: use them at once. */
export interface SlotHits {
  readonly queries: number;
  readonly k: number;
  readonly slots: Uint32Array;
  readonly scores: Float64Array;
  /** ODD where a query must be answered otherwise. */
  readonly outcomes: Uint8Array;
}

/** What is searched for, and among what. */
export interface GraphSearch {
  readonly k: number;
  readonly setting: Setting;
  /** Which slots may answer; undefined is all that live. */
  readonly admitted: { readonly words: Uint32Array; readonly count: number } | undefined;
  /** How many nodes live. */
  readonly live: number;
}

export class HnswGraph {
  readonly #options: GraphOptions;
  #space: HnswSpace;
  readonly #crew: Crew;
  readonly #asking = new Gate();
  readonly rows: RowSpace;
  /** Where walks begin, on which level, and how many nodes there are, dead ones included. */
  entry = 0;
  top = 0;
  present = 0;
  frontiers: readonly Frontier[] = [];
  calibratedAt = 0;

  private constructor(options: GraphOptions, space: HnswSpace) {
    this.#options = options;
    this.rows = new RowSpace(options.dim, options.metric === "cosine" ? "inverse" : "length");
    this.#space = space;
    this.#crew = new Crew(this.#space, options.workers, options.exclusive);
    this.#showRows();
  }

  /** A graph without nodes, with room for some. */
  static async open(options: GraphOptions, codec: Codec, slots: number, turn: Turn): Promise<HnswGraph> {
    return new HnswGraph(options, await spaceFor(options, codec, slots, turn));
  }

  get views(): HnswViews {
    return this.#space.views;
  }
  get codec(): Codec {
    return this.#space.codec;
  }
  get capacity(): number {
    return this.#space.shape.slots;
  }
  /** The kernels of this thread. */
  get kernels(): KernelExports {
    return this.#crew.own.kernels;
  }
  get M(): number {
    return this.#options.M;
  }

  /** Shows the vectors of the space to exact searches. */
  #showRows(): void {
    const { views, shape } = this.#space;
    const space: Segment["space"] = { ...views, scores: views.blockScores, ids: views.blockIds };
    const scans = openScans(views.memory, views.spill, { shared: platform.sharedMemory });
    this.rows.segments.splice(0, 1, { start: 0, capacity: shape.slots, space, scans });
  }

  /** Makes room for slots below `slots`: a larger space, and what is in use (`end` slots) copied over. */
  async reserve(slots: number, end: number, turn: Turn): Promise<void> {
    if (slots <= this.capacity) return;
    const { dim, M } = this.#options;
    const { codec } = this;
    const wanted = Math.max(slots, Math.min(2 * this.capacity, mostSlots(dim, codec.stride, M)));
    const larger = await spaceFor(this.#options, codec, wanted, turn);
    await copySpace(this.#space, larger, end, turn);
    await this.#options.exclusive(async () => {
      this.#space = larger;
      this.#crew.moveTo(larger);
      this.#showRows();
    });
  }

  /** Codes, lengths and weights of slots whose rows are in place. */
  async encode(slots: Uint32Array): Promise<void> {
    this.views.items.set(slots);
    for await (const _ of this.#crew.work({ kind: "encode", count: slots.length }, this));
  }

  /** Puts slots, whose codes are in place, into the graph in this order. Yields how many are in it. */
  async *link(slots: Uint32Array): AsyncGenerator<number, void, void> {
    const { views } = this;
    let first = 0;
    if (this.present === 0 && slots.length > 0) {
      this.#plant(slots[0]!);
      yield ++first;
    }
    const count = slots.length - first;
    if (count === 0) return;
    views.items.set(slots.subarray(first));
    const before = this.present;
    const dead = views.dead.some((word) => word !== 0);
    const task = { kind: "insert", count, before, ef: this.#options.efConstruction, dead } as const;
    for await (const done of this.#crew.work(task, this)) {
      this.present = before + done;
      yield first + done;
    }
  }

  /** The first node. */
  #plant(slot: number): void {
    this.clearLinks(slot);
    this.entry = slot;
    this.top = this.views.levels[slot]!;
    this.present = 1;
  }

  /** Empties a node's rows of links. */
  clearLinks(slot: number): void {
    const { links, upper, upperAt, levels } = this.views;
    const [ground, above] = [linkBytes(this.M) / 4, upperBytes(this.M) / 4];
    links.fill(0, slot * ground, (slot + 1) * ground);
    upper.fill(0, upperAt[slot]! * above, (upperAt[slot]! + levels[slot]!) * above);
  }

  /** Forgets what is left of a node that nothing leads to any more: its code and links. */
  forget(slot: number): void {
    const { codes } = this.views;
    codes.fill(0, slot * this.codec.stride, (slot + 1) * this.codec.stride);
    this.clearLinks(slot);
    this.present--;
  }

  /**
   * Leads all rows of live nodes around the dead ones (bitmaps `live` and `dead` of the views), so that those can be
   * forgotten. `end`: one past the highest slot in use.
   */
  async mend(end: number): Promise<void> {
    let broken = 0;
    for (let from = 0; from < end; from += LIST_SLOTS) {
      const to = Math.min(end, from + LIST_SLOTS);
      for await (const listed of this.#crew.work({ kind: "list", from, to, offset: broken }, this)) broken += listed;
    }
    const task = { kind: "mend", count: broken, most: MEND_CANDIDATES } as const;
    if (broken > 0) for await (const _ of this.#crew.work(task, this));
    await this.#options.exclusive(async () => this.#moveEntry(end));
  }

  /** A live entry point on the highest level that has one. */
  #moveEntry(end: number): void {
    const { dead, live, levels } = this.views;
    if (!hasBit(dead, this.entry)) return;
    let best = -1;
    for (let slot = 0; slot < end; slot++) {
      if (hasBit(live, slot) && (best < 0 || levels[slot]! > levels[best]!)) best = slot;
    }
    this.entry = Math.max(0, best);
    this.top = best < 0 ? 0 : levels[best]!;
  }

  /** Measures with vectors that are in the graph, evenly spaced; they do not count as their own neighbours. */
  calibrate(slots: Uint32Array, turn: Turn): Promise<void> {
    const count = Math.min(CALIBRATION_QUERIES, slots.length);
    return this.#calibrate(
      Uint32Array.from({ length: count }, (_, i) => slots[Math.floor((i * slots.length) / count)]!),
      slots,
      true,
      turn,
    );
  }

  /** Measures with vectors that are not in the graph yet; `nodes` are those that are, live or not. */
  calibrateWith(queries: Uint32Array, nodes: Uint32Array, turn: Turn): Promise<void> {
    return this.#calibrate(queries, nodes, false, turn);
  }

  async #calibrate(queries: Uint32Array, nodes: Uint32Array, inside: boolean, turn: Turn): Promise<void> {
    await this.#asking.write(async () => {
      const { views, codec } = this;
      const { dim } = this.#options;
      queries.forEach((slot, i) => views.queries.set(this.rows.row(slot), i * dim));
      views.manyMask.set(views.live);
      for (const slot of nodes) views.manyMask[slot >>> 5]! |= 1 << (slot & 31);
      const own = inside ? queries : new Uint32Array(0);
      const truth = await this.#truth(queries.length, own, turn);
      const depths = await this.#measure(queries.length, truth, own, turn);
      this.frontiers = CALIBRATED_K.map((k, i) => frontierOf(k, depths[i]!, k * queries.length, dim, codec.stride));
      this.calibratedAt = this.present;
    });
  }

  /** The nearest nodes of each query, found by a scan of all codes and many vectors; without the queries themselves. */
  async #truth(count: number, own: Uint32Array, turn: Turn): Promise<Uint32Array> {
    const { views } = this;
    const k = CALIBRATED_K.at(-1)!;
    const asked = k + (own.length > 0 ? 1 : 0);
    const ask = { ...this.#askMany(asked), plan: PLAN.scan, ef: 0, rerank: 3 * k, matches: this.present };
    await this.#crew.ask({ kind: "answer", count, ask }, turn);
    const truth = new Uint32Array(k * count);
    for (let i = 0; i < count; i++) {
      const found = views.ids.slice(i * asked, (i + 1) * asked);
      truth.set(found.filter((slot) => slot !== own[i]).subarray(0, k), i * k);
    }
    return truth;
  }

  /** For each number of neighbours, how deep they stand in pools of rising width. */
  async #measure(count: number, truth: Uint32Array, own: Uint32Array, turn: Turn): Promise<Depths[][]> {
    const { entry, top } = this;
    const depths: Depths[][] = CALIBRATED_K.map(() => []);
    for (const widths of WIDTHS) {
      const task = { kind: "measure", count, entry, top, widths, ks: CALIBRATED_K, truth, own } as const;
      const outputs = await this.#crew.ask(task, turn);
      let at = 0;
      for (const one of depths) {
        for (const ef of widths) {
          const found = new Uint32Array(ef);
          for (const output of outputs) for (let depth = 0; depth < ef; depth++) found[depth]! += output[at + depth]!;
          one.push({ ef, found });
          at += ef;
        }
      }
      if (depths.every((one, i) => foundNearlyAll(one, CALIBRATED_K[i]! * count))) break;
    }
    return depths;
  }

  #askMany(k: number): Omit<AskFields, "plan" | "ef" | "rerank" | "matches"> {
    const { views, entry, top } = this;
    return {
      entry,
      top,
      k,
      mask: views.manyMask.byteOffset,
      maskWords: Math.ceil(this.capacity / 32),
      queries: views.queries.byteOffset,
      ids: views.ids.byteOffset,
      scores: views.scores.byteOffset,
      outcomes: views.outcomes.byteOffset,
    };
  }

  /**
   * How a search goes about it: a filter that few pass is scanned; one that many pass widens the walk by how few those are, as do
   * dead nodes, which are walked through.
   */
  #planOf({ k, setting, admitted, live }: GraphSearch): Pick<AskFields, "plan" | "ef" | "rerank" | "matches"> {
    const { ef, rerank } = setting;
    const matches = admitted?.count ?? live;
    const wider = matches > 0 ? ef * (this.present / matches) : Infinity;
    if (WIDEST * Math.max(wider, rerank) > POOL_MOST || (admitted && matches <= ROWS_A_CANDIDATE * wider)) {
      const deep = Math.max(2 * rerank, 3 * k, 30);
      return { plan: PLAN.scan, ef: 0, rerank: Math.min(Math.floor(POOL_MOST / WIDEST), deep), matches };
    }
    const plain = !admitted && live === this.present;
    return { plan: plain ? PLAN.walk : PLAN.walkMasked, ef: Math.ceil(wider), rerank, matches };
  }

  /** Whether k hits can be found by codes at all: more are found by looking at everything. */
  static reaches(k: number): boolean {
    return 3 * k * WIDEST <= POOL_MOST;
  }

  /** One query, on this thread, now. */
  search(query: Float32Array, search: GraphSearch): SlotHits {
    const { views, entry, top } = this;
    const { k, admitted } = search;
    views.oneQuery.set(query);
    if (admitted) views.mask.set(admitted.words);
    const outcomes = views.outcomes.subarray(QUERIES_MOST);
    const ask: AskFields = {
      ...this.#planOf(search),
      entry,
      top,
      k,
      mask: (admitted ? views.mask : views.live).byteOffset,
      maskWords: admitted?.words.length ?? Math.ceil(this.capacity / 32),
      queries: views.oneQuery.byteOffset,
      ids: views.oneIds.byteOffset,
      scores: views.oneScores.byteOffset,
      outcomes: outcomes.byteOffset,
    };
    this.#crew.own.answer(ask, 0, 1);
    return { queries: 1, k, slots: views.oneIds, scores: views.oneScores, outcomes };
  }

  /**
   * Many queries (rows of `queries`), over the workers where there are enough. Hands the hits on in order, some queries at a time;
   * yields how many are done.
   */
  async *searchMany(
    queries: Float32Array,
    search: GraphSearch,
    turn: Turn,
    take: (hits: SlotHits) => Promise<void>,
  ): AsyncGenerator<number, void, void> {
    const { dim } = this.#options;
    const { k, admitted } = search;
    const rows = queries.length / dim;
    const each = Math.min(QUERIES_MOST, Math.floor(RESULTS_MOST / k));
    for (let from = 0; from < rows; from += each) {
      const count = Math.min(each, rows - from);
      await this.#asking.write(async () => {
        const { views } = this;
        views.queries.set(queries.subarray(from * dim, (from + count) * dim));
        views.manyMask.set(admitted?.words ?? views.live);
        const maskWords = admitted?.words.length ?? Math.ceil(this.capacity / 32);
        const ask = { ...this.#askMany(k), ...this.#planOf(search), maskWords };
        await this.#crew.ask({ kind: "answer", count, ask }, turn);
        await take({ queries: count, k, slots: views.ids, scores: views.scores, outcomes: views.outcomes });
      });
      yield from + count;
    }
  }

  /** Ends the workers; what comes after starts others. */
  close(): Promise<void> {
    return this.#crew.close();
  }
}

function spaceFor(options: GraphOptions, codec: Codec, slots: number, turn: Turn): Promise<HnswSpace> {
  const { dim, M, workers, metric, variant } = options;
  const shape = { dim, slots: Math.ceil(slots / 32) * 32, M, members: workers + 1 };
  return openSpace(shape, codec, METRIC[metric], platform.sharedMemory, turn, variant);
}

function hasBit(words: Uint32Array, slot: number): boolean {
  return ((words[slot >>> 5]! >>> (slot & 31)) & 1) === 1;
}
