/**
 * The loop that all learners of words share: ids in, slices out to the workers, steps to the caller.
 *
 * Control stays on this thread: workers get slices of about 50 milliseconds, so that a signal is heard
 * soon, a checkpoint can be taken between any two, and progress needs no messages of its own. How the work
 * is sliced changes nothing in the result.
 */
import { LociError, Matrix, noted, openPool, phaseClock, platform, type Pool } from "../core/index.ts";
import { LINE_END, type Corpus } from "../text/index.ts";
import { Checkpoint } from "./checkpoint.ts";
import { trainWorker } from "./generated/worker.ts";
import { huffmanPaths } from "./huffman.ts";
import { learningRateAt, word2vecJobs, type Slice } from "./word2vec-jobs.ts";
import {
  noThreadsNote,
  workerCount,
  type TrainStep,
  type Word2vecOptions,
  type Word2vecSettings,
} from "./word2vec-options.ts";
import type { WordPieces } from "./word2vec-shape.ts";
import { openTrainingSpace, type TrainingSpace } from "./word2vec-space.ts";

const SLICE_SECONDS = 0.05;
const FIRST_SLICE_TOKENS = 512; // of each shard, before anything is known of the speed

/** What is trained: a corpus, by what settings, and from which rows each word is made. */
export interface Training {
  /** Names the learner in checkpoints. */
  readonly learner: string;
  readonly corpus: Corpus;
  readonly settings: Word2vecSettings;
  readonly options: Word2vecOptions;
  readonly pieces?: WordPieces;
}

export interface TrainedRows {
  /** The rows of the words, then of the buckets that are used. */
  readonly inputs: Matrix;
  /** The words' output vectors; undefined with hierarchical softmax, whose outputs are inner nodes. */
  readonly outputs: Matrix | undefined;
  /** Mean loss of the last epoch. */
  readonly loss: number;
}

/** Where a training stands: the next round, the sums of loss when its epoch began, and the mean loss since. */
interface Place {
  readonly epoch: number;
  readonly round: number;
  readonly before: LossSums;
  readonly loss: number;
}
interface LossSums {
  readonly loss: number;
  readonly pairs: number;
}

/** Trains the rows of a corpus' words, and of `pieces` when words are sums of rows. */
export async function* trainRowsSteps(training: Training): AsyncGenerator<TrainStep, TrainedRows, void> {
  const { corpus, options } = training;
  if (corpus.vocabulary.size < 2) {
    throw new LociError(
      "no-text",
      `Learning needs at least two different words to tell apart; this corpus keeps ${corpus.vocabulary.size}. ` +
        "Give more text or a lower minCount.",
    );
  }
  const watched = (options.watch ?? []).map((key) => corpus.vocabulary.requireId(key));
  const space = openSpace(training);
  const { workers, module, memory } = space.setup;
  const here = !module || !isShared(memory);
  const pool = await openPool(word2vecJobs, { source: trainWorker, workers, setup: space.setup, here });
  try {
    await pool.runAll("fillInputs", null);
    const trainer = new RowTrainer(training, space, pool, watched);
    const loss = yield* noted(trainer.run(), here ? noThreadsNote(options.workers) : undefined);
    await pool.close(); // before rows are handed out, so that the two do not add up
    return trainer.result(loss);
  } finally {
    await pool.close();
  }
}

function openSpace({ corpus, settings, options, pieces }: Training): TrainingSpace {
  const { counts } = corpus.vocabulary;
  const paths = settings.objective === "hierarchical-softmax" ? huffmanPaths(counts) : undefined;
  const threads = platform.sharedMemory ? workerCount(options.workers) : 0;
  const shape = { counts, length: corpus.length };
  return openTrainingSpace(shape, settings, Math.max(1, threads), threads > 0, pieces, paths);
}

function isShared({ buffer }: WebAssembly.Memory): boolean {
  return !(buffer instanceof ArrayBuffer);
}

class RowTrainer {
  readonly #training: Training;
  readonly #space: TrainingSpace;
  readonly #pool: Pool<typeof word2vecJobs>;
  readonly #watched: readonly number[];
  readonly #checkpoint: Checkpoint<Place> | undefined;
  readonly #ids: Uint32Array;

  constructor(training: Training, space: TrainingSpace, pool: Pool<typeof word2vecJobs>, watched: readonly number[]) {
    this.#training = training;
    this.#space = space;
    this.#pool = pool;
    this.#watched = watched;
    this.#ids = new Uint32Array(space.setup.idsPerShard);
    const { learner, corpus, settings, options, pieces } = training;
    const identity = { learner, corpus: corpus.fingerprint, settings: { ...settings, buckets: pieces?.buckets ?? 0 } };
    const state = [space.inputs, space.outputs, space.variates, space.losses];
    this.#checkpoint = options.checkpoint && new Checkpoint(options.checkpoint, identity, state);
  }

  /** Trains to the end; returns the mean loss of the last epoch. */
  async *run(): AsyncGenerator<TrainStep, number, void> {
    const { settings, options } = this.#training;
    const { rounds, roundsPerSlice, record } = this.#space.setup.shape;
    // A slice takes as many rounds as the last one lets expect in SLICE_SECONDS: slicing changes nothing but this.
    let sliceRounds = Math.max(1, Math.floor(FIRST_SLICE_TOKENS / record.shardTokens));
    let place: Place = (await this.#checkpoint?.load()) ?? { epoch: 0, round: 0, before: this.#losses(), loss: 0 };
    const step = this.#stepMaker(place.epoch + place.round / rounds);
    let last = this.#losses();
    let saved = place;
    let failed = false;
    try {
      while (place.epoch < settings.epochs) {
        const slice = { epoch: place.epoch, first: place.round, rounds: Math.min(sliceRounds, rounds - place.round) };
        const started = platform.now();
        this.#loadIds(slice);
        await this.#pool.runAll("trainSlice", slice);
        const pace = SLICE_SECONDS / Math.max(1e-4, platform.now() - started);
        sliceRounds = Math.max(1, Math.min(roundsPerSlice, Math.round(slice.rounds * Math.min(2, pace))));
        const now = this.#losses();
        const loss = meanLoss(place.before, now);
        const round = place.round + slice.rounds;
        if (round === rounds) this.#checkFinite(place.epoch);
        place = round < rounds ? { ...place, round, loss } : { epoch: place.epoch + 1, round: 0, before: now, loss };
        yield step(slice, meanLoss(last, now), loss);
        last = now;
        if (this.#checkpoint?.due) await this.#checkpoint.save((saved = place), options.signal);
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      // At the end, and when whoever pulls the steps stops early: what is trained shall not be lost.
      if (!failed && place !== saved) await this.#checkpoint?.save(place);
    }
    return place.loss;
  }

  /** Steps count tokens read, over all epochs; the clock runs from `done` epochs, where a checkpoint left off. */
  #stepMaker(done: number): (slice: Slice, loss: number, epochLoss: number) => TrainStep {
    const { corpus, settings } = this.#training;
    const { setup } = this.#space;
    const before = Math.round(corpus.tokens * done);
    const clock = phaseClock("train", corpus.tokens * settings.epochs, before);
    const cpu = platform.cpuSeconds();
    return (slice, loss, epochLoss) => {
      const next = slice.first + slice.rounds;
      const cpuNow = platform.cpuSeconds();
      const step = clock(Math.round(corpus.tokens * (slice.epoch + next / setup.shape.rounds)));
      return {
        ...step,
        epoch: slice.epoch,
        loss,
        epochLoss,
        learningRate: learningRateAt(setup, slice.epoch, next),
        // By the same reading of the clock as the rate, so that the two tell how much an earlier run had done.
        seconds: step.rate > 0 ? (step.done - before) / step.rate : 0,
        ...(cpu !== undefined && cpuNow !== undefined ? { cpuSeconds: cpuNow - cpu } : {}),
        ...(this.#watched.length > 0 ? { watched: this.#vectorsOf(this.#watched) } : {}),
      };
    };
  }

  /** Brings the slice's ids of every shard into the workspace, with a halo; beyond the corpus lie line ends. */
  #loadIds({ first, rounds }: Slice): void {
    const { idsPerShard, shape } = this.#space.setup;
    const { shards, shardTokens, halo } = shape.record;
    const { corpus } = this.#training;
    const count = rounds * shardTokens + 2 * halo;
    for (let s = 0; s < shards; s++) {
      const start = s * shape.part + first * shardTokens - halo;
      const from = Math.min(Math.max(0, start), corpus.length);
      const to = Math.max(from, Math.min(corpus.length, start + count));
      const ids = this.#ids.fill(LINE_END);
      corpus.read(from, ids.subarray(from - start, to - start));
      this.#space.ids.set(ids, s * idsPerShard);
    }
  }

  /** Sums of the measured loss and its pairs, in one order whatever the workers did. */
  #losses(): LossSums {
    const { losses } = this.#space;
    let loss = 0;
    let pairs = 0;
    for (let at = 0; at < losses.length; at += 3) {
      loss += losses[at]!;
      pairs += losses[at + 1]!;
    }
    return { loss, pairs };
  }

  #checkFinite(epoch: number): void {
    // A row that is not finite spoils every batch it meets, so a look at one number a row finds it.
    const width = this.#space.setup.shape.record.vectors * 4;
    for (const rows of [this.#space.inputs, this.#space.outputs]) {
      for (let at = 0; at < rows.length; at += width) {
        if (Number.isFinite(rows[at])) continue;
        throw new LociError(
          "diverged",
          `Training diverged in epoch ${epoch + 1}: row ${at / width} is not finite. ` +
            `Use a lower learningRate (it was ${this.#training.settings.learningRate}).`,
        );
      }
    }
  }

  /** The vectors of words as they stand: means of their rows, where they have several. */
  #vectorsOf(ids: readonly number[]): Float32Array {
    const { dim } = this.#training.settings;
    const { pieces } = this.#training;
    const width = this.#space.setup.shape.record.vectors * 4;
    const vectors = new Float32Array(ids.length * dim);
    ids.forEach((id, at) => {
      const rows = pieces ? pieces.rows.subarray(pieces.starts[id], pieces.starts[id + 1]) : [id];
      for (let i = 0; i < dim; i++) {
        let sum = 0;
        for (const row of rows) sum += this.#space.inputs[row * width + i]!;
        vectors[at * dim + i] = sum / rows.length;
      }
    });
    return vectors;
  }

  /** The rows as they stand. The workspace is spent by this: it is what holds them. */
  result(loss: number): TrainedRows {
    const { record } = this.#space.setup.shape;
    const { dim, objective } = this.#training.settings;
    const { inputs, outputs } = this.#space;
    return {
      inputs: unpadded(inputs, record.inputRows, dim),
      outputs: objective === "hierarchical-softmax" ? undefined : unpadded(outputs, record.outputRows, dim),
      loss,
    };
  }
}

function meanLoss(before: LossSums, after: LossSums): number {
  const pairs = after.pairs - before.pairs;
  return pairs > 0 ? (after.loss - before.loss) / pairs : 0;
}

/**
 * The rows of the workspace, moved together over the padding to four numbers.
 *
 * They stay where they are, since a copy would double the memory of a training at its very end. Where threads
 * shared that memory they are copied all the same: decoders, files and messages do not take shared memory everywhere.
 */
function unpadded(rows: Float32Array, count: number, dim: number): Matrix {
  const width = rows.length / count;
  if (width > dim) for (let row = 1; row < count; row++) rows.copyWithin(row * dim, row * width, row * width + dim);
  const packed = rows.subarray(0, count * dim);
  return new Matrix(packed.buffer instanceof ArrayBuffer ? packed : packed.slice(), dim);
}
