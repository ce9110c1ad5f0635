/**
 * Fitting rows to the blocks of pairs, epoch by epoch, sub-epoch by sub-epoch.
 *
 * Control stays on this thread: workers get a few milliseconds of pages at a time, and while they are at it
 * the next pages are read from scratch. Between two sub-epochs all state is in the rows, so that is where a
 * checkpoint is taken. See glove-strips.ts for why workers never meet.
 */
import {
  LociError,
  Matrix,
  Rng,
  bytes,
  floats,
  openPool,
  openWorkspace,
  phaseClock,
  platform,
  type Pool,
} from "../core/index.ts";
import { trainWorker } from "./generated/worker.ts";
import { PAGE_PAIRS, type Page, type PairBlocks } from "./glove-blocks.ts";
import { gloveJobs, pageAt, rowWidth, type FitSetup, type PageTask } from "./glove-jobs.ts";
import type { GloveSettings } from "./glove-options.ts";
import { BLOCKS, type Strips } from "./glove-strips.ts";
import type { TrainStep } from "./word2vec-options.ts";

/** Where fitting stands: between two sub-epochs. */
export interface FitPosition {
  readonly epoch: number;
  /** Sub-epochs of this epoch that are done. */
  readonly subEpoch: number;
  /** Loss and entries of this epoch so far. */
  readonly loss: number;
  readonly entries: number;
}

export interface FittedRows {
  /** w + w̃, by id. */
  readonly sum: Matrix;
  /** w̃, by id. */
  readonly contexts: Matrix;
  /** Mean loss of the last epoch. */
  readonly loss: number;
}

export interface FitOptions {
  /** Threads; 0: fit on this one. */
  readonly workers: number;
  /** Ids whose vectors come with every step. */
  readonly watched: readonly number[];
}

const PAGES_EACH = 12; // 24,000 pairs: 5 ms at dim 100
const FILL_ROWS = 1 << 14;
const STEP_SECONDS = 0.03;
// The authors' program keeps each gradient component within ±100; this keeps their common factor there.
const CLIP = 100;

/** A page to fit, and by whose strip its loss is added up. */
interface Item extends Omit<PageTask, "pairs"> {
  readonly page: Page;
  readonly strip: number;
}

/** Loss and entries by the word's strip, so that sums have one order however the strips were handed out. */
interface Tally {
  readonly loss: Float64Array;
  readonly entries: Float64Array;
}

export class Fitting {
  /** All state of training: the words' rows, then the contexts'. */
  readonly rows: Float32Array;
  readonly #strips: Strips;
  readonly #blocks: PairBlocks;
  readonly #settings: GloveSettings;
  readonly #options: FitOptions;
  readonly #setup: FitSetup;
  readonly #pool: Pool<typeof gloveJobs>;
  readonly #buffer = new Uint32Array(3 * PAGE_PAIRS);
  #loss = NaN;

  private constructor(
    strips: Strips,
    blocks: PairBlocks,
    settings: GloveSettings,
    options: FitOptions,
    space: { setup: FitSetup; rows: Float32Array; pool: Pool<typeof gloveJobs> },
  ) {
    this.#strips = strips;
    this.#blocks = blocks;
    this.#settings = settings;
    this.#options = options;
    this.#setup = space.setup;
    this.#pool = space.pool;
    this.rows = space.rows;
  }

  /** Makes room and workers. Rows are zeros until `fill`, or until a checkpoint is read into `rows`. */
  static async open(
    strips: Strips,
    blocks: PairBlocks,
    settings: GloveSettings,
    options: FitOptions,
  ): Promise<Fitting> {
    const { dim, seed, learningRate } = settings;
    const vectors = Math.ceil(dim / 4);
    const count = strips.vocabulary;
    const width = rowWidth(vectors);
    const here = options.workers === 0;
    const workers = Math.max(1, Math.min(options.workers, strips.count));
    const { memory, module, pages, rows } = openWorkspace(
      { pages: bytes(workers * 2 * PAGES_EACH * PAGE_PAIRS * 12), rows: floats(2 * count * width) },
      { shared: !here },
    );
    const setup: FitSetup = {
      memory,
      module,
      wordsAt: rows.byteOffset,
      contextsAt: rows.byteOffset + 4 * count * width,
      rows: count,
      dim,
      vectors,
      pagesAt: pages.byteOffset,
      pagesEach: PAGES_EACH,
      pagePairs: PAGE_PAIRS,
      learningRate,
      clip: CLIP,
      seed,
    };
    const pool = await openPool(gloveJobs, { source: trainWorker, workers, setup, here });
    return new Fitting(strips, blocks, settings, options, { setup, rows, pool });
  }

  /** Draws the rows as training begins. */
  async fill(): Promise<void> {
    const { rows } = this.#setup;
    for (let from = 0; from < rows; from += FILL_ROWS) {
      await this.#pool.runAll("gloveFill", { from, to: Math.min(rows, from + FILL_ROWS) });
    }
  }

  /** Fits what is left from `position` on: phase "train", in entries of X. Calls `between` after each sub-epoch. */
  async *steps(
    position: FitPosition,
    between: (here: FitPosition) => Promise<void>,
  ): AsyncGenerator<TrainStep, void, void> {
    const { epochs, seed } = this.#settings;
    const teller = this.#teller(position);
    let before = position;
    for (let { epoch, subEpoch } = position; epoch < epochs; epoch++, subEpoch = 0) {
      if (epoch > before.epoch) before = { epoch, subEpoch: 0, loss: 0, entries: 0 };
      const order = new Rng(seed, 2 * epoch + 1).shuffle(Array.from({ length: this.#strips.count }, (_, s) => s));
      for (; subEpoch < order.length; subEpoch++) {
        const tally = { loss: new Float64Array(order.length), entries: new Float64Array(order.length) };
        const here = () => ({
          epoch,
          subEpoch: subEpoch + 1,
          loss: before.loss + sum(tally.loss),
          entries: before.entries + sum(tally.entries),
        });
        for await (const _ of this.#subEpoch(epoch, order[subEpoch]!, tally)) yield* teller(here());
        before = here();
        this.#checkFinite(before);
        await between(before);
      }
      this.#loss = before.loss / before.entries;
    }
  }

  /** Makes steps of positions, when it is time for one. */
  #teller(start: FitPosition): (here: FitPosition) => Generator<TrainStep, void, void> {
    const { epochs, learningRate } = this.#settings;
    const { entries } = this.#blocks;
    const total = epochs * entries;
    const doneBefore = start.epoch * entries + start.entries;
    const clock = phaseClock("train", total - doneBefore);
    const watched = () => (this.#options.watched.length > 0 ? { watched: this.#watchedRows() } : {});
    const cpu = platform.cpuSeconds();
    const began = platform.now();
    let time = began;
    let told = start;
    return function* (here) {
      if (platform.now() - time < STEP_SECONDS) return;
      time = platform.now();
      const last = told.epoch === here.epoch ? told : { loss: 0, entries: 0 };
      told = here;
      if (here.entries === last.entries) return;
      const done = here.epoch * entries + here.entries;
      yield {
        ...clock(done - doneBefore),
        done,
        total,
        epoch: here.epoch,
        loss: (here.loss - last.loss) / (here.entries - last.entries),
        epochLoss: here.loss / here.entries,
        learningRate,
        seconds: time - began,
        ...(cpu === undefined ? {} : { cpuSeconds: platform.cpuSeconds()! - cpu }),
        ...watched(),
      };
    };
  }

  /** Fits the blocks (i, (i + shift) mod P), yielding after every few milliseconds of them. */
  async *#subEpoch(epoch: number, shift: number, tally: Tally): AsyncGenerator<void, void, void> {
    const queues = Array.from({ length: this.#pool.workers }, (_, worker) => this.#queue(epoch, shift, worker));
    const rounds = Math.max(...queues.map((queue) => Math.ceil(queue.length / PAGES_EACH)));
    const itemsOf = (round: number) => queues.map((queue) => queue.slice(round * PAGES_EACH, (round + 1) * PAGES_EACH));
    let items = this.#load(itemsOf(0), 0);
    for (let round = 0; round < rounds; round++) {
      const tasks = items.map((mine) => mine.map(taskOf));
      const [losses, next] = await Promise.all([
        this.#pool.runAll("gloveFit", { half: round & 1, tasks }),
        Promise.resolve().then(() => this.#load(itemsOf(round + 1), (round + 1) & 1)), // while they work
      ]);
      items.forEach((mine, worker) =>
        mine.forEach(({ strip, mode, page }, i) => {
          tally.loss[strip]! += losses[worker]![i]!;
          tally.entries[strip]! += mode === 2 ? page.pairs - page.same : page.pairs;
        }),
      );
      items = next;
      yield;
    }
  }

  /** The pages that a worker has to fit in a sub-epoch: every so many-th strip's, those of a block in fresh order. */
  #queue(epoch: number, shift: number, worker: number): Item[] {
    const strips = this.#strips;
    const queue: Item[] = [];
    for (let strip = worker; strip < strips.count; strip += this.#pool.workers) {
      const other = (strip + shift) & (strips.count - 1);
      const block = strips.blockOf(strip, other);
      // In a block of two strips the pair's first word is of the lower one.
      for (const mode of strip === other ? [0, 2] : [strip < other ? 0 : 1]) {
        const stream = 2 * (epoch * 4 * BLOCKS + mode * BLOCKS + block);
        const pages = new Rng(this.#settings.seed, stream).shuffle([...this.#blocks.pages[block]!]);
        const rows = { wordRow: strips.start(strip), contextRow: strips.start(other) };
        for (const page of pages) queue.push({ ...rows, mode, page, strip });
      }
    }
    return queue;
  }

  /** Reads pages into a half of the workers' buffers. */
  #load(items: Item[][], half: number): Item[][] {
    items.forEach((mine, worker) =>
      mine.forEach(({ page }, i) => {
        // By way of a buffer of our own: files do not read into shared memory everywhere.
        this.#blocks.read(page, this.#buffer);
        const at = pageAt(this.#setup, worker, half, i);
        new Uint32Array(this.#setup.memory.buffer, at, 3 * page.pairs).set(this.#buffer.subarray(0, 3 * page.pairs));
      }),
    );
    return items;
  }

  #checkFinite({ epoch, loss }: FitPosition): void {
    if (Number.isFinite(loss)) return;
    throw new LociError(
      "diverged",
      `Training diverged in epoch ${epoch + 1}: the loss is ${loss}. Use a lower learningRate (it was ${this.#settings.learningRate}).`,
    );
  }

  #watchedRows(): Float32Array {
    const { dim } = this.#settings;
    const out = new Float32Array(this.#options.watched.length * dim);
    this.#options.watched.forEach((id, i) => this.#addRow(id, true, out.subarray(i * dim, (i + 1) * dim)));
    return out;
  }

  /** Writes w̃, or w + w̃, of a word. */
  #addRow(id: number, withWord: boolean, out: Float32Array): void {
    const width = rowWidth(this.#setup.vectors);
    const word = this.#strips.rowOf(id) * width;
    const context = word + this.#setup.rows * width;
    for (let i = 0; i < out.length; i++) out[i] = this.rows[context + i]! + (withWord ? this.rows[word + i]! : 0);
  }

  /** The rows as they stand, in memory of their own and by id. */
  result(): FittedRows {
    const sums = Matrix.zeros(this.#setup.rows, this.#settings.dim);
    const contexts = Matrix.zeros(this.#setup.rows, this.#settings.dim);
    for (let id = 0; id < this.#setup.rows; id++) {
      this.#addRow(id, true, sums.row(id));
      this.#addRow(id, false, contexts.row(id));
    }
    return { sum: sums, contexts, loss: this.#loss };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function taskOf({ wordRow, contextRow, mode, page }: Item): PageTask {
  return { wordRow, contextRow, mode, pairs: page.pairs };
}

function sum(numbers: Float64Array): number {
  return numbers.reduce((total, number) => total + number, 0);
}
