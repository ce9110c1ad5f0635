/** What a worker does for GloVe: count pairs, empty its table, fill rows at first, fit pages of pairs. */
import type { JobContext, Jobs } from "../core/index.ts";
import { openKernels, reference, type Kernels } from "../kernels/index.ts";

/** Where a worker finds what it counts with. Byte offsets into `memory`; the worker's own parts lie in rows by worker. */
export interface CountSetup {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module | undefined;
  readonly weightsAt: number;
  readonly window: number;
  readonly idsAt: number;
  readonly idsEach: number;
  readonly tablesAt: number;
  /** Home slots are 2 ** bits; with those behind them they are `slots`. */
  readonly bits: number;
  readonly slots: number;
  readonly limit: number;
  readonly statesAt: number;
  readonly recordsAt: number;
  readonly recordsEach: number;
  readonly stripBits: number;
  readonly salt: number;
}

/** Where a worker finds what it fits. */
export interface FitSetup {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module | undefined;
  readonly wordsAt: number;
  readonly contextsAt: number;
  readonly rows: number;
  readonly dim: number;
  readonly vectors: number;
  readonly pagesAt: number;
  /** Pages each worker has in each half of its buffer, and the pairs that fit a page. */
  readonly pagesEach: number;
  readonly pagePairs: number;
  readonly learningRate: number;
  readonly clip: number;
  readonly seed: number;
}

/** A page of pairs to fit: the rows its places count from, the roles (see `fitPairs`), and how many pairs. */
export interface PageTask {
  readonly wordRow: number;
  readonly contextRow: number;
  readonly mode: number;
  readonly pairs: number;
}

export const gloveJobs = { gloveCount, gloveDrain, gloveFill, gloveFit } satisfies Jobs;

/** Counts the ids of this worker's range; returns where it stopped. */
function gloveCount(ranges: readonly { from: number; to: number }[], context: JobContext): number {
  const setup = context.setup as CountSetup;
  const { worker } = context;
  const { buffer } = setup.memory;
  const { from, to } = ranges[worker]!;
  return kernelsOf(context).countPairs(
    new Uint32Array(buffer, setup.idsAt + 4 * worker * setup.idsEach, setup.idsEach),
    from,
    to,
    new Float64Array(buffer, setup.weightsAt, setup.window + 1),
    setup.stripBits,
    setup.salt,
    tableOf(setup, worker),
    setup.bits,
    setup.limit,
    new Int32Array(buffer, setup.statesAt + 64 * worker, 2),
  );
}

/** Moves records from the table to where the caller fetches them, up to as many as fit there; 0 when it is empty. */
function gloveDrain(_: null, context: JobContext): number {
  const setup = context.setup as CountSetup;
  const { worker, kept } = context;
  const table = tableOf(setup, worker);
  const state = new Int32Array(setup.memory.buffer, setup.statesAt + 64 * worker, 2);
  const records = recordsOf(setup, worker);
  let slot = (kept.get("drained") as number | undefined) ?? 0;
  let count = 0;
  const end = state[0] === 0 ? 0 : state[1]! + 1;
  for (; slot < end && count < setup.recordsEach; slot++) {
    if (table[2 * slot + 1] === 0) continue;
    records[2 * count] = table[2 * slot]!;
    records[2 * count + 1] = table[2 * slot + 1]!;
    table[2 * slot + 1] = 0;
    count++;
  }
  if (slot >= end) state.fill(0);
  kept.set("drained", slot >= end ? 0 : slot);
  return count;
}

function tableOf(setup: CountSetup, worker: number): Float64Array {
  return new Float64Array(setup.memory.buffer, setup.tablesAt + 16 * worker * setup.slots, 2 * setup.slots);
}

/** Where `gloveDrain` leaves a worker's records. */
export function recordsOf(setup: CountSetup, worker: number): Float64Array {
  return new Float64Array(
    setup.memory.buffer,
    setup.recordsAt + 16 * worker * setup.recordsEach,
    2 * setup.recordsEach,
  );
}

/** Rows begin uniform in ±0.5 / (dim + 1), biases too, as the authors' program has it; inverse roots at 1. */
function gloveFill({ from, to }: { from: number; to: number }, context: JobContext): void {
  const setup = context.setup as FitSetup;
  const { dim, rows } = setup;
  const width = rowWidth(setup.vectors);
  const share = (worker: number) => from + Math.floor(((to - from) * worker) / context.workers);
  const seed = reference.mix(setup.seed >>> 0) ^ reference.mix(Math.floor(setup.seed / 2 ** 32));
  for (const [side, at] of [setup.wordsAt, setup.contextsAt].entries()) {
    const numbers = new Float32Array(setup.memory.buffer, at, rows * width);
    for (let row = share(context.worker); row < share(context.worker + 1); row++) {
      const start = row * width;
      const key = reference.mix((2 * row + side) ^ seed);
      const draw = (i: number) => (reference.mix(key ^ i) / 2 ** 32 - 0.5) / (dim + 1);
      for (let i = 0; i < dim; i++) numbers[start + i] = draw(i);
      numbers.fill(1, start + 4 * setup.vectors, start + 8 * setup.vectors);
      numbers[start + 8 * setup.vectors] = draw(dim);
      numbers[start + 8 * setup.vectors + 1] = 1;
    }
  }
}

/** Numbers in a row: a vector and its inverse roots, both padded to fours; the bias, its inverse root, two zeros. */
export function rowWidth(vectors: number): number {
  return 8 * vectors + 4;
}

/** Fits this worker's pages, in order; returns the loss of each. */
function gloveFit({ half, tasks }: { half: number; tasks: readonly PageTask[][] }, context: JobContext): number[] {
  const setup = context.setup as FitSetup;
  const { buffer } = setup.memory;
  const kernels = kernelsOf(context);
  const width = rowWidth(setup.vectors);
  const rowsFrom = (at: number, row: number) =>
    new Float32Array(buffer, at + 4 * row * width, (setup.rows - row) * width);
  return tasks[context.worker]!.map(({ wordRow, contextRow, mode, pairs }, page) =>
    kernels.fitPairs(
      new Uint32Array(buffer, pageAt(setup, context.worker, half, page), 3 * pairs),
      rowsFrom(setup.wordsAt, wordRow),
      rowsFrom(setup.contextsAt, contextRow),
      setup.vectors,
      mode,
      setup.learningRate,
      setup.clip,
    ),
  );
}

/** The byte where a page of a worker's buffer lies. */
export function pageAt(setup: FitSetup, worker: number, half: number, page: number): number {
  return setup.pagesAt + 12 * setup.pagePairs * ((2 * worker + half) * setup.pagesEach + page);
}

function kernelsOf(context: JobContext): Kernels {
  const { module, memory } = context.setup as CountSetup | FitSetup;
  const kept = (context.kept.get("kernels") as Kernels | undefined) ?? openKernels(module, memory);
  context.kept.set("kernels", kept);
  return kept;
}
