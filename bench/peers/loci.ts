/**
 * Loci's side. Every command line of `loci` that the comparison uses is made in this file and nowhere else.
 *
 * Loci is run as people install it: the built package's command, which `run.ts` builds first. (From the sources Node
 * itself takes 40 MB more, for stripping types.)
 */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Measured, measured } from "./measure.ts";
import type { Places } from "./places.ts";
import { type Recipe, shared, type Trained } from "./recipe.ts";

const root = resolve(import.meta.dirname, "../..");

/** `loci …` as a command to run. */
export const loci = (...args: string[]): string[] => [process.execPath, join(root, "dist", "cli", "main.js"), ...args];

/** What `loci train words --json` prints. */
interface TrainReport {
  /** Tokens read over all epochs. */
  readonly tokens: number;
  readonly vocabulary: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** `tokens` per CPU second of training alone. */
  readonly tokensPerSecond: number;
  readonly hash: string;
}

/** The command that trains. `out` is a model folder, or a file whose ending says its format. */
export function trainCommand(recipe: Recipe, corpus: string, out: string): string[] {
  const { architecture, dim, epochs, learningRate, seed, buckets, workers = 1, racy, preset } = recipe;
  const settings: Record<string, string | number> = {
    out,
    dim,
    epochs,
    window: shared.window,
    "min-count": shared.minCount,
    architecture,
    tokenizer: "space",
    workers,
    seed,
    ...(architecture === "glove"
      ? {} // co-occurrence counts know no negatives; its learning rate is AdaGrad's, 0.05 on both sides
      : { negatives: shared.negatives, subsample: shared.subsample, "learning-rate": learningRate }),
    ...(preset ? { preset } : {}),
    ...(buckets === undefined ? {} : { buckets, "min-n": 3, "max-n": 6 }),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const switches = [...(buckets === undefined ? [] : ["--subwords"]), ...(racy ? ["--no-deterministic"] : [])];
  return loci("train", "words", corpus, ...flags, ...switches, "--json");
}

/** Trains with Loci; the model is left at `options.out`. */
export async function trainLoci(
  places: Places,
  recipe: Recipe,
  corpus: string,
  options: { out?: string; core?: number } = {},
): Promise<Trained> {
  const out = options.out ?? join(places.work, "scratch", `loci-${recipe.seed}-${options.core ?? "free"}`);
  const sources = sourcesFingerprint();
  const { output, ...cost } = await measured(places, trainCommand(recipe, corpus, out), options.core);
  const report = reportOf<TrainReport>(output);
  if (!(report.tokensPerSecond > 0) || !(report.seconds > 0))
    throw new Error(`Expected loci train words to say seconds and tokensPerSecond, got: ${output.trim()}`);
  return {
    ...cost,
    trainCpuSeconds: report.tokens / report.tokensPerSecond,
    trainWallSeconds: report.seconds,
    hash: report.hash,
    sources,
    ...(options.out ? { vectors: options.out } : {}),
  };
}

export interface Scores {
  readonly pairs: readonly { file: string; spearman: number | null; found: number; total: number }[];
  readonly analogies?: null | {
    readonly accuracy: number | null;
    readonly found: number;
    readonly total: number;
    readonly sections: readonly { name: string; correct: number; found: number }[];
  };
}

/** What a model is asked. */
export interface Questions {
  readonly pairs: readonly string[];
  readonly analogies?: string;
  /** Let words without a row take part by their subwords. */
  readonly subwords?: boolean;
}

/** Analogies are solved among this many of the most frequent words, by both evaluators, as is the custom. */
export const analogyLimit = "30000";

/** The command that judges a model of any side. */
export const evaluateCommand = (model: string, { pairs, analogies, subwords }: Questions): string[] =>
  loci(
    "evaluate",
    "words",
    model,
    ...pairs.flatMap((file) => ["--pairs", file]),
    ...(analogies === undefined ? [] : ["--analogies", analogies, "--limit", analogyLimit]),
    ...(subwords ? ["--subwords"] : []),
    "--json",
  );

export async function evaluateWithLoci(places: Places, model: string, questions: Questions): Promise<Scores> {
  return reportOf<Scores>((await measured(places, evaluateCommand(model, questions))).output);
}

/** The `count` nearest keys of `key`. */
export async function nearWithLoci(
  places: Places,
  model: string,
  key: string,
  count: number,
): Promise<{ hits: { key: string; score: number }[]; cost: Measured }> {
  const cost = await measured(places, loci("near", model, key, "-k", String(count), "--json"));
  return { hits: reportOf(cost.output), cost };
}

/** Rewrites a model in the format that the ending of `out` says. */
export const convertWithLoci = (places: Places, model: string, out: string): Promise<Measured> =>
  measured(places, loci("convert", model, out));

/** Opens a whole model and asks one thing of it: what loading costs. */
export const openWithLoci = (places: Places, model: string, first: string, second: string): Promise<Measured> =>
  measured(places, loci("similarity", model, first, second, "--json"));

/** The one JSON value that a command printed, of the type that its contract says. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the command's contract
export const reportOf = <T>(output: string): T => {
  try {
    return JSON.parse(output) as T;
  } catch (cause) {
    throw new Error(`Expected one JSON value from loci, got: ${output.slice(0, 300)}`, { cause });
  }
};

let fingerprint: string | undefined;

/** A short hash of the sources that decide what training gives, so that figures of older sources are not quoted. */
export function sourcesFingerprint(): string {
  if (fingerprint !== undefined) return fingerprint;
  const hash = createHash("sha256");
  const files = ["kernels", "core", "text", "train"].flatMap((room) => globSync(`src/${room}/**/*.ts`, { cwd: root }));
  for (const file of files.filter((name) => !/\.test\.ts$|generated/.test(name)).sort())
    hash.update(file).update(readFileSync(join(root, file)));
  return (fingerprint = hash.digest("hex").slice(0, 12));
}
