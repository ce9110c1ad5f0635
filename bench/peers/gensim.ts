/** gensim's side: commands and what they print. */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { lastLine, measured } from "./measure.ts";
import type { Places } from "./places.ts";
import { type Recipe, shared, type Trained } from "./recipe.ts";

interface Printed {
  readonly vocabulary: number;
  readonly trainCpuSeconds: number;
  readonly trainWallSeconds: number;
}

/** Trains with gensim; with `vectors`, saves them there in word2vec's binary format. */
export async function trainGensim(
  places: Places,
  recipe: Recipe,
  corpus: string,
  options: { vectors?: string; core?: number } = {},
): Promise<Trained> {
  const { architecture, dim, epochs, learningRate, seed, buckets, workers = 1 } = recipe;
  const part = options.vectors && `${options.vectors}.part`;
  const settings = { ...shared, corpus, architecture, dim, epochs, learningRate, seed, workers, out: part };
  const script = join(import.meta.dirname, "drivers", "gensim_train.py");
  const asked = JSON.stringify({ ...settings, subwords: buckets !== undefined, buckets });
  const { output, ...cost } = await measured(
    places,
    [join(places.tools, "bin", "python"), script, asked],
    options.core,
  );
  const { trainCpuSeconds, trainWallSeconds } = lastLine(output) as Printed;
  if (part && options.vectors && existsSync(part)) renameSync(part, options.vectors);
  return {
    ...cost,
    trainCpuSeconds,
    trainWallSeconds,
    ...(options.vectors ? { vectors: options.vectors } : {}),
  };
}
