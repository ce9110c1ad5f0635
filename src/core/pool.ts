/**
 * Work on other threads, or right here.
 *
 * A room writes its work once, as a table of plain functions. The table is served in workers (`serve`) or
 * called on this thread; threads change how long work takes and nothing else. Jobs get bounded slices,
 * so control stays with the caller and nothing ever has to be interrupted.
 */
import { LociError, checkWhole, type LociErrorCode } from "./error.ts";
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

/** A room's work by name. Inputs and outputs are plain data, since they travel between threads. */
// oxlint-disable-next-line typescript/no-explicit-any -- each job has its own types; `run` restores them
export type Jobs = Record<string, (input: any, context: JobContext) => any>;
type Input<J extends Jobs, N extends keyof J> = Parameters<J[N]>[0];
type Output<J extends Jobs, N extends keyof J> = Awaited<ReturnType<J[N]>>;

/** Workers that serve one table of jobs. */
export interface Pool<J extends Jobs> {
  /** How many workers; 1 may be this very thread. */
  readonly workers: number;
  /** Whether jobs run on other threads, so that this one stays free. */
  readonly elsewhere: boolean;
  /**
   * Runs one job on every worker at once (they may wait for each other) and gathers the outputs by worker.
   * Rejects with the first error a job throws, its `code` kept, or with `worker-failed` if a worker dies.
   */
  runAll<N extends keyof J & string>(name: N, input: Input<J, N>): Promise<Output<J, N>[]>;
  /** Ends the workers, whatever they are at; jobs still waited for reject. Closing twice is no error. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** The bundled script that serves the same jobs. */
  readonly source: string;
  readonly workers: number;
  /** Handed to every worker once; jobs find it in their context. */
  readonly setup: unknown;
  /** Run on this thread. Where there is no shared memory that is the only way, unless the jobs are `unshared`. */
  readonly here?: boolean;
  /** The jobs share no memory with this thread or each other, so that workers can serve them everywhere. Default false. */
  readonly unshared?: boolean;
}

/** Opens a pool: workers where memory can be shared, else this thread. */
export async function openPool<J extends Jobs>(jobs: J, options: PoolOptions): Promise<Pool<J>> {
  checkWhole("workers", options.workers, 1);
  if (options.here || !(platform.sharedMemory || options.unshared)) return herePool(jobs, options.setup);
  return workerPool(options);
}

function herePool<J extends Jobs>(jobs: J, setup: unknown): Pool<J> {
  const context: JobContext = { worker: 0, workers: 1, setup, kept: new Map() };
  let closed = false;
  return {
    workers: 1,
    elsewhere: false,
    async runAll(name, input) {
      if (closed) throw closedError();
      const output = await jobs[name]!(input, context);
      await nextTask(); // a slice was all this thread did: let it do something else
      return [output];
    },
    async close() {
      closed = true;
    },
  };
}

/** Lets timers, input and drawing have their turn; faster than setTimeout, which browsers hold back for 4 ms. */
export function nextTask(): Promise<void> {
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
  /** Answers bear the number of their request: after a failure elsewhere, late ones may still come. */
  readonly number: number;
  readonly name: string;
  readonly input: unknown;
}
interface Start {
  readonly start: { worker: number; workers: number; setup: unknown };
}
interface Answer {
  readonly number: number;
  readonly output?: unknown;
  readonly failure?: Failure;
}
/** An error on its way between threads, where classes and fields of one's own are lost. */
interface Failure {
  readonly code?: LociErrorCode;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

async function workerPool<J extends Jobs>({ source, workers, setup }: PoolOptions): Promise<Pool<J>> {
  const members = Array.from(
    { length: workers },
    (_, worker) => new Member(source, { start: { worker, workers, setup } }),
  );
  return {
    workers,
    elsewhere: true,
    runAll: (name, input) => Promise.all(members.map((member) => member.run(name, input))) as never,
    close: async () => void (await Promise.all(members.map((member) => member.stop()))),
  };
}

/** One worker and the promises of the jobs it is at. */
class Member {
  readonly #line: WorkerLike;
  readonly #waiting = new Map<number, { resolve: (output: unknown) => void; reject: (error: unknown) => void }>();
  #asked = 0;
  #dead: Error | undefined;

  constructor(source: string, start: Start) {
    this.#line = platform.startWorker(source);
    this.#line.listen(
      (message) => this.#settle(message as Answer),
      (error) => this.#end(new LociError("worker-failed", `A worker ended early: ${error.message}`, { cause: error })),
    );
    this.#line.post(start);
  }

  run(name: string, input: unknown): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      const number = this.#asked++;
      this.#line.post({ number, name, input } satisfies Request);
      this.#waiting.set(number, { resolve, reject });
      this.#line.hold(true);
    });
  }

  async stop(): Promise<void> {
    this.#dead ??= closedError();
    await this.#line.stop();
    this.#end(this.#dead);
  }

  #settle({ number, output, failure }: Answer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (this.#waiting.size === 0) this.#line.hold(false);
    if (failure) waiting?.reject(errorOf(failure));
    else waiting?.resolve(output);
  }

  #end(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
    this.#line.hold(false);
  }
}

function closedError(): LociError {
  return new LociError("worker-failed", "The pool is closed; open another one.");
}

/** Serves jobs to whoever started this worker. On a main thread it does nothing. */
export async function serve(jobs: Jobs): Promise<void> {
  const line = await platform.workerPort();
  if (!line) return;
  let context: JobContext | undefined;
  const answer = async ({ number, name, input }: Request): Promise<void> => {
    try {
      line.post({ number, output: await jobs[name]!(input, context!) } satisfies Answer);
    } catch (error) {
      // Also what cannot be sent (a function in the output): nothing else would tell the caller.
      line.post({ number, failure: failureOf(error) } satisfies Answer);
    }
  };
  line.listen(
    (message) => {
      if ("start" in (message as Start)) context = { ...(message as Start).start, kept: new Map() };
      else void answer(message as Request);
    },
    () => {},
  );
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: "" };
  const { name, message } = error;
  // A worker from text has all its text for an address, which would bury the places.
  const stack = (error.stack ?? "").replaceAll(/data:text\/javascript,[^\s:]*/g, "worker");
  return { name, message, stack, ...(error instanceof LociError && { code: error.code }) };
}

function errorOf({ code, name, message, stack }: Failure): Error {
  const error = code ? new LociError(code, message) : Object.assign(new Error(message), { name });
  error.stack = `${error.name}: ${message}\n    in a worker:\n${stack}`;
  return error;
}
