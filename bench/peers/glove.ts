/**
 * GloVe's side: Stanford's four programs in a row.
 *
 * Training alone is the last of them; the whole is all four, which is what somebody with a text waits for.
 */
import { join } from "node:path";
import { type Cost, measured } from "./measure.ts";
import type { Places } from "./places.ts";
import { type Recipe, shared, type Trained } from "./recipe.ts";

/** The weighting's x_max: the program's default, which its authors found right for small corpora. */
export const gloveCut = 10;
const memoryGb = "4";

/** Trains with GloVe's C programs; `out` gets .txt appended. */
export async function trainGlove(
  places: Places,
  recipe: Recipe,
  corpus: string,
  options: { out?: string; core?: number } = {},
): Promise<Trained> {
  const scratch = join(places.work, "scratch");
  const [vocabulary, counts, shuffled] = ["vocabulary", "counts", "shuffled"].map((name) =>
    join(scratch, `glove-${name}`),
  );
  const out = options.out ?? join(scratch, "glove-out");
  const program = (name: string) => join(places.tools, "bin", `glove-${name}`);
  const steps = [
    [program("vocab"), corpus, vocabulary!, String(shared.minCount)],
    [
      program("cooccur"),
      corpus,
      vocabulary!,
      counts!,
      String(shared.window),
      join(scratch, "glove-overflow"),
      memoryGb,
    ],
    [program("shuffle"), counts!, shuffled!, join(scratch, "glove-temporary"), memoryGb],
    [program("train"), shuffled!, vocabulary!, out, String(recipe.dim), String(recipe.epochs), "1", String(gloveCut)],
  ];
  const costs: Cost[] = [];
  for (const step of steps) costs.push(await measured(places, step, options.core));
  const sum = (pick: (cost: Cost) => number) => costs.reduce((total, cost) => total + pick(cost), 0);
  return {
    cpuSeconds: sum((cost) => cost.cpuSeconds),
    wallSeconds: sum((cost) => cost.wallSeconds),
    peakBytes: Math.max(...costs.map((cost) => cost.peakBytes)),
    load: [costs[0]!.load[0], costs.at(-1)!.load[1]],
    trainCpuSeconds: costs.at(-1)!.cpuSeconds,
    trainWallSeconds: costs.at(-1)!.wallSeconds,
    ...(options.out ? { vectors: `${options.out}.txt` } : {}),
  };
}
