/**
 * The threads of a graph, and how a task is worked off: slice after slice, on workers or here.
 *
 * Between two slices of a task that changes the graph, searches have their turn; between two of one that only asks, the
 * caller may go away.
 */
import { type JobContext, type Pool, nextTask, openPool, platform } from "../core/index.ts";
import { indexWorker } from "./generated/worker.ts";
import {
  CONTROL,
  type InsertTask,
  type MendTask,
  type Task,
  controlOf,
  hnswJobs,
  nextSize,
  slice,
} from "./hnsw-jobs.ts";
import { Member } from "./hnsw-member.ts";
import type { HnswSpace } from "./hnsw-space.ts";
import type { Turn } from "./turn.ts";

const WORKER_SLICE = 0.04;
const OWN_SLICE = 0.008;
/** Items so few that telling a worker would take longer than doing them here. */
const FEW_ITEMS = 16;

/** What a thread says of its slice: counts. */
type Output = number[] | Uint32Array;
export type AskingTask = Extract<Task, { kind: "answer" | "measure" }>;
export type ChangingTask = Exclude<Task, AskingTask>;

/** Where walks begin, and on which level. */
export interface Entry {
  entry: number;
  top: number;
}

export class Crew {
  readonly #workers: number;
  readonly #exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  #space: HnswSpace;
  #own: Member;
  #context: JobContext;
  #pool: Pool<typeof hnswJobs> | undefined;

  /** `exclusive` runs what changes the graph while no search does. */
  constructor(space: HnswSpace, workers: number, exclusive: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#workers = platform.sharedMemory ? workers : 0;
    this.#exclusive = exclusive;
    this.#space = space;
    [this.#own, this.#context] = ownPart(space);
  }

  /** This thread's hold on the graph. */
  get own(): Member {
    return this.#own;
  }

  /** From now on the work is on another space. */
  moveTo(space: HnswSpace): void {
    this.#space = space;
    [this.#own, this.#context] = ownPart(space);
  }

  /**
   * Works off a task that changes the graph; yields how much is done wherever a batch is whole, and a list's length. Walks begin at
   * `at`, which is raised where a higher node comes in, also if the caller goes away at a yield.
   */
  async *work(task: ChangingTask, at: Entry): AsyncGenerator<number, void, void> {
    const control = controlOf(this.#space.setup, task);
    control.fill(0);
    control[CONTROL.entry] = at.entry;
    control[CONTROL.top] = at.top;
    const batches = task.kind === "insert" || task.kind === "mend";
    if (batches) control[CONTROL.size] = nextSize(control, task satisfies InsertTask | MendTask);
    for (;;) {
      const outputs = await this.#exclusive(() => this.#slice(task));
      if (task.kind === "list") {
        yield outputs[0]![0]!;
        return;
      }
      const done = batches ? control[CONTROL.done]! : control[CONTROL.next]!;
      const whole = control[CONTROL.phase] === 0 && (!batches || control[CONTROL.next] === 0);
      if (whole) {
        at.entry = control[CONTROL.entry]!;
        at.top = control[CONTROL.top]!;
        yield done;
      }
      if (done >= task.count) return;
    }
  }

  /** Works off a task that only reads, and gathers what the threads say. */
  async ask(task: AskingTask, turn: Turn): Promise<Output[]> {
    const control = controlOf(this.#space.setup, task);
    control.fill(0);
    const outputs: Output[] = [];
    do {
      turn.check();
      outputs.push(...(await this.#slice(task)));
    } while (control[CONTROL.next]! < task.count);
    return outputs;
  }

  async #slice(task: Task): Promise<Output[]> {
    const { setup } = this.#space;
    const few = "count" in task && task.count <= FEW_ITEMS;
    if (this.#workers === 0 || few) {
      const output = slice({ setup, task, seconds: OWN_SLICE }, this.#context);
      await nextTask();
      return [output];
    }
    this.#pool ??= await openPool(hnswJobs, { source: indexWorker, workers: this.#workers, setup: null });
    return this.#pool.runAll("slice", { setup, task, seconds: WORKER_SLICE });
  }

  async close(): Promise<void> {
    await this.#pool?.close();
    this.#pool = undefined;
  }
}

/** The last member of a space is the thread of the index. */
function ownPart(space: HnswSpace): [Member, JobContext] {
  const own = new Member(space.setup, space.shape.members - 1);
  return [own, { worker: 0, workers: 1, setup: undefined, kept: new Map([["hnsw", own]]) }];
}
