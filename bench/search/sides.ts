/**
 * The sides of the search comparison: processes that answer lines of JSON, each on one core.
 *
 * Loci is one of them (`loci-side.ts`), so that nobody shares a heap or a cache with whoever asks. Times are each side's own CPU
 * seconds of the work alone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

/** A set of vectors that prepare.py made. */
export interface VectorSet {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly metric: "euclidean" | "cosine";
}

export interface Request {
  readonly do: string;
  readonly [setting: string]: unknown;
}

export interface Outcome {
  /** CPU seconds of the work. */
  readonly seconds: number;
  readonly recall: number | null;
  readonly [figure: string]: unknown;
}

export interface SearchPlaces {
  readonly data: string;
  readonly tools: string;
  readonly core: number;
}

/** One side, started and waiting. */
export class Side {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(name: string, command: readonly string[], core: number) {
    this.name = name;
    const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" };
    this.#process = spawn("taskset", ["-c", String(core), ...command], { stdio: ["pipe", "pipe", "inherit"], env });
    this.#reader = createInterface({ input: this.#process.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask(request: Request): Promise<Outcome> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} ended at ${JSON.stringify(request)}.`);
    return JSON.parse(value) as Outcome;
  }

  close(): void {
    this.#reader.close();
    this.#process.stdin!.end();
    this.#process.kill();
  }
}

/** A native library, or numpy. */
export function nativeSide(library: string, set: VectorSet, { data, tools, core }: SearchPlaces): Side {
  const script = join(import.meta.dirname, "side.py");
  const command = [join(tools, "bin", "python"), script, library, data, set.name, String(set.dim), set.metric];
  return new Side(library, command, core);
}

/** Loci; `options` as JSON go to the index it makes. */
export function lociSide(set: VectorSet, options: object, { data, core }: SearchPlaces): Side {
  const script = join(import.meta.dirname, "loci-side.ts");
  const args = [data, set.name, String(set.dim), set.metric, JSON.stringify(options)];
  return new Side("loci", [process.execPath, script, ...args], core);
}
