/**
 * Work on other threads, or right here.
 *
 * A room writes its work once, as a table of plain functions. The table is served in workers (`serve`) or
 * called on this thread; threads change how long work takes and nothing else. Jobs get bounded slices,
 * so control stays with the caller and nothing ever has to be interrupted.
 */
import { LociError } from "./error.ts";
import { platform, type WorkerLike } from "./platform.ts";

/** What a job may know of where it runs. */
export interface JobContext {
  /** This worker's number, 0 … workers − 1. */
  readonly worker: number;
  readonly workers: number;
  /** What `openPool` was given: structured-cloneable, shared memory included. */
  readonly setup: unknown;
  /** This worker's own between jobs, for what is made once: kernel instances, views. */
  readonly kept: Map<string, unknown>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- each job has its own types; `run` restores them
export type Jobs = Record<string, (input: any, context: JobContext) => any>;
type Input<J extends Jobs, N extends keyof J> = Parameters<J[N]>[0];
type Output<J extends Jobs, N extends keyof J> = Awaited<ReturnType<J[N]>>;

export interface Pool<J extends Jobs> {
  /** How many workers; 1 may be this very thread. */
  readonly workers: number;
  /** Whether jobs run on other threads, so that this one stays free. */
  readonly elsewhere: boolean;
  /** Runs one job on every worker at once (they may wait for each other) and gathers the outputs by worker. */
  runAll<N extends keyof J & string>(name: N, input: Input<J, N>): Promise<Output<J, N>[]>;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** The bundled script that serves the same jobs. */
  readonly source: string;
  readonly workers: number;
  /** Handed to every worker once; jobs find it in their context. */
  readonly setup: unknown;
  /** Run on this thread. Where there is no shared memory that is the only way. */
  readonly here?: boolean;
}

/** Opens a pool: workers where memory can be shared, else this thread. */
export async function openPool<J extends Jobs>(jobs: J, options: PoolOptions): Promise<Pool<J>> {
  if (options.here || !platform.sharedMemory) return herePool(jobs, options.setup);
  return workerPool(options);
}

function herePool<J extends Jobs>(jobs: J, setup: unknown): Pool<J> {
  const context: JobContext = { worker: 0, workers: 1, setup, kept: new Map() };
  return {
    workers: 1,
    elsewhere: false,
    async runAll(name, input) {
      const output = await jobs[name]!(input, context);
      await nextTask(); // a slice was all this thread did: let it do something else
      return [output];
    },
    async close() {},
  };
}

/** Lets timers, input and drawing have their turn; faster than setTimeout, which browsers hold back for 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

interface Request {
  readonly name: string;
  readonly input: unknown;
}
interface Start {
  readonly start: { worker: number; workers: number; setup: unknown };
}
type Answer = { output: unknown } | { error: unknown };

async function workerPool<J extends Jobs>({ source, workers, setup }: PoolOptions): Promise<Pool<J>> {
  const members = Array.from(
    { length: workers },
    (_, worker) => new Member(source, { start: { worker, workers, setup } }),
  );
  return {
    workers,
    elsewhere: true,
    runAll: (name, input) => Promise.all(members.map((member) => member.run({ name, input }))) as never,
    close: async () => void (await Promise.all(members.map((member) => member.stop()))),
  };
}

/** One worker and the promise of the job it is at. */
class Member {
  readonly #line: WorkerLike;
  #waiting: { resolve: (output: unknown) => void; reject: (error: unknown) => void } | undefined;
  #dead: Error | undefined;

  constructor(source: string, start: Start) {
    this.#line = platform.startWorker(source);
    this.#line.listen(
      (message) => this.#settle(message as Answer),
      (error) => {
        this.#dead ??= new LociError("worker-failed", `A worker ended early: ${error.message}`, { cause: error });
        this.#settle({ error: this.#dead });
      },
    );
    this.#line.post(start);
  }

  run(request: Request): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#line.hold(true);
      this.#line.post(request);
    });
  }

  async stop(): Promise<void> {
    this.#dead ??= new LociError("worker-failed", "The pool is closed.");
    await this.#line.stop();
    this.#settle({ error: this.#dead });
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#line.hold(false);
    if (!waiting) return;
    if ("error" in answer) waiting.reject(answer.error);
    else waiting.resolve(answer.output);
  }
}

/** Serves jobs to whoever started this worker. On a main thread it does nothing. */
export async function serve(jobs: Jobs): Promise<void> {
  const line = await platform.workerPort();
  if (!line) return;
  let context: JobContext | undefined;
  line.listen(
    (message) => {
      if ("start" in (message as Start)) context = { ...(message as Start).start, kept: new Map() };
      else void answer(jobs, message as Request, context!).then((reply) => line.post(reply));
    },
    () => {},
  );
}

async function answer(jobs: Jobs, { name, input }: Request, context: JobContext): Promise<Answer> {
  try {
    return { output: await jobs[name]!(input, context) };
  } catch (error) {
    return { error };
  }
}
