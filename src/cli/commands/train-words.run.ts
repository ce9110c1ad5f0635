/** The work of `loci train words`. */
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { saveModel } from "../model.ts";
import { counted, duration, grouped, short } from "../numbers.ts";
import { openSession } from "../session.ts";
import { checkTarget } from "../targets.ts";
import { tokenizerOptions } from "../tokenizer-flags.ts";
import { TrainingClock, type TrainingResult, tellingKey } from "../training-result.ts";
import { type LongOptions, type Step, checkNumber, platform } from "../../core/index.ts";
import { Embedding } from "../../table/index.ts";
import { WordTokenizer } from "../../text/index.ts";
import { trainFastText, trainGlove, trainWord2vec } from "../../train/index.ts";
import type { TrainWordsFlags } from "./train-words.ts";

export default async function trainWords(cli: Cli, flags: TrainWordsFlags, ...corpus: string[]): Promise<void> {
  const session = openSession(cli, flags);
  checkCombination(flags);
  await checkTarget(flags.out, flags.format);
  const clock = new TrainingClock();
  const onStep = (step: Step) => {
    clock.step(step);
    session.onStep(step);
  };
  const trained = await learn(corpus, flags, { signal: session.signal, onStep });
  const result = clock.stop(trained);
  const provenance = { ...trained.provenance, tokenizer: settingsOf(flags), corpus };
  const embedding = new Embedding({ ...partsOf(trained), provenance });
  session.signal.throwIfAborted();
  await saveModel(embedding, flags.out, session, { to: flags.format });
  session.answer(result, () => [...lines(result, embedding, flags.out), ...littleText(result, flags)]);
  session.hint(`Next: loci near ${quoted(flags.out)} ${quoted(tellingKey(embedding))}`);
}

// Words read over all epochs, under which everything is still near everything (cosines of 0.99 on 11,000 words × 5).
const LITTLE_TEXT = 500_000;

function partsOf({ vocabulary, matrix, output, subwords }: Embedding) {
  return { vocabulary, matrix, ...(output && { output }), ...(subwords && { subwords }) };
}

/** How the text was cut, in full, so that text can be cut the same way when the model is asked. */
function settingsOf(flags: TrainWordsFlags) {
  const { mode, case: letters, digits, normalization } = new WordTokenizer(tokenizerOptions(flags));
  return { mode, case: letters, digits, normalization };
}

/** Refuses what would be ignored otherwise. */
function checkCombination(flags: TrainWordsFlags): void {
  if (flags.architecture === "glove") {
    const unused = flags.subwords ? "--subwords" : GLOVE_HAS_NO.find(([name]) => flags[name] !== undefined)?.[1];
    if (unused) throw new UsageError(`${unused} does not go with --architecture glove. See: loci train words --help`);
    if (!flags.deterministic)
      throw new UsageError("--no-deterministic does not go with --architecture glove, which is never racy.");
  }
  if (flags.checkpointMinutes !== undefined) {
    if (flags.checkpoint === undefined) throw new UsageError("--checkpoint-minutes goes with --checkpoint FILE.");
    checkNumber("checkpointMinutes", flags.checkpointMinutes, 0);
  }
  const needsSubwords = (["minN", "maxN", "buckets"] as const).find((name) => flags[name] !== undefined);
  if (needsSubwords && !flags.subwords) {
    throw new UsageError("--min-n, --max-n and --buckets are about character n-grams: add --subwords.");
  }
}

const GLOVE_HAS_NO = [
  ["negatives", "--negatives"],
  ["subsample", "--subsample"],
  ["loss", "--loss"],
  ["preset", "--preset"],
] as const;

function learn(files: readonly string[], flags: TrainWordsFlags, { signal, onStep }: LongOptions): Promise<Embedding> {
  const { dim, epochs, window, minCount, maxVocabulary, learningRate, seed, sentences } = flags;
  // One worker is this thread: nothing else waits here, and a thread of its own would only take memory.
  const workers = (flags.workers ?? platform.cores) === 1 ? 0 : flags.workers;
  const common = {
    ...given({ dim, epochs, window, minCount, maxVocabulary, learningRate, seed, workers, sentences }),
    tokenizer: tokenizerOptions(flags),
    ...(flags.phrases !== undefined && { phrases: { passes: flags.phrases } }),
    ...checkpointOf(flags),
    signal,
    onStep,
  };
  if (flags.architecture === "glove") return trainGlove({ files }, common);
  const { negatives, subsample, architecture, preset, deterministic } = flags;
  const options = {
    ...common,
    ...given({ negatives, subsample, architecture, preset, objective: flags.loss }),
    deterministic,
  };
  if (!flags.subwords) return trainWord2vec({ files }, options);
  const { minN, maxN, buckets } = flags;
  return trainFastText({ files }, { ...options, ...given({ minN, maxN, buckets }) });
}

function checkpointOf({ checkpoint: path, checkpointMinutes: minutes }: TrainWordsFlags) {
  if (path === undefined) return {};
  return { checkpoint: { path, ...(minutes !== undefined && { everySeconds: 60 * minutes }) } };
}

/** What was given: options left out keep the library's defaults. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function lines(result: TrainingResult, embedding: Embedding, out: string): string[] {
  const { tokens, vocabulary, seconds, tokensPerSecond, hash } = result;
  const speed = tokensPerSecond === null ? "" : `, ${short(tokensPerSecond, "words")} per CPU second`;
  return [
    `${grouped(vocabulary)} words learnt, ${counted(embedding.dim, "number")} each, from ${short(tokens, "words")} over all epochs`,
    `in ${duration(seconds)} of training${speed}`,
    `vectors' SHA-256 ${hash}`,
    `saved in ${out}`,
  ];
}

/** A warning where the vectors can hardly mean anything yet. GloVe, which counts pairs, reads its text once. */
function littleText({ tokens }: TrainingResult, { architecture }: TrainWordsFlags): string[] {
  if (architecture === "glove" || tokens >= LITTLE_TEXT) return [];
  return [`few words to learn from: vectors may look alike; give more text, or more --epochs (50 for a small corpus)`];
}

function quoted(argument: string): string {
  return /^[\w./@:-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
