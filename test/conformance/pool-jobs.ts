/** Jobs that try what a pool promises. Served by pool.worker.ts; called by poolCases. */
import { LociError, type JobContext, type Jobs } from "../../src/core/index.ts";

/** What the test pools are opened with: eight shared (or plain) integers. */
export interface PoolSetup {
  readonly cells: Int32Array;
}

const cellsOf = ({ setup }: JobContext): Int32Array => (setup as PoolSetup).cells;

export const poolJobs = {
  whoAmI: (_: null, { worker, workers }: JobContext) => ({ worker, workers }),
  double: (numbers: readonly number[]) => numbers.map((x) => 2 * x),
  later: async (text: string) => `${await Promise.resolve(text)}!`,
  /** Counts its calls in what this worker keeps. */
  count(_: null, { kept }: JobContext): number {
    const calls = ((kept.get("calls") as number | undefined) ?? 0) + 1;
    kept.set("calls", calls);
    return calls;
  },
  /** Writes to the memory that all share. */
  mark: (value: number, context: JobContext) => void Atomics.add(cellsOf(context), context.worker, value),
  /** Returns only when every worker has come. */
  meet(_: null, context: JobContext): number {
    const cells = cellsOf(context);
    const before = Atomics.add(cells, 7, 1);
    while (Atomics.load(cells, 7) < context.workers) Atomics.wait(cells, 7, before + 1, 50);
    return before;
  },
  failKnown(): never {
    throw new LociError("unknown-key", 'The vocabulary does not hold "qeen".');
  },
  failPlain(): never {
    throw new RangeError("out of range");
  },
  /** Fails in the last worker only; the others answer late. */
  failLast(_: null, { worker, workers }: JobContext): number {
    if (worker === workers - 1) throw new LociError("diverged", "not finite");
    const until = performance.now() + 30;
    while (performance.now() < until);
    return worker;
  },
  /** An output that no message can carry. */
  unsendable: () => () => 1,
  /** Sleeps for ever, in a way that only ending the thread can end. */
  sleep(_: null, context: JobContext): void {
    Atomics.add(cellsOf(context), 5, 1);
    Atomics.wait(cellsOf(context), 6, 0);
  },
} satisfies Jobs;
