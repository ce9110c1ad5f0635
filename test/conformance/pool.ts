/** What every pool must do, on this thread, on Node's threads and on Web Workers. */
import { openPool, type Pool } from "../../src/core/index.ts";
import { type Case, expectFailure, expectSame } from "./case.ts";
import { poolJobs, type PoolSetup } from "./pool-jobs.ts";

export interface PoolVariant {
  /** The bundled text of pool.worker.ts. */
  readonly source: string;
  readonly workers: number;
  /** On this thread. */
  readonly here: boolean;
}

type TestPool = Pool<typeof poolJobs>;

/** The cases that every variant must pass. */
export function poolCases(variant: PoolVariant): Case[] {
  const inPool = (run: (pool: TestPool, cells: Int32Array) => Promise<void>) => async () => {
    const { SharedArrayBuffer: Shared } = globalThis as { SharedArrayBuffer?: typeof SharedArrayBuffer };
    const cells = new Int32Array(variant.here || !Shared ? new ArrayBuffer(32) : new Shared(32));
    const setup: PoolSetup = { cells };
    const pool = await openPool(poolJobs, { ...variant, setup });
    try {
      await run(pool, cells);
    } finally {
      await pool.close();
    }
  };
  const elsewhereOnly = variant.here ? { skip: "a job on this very thread cannot wait for, or outlive, anything" } : {};
  return [
    {
      name: "outputs come by worker, each told its number",
      run: inPool(async (pool) => {
        const expected = Array.from({ length: pool.workers }, (_, worker) => ({ worker, workers: pool.workers }));
        expectSame(await pool.runAll("whoAmI", null), expected, "outputs");
        expectSame(pool.elsewhere, !variant.here, "whether it runs elsewhere");
      }),
    },
    {
      name: "inputs and outputs are plain data, and jobs may be asynchronous",
      run: inPool(async (pool) => {
        for (const output of await pool.runAll("double", [1, 2.5, -3])) expectSame(output, [2, 5, -6], "output");
        for (const output of await pool.runAll("later", "so")) expectSame(output, "so!", "output");
      }),
    },
    {
      name: "a worker keeps what it made between jobs",
      run: inPool(async (pool) => {
        await pool.runAll("count", null);
        for (const calls of await pool.runAll("count", null)) expectSame(calls, 2, "calls");
      }),
    },
    {
      name: "jobs see the caller's memory",
      run: inPool(async (pool, cells) => {
        await pool.runAll("mark", 5);
        for (let worker = 0; worker < pool.workers; worker++)
          expectSame(Atomics.load(cells, worker), 5, `cell ${worker}`);
      }),
    },
    {
      name: "workers run at once and may wait for each other",
      ...elsewhereOnly,
      run: inPool(async (pool) => {
        const order = (await pool.runAll("meet", null)).sort((a, b) => a - b);
        expectSame(
          order,
          Array.from(order, (_, i) => i),
          "order of arrival",
        );
      }),
    },
    {
      name: "an error of a job reaches the caller with its message and code, and the pool works on",
      run: inPool(async (pool) => {
        const known = await expectFailure(() => pool.runAll("failKnown", undefined), "failKnown");
        expectSame(
          [known.name, known.code, known.message],
          ["LociError", "unknown-key", 'The vocabulary does not hold "qeen".'],
          "error",
        );
        const plain = await expectFailure(() => pool.runAll("failPlain", undefined), "failPlain");
        expectSame([plain.name, plain.message], ["RangeError", "out of range"], "error");
        expectSame((await pool.runAll("double", [4]))[0], [8], "output afterwards");
      }),
    },
    {
      name: "late answers to a failed job are not taken for answers to the next",
      ...elsewhereOnly,
      run: inPool(async (pool) => {
        const failure = await expectFailure(() => pool.runAll("failLast", null), "failLast");
        expectSame(failure.code, "diverged", "code");
        for (const output of await pool.runAll("double", [1])) expectSame(output, [2], "output");
      }),
    },
    {
      name: "an output that cannot be sent is an error, not silence",
      ...elsewhereOnly,
      run: inPool(async (pool) => void (await expectFailure(() => pool.runAll("unsendable", undefined), "unsendable"))),
    },
    {
      name: "closing ends workers that sleep, rejects what is waited for, and may be done twice",
      ...elsewhereOnly,
      run: inPool(async (pool, cells) => {
        const waiting = expectFailure(() => pool.runAll("sleep", null), "sleep");
        while (Atomics.load(cells, 5) < pool.workers) await new Promise((resolve) => setTimeout(resolve, 5));
        await pool.close();
        expectSame((await waiting).code, "worker-failed", "code");
        await pool.close();
      }),
    },
    {
      name: "a closed pool refuses work",
      run: inPool(async (pool) => {
        await pool.close();
        expectSame((await expectFailure(() => pool.runAll("whoAmI", null), "whoAmI")).code, "worker-failed", "code");
      }),
    },
    {
      name: "a script that cannot run is worker-failed",
      ...elsewhereOnly,
      async run() {
        const pool = await openPool(poolJobs, { ...variant, source: "throw new Error('no');", setup: null });
        const failure = await expectFailure(() => pool.runAll("whoAmI", null), "whoAmI");
        expectSame(failure.code, "worker-failed", "code");
        await pool.close();
      },
    },
  ];
}
