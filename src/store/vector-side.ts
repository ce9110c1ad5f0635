/**
 * The side of a search that goes by meaning: vectors in, the nearest chunks out.
 *
 * Two kinds that answer alike: an index beside the store, and a store that searches vectors itself.
 */
import type { Matrix } from "../core/index.ts";
import type { VectorIndex } from "../index/index.ts";
import {
  type Calibration,
  type Settings,
  type VectorSource,
  calibrate,
  keptCalibration,
  stillFits,
} from "./calibration.ts";
import type { CollectionIndex } from "./collection-index.ts";
import { parseFilter } from "./condition.ts";
import type { Filter } from "./filter.ts";
import type { Ranked } from "./fusion.ts";
import { keptRecall } from "./server-recall.ts";
import type { Space, Store } from "./store.ts";

export interface Nearest {
  readonly k: number;
  readonly filter?: Filter | undefined;
  readonly recall?: number | undefined;
  readonly exact?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The nearest chunks, best first, ties by lower number. */
export interface NearestAnswer {
  readonly hits: readonly Ranked[];
  readonly exact: boolean;
  readonly recall: number;
}

/** Vectors as of one version of the store. */
export interface VectorSide {
  readonly space: Space;
  nearest(query: Float32Array, asked: Nearest): Promise<NearestAnswer>;
  /** The vectors of chunks, in their order; undefined where there is none. */
  vectorsOf(chunks: readonly number[]): Promise<(Float32Array | undefined)[]>;
  /** What scores are worth here; undefined where there are too few vectors to tell. */
  calibration(): Promise<Calibration | undefined>;
  /** Whether the vectors have moved on since, so that what a filter admitted may no longer be what it admits. */
  moved(): boolean;
}

/** Chunks that pass a filter, as a bitmap over the slots of an index. */
interface KnownFilter {
  readonly key: string;
  readonly index: VectorIndex;
  readonly slots: Uint32Array;
}

const KNOWN_FILTERS = 8; // a bitmap is an eighth of a byte a chunk; people page through one filter, tenants come back

/** The part of a store that a side looks into. */
export type SideStore = Settings & Pick<Store, "matching" | "info" | "vectorsOf">;

/** Makes the sides of a collection, and keeps between searches what is worth keeping. */
export class VectorSides {
  readonly #store: SideStore;
  readonly #readOnly: boolean;
  #filters: readonly KnownFilter[] = [];
  #calibration: Calibration | undefined;
  #recall: { readonly version: number; readonly space: Space; readonly recall: number } | undefined;

  /** `readOnly` keeps what is learnt in memory alone. */
  constructor(store: SideStore, readOnly: boolean) {
    this.#store = store;
    this.#readOnly = readOnly;
  }

  /** The side that answers from the collection's index, as of `version` or later. */
  async ofIndex(held: CollectionIndex, version: number): Promise<VectorSide> {
    const at = await held.at(version);
    return this.over(at.index, held.space, at.version, () => held.version !== at.version);
  }

  /** The side that answers from an index at hand, which holds what the store held at `version`. */
  over(index: VectorIndex, space: Space, version: number, moved = () => false): VectorSide {
    const vectorsOf = async (chunks: readonly number[]) => chunks.map((chunk) => index.get(chunk));
    const chunks = async () => Float64Array.from(index.keys() as Iterable<number>).sort();
    return {
      space,
      nearest: async (query, { k, filter, recall, exact, signal }) => {
        const answer = await index.search(query, {
          k,
          ...(filter && { filter: { slots: await this.#slotsOf(filter, index, version) } }),
          ...(recall !== undefined && { recall }),
          ...(exact !== undefined && { exact }),
          ...(signal && { signal }),
        });
        const hits = answer.hits.map(({ key, score }) => ({ chunk: key as number, score }));
        return { hits, exact: answer.exact, recall: answer.recall };
      },
      vectorsOf,
      calibration: () => this.#calibrated(space, { version, count: index.count }, { chunks, vectorsOf }),
      moved,
    };
  }

  /** The side that answers from a store with a vector search of its own. */
  ofStore(nearest: NonNullable<Store["nearest"]>, space: Space, version: number): VectorSide {
    const vectorsOf = async (numbers: readonly number[]) => presentRows(await this.#store.vectorsOf(numbers));
    const chunks = () => this.#store.matching({});
    return {
      space,
      nearest: async (query, { k, filter, exact = false, signal }) => {
        signal?.throwIfAborted();
        const hits = await nearest(query, { k, exact, ...(filter && { filter }) });
        return { hits, exact, recall: exact ? 1 : await this.#recallOf(space, version) };
      },
      vectorsOf,
      calibration: async () => {
        const count = (await this.#store.info()).chunks;
        return this.#calibrated(space, { version, count }, { chunks, vectorsOf });
      },
      moved: () => false,
    };
  }

  /** What was measured of a server's recall; asked for again with each version, since whoever prepares may be another process. */
  async #recallOf(space: Space, version: number): Promise<number> {
    if (this.#recall?.version !== version || this.#recall.space !== space) {
      const { chunks } = await this.#store.info();
      this.#recall = { version, space, recall: await keptRecall(this.#store, space, chunks) };
    }
    return this.#recall.recall;
  }

  /** Forgets what it knew: the space is another one. */
  forget(): void {
    this.#filters = [];
    this.#calibration = undefined;
    this.#recall = undefined;
  }

  async #slotsOf(filter: Filter, index: VectorIndex, version: number): Promise<Uint32Array> {
    // The parsed filter tells a date from the string that it is written as.
    const key = `${version} ${JSON.stringify(parseFilter(filter))}`;
    const known = this.#filters.find((one) => one.key === key && one.index === index);
    if (known) return known.slots;
    const slots = new Uint32Array(Math.ceil(index.slots / 32));
    for (const chunk of await this.#store.matching(filter)) {
      const slot = index.slotOf(chunk);
      if (slot !== undefined) slots[slot >>> 5]! |= 1 << (slot & 31);
    }
    this.#filters = [{ key, index, slots }, ...this.#filters.slice(0, KNOWN_FILTERS - 1)];
    return slots;
  }

  async #calibrated(
    space: Space,
    at: { readonly version: number; readonly count: number },
    source: VectorSource,
  ): Promise<Calibration | undefined> {
    if (stillFits(this.#calibration, space, at.count)) return this.#calibration;
    const known =
      (await keptCalibration(this.#store, space, at.count, source)) ??
      (await calibrate(this.#store, space, { ...at, keep: !this.#readOnly }, source));
    return (this.#calibration = known);
  }
}

/** Rows by place; undefined where a store gave a row of NaN, which is none. */
function presentRows(rows: Matrix): (Float32Array | undefined)[] {
  return Array.from({ length: rows.rows }, (_, r) => (Number.isNaN(rows.row(r)[0]) ? undefined : rows.row(r)));
}
