/**
 * Do near words score as people say they should? (WordSim-353, SimLex-999, MTurk-771, rare words, …)
 *
 * People have scored pairs of words; the cosines of the same pairs are put beside those scores. Only the order
 * is compared (Spearman), since a cosine is on no scale of people's. Pairs that the vocabulary does not hold are
 * left out and counted: a figure without its coverage says little.
 */
import { LociError } from "../core/index.ts";
import { pearson, spearman } from "../math/index.ts";
import type { Embedding } from "../table/index.ts";
import { type Interval, type IntervalOptions, bootstrapInterval } from "./bootstrap.ts";
import { keyResolver } from "./resolve-key.ts";

/** Two words and what people say of them; more is closer. */
export interface WordPair {
  readonly a: string;
  readonly b: string;
  readonly score: number;
}

export interface WordPairOptions {
  /** Count pairs with unseen words too, where the embedding can compose them from subwords. Default false. */
  readonly subwords?: boolean;
  /** Also give the bootstrap interval of Spearman's correlation: true, or how to draw it. */
  readonly interval?: boolean | IntervalOptions;
}

export interface WordPairResult {
  /** Rank correlation with people's scores, −1 to 1; NaN where fewer than two pairs were found. */
  readonly spearman: number;
  /** Correlation with the scores themselves. */
  readonly pearson: number;
  /** How many pairs both of whose words have a vector, of how many. */
  readonly found: number;
  readonly total: number;
  /** The words without a vector, each once, in the order of their coming. */
  readonly missing: string[];
  /** Spearman's interval, where it was asked for. */
  readonly interval?: Interval;
}

/** Compares cosines with people's scores. `pairs` may be the text of a pair file (see `parseWordPairs`). */
export function evaluateWordPairs(
  embedding: Embedding,
  pairs: string | readonly WordPair[],
  { subwords = false, interval = false }: WordPairOptions = {},
): WordPairResult {
  const rows = typeof pairs === "string" ? parseWordPairs(pairs) : pairs;
  const resolve = keyResolver(embedding.vocabulary);
  const missing = new Set<string>();
  const keyOf = (word: string): string | undefined => {
    const key = resolve(word) ?? (subwords && embedding.origin(word) === "subwords" ? word : undefined);
    if (key === undefined) missing.add(word);
    return key;
  };
  const people: number[] = [];
  const cosines: number[] = [];
  for (const { a, b, score } of rows) {
    const [keyA, keyB] = [keyOf(a), keyOf(b)];
    if (keyA === undefined || keyB === undefined) continue;
    people.push(score);
    cosines.push(embedding.similarity(keyA, keyB));
  }
  const at = (values: number[], items: Uint32Array) => Float64Array.from(items, (item) => values[item]!);
  return {
    spearman: spearman(people, cosines),
    pearson: pearson(people, cosines),
    found: people.length,
    total: rows.length,
    missing: [...missing],
    ...(interval && {
      interval: bootstrapInterval(
        people.length,
        (items) => spearman(at(people, items), at(cosines, items)),
        interval === true ? {} : interval,
      ),
    }),
  };
}

/**
 * Reads pairs, one a line: a word, a word, and their score, which is the first number after them: `a TAB b TAB score`, and
 * SimLex-999 as its authors publish it, with a part of speech between. Commas or spaces serve where there is no tab. The
 * score stands in one column on all lines; more columns after it, empty lines and lines that begin with # are passed over,
 * and so is a heading: a first line of three columns or more without a number. Anything else throws `bad-file` with its line.
 */
export function parseWordPairs(text: string): WordPair[] {
  const pairs: WordPair[] = [];
  let column = 0; // of the score; 0 before the first pair
  let first = true;
  text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.trim() === "" || line.startsWith("#")) return;
      const cells = cellsOf(line);
      const heading = first && cells.length >= 3 && !cells.slice(2).some(isNumber);
      first = false;
      if (heading) return;
      if (column === 0) column = 2 + cells.slice(2).findIndex(isNumber);
      const [a, b] = cells;
      const written = cells[column];
      if (column < 2 || !a || !b || written === undefined || !isNumber(written)) throw noPair(line, index, column);
      pairs.push({ a, b, score: Number(written) });
    });
  return pairs;
}

function cellsOf(line: string): string[] {
  if (line.includes("\t")) return line.split("\t").map((cell) => cell.trim());
  return line.includes(",") ? line.split(",").map((cell) => cell.trim()) : line.trim().split(/\s+/);
}

function isNumber(cell: string): boolean {
  return cell !== "" && Number.isFinite(Number(cell));
}

function noPair(line: string, index: number, column: number): LociError {
  const where = column > 2 ? ` in column ${column + 1}` : "";
  return new LociError(
    "bad-file",
    `Line ${index + 1} of the word pairs: expected a word, a word and a number${where} with tabs between them, ` +
      `got ${JSON.stringify(line.slice(0, 80))}. A heading is the first line, or begins with #.`,
  );
}
