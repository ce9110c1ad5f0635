/**
 * The first pass of encoding: whatever text comes as, into a draft.
 */
import { checkOneOf, LociError, openCorpusSource, phaseClock, type Step } from "../core/index.ts";
import { Pace, type Draft } from "./draft.ts";
import { WordScanner } from "./scan.ts";
import { sentenceLines } from "./sentences.ts";
import { WordTokenizer, type WordTokenizerOptions } from "./words.ts";

/** Where text comes from. */
export type CorpusInput =
  | string // a path, folder, glob, or "-" for standard input
  | { readonly files: readonly string[] } // several of those
  | { readonly texts: Iterable<string> | AsyncIterable<string> } // documents (each may hold many lines)
  | { readonly tokens: Iterable<readonly string[]> | AsyncIterable<readonly string[]> }; // sentences already tokenised

export interface ReadOptions {
  /** How text is cut into words; not used for input that is tokens. */
  readonly tokenizer?: WordTokenizer | WordTokenizerOptions;
  /**
   * What a sentence is, over whose end no window reaches: each "line" (default), each "sentence" by the rules of
   * `splitSentences` (empty lines end one too, single line breaks do not), or each "document": a file, or one of `texts`.
   */
  readonly sentences?: "line" | "sentence" | "document";
}

const SLICE_BYTES = 1 << 16; // between two looks at the clock: a few ms of English, some 50 ms of Chinese

const MOST_REMEMBERED = 1 << 16;

/** Fills a draft. Phase "read": bytes (as on disk), or sentences where the input is tokens. */
export async function* readSteps(
  input: CorpusInput,
  draft: Draft,
  options: ReadOptions,
): AsyncGenerator<Step, void, void> {
  if (typeof input === "string") yield* readFiles(input, new TextReader(draft, options));
  else if ("files" in input) yield* readFiles(input.files, new TextReader(draft, options));
  else if ("texts" in input) yield* readTexts(input.texts, new TextReader(draft, options));
  else if ("tokens" in input) yield* readTokens(input.tokens, draft);
  else throw new LociError("bad-argument", "Expected a corpus to be a path, { files }, { texts } or { tokens }.");
}

/** Scans documents, split into sentences first where that is asked for. */
class TextReader {
  readonly pace = new Pace();
  readonly #scanner: WordScanner;
  readonly #bySentence: boolean;

  constructor(draft: Draft, { tokenizer, sentences = "line" }: ReadOptions) {
    checkOneOf("sentences", sentences, ["line", "sentence", "document"]);
    const words = tokenizer instanceof WordTokenizer ? tokenizer : new WordTokenizer(tokenizer);
    this.#scanner = new WordScanner(draft.table, words, draft, { lines: sentences !== "document" });
    this.#bySentence = sentences === "sentence";
  }

  close(): void {
    this.#scanner.close();
  }

  /** Scans a document; yields when a step is due. */
  async *document(bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<void, void, void> {
    for await (const piece of this.#bySentence ? sentenceLines(bytes) : bytes) {
      for (let at = 0; at < piece.length; at += SLICE_BYTES) {
        this.#scanner.push(piece.subarray(at, at + SLICE_BYTES));
        if (!this.pace.due) continue;
        yield;
        await this.pace.turn();
      }
    }
    this.#scanner.endDocument();
  }
}

async function* readFiles(paths: string | readonly string[], reader: TextReader): AsyncGenerator<Step, void, void> {
  const source = await openCorpusSource(paths);
  const step = phaseClock("read", source.totalBytes);
  for await (const file of source.files()) {
    for await (const _due of reader.document(file.bytes)) yield step(source.bytesRead);
  }
  reader.close();
  yield step(source.bytesRead);
}

async function* readTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  reader: TextReader,
): AsyncGenerator<Step, void, void> {
  const step = phaseClock("read", 0);
  const staging = new Uint8Array(SLICE_BYTES);
  const encoder = new TextEncoder();
  let bytes = 0;
  function* utf8(text: string): Generator<Uint8Array, void, void> {
    for (let at = 0; at < text.length;) {
      const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), staging);
      at += read;
      bytes += written;
      yield staging.subarray(0, written);
    }
  }
  for await (const text of texts) {
    if (typeof text !== "string")
      throw new LociError("bad-argument", `Expected texts to be strings, got ${typeof text}.`);
    for await (const _due of reader.document(utf8(text))) yield step(bytes);
  }
  reader.close();
  yield step(bytes);
}

async function* readTokens(
  sentences: Iterable<readonly string[]> | AsyncIterable<readonly string[]>,
  draft: Draft,
): AsyncGenerator<Step, void, void> {
  const step = phaseClock("read", 0);
  const pace = new Pace();
  const { table } = draft;
  const places = new Map<string, number>(); // of tokens met lately: spares their bytes
  let { prunings } = table;
  let done = 0;
  for await (const sentence of sentences) {
    for (const token of sentence) {
      if (places.size === MOST_REMEMBERED || prunings !== table.prunings) places.clear();
      ({ prunings } = table);
      let place = places.get(token);
      if (place === undefined) {
        if (typeof token !== "string" || token === "") throw notAToken(token, done);
        place = table.internWord(token);
        places.set(token, place);
      }
      draft.token(place);
    }
    draft.lineEnd();
    done++;
    if (!pace.due) continue;
    yield step(done);
    await pace.turn();
  }
  yield step(done);
}

function notAToken(token: unknown, sentence: number): LociError {
  const got = token === "" ? "an empty string" : typeof token;
  return new LociError("bad-argument", `Expected tokens to be non-empty strings, got ${got} in sentence ${sentence}.`);
}
