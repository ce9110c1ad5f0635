/**
 * fastText's side: commands and what they cost.
 *
 * The program does not say what training alone took, so it is run with no epoch at all as well (reading the dictionary
 * and writing the result), and that is taken off.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measured } from "./measure.ts";
import type { Places } from "./places.ts";
import { type Recipe, shared, type Trained } from "./recipe.ts";

/** The command that trains; fastText appends .bin and .vec to `out`. */
export function fastTextCommand(places: Places, recipe: Recipe, corpus: string, out: string): string[] {
  const { architecture, dim, epochs, learningRate, seed, buckets, workers = 1 } = recipe;
  const settings: Record<string, string | number> = {
    input: corpus,
    output: out,
    dim,
    ws: shared.window,
    neg: shared.negatives,
    t: shared.subsample,
    minCount: shared.minCount,
    minn: buckets === undefined ? 0 : 3,
    maxn: buckets === undefined ? 0 : 6,
    ...(buckets === undefined ? {} : { bucket: buckets }),
    lr: learningRate,
    epoch: epochs,
    thread: workers,
    seed,
    verbose: 0,
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => [`-${key}`, String(value)]);
  return [join(places.tools, "bin", "fasttext"), architecture, ...flags];
}

/** Trains with fastText; the model is left at `out`.bin and `out`.vec. */
export async function trainFastText(
  places: Places,
  recipe: Recipe,
  corpus: string,
  options: { out?: string; core?: number; baseline?: number } = {},
): Promise<Trained> {
  const out = options.out ?? join(places.work, "scratch", "fasttext");
  const { output: _, ...cost } = await measured(places, fastTextCommand(places, recipe, corpus, out), options.core);
  return {
    ...cost,
    trainCpuSeconds: options.baseline === undefined ? undefined : cost.cpuSeconds - options.baseline,
    trainWallSeconds: undefined,
    ...(options.out ? { vectors: `${options.out}.vec` } : {}),
  };
}

/** The vectors that fastText itself gives for words it may never have seen, as a word2vec text file at `out`. */
export function fastTextVectorsOf(places: Places, model: string, words: readonly string[], out: string): void {
  const program = join(places.tools, "bin", "fasttext");
  const input = `${words.join("\n")}\n`;
  const { status, stdout, stderr } = spawnSync(program, ["print-word-vectors", model], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const lines = (stdout ?? "").trimEnd().split("\n");
  if (status !== 0 || lines.length !== words.length)
    throw new Error(`fasttext print-word-vectors ${model} gave ${lines.length} of ${words.length} vectors:\n${stderr}`);
  const dim = lines[0]!.trim().split(" ").length - 1;
  writeFileSync(out, `${words.length} ${dim}\n${lines.map((line) => line.trim()).join("\n")}\n`);
}
