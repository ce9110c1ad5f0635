/**
 * What the learners of words take, and the limits that are checked at the door.
 */
import type { CorpusOptions } from "../text/index.ts";
import type { CheckpointOptions } from "./checkpoint.ts";
import {
  LociError,
  checkNumber,
  checkOneOf,
  checkWhole,
  platform,
  type LongOptions,
  type Step,
} from "../core/index.ts";

/** A step of training: where it stands, how fast, how well. */
export interface TrainStep extends Step {
  /** The epoch at work, 0 at first. */
  readonly epoch: number;
  /** Mean loss of the pairs since the last step, as the objective defines it: natural logarithms, for each pair. */
  readonly loss: number;
  /** Mean loss of the epoch so far. */
  readonly epochLoss: number;
  readonly learningRate: number;
  /** Wall seconds of training so far, and processor seconds of all threads where the platform tells. */
  readonly seconds: number;
  readonly cpuSeconds?: number;
  /** Vectors of the keys that `watch` names, as they stand now: one row a key. */
  readonly watched?: Float32Array;
}

export interface Word2vecOptions extends Omit<CorpusOptions, "onStep" | "signal">, LongOptions<Step | TrainStep> {
  /** Width of the vectors. More holds more, and takes proportionally longer. Default 100. */
  readonly dim?: number;
  /** How often the corpus is gone through. Default 5. */
  readonly epochs?: number;
  /** Most words to each side that count as context; each position draws its reach from 1 … window. Default 5. */
  readonly window?: number;
  /** Skip-gram learns from each word its neighbours (better for rare words); CBOW the word from them. */
  readonly architecture?: "skipgram" | "cbow";
  /**
   * What is minimised. Negative sampling (the default) is fastest; hierarchical softmax does without a noise
   * distribution; full softmax is exact, and meant for vocabularies up to a few thousand words.
   */
  readonly objective?: "negative-sampling" | "hierarchical-softmax" | "softmax";
  /** Negatives a pair. More help small corpora. Default 5. */
  readonly negatives?: number;
  /**
   * Rows in the pool of negatives that a batch shares, a multiple of 4: more is nearer to drawing for each
   * pair afresh, and slower. Default 16; the `fast` preset has 12.
   */
  readonly pool?: number;
  /** Words with a larger share than this are thinned out. 0 keeps all. Default 1e-3. */
  readonly subsample?: number;
  /** Learning rate at the start; it falls linearly to 1e-4. Default 0.025 (skip-gram) or 0.05 (CBOW). */
  readonly learningRate?: number;
  /** Seed of everything that is drawn. Same seed, same bytes. Default 1. */
  readonly seed?: number;
  /**
   * Threads beside this one. Default: as many as the machine has cores, 8 at most. 0 trains on this thread, in slices of
   * about 50 ms: slower to answer, and with the least memory. Never changes the result unless racing.
   */
  readonly workers?: number;
  /** False lets workers race on the shared rows: up to a tenth faster, and another result each time. */
  readonly deterministic?: boolean;
  /** "fast": a smaller pool at a higher learning rate, about a tenth faster. */
  readonly preset?: "fast";
  /** Keys whose vectors come with every step. */
  readonly watch?: readonly string[];
  /** A file that training saves itself to, and goes on from. */
  readonly checkpoint?: CheckpointOptions;
}

export interface FastTextOptions extends Word2vecOptions {
  /** Shortest and longest character n-grams. Default 3 and 6. */
  readonly minN?: number;
  readonly maxN?: number;
  /** Rows that n-grams are hashed to. Default: twice the distinct n-grams of the vocabulary, at most 2,000,000. */
  readonly buckets?: number;
}

/** The options with every default filled in. */
export interface Word2vecSettings {
  readonly dim: number;
  readonly epochs: number;
  readonly window: number;
  readonly architecture: "skipgram" | "cbow";
  readonly objective: "negative-sampling" | "hierarchical-softmax" | "softmax";
  readonly negatives: number;
  readonly pool: number;
  readonly subsample: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly deterministic: boolean;
}

export const LEAST_RATE = 1e-4;

/** Fills in defaults and refuses what cannot be meant. */
export function word2vecSettings(options: Word2vecOptions): Word2vecSettings {
  const fast = options.preset === "fast";
  const architecture = options.architecture ?? "skipgram";
  const settings: Word2vecSettings = {
    dim: options.dim ?? 100,
    epochs: options.epochs ?? 5,
    window: options.window ?? 5,
    architecture,
    objective: options.objective ?? "negative-sampling",
    negatives: options.negatives ?? 5,
    pool: options.pool ?? (fast ? 12 : 16),
    subsample: options.subsample ?? 1e-3,
    learningRate: options.learningRate ?? (architecture === "cbow" ? 0.05 : fast ? 0.035 : 0.025),
    seed: options.seed ?? 1,
    deterministic: options.deterministic ?? true,
  };
  checkWhole("dim", settings.dim, 1, 4096);
  checkWhole("epochs", settings.epochs, 1);
  checkWhole("window", settings.window, 1, 60);
  checkWhole("negatives", settings.negatives, 1, 100);
  checkWhole("pool", settings.pool, 4, 256);
  checkNumber("subsample", settings.subsample, 0, 1);
  checkNumber("learningRate", settings.learningRate, LEAST_RATE, 1);
  checkWhole("seed", settings.seed, 0);
  if (settings.pool % 4 !== 0) {
    throw new LociError("bad-argument", `Expected \`pool\` to be a multiple of 4, got ${settings.pool}.`);
  }
  checkOneOf("architecture", settings.architecture, ["skipgram", "cbow"]);
  checkOneOf("objective", settings.objective, ["negative-sampling", "hierarchical-softmax", "softmax"]);
  if (options.preset !== undefined) checkOneOf("preset", options.preset, ["fast"]);
  return settings;
}

/** What to tell whoever asked for threads where there are none; undefined where that is not so. */
export function noThreadsNote(asked: number | undefined): string | undefined {
  if (asked === undefined || asked < 2) return undefined;
  const remedy =
    platform.name === "web" ? " Threads need a page that is cross-origin isolated and may run WebAssembly." : "";
  return `Threads cannot share memory here, so one worker trains instead of ${asked}, to the same result.${remedy}`;
}

/** How many threads to use: what was asked for, else the cores, 8 at most. 0: this one. */
export function workerCount(workers: number | undefined): number {
  if (workers === undefined) return Math.min(8, platform.cores);
  checkWhole("workers", workers, 0, 64);
  return workers;
}
