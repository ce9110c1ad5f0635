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
 * Reads pairs, one a line: `a TAB b TAB score`. Commas or spaces serve where there is no tab; more columns after the
 * score, empty lines and lines that begin with # are passed over. Anything else throws `bad-file` with its line.
 */
export function parseWordPairs(text: string): WordPair[] {
  const pairs: WordPair[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const separator = line.includes("\t") ? "\t" : line.includes(",") ? "," : /\s+/;
    const [a, b, written] = (separator instanceof RegExp ? line.trim() : line)
      .split(separator)
      .map((cell) => cell.trim());
    const score = Number(written);
    if (!a || !b || !written || !Number.isFinite(score)) {
      throw new LociError(
        "bad-file",
        `Line ${index + 1} of the word pairs: expected a word, a word and a number with tabs between them, got ${JSON.stringify(line.slice(0, 80))}. Remove a heading, or put # before it.`,
      );
    }
    pairs.push({ a, b, score });
  });
  return pairs;
}
