/**
 * One thread's hold on the memory of a graph index: an instance of the kernels with areas of its own.
 *
 * Everything here is synchronous and quick; who does what when is the business of hnsw-jobs.ts and hnsw-index.ts.
 */
import { type KernelExports, instantiate } from "../kernels/index.ts";
import { weightOf } from "./row-space.ts";
import {
  ASK_FIELDS,
  GRAPH_FIELDS,
  POOL_MOST,
  type SpaceSetup,
  linkBytes,
  memberAreas,
  upperBytes,
} from "./hnsw-space.ts";

/** How a search is done: along the graph, along the graph with a mask, or over the rows of the mask. */
export const PLAN = { walk: 0, walkMasked: 1, scan: 2 } as const;
/** The value of `metric` for cosines. */
const COSINE = 0;
/** No hit: what stands behind the last one. */
export const NONE = 0xffffffff;
/** The outcome of a query that codes cannot speak for: not finite, or far out. */
export const ODD = 2;

/** What is asked of `answer`, apart from what the space says. */
export interface AskFields {
  readonly entry: number;
  readonly top: number;
  /** Byte offset of a bitmap of the slots that may answer, its words, and its set bits. */
  readonly mask: number;
  readonly maskWords: number;
  readonly matches: number;
  readonly plan: number;
  readonly ef: number;
  readonly rerank: number;
  readonly k: number;
  readonly queries: number;
  readonly ids: number;
  readonly scores: number;
  readonly outcomes: number;
}

export class Member {
  readonly setup: SpaceSetup;
  readonly kernels: KernelExports;
  readonly #areas: ReturnType<typeof memberAreas>;
  readonly #ask: Uint32Array;

  constructor(setup: SpaceSetup, number: number) {
    this.setup = setup;
    this.kernels = instantiate(setup.module, setup.memory);
    const areas = memberAreas(setup, number);
    this.#areas = areas;
    const { buffer } = setup.memory;
    const { slots, M } = setup.shape;
    const at = setup.at as Record<"codes" | "links" | "upperAt" | "upper" | "levels", number>;
    const record: Record<(typeof GRAPH_FIELDS)[number], number> = {
      slots,
      stride: setup.codec.stride,
      linkBytes: linkBytes(M),
      upperBytes: upperBytes(M),
      codes: at.codes,
      links: at.links,
      upperAt: at.upperAt,
      upper: at.upper,
      levels: at.levels,
      query: areas.query,
      query2: areas.query2,
      pool: areas.pool,
      poolMost: POOL_MOST,
      chosen: areas.chosen,
      list: areas.list,
      visited: areas.visited,
    };
    new Uint32Array(buffer, areas.graph, GRAPH_FIELDS.length).set(GRAPH_FIELDS.map((field) => record[field]));
    this.#ask = new Uint32Array(buffer, areas.ask, ASK_FIELDS.length);
    this.kernels.openScratch!(areas.spill);
    this.kernels.openGraph!(areas.graph);
  }

  /** Codes, lengths and constants of the slots items[from … to). */
  encode(items: Uint32Array, from: number, to: number): void {
    const { at, shape } = this.setup;
    for (let i = from; i < to; i++) {
      const slot = items[i]!;
      this.kernels.squareRows!(at["rows"]!, slot, slot + 1, shape.dim, at["squares"]!);
      const [biases, errors] = [at["biases"]!, at["errors"]!];
      this.kernels.encodeRows!(
        at["codec"]!,
        at["rows"]!,
        slot,
        slot + 1,
        at["codes"]!,
        biases,
        errors,
        this.#areas.work,
      );
    }
    const squares = new Float64Array(this.setup.memory.buffer, at["squares"], shape.slots);
    const lengths = new Float64Array(this.setup.memory.buffer, at["lengths"], shape.slots);
    const weights = new Float32Array(this.setup.memory.buffer, at["weights"], shape.slots);
    const weight = this.setup.metric === COSINE ? "inverse" : "length";
    for (const slot of items.subarray(from, to)) {
      lengths[slot] = Math.sqrt(squares[slot]!);
      weights[slot] = weightOf(lengths[slot], weight);
    }
  }

  /** Inserts items [from, to) of a batch into the frozen graph. `dead`: byte offset of a bitmap, or 0. */
  insert(
    items: number,
    from: number,
    to: number,
    graph: {
      readonly entry: number;
      readonly top: number;
      readonly ef: number;
      readonly dead: number;
      readonly edgeBytes: number;
    },
  ): void {
    const { at, shape } = this.setup;
    const { entry, top, ef, dead, edgeBytes } = graph;
    this.kernels.insertItems!(items, from, to, entry, top, ef, shape.M, dead, at["edges"]!, edgeBytes, at["counts"]!);
  }

  /** New rows of links for items [from, to) of a batch. */
  mend(items: number, from: number, to: number, dead: number, most: number, edgeBytes: number): void {
    this.kernels.mendItems!(items, from, to, dead, most, this.setup.at["edges"]!, edgeBytes);
  }

  /** Puts the new rows of a batch in place. */
  place(items: number, count: number, edgeBytes: number): void {
    this.kernels.placeMended!(items, count, this.setup.at["edges"]!, edgeBytes, this.setup.at["counts"]!);
  }

  /** Chains the links back of a batch; returns how many rows are to be merged. */
  chain(count: number, edgeBytes: number): number {
    const { at } = this.setup;
    const [edges, counts, records] = [at["edges"]!, at["counts"]!, at["records"]!];
    const [heads, upperHeads, targets] = [at["heads"]!, at["upperHeads"]!, at["targets"]!];
    return this.kernels.chainEdges!(count, edges, edgeBytes, counts, records, heads, upperHeads, targets);
  }

  /** Merges rows [from, to) of those that a batch links back to. */
  merge(from: number, to: number): void {
    const { at } = this.setup;
    this.kernels.mergeTargets!(at["targets"]!, from, to, at["records"]!, at["heads"]!, at["upperHeads"]!);
  }

  /** Answers queries [from, to) into the results that `ask` names. */
  answer(ask: AskFields, from: number, to: number): void {
    const { at, shape, metric } = this.setup;
    const record: Record<(typeof ASK_FIELDS)[number], number> = {
      ...ask,
      codec: at["codec"]!,
      rows: at["rows"]!,
      squares: at["squares"]!,
      weights: at["weights"]!,
      dim: shape.dim,
      metric,
    };
    ASK_FIELDS.forEach((field, i) => (this.#ask[i] = record[field]));
    this.kernels.answer!(this.#ask.byteOffset, from, to, this.#areas.best, this.#areas.work);
  }

  /** The slots that a walk with this query leaves in the pool, best first. */
  pool(query: number, entry: number, top: number, ef: number): Uint32Array {
    const found = this.kernels.walkFor!(this.setup.at["codec"]!, query, entry, top, ef, this.#areas.work);
    const entries = new Uint32Array(this.setup.memory.buffer, this.#areas.pool, 2 * found);
    const slots = new Uint32Array(found);
    for (let i = 0; i < found; i++) slots[i] = entries[2 * i]! >>> 1;
    return slots;
  }
}
