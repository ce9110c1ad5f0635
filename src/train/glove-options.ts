/** What the learner of GloVe takes, and the limits that are checked at the door. */
import { checkNumber, checkWhole, type LongOptions, type Step } from "../core/index.ts";
import type { CorpusOptions } from "../text/index.ts";
import type { CheckpointOptions } from "./checkpoint.ts";
import type { TrainStep } from "./word2vec-options.ts";

export interface GloveOptions extends Omit<CorpusOptions, "onStep" | "signal">, LongOptions<Step | TrainStep> {
  /** Width of the vectors. More holds more, and takes proportionally longer. Default 100. */
  readonly dim?: number;
  /** How often the pairs are gone through. Default 25, as the authors' program; they take 50 from dim 300. */
  readonly epochs?: number;
  /** Words to each side that count as context, the one at distance d with weight 1/d. Default 15. */
  readonly window?: number;
  /** Counts from here up weigh alike; below, less. Lower it for a small corpus. Default 100. */
  readonly xMax?: number;
  /** How fast the weight falls below `xMax`: (x / xMax)^alpha. Default 0.75. */
  readonly alpha?: number;
  /** Learning rate of AdaGrad at the start; it falls for each number by itself. Default 0.05. */
  readonly learningRate?: number;
  /** Seed of everything that is drawn. Same seed, same bytes. Default 1. */
  readonly seed?: number;
  /** Threads. Default: as many as the machine has cores, 8 at most. Never changes the result. */
  readonly workers?: number;
  /** Memory for counting pairs; what does not fit goes to scratch. Never changes the result. Default 256 MiB. */
  readonly memoryBytes?: number;
  /** Keys whose vectors come with every training step. */
  readonly watch?: readonly string[];
  /** A file that training saves itself to, and goes on from. Any number of workers may go on from it. */
  readonly checkpoint?: CheckpointOptions;
}

/** The options that decide the result, with every default filled in. */
export interface GloveSettings {
  readonly dim: number;
  readonly epochs: number;
  readonly window: number;
  readonly xMax: number;
  readonly alpha: number;
  readonly learningRate: number;
  readonly seed: number;
}

const LEAST_MEMORY = 1 << 20;

/** Fills in defaults and refuses what cannot be meant. */
export function gloveSettings(options: GloveOptions): GloveSettings {
  const settings: GloveSettings = {
    dim: options.dim ?? 100,
    epochs: options.epochs ?? 25,
    window: options.window ?? 15,
    xMax: options.xMax ?? 100,
    alpha: options.alpha ?? 0.75,
    learningRate: options.learningRate ?? 0.05,
    seed: options.seed ?? 1,
  };
  checkWhole("dim", settings.dim, 1, 4096);
  checkWhole("epochs", settings.epochs, 1);
  checkWhole("window", settings.window, 1, 100);
  checkNumber("xMax", settings.xMax, 1e-6);
  checkNumber("alpha", settings.alpha, 0, 10);
  checkNumber("learningRate", settings.learningRate, 1e-6, 1);
  checkWhole("seed", settings.seed, 0);
  checkWhole("memoryBytes", options.memoryBytes ?? LEAST_MEMORY, LEAST_MEMORY);
  checkNumber("checkpoint.everySeconds", options.checkpoint?.everySeconds ?? 0, 0);
  return settings;
}
