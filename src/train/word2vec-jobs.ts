/**
 * What a worker does for the learner of words: fill rows at first, then train slices of rounds.
 *
 * A slice is some tens of milliseconds of work for all workers together, which meet at barriers between the
 * three parts of a round (src/kernels/assembly/words/shards.ts says why the result does not depend on them).
 */
import type { JobContext, Jobs } from "../core/index.ts";
import { instantiate, reference, type KernelExports } from "../kernels/index.ts";
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

/** Fills this worker's share of the input rows: uniform in ±spread, by position, so that shares do not matter. */
function fillInputs(_: null, context: JobContext): void {
  const setup = context.setup as TrainingSetup;
  const { record } = setup.shape;
  const width = record.vectors * 4;
  const rows = new Float32Array(setup.memory.buffer, record.inputs, record.inputRows * width);
  const from = Math.floor((record.inputRows * context.worker) / context.workers);
  const to = Math.floor((record.inputRows * (context.worker + 1)) / context.workers);
  const seed = reference.mix(setup.seed >>> 0) ^ reference.mix(Math.floor(setup.seed / 2 ** 32));
  const scale = (2 * setup.spread) / 2 ** 32;
  for (let row = from; row < to; row++) {
    const rowKey = reference.mix(row ^ seed);
    for (let i = 0; i < setup.dim; i++) rows[row * width + i] = reference.mix(rowKey ^ i) * scale - setup.spread;
  }
}

/** A worker's instance of the kernels, opened on the first slice. */
interface Member {
  readonly kernels: KernelExports;
  readonly sync: Int32Array;
}

function memberOf(context: JobContext, setup: TrainingSetup, module: WebAssembly.Module): Member {
  const kept = context.kept.get("word2vec") as Member | undefined;
  if (kept) return kept;
  const kernels = instantiate(module, setup.memory);
  kernels.wordsOpen!(setup.planAt, setup.scratchAt + context.worker * setup.scratchBytes);
  const member = { kernels, sync: new Int32Array(setup.memory.buffer, setup.syncAt, 16) };
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

function trainRounds(slice: Slice, setup: TrainingSetup, { kernels, sync }: Member, context: JobContext): number {
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
  meet(sync, workers);
  for (let round = slice.first; round < slice.first + slice.rounds; round++) {
    const rate = learningRateAt(setup, slice.epoch, round);
    // The shards that this worker prepared: their lists, and the copies of rows, are in its cache.
    for (let s = worker; s < shards; s += workers) kernels.wordsCompute!(s, round & 1, rate);
    meet(sync, workers);
    kernels.wordsMerge!(worker, workers, round & 1);
    if (round + 1 < slice.first + slice.rounds) prepare(round + 1);
    meet(sync, workers);
  }
  return kept;
}

function raceRounds(slice: Slice, setup: TrainingSetup, { kernels, sync }: Member, context: JobContext): number {
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
  meet(sync, context.workers);
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
const SPINS = 2000; // a few microseconds: rounds are about a millisecond, so most waits are short

/** All workers wait here for each other; the last one resets the hand-out of racing tasks. */
function meet(sync: Int32Array, workers: number): void {
  if (workers === 1) return;
  const generation = Atomics.load(sync, GENERATION);
  if (Atomics.add(sync, WAITING, 1) === workers - 1) {
    Atomics.store(sync, WAITING, 0);
    Atomics.store(sync, NEXT_TASK, 0);
    Atomics.add(sync, GENERATION, 1);
    Atomics.notify(sync, GENERATION);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(sync, GENERATION) !== generation) return;
  while (Atomics.load(sync, GENERATION) === generation) Atomics.wait(sync, GENERATION, generation, 100);
}
