/**
 * The loop that all learners of words share: ids in, slices out to the workers, steps to the caller.
 *
 * Control stays on this thread: workers get slices of some tens of milliseconds, so that a signal is heard
 * soon, a checkpoint can be taken between any two, and progress needs no messages of its own. How the work
 * is sliced changes nothing in the result.
 */
import { LociError, Matrix, openPool, phaseClock, platform, type Pool } from "../core/index.ts";
import { LINE_END, type Corpus } from "../text/index.ts";
import { trainWorker } from "./generated/worker.ts";
import { huffmanPaths } from "./huffman.ts";
import { learningRateAt, word2vecJobs, type Slice } from "./word2vec-jobs.ts";
import { workerCount, type TrainStep, type Word2vecOptions, type Word2vecSettings } from "./word2vec-options.ts";
import { openTrainingSpace, type TrainingSpace, type WordPieces } from "./word2vec-plan.ts";

/** What training says of itself: read by the command line and kept with the model. */
export interface TrainingReport {
  /** Tokens read, over all epochs. */
  readonly tokens: number;
  /** Wall seconds of training alone, and processor seconds of all threads where the platform tells. */
  readonly seconds: number;
  readonly cpuSeconds: number | undefined;
  /** Mean loss of the last epoch. */
  readonly loss: number;
}

export interface TrainedRows {
  /** The rows of the words, then of the buckets. */
  readonly inputs: Matrix;
  /** The words' output vectors; undefined with hierarchical softmax, whose outputs are inner nodes. */
  readonly outputs: Matrix | undefined;
  readonly report: TrainingReport;
}

/** Trains the rows of a corpus' words (and of `pieces`, when words are sums of rows). */
export async function* trainRowsSteps(
  corpus: Corpus,
  settings: Word2vecSettings,
  options: Word2vecOptions,
  pieces?: WordPieces,
): AsyncGenerator<TrainStep, TrainedRows, void> {
  if (corpus.vocabulary.size < 2) {
    throw new LociError(
      "no-text",
      `Learning needs at least two different words to tell apart; this corpus keeps ${corpus.vocabulary.size}. ` +
        "Give more text or a lower minCount.",
    );
  }
  const training = await Training.open(corpus, settings, options, pieces);
  try {
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      yield* training.epoch(epoch);
    }
    return training.result();
  } finally {
    await training.close();
  }
}

class Training {
  readonly #corpus: Corpus;
  readonly #settings: Word2vecSettings;
  readonly #space: TrainingSpace;
  readonly #pool: Pool<typeof word2vecJobs>;
  readonly #watched: number[];
  readonly #clock: ReturnType<typeof phaseClock>;
  readonly #started = { wall: platform.now(), cpu: platform.cpuSeconds() };
  readonly #buffer: Uint32Array;
  #epochLoss = 0;

  private constructor(
    corpus: Corpus,
    settings: Word2vecSettings,
    space: TrainingSpace,
    pool: Pool<typeof word2vecJobs>,
    watch: readonly string[],
  ) {
    this.#corpus = corpus;
    this.#settings = settings;
    this.#space = space;
    this.#pool = pool;
    this.#watched = watch.map((key) => corpus.vocabulary.requireId(key));
    this.#clock = phaseClock("train", corpus.tokens * settings.epochs);
    this.#buffer = new Uint32Array(space.setup.idsPerShard);
  }

  static async open(
    corpus: Corpus,
    settings: Word2vecSettings,
    options: Word2vecOptions,
    pieces: WordPieces | undefined,
  ): Promise<Training> {
    const shared = platform.sharedMemory;
    const { counts } = corpus.vocabulary;
    const paths = settings.objective === "hierarchical-softmax" ? huffmanPaths(counts) : undefined;
    const shape = { counts, length: corpus.length };
    const space = openTrainingSpace(shape, settings, shared ? workerCount(options.workers) : 1, shared, pieces, paths);
    const { workers } = space.setup;
    const pool = await openPool(word2vecJobs, { source: trainWorker, workers, setup: space.setup });
    const training = new Training(corpus, settings, space, pool, options.watch ?? []);
    await pool.runAll("fillInputs", null);
    return training;
  }

  async *epoch(epoch: number): AsyncGenerator<TrainStep, void, void> {
    const { rounds, roundsPerSlice } = this.#space.setup.shape;
    const before = this.#losses();
    let last = before;
    for (let first = 0; first < rounds; first += roundsPerSlice) {
      const slice = { epoch, first, rounds: Math.min(roundsPerSlice, rounds - first) };
      this.#loadIds(slice);
      await this.#pool.runAll("trainSlice", slice);
      const now = this.#losses();
      this.#epochLoss = meanLoss(before, now);
      yield this.#step(slice, meanLoss(last, now));
      last = now;
    }
    this.#checkFinite(epoch);
  }

  #step(slice: Slice, loss: number): TrainStep {
    const { shape } = this.#space.setup;
    const done = slice.first + slice.rounds;
    const share = (slice.epoch + done / shape.rounds) / this.#settings.epochs;
    return {
      ...this.#clock(Math.round(this.#corpus.tokens * this.#settings.epochs * share)),
      epoch: slice.epoch,
      loss,
      epochLoss: this.#epochLoss,
      learningRate: learningRateAt(this.#space.setup, slice.epoch, done),
      ...(this.#watched.length > 0 ? { watched: this.#rowsOf(this.#watched) } : {}),
    };
  }

  /** Brings the slice's ids of every shard into the workspace, with a halo; beyond the corpus lie line ends. */
  #loadIds({ first, rounds }: Slice): void {
    const { idsPerShard, shape } = this.#space.setup;
    const { shards, shardTokens, halo } = shape.record;
    const count = rounds * shardTokens + 2 * halo;
    for (let s = 0; s < shards; s++) {
      const start = s * shape.part + first * shardTokens - halo;
      const from = Math.min(Math.max(0, start), this.#corpus.length);
      const to = Math.max(from, Math.min(this.#corpus.length, start + count));
      const ids = this.#buffer.fill(LINE_END);
      this.#corpus.read(from, ids.subarray(from - start, to - start));
      this.#space.ids.set(ids, s * idsPerShard);
    }
  }

  /** Sums of the measured loss and its pairs, in one order whatever the workers did. */
  #losses(): { loss: number; pairs: number } {
    const { shape, deterministic, workers } = this.#space.setup;
    let loss = 0;
    let pairs = 0;
    const count = deterministic ? shape.record.shards : workers;
    for (let i = 0; i < count; i++) {
      const at = deterministic ? shape.record.shardsAt + i * shape.record.shardBytes + 24 : this.#space.setup.racyLossAt + 24 * i;
      const sums = new Float64Array(this.#space.memory.buffer, at, 2);
      loss += sums[0]!;
      pairs += sums[1]!;
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
          `Training diverged in epoch ${epoch + 1}: row ${at / width} is not finite. Use a lower learningRate (it was ${this.#settings.learningRate}).`,
        );
      }
    }
  }

  #rowsOf(ids: readonly number[]): Float32Array {
    const { dim } = this.#settings;
    const width = this.#space.setup.shape.record.vectors * 4;
    const rows = new Float32Array(ids.length * dim);
    ids.forEach((id, i) => rows.set(this.#space.inputs.subarray(id * width, id * width + dim), i * dim));
    return rows;
  }

  result(): TrainedRows {
    const { record } = this.#space.setup.shape;
    const { dim } = this.#settings;
    const cpu = platform.cpuSeconds();
    return {
      report: {
        tokens: this.#corpus.tokens * this.#settings.epochs,
        seconds: platform.now() - this.#started.wall,
        cpuSeconds: cpu === undefined ? undefined : cpu - this.#started.cpu!,
        loss: this.#epochLoss,
      },
      inputs: unpadded(this.#space.inputs, record.inputRows, dim),
      outputs: record.objective === 1 ? undefined : unpadded(this.#space.outputs, record.outputRows, dim),
    };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function meanLoss(before: { loss: number; pairs: number }, after: { loss: number; pairs: number }): number {
  const pairs = after.pairs - before.pairs;
  return pairs > 0 ? (after.loss - before.loss) / pairs : NaN;
}

/** Rows of the workspace without the padding to four numbers, in memory of their own. */
function unpadded(rows: Float32Array, count: number, dim: number): Matrix {
  const width = rows.length / count;
  const matrix = Matrix.zeros(count, dim);
  for (let row = 0; row < count; row++) matrix.data.set(rows.subarray(row * width, row * width + dim), row * dim);
  return matrix;
}
