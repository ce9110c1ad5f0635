/**
 * The corpora, cut from text8style.txt into the work folder once.
 *
 * text8style.txt is one line of 18.9 million words. gensim cuts a line after 10,000 words and the others do not, so all
 * sides read lines of 1,000. The short corpora are prefixes. The held-out corpus is for vectors of unseen words: see
 * `heldOut`.
 */
import { createWriteStream, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { shared } from "./recipe.ts";
import type { Places } from "./places.ts";

export const corpora = ["text8style", "text8style-3500k", "text8style-1000k", "heldout"] as const;
export type CorpusName = (typeof corpora)[number];

export interface Corpus {
  readonly path: string;
  readonly tokens: number;
  /** The share of all tokens that a pass trains on, after minCount and sub-sampling (expected). */
  readonly keptShare: number;
}

const wordsPerLine = 1000;
const space = 0x20;
const lineEnd = 0x0a;

/** The path and the figures of a corpus, made now if it is not there yet. */
export async function corpus(places: Places, name: CorpusName): Promise<Corpus> {
  const path = join(places.work, "corpora", `${name}.txt`);
  const figures = `${path}.json`;
  if (!existsSync(figures)) {
    if (name === "heldout") await writeHeldOut(places, path);
    else writePrefix(places, path, name === "text8style" ? Infinity : Number(/\d+(?=k)/.exec(name)![0]) * 1000);
    writeFileSync(figures, JSON.stringify(count(path)));
  }
  return { path, ...(JSON.parse(readFileSync(figures, "utf8")) as Omit<Corpus, "path">) };
}

/** The first `limit` words of the text, a line end in place of every thousandth space. */
function writePrefix(places: Places, path: string, limit: number): void {
  const text = readFileSync(join(places.data, "text8style.txt"));
  let words = 0;
  let end = text.length;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== space && text[at] !== lineEnd) continue;
    words++;
    if (words % wordsPerLine === 0) text[at] = lineEnd;
    if (words === limit) {
      end = at + 1;
      break;
    }
  }
  writeFileSync(`${path}.part`, text.subarray(0, end));
  renameSync(`${path}.part`, path);
}

function* linesOf(path: string): Generator<string[]> {
  for (const line of readFileSync(path, "latin1").split("\n")) if (line !== "") yield line.trim().split(" ");
}

function count(path: string): Omit<Corpus, "path"> {
  const counts = new Map<string, number>();
  let tokens = 0;
  for (const words of linesOf(path)) {
    tokens += words.length;
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const frequent = [...counts.values()].filter((n) => n >= shared.minCount);
  const total = frequent.reduce((sum, n) => sum + n, 0);
  let kept = 0;
  for (const n of frequent) {
    const f = n / total / shared.subsample;
    kept += n * Math.min(1, (Math.sqrt(f) + 1) / f);
  }
  return { tokens, keptShare: kept / tokens };
}

export interface Pair {
  readonly first: string;
  readonly second: string;
  readonly score: string;
}

/** The pairs of one list, in lower case as the corpus is. */
export function pairsOf(places: Places, list: string): Pair[] {
  return readFileSync(join(places.words, `${list}.tsv`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [first, second, score] = line.split("\t");
      return { first: first!.toLowerCase(), second: second!.toLowerCase(), score: score! };
    });
}

/** A list of pairs, or the analogies, written in lower case into the work folder: both sides look up the same strings. */
export function evaluationFile(places: Places, name: string): string {
  const out = join(places.work, "corpora", name);
  if (!existsSync(out)) writeFileSync(out, readFileSync(join(places.words, name), "utf8").toLowerCase());
  return out;
}

export const heldOutLists = ["wordsim353", "simlex999", "mturk771", "rg65"] as const;

/** Every second pair of a list: the half whose words the held-out corpus lacks. */
const heldOut = (places: Places, list: string): Pair[] => pairsOf(places, list).filter((_, at) => at % 2 === 1);

/** The file of a list's held-out pairs. */
export function heldOutFile(places: Places, list: string): string {
  const path = join(places.work, "corpora", `heldout-${list}.tsv`);
  const lines = heldOut(places, list).map(({ first, second, score }) => `${first}\t${second}\t${score}\n`);
  if (!existsSync(path)) writeFileSync(path, lines.join(""));
  return path;
}

/** The words of all held-out pairs. */
export const heldOutWords = (places: Places): string[] => [
  ...new Set(heldOutLists.flatMap((list) => heldOut(places, list).flatMap(({ first, second }) => [first, second]))),
];

/**
 * The corpus without the words of every second pair.
 *
 * Few words of the lists are rare in 19 million words, so rarity is made: of each word of the held-out pairs all but the
 * first four occurrences are deleted, which is under minCount, and their pairs are ranked by vectors composed from
 * character n-grams alone. Their inflected forms stay, as they would for a word that is rare by nature.
 */
async function writeHeldOut(places: Places, path: string): Promise<void> {
  const left = new Map(heldOutWords(places).map((word) => [word, shared.minCount - 1]));
  const whole = await corpus(places, "text8style");
  const out = createWriteStream(`${path}.part`, { encoding: "latin1" });
  for (const words of linesOf(whole.path)) {
    const stays = words.filter((word) => {
      const more = left.get(word);
      if (more === undefined) return true;
      left.set(word, more - 1);
      return more > 0;
    });
    if (!out.write(`${stays.join(" ")}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  renameSync(`${path}.part`, path);
}
