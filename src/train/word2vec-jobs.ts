/**
 * What a worker does for the learner of words: fill rows at first, then train slices of rounds.
 *
 * A slice is some tens of milliseconds of work for all workers together, which meet at barriers between the
 * three parts of a round (src/kernels/assembly/words/shards.ts says why the result does not depend on them).
 */
import { platform, type JobContext, type Jobs } from "../core/index.ts";
import { instantiate, reference, type KernelExports } from "../kernels/index.ts";
import { initialRow } from "./initial-rows.ts";
import { LEAST_RATE } from "./word2vec-options.ts";
import { trainPiecePlainly } from "./word2vec-reference.ts";
import type { TrainingSetup } from "./word2vec-space.ts";

export interface Slice {
  readonly epoch: number;
  /** Rounds [first, first + rounds) of the epoch; their ids lie in the workspace. */
  readonly first: number;
  readonly rounds: number;
}

export const word2vecJobs = { fillInputs, trainSlice } satisfies Jobs;

/** Fills this worker's share of the input rows. */
function fillInputs(_: null, context: JobContext): void {
  const setup = context.setup as TrainingSetup;
  const { record } = setup.shape;
  const width = record.vectors * 4;
  const rows = new Float32Array(setup.memory.buffer, record.inputs, record.inputRows * width);
  const buckets = new Uint32Array(setup.memory.buffer, setup.bucketsAt, record.inputRows - setup.vocabulary);
  const from = Math.floor((record.inputRows * context.worker) / context.workers);
  const to = Math.floor((record.inputRows * (context.worker + 1)) / context.workers);
  for (let row = from; row < to; row++) {
    const bucket = row - setup.vocabulary;
    initialRow(setup, bucket < 0 ? row : setup.vocabulary + buckets[bucket]!, rows, row * width);
  }
}

/** A worker's instance of the kernels, opened on the first slice. */
interface Member {
  readonly kernels: KernelExports;
  readonly sync: Int32Array;
  /** How often it looks whether the others have come before it sleeps; see `meet`. */
  looks: number;
}

function memberOf(context: JobContext, setup: TrainingSetup, module: WebAssembly.Module): Member {
  const kept = context.kept.get("word2vec") as Member | undefined;
  if (kept) return kept;
  const kernels = instantiate(module, setup.memory);
  kernels.wordsOpen!(setup.planAt, setup.scratchAt + context.worker * setup.scratchBytes);
  const member = { kernels, sync: new Int32Array(setup.memory.buffer, setup.syncAt, 16), looks: FIRST_LOOKS };
  context.kept.set("word2vec", member);
  return member;
}

function trainSlice(slice: Slice, context: JobContext): number {
  const setup = context.setup as TrainingSetup;
  const key = epochKey(setup.seed, slice.epoch);
  if (!setup.module) return trainPlainly(slice, setup, key);
  const member = memberOf(context, setup, setup.module);
  member.kernels.wordsKey!(key);
  return setup.deterministic ? trainRounds(slice, setup, member, context) : raceRounds(slice, setup, member, context);
}

/** Without WebAssembly: the reference, piece by piece. */
function trainPlainly(slice: Slice, setup: TrainingSetup, key: number): number {
  let kept = 0;
  for (let round = slice.first; round < slice.first + slice.rounds; round++) {
    const rate = learningRateAt(setup, slice.epoch, round);
    for (let s = 0; s < setup.shape.record.shards; s++) {
      kept += trainPiecePlainly(setup, key, s, pieceOf(setup, slice, s, round), rate);
    }
  }
  return kept;
}

/** The key of an epoch's random numbers. */
export function epochKey(seed: number, epoch: number): number {
  return reference.mix(
    reference.mix(seed >>> 0) ^ reference.mix((Math.floor(seed / 2 ** 32) + Math.imul(epoch + 1, 0x9e3779b9)) >>> 0),
  );
}

/** Falls linearly over all epochs, by round, so that it does not depend on who is when where. */
export function learningRateAt(setup: TrainingSetup, epoch: number, round: number): number {
  const progress = (epoch + round / setup.shape.rounds) / setup.epochs;
  return Math.fround(Math.max(LEAST_RATE, setup.learningRate - (setup.learningRate - LEAST_RATE) * progress));
}

function trainRounds(slice: Slice, setup: TrainingSetup, member: Member, context: JobContext): number {
  const { kernels } = member;
  const { worker, workers } = context;
  const { shards } = setup.shape.record;
  const many = workers > 1 ? 1 : 0;
  let kept = 0;
  const prepare = (round: number): void => {
    for (let s = worker; s < shards; s += workers) {
      const piece = pieceOf(setup, slice, s, round);
      kept += kernels.wordsPrepare!(s, piece.at, piece.count, piece.position, round & 1, many);
    }
  };
  prepare(slice.first);
  meet(member, workers);
  for (let round = slice.first; round < slice.first + slice.rounds; round++) {
    const rate = learningRateAt(setup, slice.epoch, round);
    // The shards that this worker prepared: their lists, and the copies of rows, are in its cache.
    for (let s = worker; s < shards; s += workers) kernels.wordsCompute!(s, round & 1, rate);
    meet(member, workers);
    kernels.wordsMerge!(worker, workers, round & 1);
    if (round + 1 < slice.first + slice.rounds) prepare(round + 1);
    meet(member, workers);
  }
  return kept;
}

function raceRounds(slice: Slice, setup: TrainingSetup, member: Member, context: JobContext): number {
  const { kernels, sync } = member;
  const { shards } = setup.shape.record;
  const tasks = shards * slice.rounds;
  const many = context.workers > 1;
  let kept = 0;
  for (let task = 0, own = 0; (task = many ? Atomics.add(sync, NEXT_TASK, 1) : own++) < tasks;) {
    const round = slice.first + Math.floor(task / shards);
    const piece = pieceOf(setup, slice, task % shards, round);
    const rate = learningRateAt(setup, slice.epoch, round);
    kept += kernels.wordsRacy!(piece.at, piece.count, piece.position, rate, context.worker);
  }
  meet(member, context.workers);
  return kept;
}

/** Where shard s finds its tokens of a round, how many they are, and the raw position of the first. */
function pieceOf(setup: TrainingSetup, slice: Slice, s: number, round: number) {
  const { part, record } = setup.shape;
  const start = round * record.shardTokens;
  const end = Math.min(part, start + record.shardTokens, partEnd(setup, s) - s * part);
  const inSlice = record.halo + (round - slice.first) * record.shardTokens;
  return {
    at: setup.idsAt + (s * setup.idsPerShard + inSlice) * 4,
    count: Math.max(0, end - start),
    position: (s * part + start) >>> 0,
  };
}

/** Ids past the corpus are line ends, and the last parts may hold fewer. */
function partEnd(setup: TrainingSetup, s: number): number {
  return Math.min(setup.shape.corpusLength, (s + 1) * setup.shape.part);
}

const WAITING = 0;
const GENERATION = 1;
const NEXT_TASK = 2;

// How often a worker looks before it sleeps, at least, at first and at most: from one microsecond to some hundred.
const LEAST_LOOKS = 200;
const FIRST_LOOKS = 2000;
const MOST_LOOKS = 20_000;
const WORTH_LOOKING = 200e-6; // seconds: a wait that was over by then is as short as falling asleep and waking up

/**
 * All workers wait here for each other; the last one resets the hand-out of racing tasks.
 *
 * Where each worker has a core to itself waits are some tens of microseconds, and looking on is best, since waking a
 * thread takes as long again. Where cores are shared the other may not be running at all, and looking takes away the very
 * core it needs. So each worker learns from its waits how patient to be.
 */
function meet(member: Member, workers: number): void {
  if (workers === 1) return;
  const { sync } = member;
  const generation = Atomics.load(sync, GENERATION);
  if (Atomics.add(sync, WAITING, 1) === workers - 1) {
    Atomics.store(sync, WAITING, 0);
    Atomics.store(sync, NEXT_TASK, 0);
    Atomics.add(sync, GENERATION, 1);
    Atomics.notify(sync, GENERATION);
    return;
  }
  const from = platform.now();
  for (let look = 0; look < member.looks; look++) {
    if (Atomics.load(sync, GENERATION) === generation) continue;
    member.looks = Math.min(MOST_LOOKS, member.looks + (member.looks >> 2));
    return;
  }
  while (Atomics.load(sync, GENERATION) === generation) Atomics.wait(sync, GENERATION, generation, 100);
  const short = platform.now() - from < WORTH_LOOKING;
  member.looks = short ? Math.min(MOST_LOOKS, member.looks * 2) : Math.max(LEAST_LOOKS, member.looks >> 1);
}
