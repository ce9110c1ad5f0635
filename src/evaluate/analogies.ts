/**
 * Are relations directions? Google's analogy test: Athens is to Greece as Baghdad is to … (Mikolov et al., 2013).
 *
 * A question counts as right only when the very word expected comes first among the `limit` most frequent, the
 * three given words aside. Questions with a word outside those are left out and counted.
 */
import { type LongOptions, LociError, type Step, checkWhole, drain, nextTask, phaseClock } from "../core/index.ts";
import type { AnalogyMethod, Embedding } from "../table/index.ts";
import { type Interval, type IntervalOptions, bootstrapInterval } from "./bootstrap.ts";
import { type KeyResolver, keyResolver } from "./resolve-key.ts";

/** a is to b as c is to d. */
export type AnalogyRow = readonly [a: string, b: string, c: string, d: string];

/** Questions about one relation. */
export interface AnalogySection {
  readonly name: string;
  readonly questions: readonly AnalogyRow[];
}

export interface AnalogyOptions extends LongOptions {
  /** Only the first so many keys take part, as questions and as answers. Default 30,000, as is the custom. */
  readonly limit?: number;
  /** Default "3CosAdd". */
  readonly method?: AnalogyMethod;
  /**
   * Look every word up in lower case alone. Default false: a word's own spelling is tried first, then its lower case,
   * then any other case.
   */
  readonly lowercase?: boolean;
  /** Also give the bootstrap interval of the accuracy: true, or how to draw it. */
  readonly interval?: boolean | IntervalOptions;
}

/** How many were answered rightly: `accuracy` = correct / found, NaN where none was found. */
export interface AnalogyScore {
  readonly accuracy: number;
  readonly correct: number;
  /** Questions all of whose words are among the first `limit` keys. */
  readonly found: number;
  readonly total: number;
}

export interface AnalogyResult extends AnalogyScore {
  readonly sections: ({ readonly name: string } & AnalogyScore)[];
  /** Sections whose names do not begin with "gram": capitals, currencies, family. */
  readonly semantic: AnalogyScore;
  /** Sections whose names begin with "gram": plurals, tenses, comparatives. */
  readonly syntactic: AnalogyScore;
  /** The accuracy's interval, where it was asked for. */
  readonly interval?: Interval;
}

/** Answers analogies and counts the right ones. `test` may be the text of a file (see `parseAnalogies`). */
export function evaluateAnalogies(
  embedding: Embedding,
  test: string | readonly AnalogySection[],
  options: AnalogyOptions = {},
): Promise<AnalogyResult> {
  return drain(evaluateAnalogiesSteps(embedding, test, options), options);
}

/** The same in steps; `done` counts questions. */
export async function* evaluateAnalogiesSteps(
  embedding: Embedding,
  test: string | readonly AnalogySection[],
  { limit = 30_000, method = "3CosAdd", lowercase = false, interval = false }: AnalogyOptions = {},
): AsyncGenerator<Step, AnalogyResult, void> {
  checkWhole("limit", limit, 1);
  const sections = typeof test === "string" ? parseAnalogies(test) : test;
  const asked = sections.map(({ questions }) => resolveAll(embedding, questions, limit, lowercase));
  const all = asked.flat();
  const right = new Uint8Array(all.length);
  const clock = phaseClock("analogies", all.length);
  const slice = sliceFor(Math.min(limit, embedding.size) * embedding.dim);
  for (let start = 0; start < all.length; start += slice) {
    const some = all.slice(start, start + slice);
    const questions = some.map(([a, b, c]) => ({ positive: [b, c], negative: [a] }));
    embedding.analogies(questions, { k: 1, method, limit }).forEach(([best], i) => {
      right[start + i] = best?.key === some[i]![3] ? 1 : 0;
    });
    yield clock(start + some.length);
    await nextTask(); // the work is all on this thread: let an abort or a progress bar have its turn
  }
  return {
    ...countUp(sections, asked, right),
    ...(interval && { interval: accuracyInterval(right, interval === true ? {} : interval) }),
  };
}

/** Questions a step, so that one takes about 50 ms: many where rows are few, for keys that several share. */
function sliceFor(numbers: number): number {
  return Math.max(8, Math.min(512, Math.round(1.5e9 / numbers)));
}

/** The questions all of whose words are among the first `limit` keys, as those keys. */
function resolveAll(
  { vocabulary }: Embedding,
  questions: readonly AnalogyRow[],
  limit: number,
  lowercase: boolean,
): AnalogyRow[] {
  const resolve = lowercase ? lowerCaseOnly(keyResolver(vocabulary)) : keyResolver(vocabulary);
  const known = (word: string): string | undefined => {
    const key = resolve(word);
    return key !== undefined && vocabulary.requireId(key) < limit ? key : undefined;
  };
  return questions
    .map((words) => words.map(known))
    .filter((keys) => keys.every((key) => key !== undefined))
    .map((keys) => keys as unknown as AnalogyRow);
}

function lowerCaseOnly(resolve: KeyResolver): KeyResolver {
  return (word) => {
    const lower = word.toLowerCase();
    return resolve(lower) === lower ? lower : undefined;
  };
}

function countUp(
  sections: readonly AnalogySection[],
  asked: readonly AnalogyRow[][],
  right: Uint8Array,
): Omit<AnalogyResult, "interval"> {
  let next = 0;
  const scores = sections.map(({ name, questions }, s) => {
    const found = asked[s]!.length;
    const correct = right.subarray(next, (next += found)).reduce((sum, one) => sum + one, 0);
    return { name, ...score(correct, found, questions.length) };
  });
  return {
    ...total(scores),
    sections: scores,
    semantic: total(scores.filter(({ name }) => !name.startsWith("gram"))),
    syntactic: total(scores.filter(({ name }) => name.startsWith("gram"))),
  };
}

function total(scores: readonly AnalogyScore[]): AnalogyScore {
  const sum = (field: "correct" | "found" | "total") => scores.reduce((all, one) => all + one[field], 0);
  return score(sum("correct"), sum("found"), sum("total"));
}

function score(correct: number, found: number, questions: number): AnalogyScore {
  return { accuracy: found === 0 ? NaN : correct / found, correct, found, total: questions };
}

function accuracyInterval(right: Uint8Array, options: IntervalOptions): Interval {
  return bootstrapInterval(
    right.length,
    (items) => items.reduce((sum, item) => sum + right[item]!, 0) / items.length,
    options,
  );
}

/**
 * Reads Google's format: `: name` begins a section, every other line is four words. Empty lines and lines that begin
 * with # are passed over; anything else throws `bad-file` with its line.
 */
export function parseAnalogies(text: string): AnalogySection[] {
  const sections: { name: string; questions: AnalogyRow[] }[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || line.startsWith("#")) return;
    if (line.startsWith(":")) {
      sections.push({ name: line.slice(1).trim(), questions: [] });
      return;
    }
    if (words.length !== 4) {
      throw new LociError(
        "bad-file",
        `Line ${index + 1} of the analogies: expected four words or ": section", got ${JSON.stringify(line.slice(0, 80))}.`,
      );
    }
    if (sections.length === 0) sections.push({ name: "", questions: [] });
    sections.at(-1)!.questions.push(words as unknown as AnalogyRow);
  });
  return sections;
}
