/**
 * The index for many vectors: a graph over short codes, answers checked against the vectors themselves.
 *
 * Up to some thousand vectors everything is looked at, exactly. Beyond, a graph (HNSW) is built; the user says what recall is
 * wanted, not how wide to search. New vectors always get new slots, and keys move to them at the very end of a call:
 * so an `add` is seen whole or not at all, and searches go on while it works. Removed nodes stay in the graph as signposts
 * that never answer, until there are too many; then the graph is mended around them and their slots are used again.
 */
import {
  type ByteSource,
  type LongOptions,
  type Matrix,
  type Step,
  checkWhole,
  drain,
  phaseClock,
  platform,
} from "../core/index.ts";
import { type SearchVariant, searchModuleIfAllowed } from "../kernels/index.ts";
import { certifiedBest, certifiedWithin } from "./certify.ts";
import {
  checkIndexOptions,
  checkLeastScore,
  checkQueries,
  checkQuery,
  checkVectors,
  searchOptions,
} from "./check-vectors.ts";
import { type ExactSearch, exactBest, exactWithin } from "./exact-scan.ts";
import { type SlotMask, maskOf } from "./filters.ts";
import { readTable } from "./flat-index.ts";
import { Gate } from "./gate.ts";
import { HnswBody, type HnswSettings } from "./hnsw-body.ts";
import { type Setting, recallOf, settingFor } from "./hnsw-calibration.ts";
import { type HnswHead, graphHead, headOf, hnswSections } from "./hnsw-file.ts";
import { HnswGraph, type SlotHits } from "./hnsw-graph.ts";
import { NONE, ODD } from "./hnsw-member.ts";
import { Question } from "./question.ts";
import { SectionFile, sectionPieces } from "./section-file.ts";
import { Turn } from "./turn.ts";
import type { IndexAnswer, IndexHit, IndexMetric, IndexSearchOptions, Key, VectorIndex } from "./vector-index.ts";

export interface HnswIndexOptions {
  /** The width of the vectors. */
  readonly dim: number;
  /** Default "cosine". */
  readonly metric?: IndexMetric;
  /** Links of a node on the upper levels, twice as many on the ground: more make better and slower graphs. Default 16. */
  readonly M?: number;
  /** Candidates that a new node chooses its neighbours among: more make better graphs, slower built. Default 200. */
  readonly efConstruction?: number;
  /** Threads that build and answer many queries; 0 works on this thread, in bites. Default: one less than there are cores, at least 1. */
  readonly workers?: number;
  /** Below so many vectors there is no graph: looking at everything is as fast. Default 2,000. */
  readonly graphFrom?: number;
  /** Which build of the kernels; both give the same bits. Default: the fastest that runs here. */
  readonly variant?: SearchVariant;
}

/** What may differ between the machine that saved an index and the one that opens it. */
export interface HnswOpenOptions extends Pick<HnswIndexOptions, "workers" | "variant"> {
  readonly signal?: AbortSignal;
}

export interface HnswSearchOptions extends IndexSearchOptions {
  /** For experiments: the width of the walk, in place of what calibration would choose. Needs `rerank` too. */
  readonly efSearch?: number;
  /** For experiments: how many candidates are ranked by their vectors. */
  readonly rerank?: number;
}

const GRAPH_FROM = 2000;

/** Nearly exact answers from a graph, fast with millions of vectors: the index to take where looking at everything is too slow. */
export class HnswIndex implements VectorIndex {
  readonly metric: IndexMetric;
  readonly dim: number;
  readonly #settings: HnswSettings;
  readonly #body: HnswBody;
  /** One call that writes at a time. */
  readonly #writers = new Gate();

  /** An empty index. Throws `bad-argument` for options out of their range. */
  constructor(options: HnswIndexOptions) {
    const { dim, metric = "cosine", M = 16, efConstruction = 200, graphFrom = GRAPH_FROM, variant } = options;
    const { workers = Math.max(1, platform.cores - 1) } = options;
    checkIndexOptions(dim, metric);
    checkWhole("M", M, 4, 64);
    checkWhole("efConstruction", efConstruction, 8, 4096);
    checkWhole("workers", workers, 0, 256);
    checkWhole("graphFrom", graphFrom, 1);
    this.dim = dim;
    this.metric = metric;
    this.#settings = { dim, metric, M, efConstruction, workers, graphFrom: Math.max(graphFrom, 64), variant };
    this.#body = new HnswBody(this.#settings);
  }

  get count(): number {
    return this.#body.table.count;
  }
  get slots(): number {
    return this.#body.table.end;
  }
  /** Whether a graph answers; without one, and with `exact`, everything is looked at. */
  get hasGraph(): boolean {
    return this.#body.graph !== undefined;
  }
  has(key: Key): boolean {
    return this.#body.table.slotOf(key) !== undefined;
  }
  get(key: Key): Float32Array | undefined {
    const slot = this.#body.table.slotOf(key);
    return slot === undefined ? undefined : this.#body.rows.row(slot).slice();
  }
  slotOf(key: Key): number | undefined {
    return this.#body.table.slotOf(key);
  }
  keys(): IterableIterator<Key> {
    return this.#body.table.keys();
  }

  add(keys: readonly Key[], vectors: Matrix, options: LongOptions = {}): Promise<void> {
    return this.#writers.write(() => drain(this.#addSteps(keys, vectors, new Turn(options.signal)), options));
  }

  async *#addSteps(keys: readonly Key[], vectors: Matrix, turn: Turn): AsyncGenerator<Step, void, void> {
    await checkVectors(this.dim, keys, vectors, turn);
    if (keys.length === 0) return;
    yield phaseClock("add", keys.length)(0);
    const slots = yield* this.#body.place(vectors, turn);
    await this.#body.publish(keys, slots, turn);
    await this.#body.mendIfDue(turn);
  }

  remove(keys: Iterable<Key>, options: LongOptions = {}): Promise<number> {
    return this.#writers.write(async () => {
      const turn = new Turn(options.signal);
      const removed = await this.#body.remove(keys, turn);
      await this.#body.mendIfDue(turn);
      return removed;
    });
  }

  /** Mends the graph around removed vectors now, so that nothing of them is left, codes included. */
  compact(): Promise<void> {
    return this.#writers.write(() => this.#body.mend(new Turn()));
  }

  async search(query: ArrayLike<number>, options: HnswSearchOptions = {}): Promise<IndexAnswer> {
    const { k, recall, exact } = searchOptions(options);
    const asked = checkQuery(this.dim, query);
    return this.#body.gate.read(async () => {
      const turn = new Turn(options.signal);
      const setting = exact || this.#isNowhere(asked) ? undefined : this.#settingFor(k, recall, options);
      if (!setting) return this.#exactly(asked, k, await maskOf(this.#body.table, options.filter, turn), turn);
      const admitted = options.filter === undefined ? undefined : await maskOf(this.#body.table, options.filter, turn);
      const wanted = Math.min(k, admitted?.count ?? this.#body.table.count);
      if (wanted === 0) return { hits: [], exact: true, recall: 1 };
      const found = this.#body.graph!.search(asked, { k, setting, admitted, live: this.#body.table.count });
      if (found.outcomes[0] !== ODD) return this.#answer(found, 0, setting.recall);
      return this.#exactly(asked, k, await maskOf(this.#body.table, options.filter, turn), turn);
    });
  }

  /** A query of zeros has cosine 0 with everything: no walk leads anywhere. */
  #isNowhere(query: Float32Array): boolean {
    return this.metric === "cosine" && query.every((value) => value === 0);
  }

  /** How wide to search, or undefined where everything is to be looked at. */
  #settingFor(k: number, recall: number, { efSearch, rerank }: HnswSearchOptions): Setting | undefined {
    const graph = this.#body.graph;
    if (!graph || !HnswGraph.reaches(k)) return undefined;
    if (efSearch === undefined) return recall < 1 ? settingFor(graph.frontiers, k, recall) : undefined;
    const ef = Math.max(k, efSearch);
    const depth = Math.max(k, rerank ?? ef);
    return { ef, rerank: depth, recall: recallOf(graph.frontiers, k, ef, depth) };
  }

  async #exactly(query: Float32Array, k: number, mask: SlotMask, turn: Turn): Promise<IndexAnswer> {
    const search = this.#exactSearch(query, mask, turn);
    const codes = await this.#body.codes(turn);
    const best = await (codes ? certifiedBest(codes, search, k) : exactBest(search, k));
    return {
      hits: best.map(({ slot, score }) => ({ key: this.#body.table.keyOf(slot)!, score })),
      exact: true,
      recall: 1,
    };
  }

  #exactSearch(query: Float32Array, mask: SlotMask, turn: Turn): ExactSearch {
    const question = new Question(this.metric, query, this.#body.rows);
    return { rows: this.#body.rows, question, mask, arrivalOf: (slot) => this.#body.table.arrivalOf(slot), turn };
  }

  /** The answer to one of the queries of some hits. */
  #answer({ slots, scores, k }: SlotHits, query: number, recall: number): IndexAnswer {
    const table = this.#body.table;
    const hits: IndexHit[] = [];
    let ties = false;
    for (let i = query * k; i < (query + 1) * k && slots[i] !== NONE; i++) {
      const score = scores[i]!;
      if (hits.length > 0 && hits[hits.length - 1]!.score === score) ties = true;
      hits.push({ key: table.keyOf(slots[i]!)!, score });
    }
    if (ties) hits.sort((a, b) => b.score - a.score || this.#arrivalOf(a.key) - this.#arrivalOf(b.key));
    return { hits, exact: false, recall };
  }

  /** Equal scores come in the order in which their keys came in. */
  #arrivalOf(key: Key): number {
    return this.#body.table.arrivalOf(this.#body.table.slotOf(key)!);
  }

  async searchMany(queries: Matrix, options: HnswSearchOptions & LongOptions = {}): Promise<IndexAnswer[]> {
    searchOptions(options);
    if (queries.dim !== this.dim || !this.#body.graph) checkQueries(this.dim, queries);
    return this.#body.gate.read(() => drain(this.#searchSteps(queries, options), options));
  }

  async *#searchSteps(queries: Matrix, options: HnswSearchOptions): AsyncGenerator<Step, IndexAnswer[], void> {
    const { k, recall, exact } = searchOptions(options);
    const turn = new Turn(options.signal);
    const answers: IndexAnswer[] = [];
    if (queries.rows === 0) return answers;
    const clock = phaseClock("search", queries.rows);
    const mask = await maskOf(this.#body.table, options.filter, turn);
    const setting = exact ? undefined : this.#settingFor(k, recall, options);
    if (!setting || mask.count === 0) {
      checkQueries(this.dim, queries);
      for (let r = 0; r < queries.rows; r++) {
        answers.push(await this.#exactly(queries.row(r), k, mask, turn));
        if (turn.due) {
          await turn.pass();
          yield clock(r + 1);
        }
      }
      return answers;
    }
    const admitted = options.filter === undefined ? undefined : mask;
    const graph = this.#body.graph!;
    const exactly = (query: Float32Array): Promise<IndexAnswer> => this.#exactly(query, k, mask, turn);
    const take = async (hits: SlotHits): Promise<void> => {
      for (let i = 0; i < hits.queries; i++) {
        const row = answers.length;
        // What is rare is told by one number: most queries are not looked at here at all.
        const odd = hits.outcomes[i] === ODD || queries.data[row * this.dim] === 0;
        const otherwise = odd ? await this.#answerOdd(queries, row, hits.outcomes[i], exactly) : undefined;
        answers.push(otherwise ?? this.#answer(hits, i, setting.recall));
        if ((i & 63) === 0 && turn.due) await turn.pass();
      }
    };
    const search = { k, setting, admitted, live: this.#body.table.count };
    for await (const done of graph.searchMany(queries.data, search, turn, take)) yield clock(done);
    return answers;
  }

  /** The answer to a query that no walk can answer; undefined where one did. Throws where a number of it is not finite. */
  async #answerOdd(
    queries: Matrix,
    row: number,
    outcome: number | undefined,
    exactly: (query: Float32Array) => Promise<IndexAnswer>,
  ): Promise<IndexAnswer | undefined> {
    const query = queries.row(row);
    if (outcome === ODD) checkQuery(this.dim, query, `Query ${row}`);
    return outcome === ODD || this.#isNowhere(query) ? exactly(query) : undefined;
  }

  async searchWithin(
    query: ArrayLike<number>,
    leastScore: number,
    options: Omit<IndexSearchOptions, "k"> = {},
  ): Promise<IndexAnswer> {
    searchOptions(options);
    checkLeastScore(leastScore);
    const asked = checkQuery(this.dim, query);
    return this.#body.gate.read(async () => {
      const turn = new Turn(options.signal);
      const mask = await maskOf(this.#body.table, options.filter, turn);
      const search = this.#exactSearch(asked, mask, turn);
      const codes = await this.#body.codes(turn);
      const found = await (codes ? certifiedWithin(codes, search, leastScore) : exactWithin(search, leastScore));
      return {
        hits: found.map(({ slot, score }) => ({ key: this.#body.table.keyOf(slot)!, score })),
        exact: true,
        recall: 1,
      };
    });
  }

  /** The index as one file, in pieces: docs/formats/index-file.md. Writes wait until the last piece was taken. */
  async *pieces(): AsyncGenerator<Uint8Array, void, void> {
    await this.#writers.enterReading();
    try {
      const { dim, metric, slots } = this;
      const { M, efConstruction, graphFrom } = this.#settings;
      const graph = this.#body.graph;
      const head: HnswHead = {
        dim,
        metric,
        M,
        efConstruction,
        graphFrom,
        slots,
        ...(graph && { graph: graphHead(graph) }),
      };
      yield* sectionPieces("hnsw", head, hnswSections(this.#body.table, this.#body.rows, graph));
    } finally {
      this.#writers.leaveReading();
    }
  }

  /**
   * Opens a file made of `pieces`. A damaged section of codes or links is built anew from the vectors. Throws `bad-file`, naming
   * the section, where keys or vectors are damaged.
   */
  static async open(source: ByteSource, options: HnswOpenOptions = {}): Promise<HnswIndex> {
    const { signal, ...rest } = options;
    const file = await SectionFile.open(source);
    const { slots, graph, ...head } = headOf(file, source);
    const index = new HnswIndex({ ...head, ...rest });
    index.#body.table = await readTable(file, slots, signal);
    if (graph && searchModuleIfAllowed(platform.sharedMemory)) await index.#body.readGraph(file, graph, signal);
    else await index.#body.readSmall(file, signal);
    return index;
  }

  /** Ends the workers. Searches and additions afterwards would start them again. */
  async close(): Promise<void> {
    await this.#writers.write(() => this.#body.gate.write(async () => this.#body.graph?.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
