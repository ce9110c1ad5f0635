/**
 * Word vectors from counts: GloVe (Pennington, Socher & Manning, Global Vectors for Word Representation, 2014).
 *
 * The corpus is gone through once, to count how often words stand near each other; then rows w and w̃ and biases
 * are fitted so that w·w̃ + b + b̃ ≈ log X for every pair that was seen (equation 8), with weight f(X) and AdaGrad.
 * Options and defaults are those of the authors' C program. Where we leave it: float32 instead of double; the two
 * entries of a pair are stored once; the order of pairs is fresh each epoch; and pairs are fitted block by block,
 * so that any number of workers gives the same bytes without racing (glove-strips.ts).
 *
 * Memory: 8 dim + 16 bytes a word and side, `memoryBytes` for counting, and scratch for the pairs.
 */
import { LociError, drain, noted, platform, type Step } from "../core/index.ts";
import { Embedding } from "../table/index.ts";
import { encodeCorpusSteps, type Corpus, type CorpusInput } from "../text/index.ts";
import { Checkpoint } from "./checkpoint.ts";
import { pairBlocksSteps, type PairBlocks } from "./glove-blocks.ts";
import { countPairsSteps } from "./glove-count.ts";
import { Fitting, type FitPosition, type FittedRows } from "./glove-fit.ts";
import { gloveSettings, type GloveOptions, type GloveSettings } from "./glove-options.ts";
import { Strips } from "./glove-strips.ts";
import { noThreadsNote, workerCount, type TrainStep } from "./word2vec-options.ts";

const DEFAULT_MEMORY = 256 * 2 ** 20;
const START: FitPosition = { epoch: 0, subEpoch: 0, loss: 0, entries: 0 };

/**
 * Learns word vectors from the co-occurrences of a corpus. See {@link GloveOptions} for every option and its default.
 *
 * The embedding's matrix is w + w̃, as in section 4.2 of the paper; its `output` is w̃ alone (so w is their
 * difference). Throws `no-text` where no word remains or no two words stand near each other, `bad-argument` for
 * options out of range, `diverged` if the loss is no longer finite, `wrong-checkpoint` for a checkpoint of
 * another corpus or of other options.
 */
export function trainGlove(input: CorpusInput, options: GloveOptions = {}): Promise<Embedding> {
  return drain<Step | TrainStep, Embedding>(trainGloveSteps(input, options), options);
}

/** The same, step by step: phases "read" and "encode" (text), "count" (ids), "merge" (records), "train" (entries of X). */
export async function* trainGloveSteps(
  input: CorpusInput,
  options: GloveOptions = {},
): AsyncGenerator<Step | TrainStep, Embedding, void> {
  const settings = gloveSettings(options);
  const corpus = yield* encodeCorpusSteps(input, options);
  try {
    return yield* trainGloveOnSteps(corpus, settings, options);
  } finally {
    corpus.close();
  }
}

/** What follows once a corpus is encoded. The corpus stays open. */
export async function* trainGloveOnSteps(
  corpus: Corpus,
  settings: GloveSettings,
  options: GloveOptions,
): AsyncGenerator<Step | TrainStep, Embedding, void> {
  const started = { wall: platform.now(), cpu: platform.cpuSeconds() };
  const strips = new Strips(corpus.vocabulary.size);
  const watched = (options.watch ?? []).map((key) => corpus.vocabulary.requireId(key));
  const note = threadCount(options) === 0 ? noThreadsNote(options.workers) : undefined;
  const blocks = yield* noted(blocksSteps(corpus, strips, settings, options), note);
  try {
    const { sum, contexts, loss } = yield* fitSteps(corpus, strips, blocks, settings, options, watched);
    const cpu = platform.cpuSeconds();
    const report = {
      tokens: corpus.tokens,
      pairs: blocks.pairs,
      seconds: platform.now() - started.wall,
      cpuSeconds: cpu === undefined ? undefined : cpu - started.cpu!,
      loss,
    };
    return new Embedding({
      vocabulary: corpus.vocabulary,
      matrix: sum,
      output: contexts,
      provenance: { learner: "glove", ...settings, ...report },
    });
  } finally {
    blocks.close();
  }
}

/** How many threads count and fit; 0: this one does. */
function threadCount({ workers }: GloveOptions): number {
  return platform.sharedMemory ? workerCount(workers) : 0;
}

async function* blocksSteps(
  corpus: Corpus,
  strips: Strips,
  settings: GloveSettings,
  options: GloveOptions,
): AsyncGenerator<Step, PairBlocks, void> {
  const runs = yield* countPairsSteps(corpus, strips, {
    window: settings.window,
    seed: settings.seed,
    workers: threadCount(options),
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY,
  });
  const blocks = yield* pairBlocksSteps(runs, strips, settings);
  if (blocks.pairs > 0) return blocks;
  blocks.close();
  throw new LociError(
    "no-text",
    `GloVe learns from words that stand near each other; no line of this corpus holds two of its ${corpus.vocabulary.size} words. ` +
      "Give more text or a lower minCount.",
  );
}

async function* fitSteps(
  corpus: Corpus,
  strips: Strips,
  blocks: PairBlocks,
  settings: GloveSettings,
  options: GloveOptions,
  watched: readonly number[],
): AsyncGenerator<TrainStep, FittedRows, void> {
  const fitting = await Fitting.open(strips, blocks, settings, { workers: threadCount(options), watched });
  try {
    // The pairs are not in a checkpoint: they are counted again, which gives the same and takes a small part of the time.
    const identity = { learner: "glove", corpus: corpus.fingerprint, settings };
    const checkpoint = options.checkpoint && new Checkpoint<FitPosition>(options.checkpoint, identity, [fitting.rows]);
    const position = await checkpoint?.load();
    if (!position) await fitting.fill();
    yield* fitting.steps(position ?? START, async (here) => {
      if (checkpoint?.due) await checkpoint.save(here, options.signal);
    });
    return fitting.result();
  } finally {
    await fitting.close();
  }
}
