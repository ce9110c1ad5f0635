/**
 * Where things lie, and which part of the comparison was asked for: the command line of `bench peers`, read once.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export const parts = ["quality", "memory", "formats", "loading", "speed"] as const;
export type Part = (typeof parts)[number];

export interface Places {
  /** The folder with text8style.txt. */
  readonly data: string;
  /** The folder with the word pairs and analogies. */
  readonly words: string;
  /** The folder that setup.sh filled. */
  readonly tools: string;
  /** Corpora, models and results: everything that makes a broken run go on where it stopped. */
  readonly work: string;
  /** Where the dated table goes. */
  readonly out: string;
  readonly parts: readonly Part[];
  /** Only rows whose name this matches. */
  readonly rows: RegExp;
  /** Only these sides ("loci", "gensim", "fasttext", "glove"); empty is all. */
  readonly sides: readonly string[];
  readonly seeds: readonly number[];
  readonly repetitions: number;
  /** Only write the table from what is there. */
  readonly reportOnly: boolean;
  /** Forget the kept figures of these parts first. */
  readonly fresh: boolean;
}

export const usage = `npm run bench -- peers --data DIR [options]

Compares Loci with gensim, fastText and GloVe's C program on one corpus and writes bench/results/DATE-words.md.
First: sh bench/peers/setup.sh (installs the peers into bench/peers/.venv). All of it takes hours, most of them the
peers' own training; each finished run is kept, so the command may be stopped and given again, or given in pieces.

  --data DIR        the folder with text8style.txt
  --words DIR       the folder with wordsim353.tsv, simlex999.tsv, mturk771.tsv, rg65.tsv and questions-words.txt
                    (default: DATA/words)
  --tools DIR       the folder given to setup.sh (default: bench/peers/.venv)
  --work DIR        corpora, models and kept figures, about 6 GB (default: bench/artefacts/peers)
  --out DIR         where the table goes (default: bench/results)
  --only PARTS      of ${parts.join(",")}
  --rows PATTERN    only rows whose name matches, such as 'cbow' or '^skipgram d100'
  --sides SIDES     only these sides run: loci,gensim,fasttext,glove
  --seeds SEEDS     which seeds of the quality table (default 1,2,3)
  --repetitions N   of the speed table (default 3)
  --fresh           forget the kept figures of the parts asked for (not the peers' models)
  --report          run nothing; write the table from the kept figures
`;

/** Reads the command line. Throws a sentence to print when it makes no sense. */
export function readPlaces(args: string[]): Places | "help" {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      data: option,
      words: option,
      tools: option,
      work: option,
      out: option,
      only: option,
      rows: option,
      sides: option,
      seeds: option,
      repetitions: option,
      fresh: { type: "boolean" },
      report: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return "help";
  if (values.data === undefined) throw new Error("Expected --data DIR, the folder with text8style.txt. See --help.");
  const bench = resolve(import.meta.dirname, "..");
  const list = (text?: string) => text?.split(",").filter(Boolean) ?? [];
  const only = values.only === undefined ? [...parts] : list(values.only);
  for (const part of only)
    if (!parts.includes(part as Part))
      throw new Error(`Expected --only to list parts of ${parts.join(", ")}, got “${part}”.`);
  const places: Places = {
    data: resolve(values.data),
    words: resolve(values.words ?? join(values.data, "words")),
    tools: resolve(values.tools ?? join(import.meta.dirname, ".venv")),
    work: resolve(values.work ?? join(bench, "artefacts", "peers")),
    out: resolve(values.out ?? join(bench, "results")),
    parts: parts.filter((part) => only.includes(part)),
    rows: new RegExp(values.rows ?? ""),
    sides: list(values.sides),
    seeds: list(values.seeds ?? "1,2,3").map(Number),
    repetitions: Number(values.repetitions ?? 3),
    reportOnly: values.report ?? false,
    fresh: values.fresh ?? false,
  };
  const needed: [string, string][] = [
    [join(places.data, "text8style.txt"), "--data"],
    [join(places.words, "wordsim353.tsv"), "--words"],
    [join(places.tools, "bin", "python"), "--tools (after: sh bench/peers/setup.sh)"],
  ];
  for (const [path, flag] of needed)
    if (!existsSync(path)) throw new Error(`${path} is not there; it is expected by ${flag}.`);
  for (const folder of ["corpora", "models", "results", "scratch"])
    mkdirSync(join(places.work, folder), { recursive: true });
  return places;
}

/** Is this side to be run? */
export const asksFor = (places: Places, side: string): boolean =>
  !places.reportOnly && (places.sides.length === 0 || places.sides.includes(side));
