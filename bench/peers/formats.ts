/**
 * The formats part: files go both ways between Loci and the real packages, and give the same neighbours.
 *
 * Neighbours are what a user sees of a vector, and ten of them with their scores depend on every number of the file.
 * Two lists agree when each place has the same score within 0.0001 (text files keep 5 or 6 digits) and every key of one
 * that is not in the other stands at the list's end among equals.
 */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { keep, kept } from "./cache.ts";
import { corpus } from "./corpora.ts";
import { convertWithLoci, nearWithLoci, trainLoci } from "./loci.ts";
import { lastLine, measured } from "./measure.ts";
import { asksFor, type Places } from "./places.ts";
import type { TableRow } from "./table.ts";

type Neighbors = Readonly<Record<string, readonly (readonly [key: string, score: number])[]>>;

interface Agreement {
  readonly file: string;
  readonly lists: number;
  readonly equal: number;
  /** The largest difference of two scores in one place. */
  readonly difference: number;
  /** For .vec: how far fastText's vectors are from gensim's, of the same file. */
  readonly fastTextDifference?: number;
  readonly failure?: string;
}

const known = ["king", "water", "music", "city", "seven"];
const unseen = ["kinglyness", "watermusical", "qzqx"];
const tolerance = 1e-4;

function agreement(file: string, pairs: readonly (readonly [Neighbors[string], Neighbors[string]])[]): Agreement {
  let equal = 0;
  let difference = 0;
  for (const [ours, theirs] of pairs) {
    const gaps = theirs.map(([, score], place) => Math.abs(score - (ours[place]?.[1] ?? Infinity)));
    const last = theirs.at(-1)![1];
    const keys = new Set(ours.map(([key]) => key));
    const strangers = theirs.filter(([key, score]) => !keys.has(key) && score > last + tolerance);
    difference = Math.max(difference, ...gaps);
    if (Math.max(...gaps) <= tolerance && strangers.length === 0) equal++;
  }
  return { file, lists: pairs.length, equal, difference };
}

const key = join("formats", "agreement");

/** Checks every file once; a file that one side cannot open is a row of its own, not the end of the part. */
export async function runFormats(places: Places): Promise<string[]> {
  if (kept(places, key) || !asksFor(places, "loci")) return [];
  const failures: string[] = [];
  const results: Agreement[] = [];
  const folder = join(places.work, "models", "formats");
  mkdirSync(folder, { recursive: true });
  const python = [join(places.tools, "bin", "python"), join(import.meta.dirname, "drivers", "formats.py")];
  const { path } = await corpus(places, "text8style-1000k");
  const near = async (model: string, word: string): Promise<Neighbors[string]> =>
    (await nearWithLoci(places, model, word, 10)).hits.map((hit) => [hit.key, hit.score] as const);
  const attempt = async (file: string, work: () => Promise<Agreement>) => {
    try {
      results.push(await work());
    } catch (error) {
      const failure = String(error).slice(0, 600);
      results.push({ file, lists: 0, equal: 0, difference: NaN, failure });
      failures.push(`formats, ${file}: ${failure}`);
      console.error(failures.at(-1));
    }
  };

  const made = lastLine(
    (await measured(places, [...python, "make", folder, path, known.join(","), unseen.join(",")])).output,
  ) as Record<string, Neighbors>;
  for (const [file, neighbors] of Object.entries(made))
    await attempt(`${file} → Loci`, async () => {
      const pairs: [Neighbors[string], Neighbors[string]][] = [];
      for (const [word, theirs] of Object.entries(neighbors))
        pairs.push([await near(join(folder, file), word), theirs]);
      return agreement(`${file} → Loci`, pairs);
    });

  const model = join(folder, "loci");
  const recipe = { corpus: path, architecture: "skipgram", dim: 50, epochs: 2, learningRate: 0.025, seed: 1 } as const;
  await trainLoci(places, recipe, path, { out: model });
  const ours = new Map<string, Neighbors[string]>();
  for (const word of known) ours.set(word, await near(model, word));
  for (const ending of ["bin", "txt", "vec"]) {
    const file = `loci.${ending} → ${ending === "vec" ? "gensim and fastText" : "gensim"}`;
    await attempt(file, async () => {
      const written = `${model}-written.${ending}`;
      await convertWithLoci(places, model, written);
      const opened = lastLine((await measured(places, [...python, "open", known.join(","), written])).output) as Record<
        string,
        { neighbors: Neighbors; fastTextDifference?: number }
      >;
      const { neighbors, fastTextDifference } = opened[written]!;
      const pairs = known.map((word) => [ours.get(word)!, neighbors[word]!] as const);
      return { ...agreement(file, pairs), ...(fastTextDifference === undefined ? {} : { fastTextDifference }) };
    });
  }
  if (failures.length === 0) keep(places, key, results);
  else keep(places, `${key}-with-failures`, results);
  return failures;
}

export function formatRows(places: Places): TableRow[] {
  const part = "Formats";
  const results = kept<Agreement[]>(places, key) ?? kept<Agreement[]>(places, `${key}-with-failures`);
  if (!results) return [{ part, what: "not run", loci: "", peer: "", ratio: "", target: "the same neighbours" }];
  return results.map(({ file, lists, equal, difference, fastTextDifference, failure }) => ({
    part,
    what: basename(file),
    loci: failure ? "failed" : `${equal} of ${lists} lists of 10 equal`,
    peer: fastTextDifference === undefined ? "" : `fastText's vectors within ${fastTextDifference.toExponential(0)}`,
    ratio: failure ? "" : `scores within ${difference.toExponential(0)}`,
    target: "all equal",
    met: equal === lists && lists > 0 && (fastTextDifference ?? 0) < 1e-4,
  }));
}
