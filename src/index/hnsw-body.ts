/**
 * What an index with a graph is made of: keys, vectors and graph, and everything that changes them.
 *
 * One call at a time writes (the index sees to that); what searches could see half done happens inside the gate. Slots of a call
 * are taken, filled and put into the graph first, and get their keys at the very end.
 */
import { Matrix, type Step, phaseClock, platform } from "../core/index.ts";
import { type SearchVariant, searchModuleIfAllowed } from "../kernels/index.ts";
import type { CodedRows } from "./code-space.ts";
import { type Codec, sampledRows, trainCodec } from "./codec.ts";
import { Gate } from "./gate.ts";
import { heldBack } from "./hnsw-calibration.ts";
import { type GraphHead, derivedSections, readExactly, readIfSound, rowSections, weigh } from "./hnsw-file.ts";
import { codedRowsOf } from "./hnsw-exact.ts";
import { HnswGraph } from "./hnsw-graph.ts";
import { RowSpace } from "./row-space.ts";
import type { SectionFile } from "./section-file.ts";
import { SlotTable } from "./slot-table.ts";
import { Turn } from "./turn.ts";
import type { IndexMetric, Key } from "./vector-index.ts";

/** Dead nodes for each live one at which the graph is mended. */
const MOST_DEAD = 0.1;

/** The options of an index, all of them. */
export interface HnswSettings {
  readonly dim: number;
  readonly metric: IndexMetric;
  readonly M: number;
  readonly efConstruction: number;
  readonly workers: number;
  readonly graphFrom: number;
  readonly variant: SearchVariant | undefined;
}

/** How far a call is whose vectors come in: slots taken, and how many of them, in the order of the graph, are linked. */
interface Progress {
  taken: number;
  order: Uint32Array;
  linked: number;
}

export class HnswBody {
  readonly #options: HnswSettings;
  table = new SlotTable();
  /** Undefined while there are too few vectors. */
  graph: HnswGraph | undefined;
  /** Searches side by side, or one change of what they see. */
  readonly gate = new Gate();
  /** Vectors while there is no graph. */
  #small: RowSpace;
  /** Retired slots: in the graph, and dead. */
  #dead = 0;
  /** Counts writes that were seen: what was known of all rows before one is not known after it. */
  #version = 0;
  #codes: { version: number; views: unknown; codes: Promise<CodedRows | undefined> } | undefined;
  /** Nodes that were mended around since the graph was calibrated. */
  #mended = 0;

  constructor(options: HnswSettings) {
    this.#options = options;
    this.#small = this.#emptyRows();
  }

  get rows(): RowSpace {
    return this.graph?.rows ?? this.#small;
  }

  #emptyRows(): RowSpace {
    return new RowSpace(this.#options.dim, this.#options.metric === "cosine" ? "inverse" : "length");
  }

  /**
   * The codes of the graph for a certified search, or undefined where they certify nothing. What a search must know of all rows is
   * found out by the first one after a write.
   */
  codes(turn: Turn): Promise<CodedRows | undefined> {
    const { graph } = this;
    if (!graph) return Promise.resolve(undefined);
    // A graph that moved has other arrays.
    if (this.#codes?.version !== this.#version || this.#codes.views !== graph.views) {
      this.#codes = { version: this.#version, views: graph.views, codes: codedRowsOf(graph, this.#liveSlots(), turn) };
      // One who gives up must not leave its failure to the next.
      this.#codes.codes.catch(() => (this.#codes = undefined));
    }
    return this.#codes.codes;
  }

  /**
   * Takes a slot for each vector and puts them in place, in the graph too where there is one. Yields steps; where it does not come
   * to its end, nothing is left of it.
   */
  async *place(vectors: Matrix, turn: Turn): AsyncGenerator<Step, Uint32Array, void> {
    await this.#makeRoom(vectors, turn);
    const slots = new Uint32Array(vectors.rows);
    const progress = { taken: 0, order: slots, linked: 0 };
    let whole = false;
    try {
      for (let r = 0; r < vectors.rows; r++) {
        slots[r] = this.table.take();
        progress.taken++;
        this.rows.row(slots[r]!).set(vectors.row(r));
        if (!this.graph) this.rows.measure(slots[r]!);
        if ((r & 31) === 0 && turn.due) await turn.pass();
      }
      if (this.graph) yield* this.#link(this.graph, progress, turn);
      yield phaseClock("add", vectors.rows)(vectors.rows); // the last moment at which the call can be stopped
      whole = true;
    } finally {
      if (!whole) this.#takeBack(progress);
    }
    return slots;
  }

  /** Puts slots whose rows are in place into the graph, and calibrates where that is due. */
  async *#link(graph: HnswGraph, progress: Progress, turn: Turn): AsyncGenerator<Step, void, void> {
    const slots = progress.order;
    await graph.encode(slots);
    const due = graph.present + slots.length >= 2 * graph.calibratedAt;
    const { order, first } = due ? heldBack(slots) : { order: slots, first: slots.length };
    progress.order = order;
    const clock = phaseClock("build", slots.length);
    for await (const done of graph.link(order.subarray(0, first))) {
      progress.linked = done;
      yield clock(done);
    }
    if (first < order.length) {
      await graph.calibrateWith(order.subarray(first), order.subarray(0, first), turn);
      for await (const done of graph.link(order.subarray(first))) {
        progress.linked = first + done;
        yield clock(first + done);
      }
    } else if (due) await graph.calibrate(Uint32Array.from([...this.#liveSlots(), ...slots]), turn);
  }

  /** Slots of a call that did not come to its end: free again, or dead nodes where they are in the graph. */
  #takeBack({ taken, order, linked }: Progress): void {
    for (const [i, slot] of order.subarray(0, taken).entries()) {
      this.rows.row(slot).fill(0);
      if (i < linked) this.#markDead(slot);
      else this.table.release(slot);
    }
  }

  /** Sees to it that the rows of a call have room, in a graph where there will be enough of them. */
  async #makeRoom(vectors: Matrix, turn: Turn): Promise<void> {
    const { count, end } = this.table;
    const total = count + this.#dead + vectors.rows;
    if (this.graph) return this.graph.reserve(Math.max(total, end), end, turn);
    if (total < this.#options.graphFrom || !searchModuleIfAllowed(platform.sharedMemory))
      return this.#small.reserve(total);
    const codec = await this.#train(vectors, turn);
    await this.#moveInto(await this.#newGraph(codec, Math.max(total, end), turn), turn, false);
  }

  #newGraph(codec: Codec, slots: number, turn: Turn): Promise<HnswGraph> {
    const exclusive = <T>(work: () => Promise<T>): Promise<T> => this.gate.write(work);
    return HnswGraph.open({ ...this.#options, exclusive }, codec, slots, turn);
  }

  /** Puts all that lives into a new graph, which then is the index's. */
  async #moveInto(graph: HnswGraph, turn: Turn, calibrate: boolean): Promise<void> {
    const live = this.#liveSlots();
    for (const slot of live) {
      graph.rows.row(slot).set(this.#small.row(slot));
      if (turn.due) await turn.pass();
    }
    graph.views.live.set(this.table.live);
    await graph.encode(live);
    for await (const _ of graph.link(live));
    if (calibrate) await graph.calibrate(live, turn);
    await this.gate.write(async () => {
      this.graph = graph;
      this.#small = this.#emptyRows();
    });
  }

  /** A codec from a sample of the vectors that are there and those that come. */
  async #train(vectors: Matrix, turn: Turn): Promise<Codec> {
    const { dim, metric } = this.#options;
    const there = this.#liveSlots();
    const rowAt = (i: number) => (i < there.length ? this.#small.row(there[i]!) : vectors.row(i - there.length));
    const total = there.length + vectors.rows;
    const sample = sampledRows(total, dim);
    const rows = new Float32Array(sample.length * dim);
    sample.forEach((i, s) => rows.set(rowAt(i), s * dim));
    let longest = 0;
    if (metric === "dot") {
      for (let i = 0; i < total; i++) {
        let squares = 0;
        for (const value of rowAt(i)) squares += value * value;
        longest = Math.max(longest, Math.sqrt(squares));
        if ((i & 63) === 0 && turn.due) await turn.pass();
      }
    }
    const steps = trainCodec({ metric, dim, rows, longest });
    for (;;) {
      const next = steps.next();
      if (next.done) return next.value;
      if (turn.due) await turn.pass();
    }
  }

  /** From here on nothing can stop a call that must be done whole or not at all. */
  publish(keys: readonly Key[], slots: Uint32Array, turn: Turn): Promise<void> {
    return this.gate.write(async () => {
      const table = this.table;
      this.#version++;
      for (let r = 0; r < keys.length; r++) {
        const old = table.slotOf(keys[r]!);
        const arrival = old === undefined ? undefined : table.arrivalOf(old);
        if (old !== undefined) this.#retire(keys[r]!);
        table.publish(slots[r]!, keys[r]!, arrival);
        if ((r & 255) === 0 && turn.due) await turn.rest();
      }
      this.graph?.views.live.set(table.live);
    });
  }

  /** Takes a key out. Its vector is gone at once; its node stays a signpost until the graph is mended. */
  #retire(key: Key): boolean {
    const slot = this.table.retire(key);
    if (slot === undefined) return false;
    this.rows.row(slot).fill(0);
    if (this.graph) this.#markDead(slot);
    else {
      this.rows.measure(slot);
      this.table.release(slot);
    }
    return true;
  }

  #markDead(slot: number): void {
    this.graph!.views.dead[slot >>> 5]! |= 1 << (slot & 31);
    this.#dead++;
  }

  /** Takes keys out; returns how many were there. */
  remove(keys: Iterable<Key>, turn: Turn): Promise<number> {
    return this.gate.write(async () => {
      this.#version++;
      let count = 0;
      for (const key of keys) {
        if (this.#retire(key)) count++;
        if (turn.due) await turn.rest();
      }
      this.graph?.views.live.set(this.table.live);
      return count;
    });
  }

  async mendIfDue(turn: Turn): Promise<void> {
    if (this.#dead > MOST_DEAD * this.table.count + 1) await this.mend(turn);
  }

  /** Mends the graph around its dead nodes and forgets them. */
  async mend(turn: Turn): Promise<void> {
    const graph = this.graph;
    if (!graph || this.#dead === 0) return;
    if (this.table.count === 0) return this.#dropGraph();
    const before = graph.present;
    await graph.mend(this.table.end);
    await this.gate.write(async () => {
      for (const slot of this.table.retired()) {
        graph.forget(slot);
        this.table.release(slot);
        if (turn.due) await turn.rest();
      }
      graph.views.dead.fill(0);
      this.#dead = 0;
    });
    this.#mended += before - graph.present;
    if (this.#mended < graph.calibratedAt / 2) return;
    this.#mended = 0;
    await graph.calibrate(this.#liveSlots(), new Turn());
  }

  #liveSlots(): Uint32Array {
    const slots = new Uint32Array(this.table.count);
    let count = 0;
    for (let slot = 0; slot < this.table.end; slot++) if (this.table.isLive(slot)) slots[count++] = slot;
    return slots;
  }

  /** Nothing lives: begin anew. */
  async #dropGraph(): Promise<void> {
    const graph = this.graph!;
    await this.gate.write(async () => {
      this.graph = undefined;
      for (const slot of this.table.retired()) this.table.release(slot);
      this.#dead = 0;
    });
    await graph.close();
  }

  /** Reads the vectors of a file without a graph, or where none can run. */
  async readSmall(file: SectionFile, signal: AbortSignal | undefined): Promise<void> {
    this.#small.reserve(this.table.end);
    for (const { name, pieces } of rowSections(this.#small, this.table.end))
      await readExactly(file, name, pieces, signal);
    const turn = new Turn(signal);
    for (let slot = 0; slot < this.table.end; slot++) {
      this.#small.measure(slot);
      if ((slot & 63) === 0 && turn.due) await turn.pass();
    }
    // Without a graph a retired slot is of no use.
    for (const slot of this.table.retired()) this.table.release(slot);
  }

  /** Reads vectors and graph of a file; makes anew what is damaged and can be. */
  async readGraph(file: SectionFile, head: GraphHead, signal: AbortSignal | undefined): Promise<void> {
    const slots = this.table.end;
    const mean = new Float32Array(head.codec.width);
    const matrix = new Int16Array(head.codec.codes * head.codec.width);
    const turn = new Turn(signal);
    const graph = await this.#newGraph({ ...head.codec, mean, matrix }, slots, turn);
    const damaged = new Set<string>();
    for (const { name, bytes } of derivedSections(graph, slots)) {
      if (!(await readIfSound(file, name, bytes, signal))) damaged.add(name);
    }
    for (const { name, pieces } of rowSections(graph.rows, slots)) await readExactly(file, name, pieces, signal);
    if (damaged.has("mean") || damaged.has("projection")) return this.#rebuild(graph, turn);
    mean.set(graph.views.mean);
    matrix.set(new Int16Array(graph.views.matrix.buffer, graph.views.matrix.byteOffset, matrix.length));
    graph.views.live.set(this.table.live);
    for (const slot of this.table.retired()) {
      graph.views.dead[slot >>> 5]! |= 1 << (slot & 31);
      this.#dead++;
    }
    Object.assign(graph, { entry: head.entry, top: head.top, present: this.table.count + this.#dead });
    Object.assign(graph, { frontiers: head.frontiers, calibratedAt: head.calibratedAt });
    if (damaged.has("links") || damaged.has("upper")) return this.#rebuild(graph, turn);
    if (damaged.size > 0) await graph.encode(this.#liveSlots());
    else await weigh(graph, slots, turn);
    this.graph = graph;
  }

  /** All anew from the vectors that live: codec, codes, links. */
  async #rebuild(damaged: HnswGraph, turn: Turn): Promise<void> {
    this.#small = damaged.rows;
    this.#dead = 0;
    for (const slot of this.table.retired()) this.table.release(slot);
    const codec = await this.#train(new Matrix(new Float32Array(0), this.#options.dim), turn);
    await this.#moveInto(await this.#newGraph(codec, this.table.end, turn), turn, true);
  }
}
