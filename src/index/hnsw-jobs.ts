/**
 * What threads do for a graph index: slices of work over shared memory.
 *
 * Each task is a list of independent items, handed out in chunks from one counter; which thread takes which does not matter
 * to the result. A slice ends when the items are done or its time is up, and the next one goes on from the
 * counter. Inserting and mending have two such lists a batch (build.ts says why), between which the threads meet.
 */
import { type JobContext, type Jobs, platform } from "../core/index.ts";
import { type AskFields, Member } from "./hnsw-member.ts";
import { type SpaceSetup, edgeBytes } from "./hnsw-space.ts";

/** Codes of the slots in `items`. */
export interface EncodeTask {
  readonly kind: "encode";
  readonly count: number;
}

/** Puts the slots in `items` into the graph, batch after batch. */
export interface InsertTask {
  readonly kind: "insert";
  readonly count: number;
  /** Nodes that were in the graph before the first item; batches grow with what is there. */
  readonly before: number;
  readonly ef: number;
  /** Whether nodes in the bitmap `dead` are to be kept from being linked to. */
  readonly dead: boolean;
}

/** Gives the nodes in `items` new links in place of those to dead nodes. */
export interface MendTask {
  readonly kind: "mend";
  readonly count: number;
  /** Candidates looked at a row. */
  readonly most: number;
}

/** Writes to `items`, from place `offset` on, which live nodes of [from, to) have links to dead ones. */
export interface ListTask {
  readonly kind: "list";
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Answers `count` queries. */
export interface AnswerTask {
  readonly kind: "answer";
  readonly count: number;
  readonly ask: AskFields;
}

/** For each of `count` queries: where in the pools of several widths its true neighbours stand. */
export interface MeasureTask {
  readonly kind: "measure";
  readonly count: number;
  readonly entry: number;
  readonly top: number;
  /** Widths of the pool, ascending. */
  readonly widths: readonly number[];
  /** How many of the true neighbours are looked for: several numbers at once. */
  readonly ks: readonly number[];
  /** count × as many slots as the largest of `ks` (NONE where there are fewer): the true neighbours, nearest first. */
  readonly truth: Uint32Array;
  /** The queries' own slots, where they are in the graph: they do not count. Else empty. */
  readonly own: Uint32Array;
}

export type Task = EncodeTask | InsertTask | MendTask | ListTask | AnswerTask | MeasureTask;

export interface SliceInput {
  readonly setup: SpaceSetup;
  readonly task: Task;
  /** When to stop, at the latest between two chunks. */
  readonly seconds: number;
}

/** Where, in the workspace's `control`, the words of tasks that ask begin: they may come between two slices of a build. */
export const ASKING = 16;

/** Words of the workspace's `control`. */
export const CONTROL = {
  /** The next item to be handed out. */
  next: 0,
  waiting: 1,
  generation: 2,
  /** 0: the batch's items; 1: the rows that they link back to. */
  phase: 3,
  /** Rows to be merged. */
  targets: 4,
  stop: 5,
  /** Items of finished batches. */
  done: 6,
  /** Items of the batch in hand. */
  size: 7,
  entry: 8,
  top: 9,
} as const;

const ITEMS = 0;
const MERGE = 1;
const INSERT_CHUNK = 4;
const MERGE_CHUNK = 32;
const ENCODE_CHUNK = 64;
const ANSWER_CHUNK = 16;

export const hnswJobs = { slice } satisfies Jobs;

/** One thread's part in a slice. */
interface Hand {
  readonly member: Member;
  readonly control: Int32Array;
  readonly worker: number;
  readonly workers: number;
  readonly deadline: number;
}

/** Works on a task for a while. Returns what the task has to say: positions counted, or rows listed. */
export function slice({ setup, task, seconds }: SliceInput, context: JobContext): number[] | Uint32Array {
  const hand: Hand = {
    member: memberOf(setup, context),
    control: controlOf(setup, task),
    worker: context.worker,
    workers: context.workers,
    deadline: platform.now() + seconds,
  };
  if (task.kind === "insert" || task.kind === "mend") batches(hand, task, setup);
  else if (task.kind === "encode") {
    const items = new Uint32Array(setup.memory.buffer, setup.at["items"], task.count);
    share(hand, task.count, ENCODE_CHUNK, (from, to) => hand.member.encode(items, from, to));
  } else if (task.kind === "answer") {
    share(hand, task.count, ANSWER_CHUNK, (from, to) => hand.member.answer(task.ask, from, to));
  } else if (task.kind === "measure") return measure(hand, task, setup);
  else if (hand.worker === 0) return [list(hand, task, setup)];
  return [];
}

/** The words that a task is counted by. */
export function controlOf(setup: SpaceSetup, { kind }: Task): Int32Array {
  const asking = kind === "answer" || kind === "measure";
  return new Int32Array(setup.memory.buffer, setup.at["control"]! + (asking ? 4 * ASKING : 0), ASKING);
}

function memberOf(setup: SpaceSetup, context: JobContext): Member {
  const kept = context.kept.get("hnsw") as Member | undefined;
  if (kept?.setup.id === setup.id) return kept;
  const member = new Member(setup, context.worker);
  context.kept.set("hnsw", member);
  return member;
}

/** Takes chunks until there are none, or until time is up. */
function share(hand: Hand, count: number, chunk: number, work: (from: number, to: number) => void): void {
  const { control, deadline } = hand;
  do {
    const from = Atomics.add(control, CONTROL.next, chunk);
    if (from >= count) {
      // The counter says how far it went, not how often it was asked.
      Atomics.store(control, CONTROL.next, count);
      return;
    }
    work(from, Math.min(count, from + chunk));
  } while (platform.now() < deadline);
}

/** How many nodes are inserted against one frozen graph: few enough that they would seldom have been each other's neighbours. */
export function batchSize(present: number, left: number, finally_: number): number {
  const most = Math.min(BATCH_LIMIT, Math.max(64, Math.floor(finally_ / 100)));
  return Math.min(left, most, Math.max(1, Math.floor(present / 50)));
}
const BATCH_LIMIT = 4096;

function batches(hand: Hand, task: InsertTask | MendTask, setup: SpaceSetup): void {
  const { control, member, worker } = hand;
  const bytes = edgeBytes(setup.shape.M);
  const dead = task.kind === "mend" || task.dead ? setup.at["dead"]! : 0;
  for (;;) {
    // All threads read the same state here: it changes only between two meetings.
    const size = control[CONTROL.size]!;
    const items = setup.at["items"]! + 4 * control[CONTROL.done]!;
    if (control[CONTROL.phase] === ITEMS) {
      const [entry, top] = [control[CONTROL.entry]!, control[CONTROL.top]!];
      share(hand, size, INSERT_CHUNK, (from, to) => {
        if (task.kind === "mend") member.mend(items, from, to, dead, task.most, bytes);
        else member.insert(items, from, to, { entry, top, ef: task.ef, dead, edgeBytes: bytes });
      });
    } else share(hand, control[CONTROL.targets]!, MERGE_CHUNK, (from, to) => member.merge(from, to));
    meet(hand);
    if (worker === 0) advance(hand, task, setup, bytes);
    meet(hand);
    if (control[CONTROL.stop] === 1) return;
  }
}

/** Between two lists: the next one, the next batch, or the end of the slice. */
function advance(hand: Hand, task: InsertTask | MendTask, setup: SpaceSetup, bytes: number): void {
  const { control, member, deadline } = hand;
  const size = control[CONTROL.size]!;
  const count = control[CONTROL.phase] === ITEMS ? size : control[CONTROL.targets]!;
  let finished = false;
  if (control[CONTROL.next]! >= count) {
    control[CONTROL.next] = 0;
    if (control[CONTROL.phase] === ITEMS) {
      const items = setup.at["items"]! + 4 * control[CONTROL.done]!;
      if (task.kind === "mend") member.place(items, size, bytes);
      control[CONTROL.targets] = member.chain(size, bytes);
      control[CONTROL.phase] = MERGE;
    } else {
      if (task.kind === "insert") raiseEntry(control, setup);
      control[CONTROL.done]! += size;
      control[CONTROL.phase] = ITEMS;
      finished = control[CONTROL.done] === task.count;
      control[CONTROL.size] = nextSize(control, task);
    }
  }
  control[CONTROL.stop] = finished || platform.now() >= deadline ? 1 : 0;
}

/** The size of the batch that begins at `done`. */
export function nextSize(control: Int32Array, task: InsertTask | MendTask): number {
  const done = control[CONTROL.done]!;
  const left = task.count - done;
  return task.kind === "mend"
    ? Math.min(BATCH_LIMIT / 2, left)
    : batchSize(task.before + done, left, task.before + task.count);
}

/** A node above all others becomes the entry point, after its batch. */
function raiseEntry(control: Int32Array, setup: SpaceSetup): void {
  const { buffer } = setup.memory;
  const levels = new Uint8Array(buffer, setup.at["levels"], setup.shape.slots);
  const items = new Uint32Array(buffer, setup.at["items"]! + 4 * control[CONTROL.done]!, control[CONTROL.size]);
  for (const id of items) {
    if (levels[id]! <= control[CONTROL.top]!) continue;
    control[CONTROL.top] = levels[id]!;
    control[CONTROL.entry] = id;
  }
}

function list({ member }: Hand, { from, to, offset }: ListTask, { at }: SpaceSetup): number {
  return member.kernels.listBroken!(from, to, at["live"]!, at["dead"]!, at["items"]! + 4 * offset);
}

/**
 * How deep in the pool true neighbours stand, summed over this thread's queries: for each of `ks`, for each width, how many
 * stand at depths 0 … width − 1. Dead nodes have no depth: a search leaves them out.
 */
function measure(hand: Hand, task: MeasureTask, setup: SpaceSetup): Uint32Array {
  const { widths, truth, count, own, ks } = task;
  const each = truth.length / count;
  const total = widths.reduce((sum, width) => sum + width, 0);
  const depths = new Uint32Array(ks.length * total);
  const dead = new Uint32Array(setup.memory.buffer, setup.at["dead"], Math.ceil(setup.shape.slots / 32));
  share(hand, count, 1, (from) => {
    const query = setup.at["queries"]! + 4 * setup.shape.dim * from;
    const ranks = new Map<number, number>();
    for (let rank = 0; rank < each; rank++) ranks.set(truth[from * each + rank]!, rank);
    let row = 0;
    for (const width of widths) {
      let depth = 0;
      for (const slot of hand.member.pool(query, task.entry, task.top, width)) {
        if (slot === own[from] || (dead[slot >>> 5]! >>> (slot & 31)) & 1) continue;
        const rank = ranks.get(slot);
        if (rank !== undefined)
          for (let i = 0; i < ks.length; i++) if (rank < ks[i]!) depths[i * total + row + depth]!++;
        depth++;
      }
      row += width;
    }
  });
  return depths;
}

const SPINS = 2000;

/** All threads wait here for each other. */
function meet({ control, workers }: Hand): void {
  if (workers === 1) return;
  const generation = Atomics.load(control, CONTROL.generation);
  if (Atomics.add(control, CONTROL.waiting, 1) === workers - 1) {
    Atomics.store(control, CONTROL.waiting, 0);
    Atomics.add(control, CONTROL.generation, 1);
    Atomics.notify(control, CONTROL.generation);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, CONTROL.generation) !== generation) return;
  while (Atomics.load(control, CONTROL.generation) === generation) {
    Atomics.wait(control, CONTROL.generation, generation, 100);
  }
}
