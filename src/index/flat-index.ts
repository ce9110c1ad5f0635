/**
 * The exact index: every answer is that of a float64 search of everything, ties included.
 *
 * What other indexes are judged by, and the right choice up to some hundred thousand vectors. Vectors lie as they were
 * given; a search reads them once, at the speed of memory. An index that is asked more often makes short codes of
 * its vectors, beside its other work, and from then on answers from those (certify.ts): the same answers, several times faster.
 */
import {
  type ByteSource,
  LociError,
  type LongOptions,
  type Matrix,
  type Step,
  drain,
  phaseClock,
} from "../core/index.ts";
import { certifiedBest, certifiedWithin } from "./certify.ts";
import { checkIndexOptions, checkLeastScore, checkQuery, checkVectors, searchOptions } from "./check-vectors.ts";
import { CodeSpace } from "./code-space.ts";
import {
  CALIBRATION_K,
  CALIBRATION_ROWS,
  Calibration,
  estimatedBest,
  estimatedBestOfMany,
  placesAmongCodes,
} from "./estimate.ts";
import { type ExactSearch, type Scored, exactBest, exactBestOfMany, exactWithin } from "./exact-scan.ts";
import { maskOf } from "./filters.ts";
import { Gate } from "./gate.ts";
import { Question } from "./question.ts";
import { BATCH, RowSpace } from "./row-space.ts";
import { SectionFile, type SectionOut, badIndex, sectionPieces } from "./section-file.ts";
import { SlotTable } from "./slot-table.ts";
import { Turn } from "./turn.ts";
import type { IndexAnswer, IndexMetric, IndexSearchOptions, Key, KeyFilter, VectorIndex } from "./vector-index.ts";

export interface FlatIndexOptions {
  /** The width of the vectors. */
  readonly dim: number;
  /** Default "cosine". */
  readonly metric?: IndexMetric;
  /**
   * Whether an index that is asked often may make codes of its vectors: the same answers, several times faster, for a tenth
   * more memory. Default true; false keeps to the scan.
   */
  readonly codes?: boolean;
  /**
   * Let searches that do not ask for `exact` answer from codes without proof, with the recall they ask for as measured on
   * sampled rows: two to three times faster again. Default false: every answer is exact.
   */
  readonly estimate?: boolean;
}

/** Questions after which codes are worth making, and the least size at which they ever are. */
const ASKED_OFTEN = 16;
const WORTH_ROWS = 2048;
const WORTH_NUMBERS = 2 ** 18;
/** Codes are made anew when there are so many times the rows that they were trained on, or so large a share is outliers. */
const OUTGROWN = 4;
const WORN = 0.03;

/**
 * Vectors in memory, searched exactly. Scores are float64, ties go to who came in first, and answers from codes are proven
 * equal (docs/exact-search.md). A vector of zeros has cosine 0 with everything.
 */
export class FlatIndex implements VectorIndex {
  readonly metric: IndexMetric;
  readonly dim: number;
  #table = new SlotTable();
  readonly #rows: RowSpace;
  readonly #gate = new Gate();
  readonly #mayCode: boolean;
  readonly #estimate: boolean;
  #codes: CodeSpace | undefined;
  /** What re-ranking so many codes was worth. */
  #calibration: Calibration | undefined;
  /** How many rows the codes were trained on. */
  #trainedOn = 0;
  #asked = 0;
  /** Stops what goes on beside the searches. */
  readonly #closing = new AbortController();

  /** An empty index. Throws `bad-argument` for a dim or metric that is none. */
  constructor({ dim, metric = "cosine", codes = true, estimate = false }: FlatIndexOptions) {
    checkIndexOptions(dim, metric);
    this.dim = dim;
    this.metric = metric;
    this.#estimate = estimate;
    this.#mayCode = codes;
    this.#rows = new RowSpace(dim, metric === "cosine" ? "inverse" : "length");
  }

  get count(): number {
    return this.#table.count;
  }

  get slots(): number {
    return this.#table.end;
  }

  has(key: Key): boolean {
    return this.#table.slotOf(key) !== undefined;
  }

  get(key: Key): Float32Array | undefined {
    const slot = this.#table.slotOf(key);
    return slot === undefined ? undefined : this.#rows.row(slot).slice();
  }

  slotOf(key: Key): number | undefined {
    return this.#table.slotOf(key);
  }

  keys(): IterableIterator<Key> {
    return this.#table.keys();
  }

  add(keys: readonly Key[], vectors: Matrix, options: LongOptions = {}): Promise<void> {
    return this.#gate.write(() => drain(this.#addSteps(keys, vectors, new Turn(options.signal)), options));
  }

  async *#addSteps(keys: readonly Key[], vectors: Matrix, turn: Turn): AsyncGenerator<Step, void, void> {
    await checkVectors(this.dim, keys, vectors, turn);
    const table = this.#table;
    const slots = Array.from(keys, (key) => table.slotOf(key) ?? -1);
    const fresh = slots.reduce((count, slot) => count + (slot < 0 ? 1 : 0), 0);
    this.#rows.reserve(table.count + fresh); // holes are filled first, so the rows reach no further
    this.#reserveCodes();
    const clock = phaseClock("add", keys.length);
    const taken: number[] = [];
    let whole = false;
    try {
      for (let r = 0; r < keys.length; r++) {
        if (slots[r]! >= 0) continue;
        slots[r] = table.take();
        taken.push(slots[r]!);
        this.#rows.set(slots[r]!, vectors.row(r));
        if ((r & 31) === 0 && turn.due) {
          await turn.pass();
          yield clock(r + 1);
        }
      }
      yield clock(keys.length); // the last moment at which the call can be stopped
      whole = true;
    } finally {
      if (!whole) for (const slot of taken) this.#free(slot);
    }
    await this.#publish(keys, vectors, slots, turn);
  }

  /** Gives a slot back. What was in it is not kept, nor written to files. */
  #free(slot: number): void {
    this.#rows.row(slot).fill(0);
    this.#rows.measure(slot);
    this.#table.release(slot);
  }

  /** From here on nothing can stop a call that must be done whole or not at all. */
  async #publish(keys: readonly Key[], vectors: Matrix, slots: readonly number[], turn: Turn): Promise<void> {
    for (let r = 0; r < keys.length; r++) {
      if (this.has(keys[r]!)) this.#rows.set(slots[r]!, vectors.row(r));
      else this.#table.publish(slots[r]!, keys[r]!);
      if ((r & 31) === 0 && turn.due) await turn.rest();
    }
    await this.#codes?.encodeSlots(slots, turn);
  }

  /** Codes are a help: where there is no memory for them, the index does without. */
  #reserveCodes(): void {
    try {
      this.#codes?.reserve();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      this.#codes = undefined;
      this.#asked = -Infinity;
    }
  }

  remove(keys: Iterable<Key>, options: LongOptions = {}): Promise<number> {
    return this.#gate.write(async () => {
      const turn = new Turn(options.signal);
      let removed = 0;
      for (const key of keys) {
        const slot = this.#table.retire(key);
        if (slot !== undefined) {
          this.#free(slot);
          removed++;
        }
        if (turn.due) await turn.rest();
      }
      return removed;
    });
  }

  async search(query: ArrayLike<number>, options: IndexSearchOptions = {}): Promise<IndexAnswer> {
    const { k, recall, exact } = searchOptions(options);
    const asked = checkQuery(this.dim, query);
    return this.#gate.read(async () => {
      this.#noteAsked(1);
      const search = await this.#open(asked, options.filter, new Turn(options.signal));
      const codes = this.#codes;
      const plan = exact ? undefined : this.#calibration?.depthFor(recall, k);
      if (!codes) return this.#answer(await exactBest(search, k));
      if (!plan) return this.#answer(await certifiedBest(codes, search, k));
      return this.#answer(await estimatedBest(codes, search, k, plan.depth), plan.recall);
    });
  }

  async searchMany(queries: Matrix, options: IndexSearchOptions & LongOptions = {}): Promise<IndexAnswer[]> {
    searchOptions(options);
    const asked = Array.from({ length: queries.rows }, (_, r) => checkQuery(this.dim, queries.row(r), `Query ${r}`));
    return this.#gate.read(() => drain(this.#searchSteps(asked, options), options));
  }

  async *#searchSteps(
    asked: readonly Float32Array[],
    options: IndexSearchOptions,
  ): AsyncGenerator<Step, IndexAnswer[], void> {
    const { k, recall, exact } = searchOptions(options);
    const { filter, signal } = options;
    const turn = new Turn(signal);
    const mask = await maskOf(this.#table, filter, turn);
    const clock = phaseClock("search", asked.length);
    const questions = asked.map((query) => new Question(this.metric, query, this.#rows));
    const answers: IndexAnswer[] = [];
    this.#noteAsked(questions.length);
    while (answers.length < questions.length) {
      const codes = this.#codes; // may come in the meantime
      const some = questions.slice(answers.length, answers.length + (codes && !this.#calibration ? 16 : BATCH));
      const whole = { ...this.#whole(turn), mask };
      const plan = exact ? undefined : this.#calibration?.depthFor(recall, k);
      const note = (found: readonly Scored[][], held?: number) =>
        answers.push(...found.map((best) => this.#answer(best, held)));
      if (!codes) note(await exactBestOfMany(whole, some, k));
      else if (plan) note(await estimatedBestOfMany(codes, whole, some, k, plan.depth), plan.recall);
      else for (const question of some) note([await certifiedBest(codes, { ...whole, question }, k)]);
      yield clock(answers.length);
    }
    return answers;
  }

  async searchWithin(
    query: ArrayLike<number>,
    leastScore: number,
    options: Omit<IndexSearchOptions, "k"> = {},
  ): Promise<IndexAnswer> {
    searchOptions(options);
    checkLeastScore(leastScore);
    const asked = checkQuery(this.dim, query);
    return this.#gate.read(async () => {
      const search = await this.#open(asked, options.filter, new Turn(options.signal));
      this.#noteAsked(1);
      const codes = this.#codes;
      return this.#answer(await (codes ? certifiedWithin(codes, search, leastScore) : exactWithin(search, leastScore)));
    });
  }

  async #open(query: Float32Array, filter: KeyFilter | undefined, turn: Turn): Promise<ExactSearch> {
    const mask = await maskOf(this.#table, filter, turn);
    return { ...this.#whole(turn), question: new Question(this.metric, query, this.#rows), mask };
  }

  #whole(turn: Turn): Omit<ExactSearch, "mask" | "question"> {
    return { rows: this.#rows, arrivalOf: (slot) => this.#table.arrivalOf(slot), turn };
  }

  /** `recall`, where given, is what was measured for answers that are not proven. */
  #answer(best: readonly Scored[], recall?: number): IndexAnswer {
    const hits = best.map(({ slot, score }) => ({ key: this.#table.keyOf(slot)!, score }));
    return { hits, exact: recall === undefined, recall: recall ?? 1 };
  }

  /** The index as one file, in pieces: docs/formats/index-file.md. Writes wait until the last piece was taken. */
  async *pieces(): AsyncGenerator<Uint8Array, void, void> {
    await this.#gate.enterReading();
    try {
      const { dim, metric } = this;
      const sections: SectionOut[] = [
        { name: "keys", pieces: this.#table.pieces() },
        { name: "rows", pieces: this.#rowBytes() },
      ];
      yield* sectionPieces("flat", { dim, metric, slots: this.slots }, sections);
    } finally {
      this.#gate.leaveReading();
    }
  }

  /** The rows of all slots as bytes, segment by segment. */
  *#rowBytes(): Generator<Uint8Array> {
    for (const { start, capacity, space } of this.#rows.segments) {
      const count = Math.max(0, Math.min(capacity, this.slots - start));
      yield new Uint8Array(space.rows.buffer, space.rows.byteOffset, 4 * this.dim * count);
    }
  }

  /** Opens a file made of `pieces`. Throws `bad-file`, naming the section, where it is damaged. */
  static async open(
    source: ByteSource,
    options: LongOptions & Pick<FlatIndexOptions, "codes" | "estimate"> = {},
  ): Promise<FlatIndex> {
    const file = await SectionFile.open(source);
    if (file.kind !== "flat") throw badIndex(source, 'an index of kind "flat"', `"${file.kind}"`);
    const { dim, metric, slots } = file.head as { dim: number; metric: IndexMetric; slots: number };
    const index = new FlatIndex({ dim, metric, codes: options.codes ?? true, estimate: options.estimate ?? false });
    index.#table = await readTable(file, slots, options.signal);
    index.#rows.reserve(slots);
    await file.readInto("rows", index.#rowBytes(), options.signal);
    const turn = new Turn(options.signal);
    for (let slot = 0; slot < slots; slot++) {
      index.#rows.measure(slot);
      if ((slot & 63) === 0 && turn.due) await turn.pass();
    }
    return index;
  }

  /** Makes the codes now that an index makes when it is asked often: for who wants the first answers fast as well. */
  async prepare({ signal }: LongOptions = {}): Promise<void> {
    if (!this.#mayCode) return;
    return this.#gate.read(() => this.#makeCodes(new Turn(signal)));
  }

  /** Counts questions; when there were enough, codes are made while others go on being answered. */
  #noteAsked(questions: number): void {
    const { count } = this;
    if (!this.#mayCode) return;
    const worn = this.#codes && (count > OUTGROWN * this.#trainedOn || this.#codes.outliers.size > WORN * count);
    if ((this.#codes && !worn) || count < WORTH_ROWS || count * this.dim < WORTH_NUMBERS) return;
    this.#asked += questions;
    if (this.#asked < ASKED_OFTEN) return;
    this.#asked = -Infinity; // until these codes are made
    const { signal } = this.#closing;
    const making = this.#gate.read(() => this.#makeCodes(new Turn(signal)));
    // Without codes answers are the same, so that nobody waits for this; what is no lack of memory is a defect and is thrown.
    making.catch((error: unknown) => {
      if (!signal.aborted && !isOutOfMemory(error)) throw error;
    });
  }

  async #makeCodes(turn: Turn): Promise<void> {
    const live: number[] = [];
    for (let slot = 0; slot < this.slots; slot++) if (this.#table.isLive(slot)) live.push(slot);
    if (live.length === 0) return;
    const codes = await CodeSpace.build(this.metric, this.#rows, live, turn);
    if (!codes) return;
    if (this.#estimate) this.#calibration = await this.#calibrate(codes, live, turn);
    this.#codes = codes;
    this.#trainedOn = live.length;
    this.#asked = 0;
  }

  /** Looks up the neighbours of some rows exactly and among the codes. */
  async #calibrate(codes: CodeSpace, live: readonly number[], turn: Turn): Promise<Calibration | undefined> {
    if (live.length <= CALIBRATION_K) return undefined;
    const places: number[][] = [];
    const mask = { words: this.#table.live, count: live.length };
    const rows = Math.min(CALIBRATION_ROWS, live.length);
    for (let i = 0; i < rows; i++) {
      const self = live[Math.floor((i * live.length) / rows)]!;
      const query = this.#rows.row(self).slice();
      const search = { ...this.#whole(turn), mask, question: new Question(this.metric, query, this.#rows) };
      const own = await placesAmongCodes(codes, search, self);
      if (own.length > 0) places.push(own);
    }
    return places.length > 0 ? new Calibration(places, CALIBRATION_K) : undefined;
  }

  /** Ends what goes on beside the searches. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof LociError && error.code === "out-of-memory";
}

/** The keys of a file. Throws `bad-file` where they are not those of `slots` slots. */
export async function readTable(file: SectionFile, slots: number, signal?: AbortSignal): Promise<SlotTable> {
  const bytes = await file.read("keys", signal);
  try {
    const table = await SlotTable.from(bytes, new Turn(signal));
    if (table.end === slots) return table;
    throw new RangeError(`${table.end} slots`);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw badIndex(file, `the keys of ${slots} slots`, error.message);
  }
}
