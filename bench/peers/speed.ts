/**
 * The speed part: tokens per CPU second of training, all sides in turn on one core.
 *
 * A machine's speed moves by a fifth within minutes, by neighbours and by heat. So the sides of a group run one after
 * the other, the ratio is taken inside that repetition, and the median of the repetitions' ratios is quoted, never the
 * ratio of two medians. A repetition is kept when all of its sides have run; a broken one starts again.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { keep, kept } from "./cache.ts";
import { type Corpus, corpus, type CorpusName } from "./corpora.ts";
import { trainFastText } from "./fasttext.ts";
import { trainGensim } from "./gensim.ts";
import { trainGlove } from "./glove.ts";
import { sourcesFingerprint, trainLoci } from "./loci.ts";
import { measured } from "./measure.ts";
import type { Places } from "./places.ts";
import type { Recipe } from "./recipe.ts";
import { median, spread, type TableRow } from "./table.ts";

/** One side of a group, measured once: its figure, most often tokens per CPU second, and the hash it made. */
interface Reading {
  readonly value: number;
  readonly hash?: string | undefined;
}

type Contender = (places: Places, corpus: Corpus) => Promise<Reading>;

interface Comparison {
  readonly what: string;
  readonly loci: string;
  readonly peer: string;
  readonly atLeast?: number;
  readonly stretch?: number;
  /** How the figures are shown: thousands of tokens, or a share of the peer. */
  readonly unit: string;
}

interface SpeedGroup {
  readonly name: string;
  readonly corpus: CorpusName;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly comparisons: readonly Comparison[];
  /** For the multiply-add limit: the dimensions and the pool of negatives of the side `loci`. */
  readonly limit?: { readonly dim: number; readonly pool: number };
}

/** Where one-thread sides run: the last core, since the system's own work gathers on the first. */
const core = availableParallelism() - 1;

const base: Omit<Recipe, "corpus"> = { architecture: "skipgram", dim: 100, epochs: 1, learningRate: 0.025, seed: 1 };

const tokensPerCpuSecond = (tokens: number, recipe: Partial<Recipe>, seconds: number | undefined): number =>
  (tokens * (recipe.epochs ?? base.epochs)) / seconds!;

/** Loci trains four epochs where the peers train one: it needs some seconds for the engine's compiler to be done. */
const lociSide =
  (change: Partial<Recipe> = {}): Contender =>
  async (places, { path, tokens }) => {
    const recipe = { ...base, corpus: path, epochs: 4, ...change };
    const { trainCpuSeconds, hash } = await trainLoci(places, recipe, path, { core });
    return { value: tokensPerCpuSecond(tokens, recipe, trainCpuSeconds), hash };
  };

const gensimSide =
  (change: Partial<Recipe> = {}): Contender =>
  async (places, { path, tokens }) => {
    const recipe = { ...base, corpus: path, ...change };
    const { trainCpuSeconds } = await trainGensim(places, recipe, path, { core });
    return { value: tokensPerCpuSecond(tokens, recipe, trainCpuSeconds) };
  };

const fastTextSide =
  (change: Partial<Recipe> = {}): Contender =>
  async (places, { path, tokens }) => {
    const recipe = { ...base, corpus: path, ...change };
    const { cpuSeconds: baseline } = await trainFastText(places, { ...recipe, epochs: 0 }, path, { core });
    const { trainCpuSeconds } = await trainFastText(places, recipe, path, { core, baseline });
    return { value: tokensPerCpuSecond(tokens, recipe, trainCpuSeconds) };
  };

/** Counting and fifteen epochs together, on both sides: the whole command, since the sides split the work differently. */
const gloveRecipe = { ...base, architecture: "glove", epochs: 15 } as const;
const gloveSide =
  (train: typeof trainLoci): Contender =>
  async (places, { path, tokens }) => {
    const { cpuSeconds } = await train(places, { ...gloveRecipe, corpus: path }, path, { core });
    return { value: tokensPerCpuSecond(tokens, gloveRecipe, cpuSeconds) };
  };

/** Tokens per wall second of one training with two workers, free to use both cores. */
const twoWorkers: Contender = async (places, { path, tokens }) => {
  const recipe = { ...base, corpus: path, epochs: 4, workers: 2 };
  const { trainWallSeconds, hash } = await trainLoci(places, recipe, path);
  return { value: tokensPerCpuSecond(tokens, recipe, trainWallSeconds), hash };
};

/** Tokens per wall second of two trainings at once that know nothing of each other, a core each. */
const twoAtOnce: Contender = async (places, { path, tokens }) => {
  const recipe = { ...base, corpus: path, epochs: 4 };
  const both = await Promise.all([0, 1].map((at) => trainLoci(places, recipe, path, { core: at })));
  const value = both.reduce((sum, run) => sum + tokensPerCpuSecond(tokens, recipe, run.trainWallSeconds), 0);
  return { value, hash: both[0]!.hash };
};

/** Four-lane multiply-adds a second that this core can do at most. */
const multiplyAdds: Contender = async (places) => ({
  value: Number((await measured(places, [join(places.tools, "bin", "peak")], core)).output),
});

const ktok = "k tokens/CPU s";

export const speedGroups: readonly SpeedGroup[] = [
  {
    name: "skipgram d100",
    corpus: "text8style-3500k",
    contenders: {
      loci: lociSide(),
      racy: lociSide({ racy: true }),
      fast: lociSide({ preset: "fast" }),
      gensim: gensimSide(),
      fasttext: fastTextSide(),
      peak: multiplyAdds,
    },
    comparisons: [
      { what: "skip-gram d=100, gensim", loci: "loci", peer: "gensim", atLeast: 7, stretch: 8, unit: ktok },
      { what: "skip-gram d=100, fastText", loci: "loci", peer: "fasttext", atLeast: 20, unit: ktok },
      { what: "the fast preset, gensim", loci: "fast", peer: "gensim", atLeast: 8, unit: ktok },
      { what: "deterministic against racy", loci: "loci", peer: "racy", atLeast: 0.9, unit: ktok },
    ],
    limit: { dim: 100, pool: 16 },
  },
  {
    name: "skipgram d300",
    corpus: "text8style-1000k",
    contenders: {
      loci: lociSide({ dim: 300 }),
      gensim: gensimSide({ dim: 300 }),
      peak: multiplyAdds,
    },
    comparisons: [{ what: "skip-gram d=300, gensim", loci: "loci", peer: "gensim", atLeast: 4, unit: ktok }],
    limit: { dim: 300, pool: 16 },
  },
  {
    name: "cbow d100",
    corpus: "text8style-3500k",
    contenders: {
      loci: lociSide({ architecture: "cbow" }),
      gensim: gensimSide({ architecture: "cbow" }),
    },
    comparisons: [{ what: "CBOW d=100, gensim", loci: "loci", peer: "gensim", atLeast: 3, unit: ktok }],
  },
  {
    name: "subwords d100",
    corpus: "text8style-1000k",
    contenders: {
      loci: lociSide({ buckets: 2_000_000 }),
      fasttext: fastTextSide({ buckets: 2_000_000 }),
    },
    comparisons: [
      { what: "subwords 3-6, 2 M buckets, fastText", loci: "loci", peer: "fasttext", atLeast: 9, unit: ktok },
    ],
  },
  {
    name: "glove d100",
    corpus: "text8style-3500k",
    contenders: { loci: gloveSide(trainLoci), glove: gloveSide(trainGlove) },
    comparisons: [
      {
        what: "GloVe d=100, counting and 15 epochs, C program",
        loci: "loci",
        peer: "glove",
        atLeast: 2,
        unit: "k tokens × epochs/CPU s",
      },
    ],
  },
  {
    name: "workers",
    corpus: "text8style-3500k",
    contenders: { one: lociSide(), two: twoWorkers, atOnce: twoAtOnce },
    comparisons: [
      {
        what: "two workers against two runs at once, wall time",
        loci: "two",
        peer: "atOnce",
        atLeast: 0.9,
        unit: "k tokens/s",
      },
    ],
  },
];

interface Repetition {
  readonly readings: Readonly<Record<string, Reading>>;
  readonly load: number;
  /** The fingerprint of Loci's sources: a repetition of older ones is run again. */
  readonly sources: string;
}

const bracketed = (text: string): string => (text === "" ? "" : ` (${text})`);

const keyOf = (group: SpeedGroup, repetition: number) => join("speed", `${group.name} ${repetition}`);

/** Runs what is missing of the speed part. A side that fails ends its group, and is reported. */
export async function runSpeed(places: Places): Promise<string[]> {
  const failures: string[] = [];
  const sources = sourcesFingerprint();
  for (const group of speedGroups.filter(({ name }) => places.rows.test(name)))
    try {
      const text = await corpus(places, group.corpus);
      for (let repetition = 1; repetition <= places.repetitions; repetition++) {
        if (kept<Repetition>(places, keyOf(group, repetition))?.sources === sources) continue;
        const load = (await measured(places, ["true"])).load[0];
        const readings: Record<string, Reading> = {};
        for (const [name, contender] of Object.entries(group.contenders)) {
          console.error(`${new Date().toISOString()} speed, ${group.name}, repetition ${repetition}: ${name}`);
          readings[name] = await contender(places, text);
        }
        keep<Repetition>(places, keyOf(group, repetition), { readings, load, sources });
      }
    } catch (error) {
      failures.push(`speed, ${group.name}: ${String(error).slice(0, 600)}`);
      console.error(failures.at(-1));
    }
  return failures;
}

/** The table's rows from what is kept. */
export async function speedRows(places: Places): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  const part = "Speed";
  for (const group of speedGroups) {
    const repetitions: Repetition[] = [];
    for (let at = 1; ; at++) {
      const one = kept<Repetition>(places, keyOf(group, at));
      if (!one) break;
      repetitions.push(one);
    }
    const values = (name: string) => repetitions.map(({ readings }) => readings[name]!.value);
    for (const { what, loci, peer, atLeast, stretch, unit } of group.comparisons) {
      const target = `${atLeast === undefined ? "" : `≥ ${atLeast}`}${stretch ? `, stretch ${stretch}` : ""}`;
      if (repetitions.length === 0) {
        rows.push({ part, what, loci: "not run", peer: "not run", ratio: "", target });
        continue;
      }
      const ratios = repetitions.map(({ readings }) => readings[loci]!.value / readings[peer]!.value);
      const load = Math.max(...repetitions.map((one) => one.load));
      const old = repetitions.some((one) => one.sources !== sourcesFingerprint()) ? ", older sources" : "";
      const busy = load > 1 ? `, load ${load.toFixed(1)}: cores were busy` : "";
      rows.push({
        part,
        what: `${what} (${repetitions.length} repetitions${busy}${old})`,
        loci: `${Math.round(median(values(loci)) / 1000)} ${unit}`,
        peer: `${Math.round(median(values(peer)) / 1000)} ${unit}`,
        ratio: `${median(ratios).toFixed(2)}×${bracketed(spread(ratios, 2))}`,
        target,
        met: atLeast === undefined ? undefined : median(ratios) >= atLeast,
      });
    }
    if (repetitions.length === 0) continue;
    if (group.limit) rows.push(await limitRow(places, group, values("loci"), values("peak")));
    if (group.name === "workers") {
      const hashes = new Set(repetitions.flatMap(({ readings }) => [readings["one"]!.hash, readings["two"]!.hash]));
      const same = hashes.size === 1 && !hashes.has(undefined);
      rows.push({
        part,
        what: "the same bytes with one worker and with two",
        loci: [...hashes].map((hash) => String(hash).slice(0, 12)).join(", "),
        peer: "",
        ratio: "",
        target: "one hash",
        met: same,
      });
    }
  }
  return rows;
}

/**
 * The share of the core's multiply-adds that training reaches. A kept token has 6 positives on average and a pool of
 * shared negatives, each with 3 passes (score, gradient of the input, gradient of the output) of dim / 4 lanes.
 */
async function limitRow(places: Places, group: SpeedGroup, loci: number[], peak: number[]): Promise<TableRow> {
  const { dim, pool } = group.limit!;
  const { keptShare } = await corpus(places, group.corpus);
  const perToken = keptShare * (6 + pool) * 3 * Math.ceil(dim / 4);
  const shares = loci.map((value, at) => (100 * value * perToken) / peak[at]!);
  return {
    part: "Speed",
    what: `share of the core's 4-lane multiply-add limit, d=${dim}`,
    loci: `${((median(loci) * perToken) / 1e9).toFixed(2)} G/s`,
    peer: `${(median(peak) / 1e9).toFixed(2)} G/s`,
    ratio: `${median(shares).toFixed(0)} %${bracketed(spread(shares, 0))}`,
    target: "printed; stretch 50 %",
  };
}
