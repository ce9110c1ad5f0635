/**
 * A corpus, encoded once: text to ids by falling frequency.
 *
 * Learners read a corpus many times, so it is tokenised once and kept as ids. The input is read once too, since
 * standard input cannot be read twice: ids in order of first sight go to scratch while words are counted, and one
 * pass over the scratch renames them by frequency and drops the rare ones, in place. Memory is bounded by the
 * vocabulary, never by the corpus.
 */
import { LociError, Vocabulary, checkWhole, drain, phaseClock, type LongOptions, type Step } from "../core/index.ts";
import { Draft, SIGNED_LINE_END } from "./draft.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Phrases, checkPhraseOptions, joinLearntSteps, joinSteps, type PhraseOptions } from "./phrases.ts";
import { readSteps, type CorpusInput, type ReadOptions } from "./read.ts";
import { WordTable } from "./word-table.ts";

/** Text as ids by falling frequency, with LINE_END after each sentence: what the learners read. */
export interface Corpus {
  /** The words kept, by falling count (ties: first seen first), with their occurrences in the corpus. */
  readonly vocabulary: Vocabulary;
  /** Tokens read, dropped ones included; a phrase is one token. */
  readonly tokens: number;
  /** Tokens of words that are not in the vocabulary. */
  readonly dropped: number;
  /** Stored ids, LINE_END marks included. */
  readonly length: number;
  /** A hash of ids and vocabulary, the same on every platform: it names the corpus in checkpoints. */
  readonly fingerprint: string;
  /** The phrases that were joined, where that was asked for. */
  readonly phrases?: Phrases;
  /** Fills `into` with ids [start, start + into.length); `bad-argument` if the corpus is not that long. */
  read(start: number, into: Uint32Array): void;
  /** Frees memory and scratch. */
  close(): void;
}

export interface CorpusOptions extends ReadOptions, LongOptions {
  /** Words seen less often are dropped, and their neighbours close ranks. Default 5. */
  readonly minCount?: number;
  /** At most this many words are kept, the most frequent. Default: all. */
  readonly maxVocabulary?: number;
  /**
   * The most distinct words counted at a time; default 20 million (about 1 GB). When one more comes, the words seen
   * at most n times so far are forgotten, where n starts at 1 and rises by one with each use, until an eighth of the
   * room is free (after word2vec.c's ReduceVocab). A forgotten word that comes again starts from 0, and what it
   * occurred before stays dropped, so counts still equal the occurrences in the corpus.
   */
  readonly maxDistinct?: number;
  /** Joins phrases such as `new_york`: learnt from another corpus, or, given options ({} will do), from this one. */
  readonly phrases?: Phrases | PhraseOptions;
}

/**
 * Reads, tokenises and counts text, and returns it as ids. Throws `not-found` if the input names no file, and
 * `no-text` if no word remains. Close the corpus when it is no longer needed.
 */
export function encodeCorpus(input: CorpusInput, options: CorpusOptions = {}): Promise<Corpus> {
  return drain(encodeCorpusSteps(input, options), options);
}

/**
 * `encodeCorpus`, a step about every 50 ms: phase "read" in bytes (of tokens: in sentences), "phrases" if there are any
 * and "encode" in ids.
 */
export async function* encodeCorpusSteps(
  input: CorpusInput,
  options: CorpusOptions = {},
): AsyncGenerator<Step, Corpus, void> {
  const { minCount = 5, maxVocabulary = 2 ** 31, maxDistinct = 20_000_000, phrases } = options;
  checkWhole("minCount", minCount, 1);
  checkWhole("maxVocabulary", maxVocabulary, 1);
  checkWhole("maxDistinct", maxDistinct, 8, 2 ** 26);
  if (phrases && !(phrases instanceof Phrases)) checkPhraseOptions(phrases);
  const draft = new Draft(new WordTable(maxDistinct));
  let encoded = false;
  try {
    yield* readSteps(input, draft, options);
    const joined = phrases && (yield* joinPhrases(draft, phrases));
    const corpus = yield* rankSteps(draft, minCount, maxVocabulary);
    encoded = true;
    return joined ? { ...corpus, phrases: joined } : corpus;
  } finally {
    if (!encoded) draft.ids.close();
  }
}

async function* joinPhrases(draft: Draft, phrases: Phrases | PhraseOptions): AsyncGenerator<Step, Phrases, void> {
  if (!(phrases instanceof Phrases)) return yield* joinLearntSteps(draft, phrases);
  yield* joinSteps(draft, phrases);
  return phrases;
}

/** Names the words by falling frequency and rewrites the ids in place. */
async function* rankSteps(draft: Draft, minCount: number, maxVocabulary: number): AsyncGenerator<Step, Corpus, void> {
  const { table, ids, tokens } = draft;
  const kept = keptPlaces(table, minCount, maxVocabulary);
  if (kept.length === 0) throw noText(draft, minCount);
  const vocabulary = new Vocabulary(
    Array.from(kept, (place) => table.wordOf(place)),
    Float64Array.from(kept, (place) => table.countOf(place)),
  );
  const { direct, sparse } = finalIds(table, kept);
  table.close(); // all there is to know of the words is in the vocabulary now
  const fingerprint = new Fingerprint();
  let open = false; // whether the sentence holds a word so far
  let dropped = 0;
  const step = phaseClock("encode", ids.length);
  const rewriting = draft.rewrite((block, out) => {
    let put = 0;
    for (let i = 0; i < block.length; i++) {
      const id = block[i]!;
      if (id === SIGNED_LINE_END) {
        if (open) out[put++] = SIGNED_LINE_END;
        open = false;
        continue;
      }
      const final = direct === undefined ? (sparse.get(id) ?? DROPPED) : direct[id]!;
      if (final === DROPPED) dropped++;
      else {
        open = true;
        out[put++] = final;
      }
    }
    fingerprint.addIds(out, put);
    return put;
  });
  for await (const done of rewriting) yield step(done);
  ids.settle();
  fingerprint.addVocabulary(vocabulary);
  return {
    vocabulary,
    tokens,
    dropped,
    length: ids.length,
    fingerprint: fingerprint.hex(),
    read: (start, into) => ids.read(start, into),
    close: () => ids.close(),
  };
}

/** The places of the words that stay, in the order of their ids. */
function keptPlaces(table: WordTable, minCount: number, most: number): Uint32Array {
  const kept = table.places().filter((place) => table.countOf(place) >= minCount);
  kept.sort((a, b) => table.countOf(b) - table.countOf(a) || a - b);
  return kept.subarray(0, most);
}

const DROPPED = -1;

/** From serials to final ids. Once words were forgotten, serials run far past the words held; then those are listed. */
function finalIds(
  table: WordTable,
  kept: Uint32Array,
): { direct: Int32Array | undefined; sparse: Map<number, number> } {
  const sparse = new Map<number, number>();
  if (table.prunings > 0) {
    for (let final = 0; final < kept.length; final++) sparse.set(table.serialOf(kept[final]!) | 0, final);
    return { direct: undefined, sparse };
  }
  const direct = new Int32Array(table.size).fill(DROPPED);
  for (let final = 0; final < kept.length; final++) direct[table.serialOf(kept[final]!)] = final;
  return { direct, sparse };
}

function noText({ table, tokens }: Draft, minCount: number): LociError {
  if (tokens === 0) {
    return new LociError("no-text", "The corpus holds no words: expected text in UTF-8, found nothing that is a word.");
  }
  let most = 0;
  for (const place of table.places()) if (table.countOf(place) > table.countOf(most)) most = place;
  const count = table.countOf(most);
  return new LociError(
    "no-text",
    `No word is left: the corpus has ${tokens === 1 ? "1 token" : `${tokens} tokens`}, and its most frequent word, ` +
      `"${table.wordOf(most)}", occurs ${count === 1 ? "once" : `${count} times`}, under minCount ${minCount}. ` +
      `Give more text, or a minCount of ${count}${count === 1 ? "" : " or less"}.`,
  );
}
