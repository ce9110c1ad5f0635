/**
 * The quality part: who is trained with what, and who is judged.
 *
 * Both sides of a row have one recipe, and the same evaluator judges both: the peers' vectors are written in word2vec's
 * or fastText's formats and opened by `loci evaluate words`. scipy judges each model as well; the table says by how much
 * the two evaluators differ.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { keep, kept } from "./cache.ts";
import { corpus, type CorpusName, evaluationFile, heldOutFile, heldOutLists, heldOutWords } from "./corpora.ts";
import { fastTextVectorsOf, trainFastText } from "./fasttext.ts";
import { trainGensim } from "./gensim.ts";
import { trainGlove } from "./glove.ts";
import {
  analogyLimit,
  convertWithLoci,
  evaluateWithLoci,
  type Questions,
  type Scores,
  sourcesFingerprint,
  trainLoci,
} from "./loci.ts";
import { lastLine, measured } from "./measure.ts";
import { asksFor, type Places } from "./places.ts";
import { nameOf, type Recipe, type Trained } from "./recipe.ts";

export type Side = "loci" | "gensim" | "fasttext" | "glove";

export interface QualityRow {
  readonly name: string;
  readonly recipe: Omit<Recipe, "seed" | "corpus"> & { readonly corpus: CorpusName };
  readonly sides: readonly Side[];
  /** How many seeds the row is judged by. */
  readonly seeds: number;
}

const words = { corpus: "text8style", architecture: "skipgram", dim: 100, epochs: 5, learningRate: 0.025 } as const;
const unseen = { ...words, corpus: "heldout", buckets: 200_000 } as const;

/** The rows, in the order in which they are trained: breadth before depth, the dearest last. */
export const qualityRows: readonly QualityRow[] = [
  { name: "skipgram d100", recipe: words, sides: ["loci", "gensim"], seeds: 3 },
  { name: "skipgram d100 fast", recipe: { ...words, preset: "fast" }, sides: ["loci"], seeds: 3 },
  { name: "skipgram d100 racy", recipe: { ...words, racy: true }, sides: ["loci"], seeds: 3 },
  { name: "cbow d100", recipe: { ...words, architecture: "cbow" }, sides: ["loci", "gensim"], seeds: 1 },
  { name: "skipgram d100 rate 0.035", recipe: { ...words, learningRate: 0.035 }, sides: ["loci", "gensim"], seeds: 3 },
  {
    name: "skipgram d100 fast rate 0.035",
    recipe: { ...words, preset: "fast", learningRate: 0.035 },
    sides: ["loci"],
    seeds: 3,
  },
  { name: "glove d100", recipe: { ...words, architecture: "glove", epochs: 15 }, sides: ["loci", "glove"], seeds: 1 },
  { name: "subwords d100 unseen words", recipe: unseen, sides: ["loci", "fasttext"], seeds: 1 },
  { name: "skipgram d300", recipe: { ...words, dim: 300 }, sides: ["loci", "gensim"], seeds: 1 },
  {
    name: "subwords d100 unseen words rate 0.05",
    recipe: { ...unseen, learningRate: 0.05 },
    sides: ["loci", "fasttext"],
    seeds: 1,
  },
];

export const qualityKey = (row: QualityRow, side: Side, seed: number): string =>
  join("quality", `${side}-${nameOf({ ...row.recipe, seed })}`);

/** Trains what is missing of one row and seed. Returns undefined where that side was not asked for and is not there. */
export async function trainedFor(
  places: Places,
  row: QualityRow,
  side: Side,
  seed: number,
): Promise<Trained | undefined> {
  const key = qualityKey(row, side, seed);
  const known = kept<Trained>(places, key);
  const stale = side === "loci" && known?.sources !== sourcesFingerprint();
  if (known && (!stale || !asksFor(places, side)) && existsSync(known.vectors!)) return known;
  if (!asksFor(places, side)) return undefined;
  const recipe: Recipe = { ...row.recipe, seed };
  const { path } = await corpus(places, row.recipe.corpus);
  const out = join(places.work, "models", `${side}-${nameOf(recipe)}`);
  console.error(`${new Date().toISOString()} training ${side} ${nameOf(recipe)}`);
  const trained = await {
    loci: () => trainLoci(places, recipe, path, { out }),
    gensim: () => trainGensim(places, recipe, path, { vectors: `${out}.bin` }),
    fasttext: () => trainFastText(places, recipe, path, { out }),
    glove: () => trainGlove(places, recipe, path, { out }),
  }[side]();
  for (const evaluator of ["loci", "scipy"]) rmSync(scoresPath(places, key, evaluator), { force: true });
  return keep(places, key, trained);
}

const scoresPath = (places: Places, key: string, evaluator: string) =>
  join(places.work, "results", `${key}.${evaluator}.json`);

const lists = ["wordsim353.tsv", "simlex999.tsv", "mturk771.tsv"];

/** What is asked of a model: the lists, or for a corpus without their words the held-out pairs. */
function questionsFor(places: Places, row: QualityRow, side: Side): Questions {
  if (row.recipe.corpus === "heldout")
    return { pairs: heldOutLists.map((list) => heldOutFile(places, list)), subwords: side === "loci" };
  return {
    pairs: lists.map((name) => evaluationFile(places, name)),
    analogies: evaluationFile(places, "questions-words.txt"),
  };
}

/** The file that is opened by an evaluator: for unseen words, what the model's own program composes for them. */
async function openable(places: Places, row: QualityRow, side: Side, trained: Trained, evaluator: string) {
  const model = trained.vectors!;
  if (side === "fasttext" && row.recipe.corpus === "heldout") {
    const out = model.replace(/vec$/, "unseen.vec");
    if (!existsSync(out)) fastTextVectorsOf(places, model.replace(/vec$/, "bin"), heldOutWords(places), out);
    return out;
  }
  if (side === "loci" && evaluator === "scipy") {
    const out = `${model}.vec`;
    await convertWithLoci(places, model, out);
    return out;
  }
  return model;
}

/** Judges one model with both evaluators, unless it was done. A Loci model of unseen words has only Loci's evaluator. */
export async function judge(places: Places, row: QualityRow, side: Side, seed: number): Promise<void> {
  const key = qualityKey(row, side, seed);
  const trained = kept<Trained>(places, key);
  if (!trained) return;
  const questions = questionsFor(places, row, side);
  for (const evaluator of ["scipy", "loci"] as const) {
    if (kept(places, `${key}.${evaluator}`)) continue;
    if (evaluator === "scipy" && side === "loci" && row.recipe.corpus === "heldout") continue;
    const model = await openable(places, row, side, trained, evaluator);
    const scores =
      evaluator === "loci"
        ? await evaluateWithLoci(places, model, questions)
        : await evaluateWithScipy(places, model, questions);
    keep(places, `${key}.${evaluator}`, scores);
  }
}

async function evaluateWithScipy(places: Places, model: string, { pairs, analogies }: Questions): Promise<Scores> {
  const script = join(import.meta.dirname, "drivers", "scipy_evaluate.py");
  const asked = [
    script,
    model,
    ...pairs,
    ...(analogies === undefined ? [] : ["--analogies", analogies, "--limit", analogyLimit]),
  ];
  return lastLine((await measured(places, [join(places.tools, "bin", "python"), ...asked])).output) as Scores;
}

/** Runs the quality part: trains and judges what is missing, a row at a time, a failed run noted and not hidden. */
export async function runQuality(places: Places): Promise<string[]> {
  const failures: string[] = [];
  for (const row of qualityRows.filter(({ name }) => places.rows.test(name)))
    for (const seed of places.seeds.filter((_, at) => at < row.seeds))
      for (const side of row.sides) {
        try {
          if (await trainedFor(places, row, side, seed)) await judge(places, row, side, seed);
        } catch (error) {
          failures.push(`${row.name}, ${side}, seed ${seed}: ${String(error).slice(0, 600)}`);
          console.error(failures.at(-1));
        }
      }
  return failures;
}
