/**
 * How often words stand near each other, in bounded memory.
 *
 * Each worker counts slices of the corpus into a table of its own (kernels/reference/glove.ts); when one is
 * full, all are put away to scratch as sorted runs. A pair at distance d adds 1/d, counted in whole units of
 * 1/720720, which all distances up to 16 divide, so sums are exact and neither the order of slices nor the
 * number of tables matters. Beyond 16 a weight is off by less than window/10⁶ of itself.
 */
import {
  bytes,
  doubles,
  openPool,
  openWorkspace,
  phaseClock,
  platform,
  words,
  type Pool,
  type Scratch,
  type Step,
} from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import type { Corpus } from "../text/index.ts";
import { trainWorker } from "./generated/worker.ts";
import { gloveJobs, recordsOf, type CountSetup } from "./glove-jobs.ts";
import type { Strips } from "./glove-strips.ts";

/** Units of a count: lcm(1 … 16). */
export const UNITS = 720720;

/** A sorted run of records, each two float64: key and count. */
export interface Run {
  readonly scratch: Scratch;
  readonly position: number;
  records: number;
}

export interface PairRuns {
  readonly runs: readonly Run[];
  /** What keys are salted with. */
  readonly salt: number;
  /** Records in all runs: at least as many as there are pairs. */
  readonly records: number;
  close(): void;
}

export interface CountOptions {
  readonly window: number;
  readonly seed: number;
  readonly workers: number;
  readonly memoryBytes: number;
}

const SLICE_PAIRS = 1 << 15; // counted by a worker at a time: 5 ms, and some 30 where each touches a new page of memory
const RECORDS_EACH = 1 << 15;
const LOAD = 0.7; // beyond, probes and moves of the ordered table grow fast
const MOST_MEMORY = 3 * 2 ** 30; // the tables of all workers lie in one memory, and 4 GiB is its end
const STEP_SECONDS = 0.03;

/** Counts the pairs of a corpus: phase "count", in ids. */
export async function* countPairsSteps(
  corpus: Corpus,
  strips: Strips,
  options: CountOptions,
): AsyncGenerator<Step, PairRuns, void> {
  const counting = await Counting.open(corpus, strips, options);
  let counted = false;
  try {
    yield* counting.steps();
    counted = true;
    return counting.result();
  } finally {
    await counting.close(counted);
  }
}

class Counting {
  readonly #corpus: Corpus;
  readonly #setup: CountSetup;
  readonly #pool: Pool<typeof gloveJobs>;
  readonly #scratches: Scratch[] = [];
  readonly #runs: Run[] = [];
  readonly #buffer: Uint32Array;

  private constructor(corpus: Corpus, setup: CountSetup, pool: Pool<typeof gloveJobs>) {
    this.#corpus = corpus;
    this.#setup = setup;
    this.#pool = pool;
    this.#buffer = new Uint32Array(setup.idsEach);
  }

  static async open(corpus: Corpus, strips: Strips, options: CountOptions): Promise<Counting> {
    const { window, seed } = options;
    const here = options.workers === 0;
    const workers = Math.max(1, options.workers);
    const bits = tableBits(Math.min(options.memoryBytes, MOST_MEMORY) / workers, corpus.length * window);
    const slots = 2 ** bits + 1024 + window;
    const idsEach = Math.ceil(SLICE_PAIRS / window) + window;
    const space = openWorkspace(
      {
        weights: doubles(window + 1),
        states: bytes(64 * workers),
        ids: words(workers * idsEach),
        records: doubles(2 * workers * RECORDS_EACH),
        tables: doubles(2 * workers * slots),
      },
      { shared: !here },
    );
    for (let d = 1; d <= window; d++) space.weights[d] = Math.round(UNITS / d);
    const setup: CountSetup = {
      memory: space.memory,
      module: space.module,
      weightsAt: space.weights.byteOffset,
      window,
      idsAt: space.ids.byteOffset,
      idsEach,
      tablesAt: space.tables.byteOffset,
      bits,
      slots,
      limit: Math.floor(LOAD * 2 ** bits),
      statesAt: space.states.byteOffset,
      recordsAt: space.records.byteOffset,
      recordsEach: RECORDS_EACH,
      stripBits: strips.bits,
      salt: reference.mix((seed >>> 0) ^ reference.mix(Math.floor(seed / 2 ** 32) ^ 0x610e5)),
    };
    const pool = await openPool(gloveJobs, { source: trainWorker, workers, setup, here });
    return new Counting(corpus, setup, pool);
  }

  async *steps(): AsyncGenerator<Step, void, void> {
    const { length } = this.#corpus;
    const clock = phaseClock("count", length);
    const slice = this.#setup.idsEach - this.#setup.window;
    const slices = Array.from({ length: this.#pool.workers }, () => ({ from: 0, to: 0 }));
    let handedOut = 0;
    let told = platform.now();
    for (;;) {
      for (const mine of slices) {
        if (mine.from < mine.to) continue;
        mine.from = handedOut;
        handedOut = mine.to = Math.min(length, handedOut + slice);
      }
      const open = slices.reduce((sum, { from, to }) => sum + to - from, 0);
      if (open === 0) break;
      if (await this.#countSlices(slices)) yield* this.#putAway(() => clock(handedOut - open));
      if (platform.now() - told < STEP_SECONDS) continue;
      told = platform.now();
      yield clock(handedOut - slices.reduce((sum, { from, to }) => sum + to - from, 0));
    }
    yield* this.#putAway(() => clock(length));
  }

  /** Lets every worker count its slice, with the ids before it for context. True if a table was full. */
  async #countSlices(slices: { from: number; to: number }[]): Promise<boolean> {
    const { window, idsEach, idsAt, memory } = this.#setup;
    const ranges = slices.map(({ from, to }, worker) => {
      const start = Math.max(0, from - window);
      const ids = this.#buffer.subarray(0, to - start);
      if (from < to) this.#corpus.read(start, ids);
      new Uint32Array(memory.buffer, idsAt + 4 * worker * idsEach, ids.length).set(ids);
      return { from: from - start, to: to - start };
    });
    const stops = await this.#pool.runAll("gloveCount", ranges);
    slices.forEach((mine, worker) => (mine.from += stops[worker]! - ranges[worker]!.from));
    return slices.some(({ from, to }) => from < to);
  }

  /** Empties all tables, each to a run of its own. */
  async *#putAway(step: () => Step): AsyncGenerator<Step, void, void> {
    const { workers } = this.#pool;
    while (this.#scratches.length < workers) this.#scratches.push(platform.openScratch());
    const runs = this.#scratches.map((scratch): Run => ({ scratch, position: scratch.bytes, records: 0 }));
    let told = platform.now();
    for (;;) {
      const counts = await this.#pool.runAll("gloveDrain", null);
      if (counts.every((count) => count === 0)) break;
      counts.forEach((count, worker) => {
        const run = runs[worker]!;
        // A copy: files do not take shared memory everywhere.
        const records = recordsOf(this.#setup, worker).slice(0, 2 * count);
        run.scratch.append(new Uint8Array(records.buffer));
        run.records += count;
      });
      if (platform.now() - told < STEP_SECONDS) continue;
      told = platform.now();
      yield step();
    }
    this.#runs.push(...runs.filter(({ records }) => records > 0));
  }

  result(): PairRuns {
    return {
      runs: this.#runs,
      salt: this.#setup.salt,
      records: this.#runs.reduce((sum, run) => sum + run.records, 0),
      close: () => this.#scratches.forEach((scratch) => scratch.close()),
    };
  }

  async close(keepRuns: boolean): Promise<void> {
    await this.#pool.close();
    if (!keepRuns) for (const scratch of this.#scratches) scratch.close();
  }
}

/** A table as large as memory allows, but no larger than all pairs could need. */
function tableBits(memoryBytes: number, mostPairs: number): number {
  let bits = 10;
  while (bits < 26 && 2 ** (bits + 1) * 16 <= memoryBytes && 2 ** bits < mostPairs / LOAD) bits++;
  return bits;
}
