/**
 * Phrases: words that stand together so often that they are better taken as one, `new york` → `new_york`.
 *
 * The score is word2phrase's (Mikolov et al., 2013b, "Distributed Representations of Words and Phrases and their
 * Compositionality", equation 6, times the number of tokens as in their program):
 *
 *     score(a, b) = (count(a b) − δ) / (count(a) × count(b)) × tokens
 *
 * and pairs above a threshold become one. A second pass over joined text makes phrases of up to four words, and so on.
 * A text is joined from left to right, and a word goes into one phrase a pass, the first that it can.
 *
 * Phrases are learnt on the ids of a draft, which are re-read as often as there are passes: the text itself is read once,
 * so standard input will do.
 */
import { LociError, checkNumber, checkWhole, drain, phaseClock, type LongOptions, type Step } from "../core/index.ts";
import { Draft, SIGNED_LINE_END } from "./draft.ts";
import { PairTable } from "./pair-table.ts";
import { readSteps, type CorpusInput, type ReadOptions } from "./read.ts";
import { WordTable } from "./word-table.ts";

export interface PhraseOptions {
  /** The score that makes a phrase: higher, fewer phrases. Default 100. */
  readonly threshold?: number;
  /** δ, and the fewest occurrences of either word: keeps rare words from pairing by chance. Default 5. */
  readonly minCount?: number;
  /** Passes, 1 to 4; n passes make phrases of up to 2ⁿ words. Default 2. */
  readonly passes?: number;
  /**
   * The most distinct pairs counted at a time; default 10 million (about 250 MB). When there are more, those seen at most n
   * times so far are forgotten, n = 1, 2, … as for words (see `maxDistinct` of `encodeCorpus`).
   */
  readonly maxPairs?: number;
}

export interface LearnPhrasesOptions extends PhraseOptions, ReadOptions, LongOptions {
  /** As for `encodeCorpus`. */
  readonly maxDistinct?: number;
}

/** A learnt phrase: two tokens, of which either may be a phrase of an earlier pass, and their score. */
export type Phrase = readonly [first: string, second: string, score: number];

const FORMAT = "loci-phrases";
const JOINER = "_";

/** The phrases of a corpus, ready to join the tokens of any text. */
export class Phrases {
  /** What each pass joins, best score first. */
  readonly passes: readonly (readonly Phrase[])[];
  readonly #pairs: readonly ReadonlyMap<string, ReadonlySet<string>>[];

  constructor(passes: readonly (readonly Phrase[])[]) {
    this.passes = passes;
    this.#pairs = passes.map(pairsOf);
  }

  /** The tokens of one sentence with its phrases joined by "_". */
  join(tokens: readonly string[]): string[] {
    let joined = [...tokens];
    for (const pairs of this.#pairs) {
      const before = joined;
      joined = [];
      for (let i = 0; i < before.length; i++) {
        const isPhrase = i + 1 < before.length && pairs.get(before[i]!)?.has(before[i + 1]!);
        joined.push(isPhrase ? before[i]! + JOINER + before[++i]! : before[i]!);
      }
    }
    return joined;
  }

  /** For JSON.stringify; `Phrases.fromJSON` reads it back. */
  toJSON(): { format: string; version: number; passes: readonly (readonly Phrase[])[] } {
    return { format: FORMAT, version: 1, passes: this.passes };
  }

  /** Phrases from what JSON.parse returned; throws `bad-file` for anything else. */
  static fromJSON(json: unknown): Phrases {
    const { format, version, passes } = (json ?? {}) as { format?: unknown; version?: unknown; passes?: unknown };
    if (format !== FORMAT || version !== 1) {
      throw new LociError(
        "bad-file",
        `Expected phrases (format "${FORMAT}", version 1), got ${JSON.stringify(format)}.`,
      );
    }
    if (!Array.isArray(passes) || !passes.every((pass) => Array.isArray(pass) && pass.every(isPhrase))) {
      throw new LociError("bad-file", "Expected each pass of the phrases to be a list of [word, word, score].");
    }
    return new Phrases(passes);
  }
}

function pairsOf(pass: readonly Phrase[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = new Map<string, Set<string>>();
  for (const [first, second] of pass) {
    const seconds = pairs.get(first);
    if (seconds) seconds.add(second);
    else pairs.set(first, new Set([second]));
  }
  return pairs;
}

function isPhrase(value: unknown): value is Phrase {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [first, second, score] = value as unknown[];
  return typeof first === "string" && typeof second === "string" && typeof score === "number";
}

/** Learns the phrases of a corpus. */
export function learnPhrases(input: CorpusInput, options: LearnPhrasesOptions = {}): Promise<Phrases> {
  return drain(learnPhrasesSteps(input, options), options);
}

/** `learnPhrases`, a step about every 50 ms: phase "read", then "phrases" in ids, over all passes. */
export async function* learnPhrasesSteps(
  input: CorpusInput,
  options: LearnPhrasesOptions = {},
): AsyncGenerator<Step, Phrases, void> {
  checkPhraseOptions(options);
  const draft = new Draft(new WordTable(options.maxDistinct));
  try {
    yield* readSteps(input, draft, options);
    return yield* joinLearntSteps(draft, options);
  } finally {
    draft.ids.close();
  }
}

/** Throws `bad-argument` for an option out of its range. */
export function checkPhraseOptions({ threshold, minCount, passes, maxPairs }: PhraseOptions): void {
  if (threshold !== undefined) checkNumber("threshold", threshold, 0);
  if (minCount !== undefined) checkWhole("minCount", minCount, 1);
  if (passes !== undefined) checkWhole("passes", passes, 1, 4);
  if (maxPairs !== undefined) checkWhole("maxPairs", maxPairs, 8, 1 << 28);
}

/** Learns phrases from a draft and joins them in it. */
export async function* joinLearntSteps(draft: Draft, options: PhraseOptions): AsyncGenerator<Step, Phrases, void> {
  const { passes = 2 } = options;
  const learnt: Phrase[][] = [];
  const step = phaseClock("phrases", 2 * passes * draft.ids.length);
  let walked = 0;
  for (let pass = 0; pass < passes; pass++) {
    const pairs = new PairCounter(draft, options);
    for await (const { block, done } of draft.blocks()) {
      pairs.count(block);
      if (done !== undefined) yield step(walked + done);
    }
    walked += draft.ids.length;
    learnt.push(pairs.phrases());
    const length = draft.ids.length;
    for await (const done of joinPass(draft, learnt[pass]!)) yield step(walked + done);
    walked += length;
  }
  return new Phrases(learnt);
}

/** Joins given phrases in a draft. */
export async function* joinSteps(draft: Draft, phrases: Phrases): AsyncGenerator<Step, void, void> {
  const step = phaseClock("phrases", phrases.passes.length * draft.ids.length);
  let walked = 0;
  for (const pass of phrases.passes) {
    const length = draft.ids.length;
    for await (const done of joinPass(draft, pass)) yield step(walked + done);
    walked += length;
  }
}

/** Counts neighbours among the words that are frequent enough, and scores them. */
class PairCounter {
  readonly #draft: Draft;
  readonly #threshold: number;
  readonly #minCount: number;
  readonly #maxPairs: number;
  readonly #placeOf: (serial: number) => number;
  readonly #pairs = new PairTable();
  #bar = 1;
  #last = SIGNED_LINE_END;

  constructor(draft: Draft, { threshold = 100, minCount = 5, maxPairs = 10_000_000 }: PhraseOptions) {
    this.#draft = draft;
    this.#threshold = threshold;
    this.#minCount = minCount;
    this.#maxPairs = maxPairs;
    this.#placeOf = placesBySerial(draft.table);
  }

  count(block: Int32Array): void {
    const { table } = this.#draft;
    let last = this.#last;
    for (let i = 0; i < block.length; i++) {
      let id = block[i]!;
      if (id !== SIGNED_LINE_END) {
        const place = this.#placeOf(id);
        if (place < 0 || table.countOf(place) < this.#minCount) id = SIGNED_LINE_END;
      }
      if (id !== SIGNED_LINE_END && last !== SIGNED_LINE_END) {
        this.#pairs.add(last, id, 1);
        while (this.#pairs.size > this.#maxPairs) this.#pairs.forgetUpTo(this.#bar++);
      }
      last = id;
    }
    this.#last = last;
  }

  /** The pairs above the threshold, best first, equal ones by their words. */
  phrases(): Phrase[] {
    const { table, tokens } = this.#draft;
    const found: Phrase[] = [];
    this.#pairs.forEach((first, second, count) => {
      const [a, b] = [this.#placeOf(first), this.#placeOf(second)];
      const score = ((count - this.#minCount) / (table.countOf(a) * table.countOf(b))) * tokens;
      if (score > this.#threshold) found.push([table.wordOf(a), table.wordOf(b), score]);
    });
    return found.sort((a, b) => b[2] - a[2] || compare(a[0], b[0]) || compare(a[1], b[1]));
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** From serials (signed) to places; −1 for words that were forgotten. */
function placesBySerial(table: WordTable): (serial: number) => number {
  const places = table.places();
  if (table.prunings === 0) return (serial) => places[serial] ?? -1;
  const bySerial = new Map<number, number>();
  for (const place of places) bySerial.set(table.serialOf(place) | 0, place);
  return (serial) => bySerial.get(serial) ?? -1;
}

/** One pass of joining, in place; counts follow. Phrases become new words, after all that are there. */
async function* joinPass(draft: Draft, phrases: readonly Phrase[]): AsyncGenerator<number, void, void> {
  const { table } = draft;
  table.limit = Infinity; // phrases are few and come on top: none of them may push a word out
  const numbers = new PairTable(); // pair → number of its phrase + 1
  for (const [i, [first, second]] of phrases.entries()) {
    const [a, b] = [table.find(first), table.find(second)];
    if (a < 0 || b < 0) continue;
    const pair = [table.serialOf(a), table.serialOf(b)] as const;
    if (numbers.get(...pair) === 0) numbers.add(...pair, i + 1);
  }
  if (numbers.size === 0) return;
  const placeOf = placesBySerial(table);
  const joined = new Map<number, number>(); // number of a phrase → its place, once it was met
  let held = SIGNED_LINE_END; // the last word, as long as it may still begin a phrase
  yield* draft.rewrite((block, out) => {
    let put = 0;
    for (let i = 0; i < block.length; i++) {
      const id = block[i]!;
      const number = held === SIGNED_LINE_END || id === SIGNED_LINE_END ? 0 : numbers.get(held, id);
      if (number === 0) {
        if (held !== SIGNED_LINE_END) out[put++] = held;
        held = id;
        if (id === SIGNED_LINE_END) out[put++] = id;
        continue;
      }
      let place = joined.get(number);
      if (place === undefined) {
        place = table.internWord(phrases[number - 1]!.slice(0, 2).join(JOINER));
        joined.set(number, place);
      }
      out[put++] = table.count(place);
      table.uncount(placeOf(held));
      table.uncount(placeOf(id));
      draft.tokens--;
      held = SIGNED_LINE_END;
    }
    return put;
  });
}
