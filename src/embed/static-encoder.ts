/**
 * Sentences from word vectors: a weighted mean of the words' vectors, less what all texts have in common.
 *
 * Smooth inverse frequency (Arora, Liang & Ma, 2017: "A Simple but Tough-to-Beat Baseline for Sentence Embeddings"). It
 * needs no network, runs at a million words a second and more, and learns from nothing but word vectors, those of any
 * file or of the user's own texts:
 *   v(s) = mean over the words w of s of a / (a + p(w)) · v(w), then v − Σ u (u · v) over the common directions u, one long.
 * Unit length is the default since it makes cosine, dot product and distance rank alike, whatever index the rows go to.
 * Words without a row are composed from subwords where the vectors have them, and count like the rarest; else they are
 * passed over. A text without a known word is a row of zeros. Sums are float64 in the order of the text: the same bits
 * everywhere.
 */
import {
  LociError,
  type LongOptions,
  Matrix,
  type Step,
  checkNumber,
  checkWhole,
  drain,
  nextTask,
  phaseClock,
  platform,
} from "../core/index.ts";
import { type Embedding, type EmbeddingSource, type OpenOptions } from "../table/index.ts";
import { WordTokenizer, type WordTokenizerOptions } from "../text/index.ts";
import { CommonComponents, lengthen, removeDirections } from "./common-components.ts";
import type { EmbedOptions, Encoder } from "./encoder.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { frequencyShares, frequencyWeights } from "./frequency-weights.ts";
import { type StaticSettings, encoderFiles, openEncoder, saveEncoder } from "./static-files.ts";
import { WordLookup } from "./word-lookup.ts";

export interface StaticEncoderOptions {
  /** For people. Default: made of how the vectors were learnt and their width. */
  readonly name?: string;
  /**
   * How texts are cut into words. Default: as the vectors' own texts were, if they were trained by Loci's rules for words; else
   * words in lower case, or as they are written (then in lower case) where the vocabulary holds capitals.
   */
  readonly tokenizer?: WordTokenizerOptions;
  /** a in a / (a + p(w)): smaller holds frequent words back more; Infinity is the plain mean. Default 0.001, as in the paper. */
  readonly smoothing?: number;
  /** How many common directions are removed; 0 for none. Default 1. */
  readonly components?: number;
  /** Whether rows are made one long. Default true. */
  readonly unitLength?: boolean;
  /**
   * Texts like those to be embedded, from which the common directions are taken; the first 20,000 count. Default: texts as
   * chance would make them of the vocabulary's words, by frequency.
   */
  readonly sample?: Iterable<string> | AsyncIterable<string>;
}

const SAMPLE = 20_000; // the first direction of 100 to 1,000 numbers is steady long before
const SLICE_SECONDS = 0.008; // then the event loop has its turn
const PART = 1 << 13; // characters of a long text that are cut into words at a time

/** Texts to vectors by the mean of their words. Immutable. */
export class StaticEncoder implements Encoder {
  readonly name: string;
  readonly dim: number;
  /** The words' vectors. */
  readonly embedding: Embedding;
  readonly settings: StaticSettings;
  readonly #tokenizer: WordTokenizer;
  readonly #weights: Float64Array;
  readonly #directions: Float64Array;
  #fingerprint: string | undefined;
  #words: WordLookup | undefined;
  #preparing = false;

  /** An encoder of settings that were found before; `from` finds them. */
  constructor(embedding: Embedding, settings: StaticSettings) {
    this.embedding = embedding;
    this.settings = settings;
    this.name = settings.name;
    this.dim = embedding.dim;
    this.#tokenizer = new WordTokenizer(settings.tokenizer);
    this.#weights = frequencyWeights(embedding.vocabulary, settings.smoothing);
    this.#directions = Float64Array.from(settings.components.flat());
    if (settings.components.some((direction) => direction.length !== this.dim))
      throw new LociError("dim-mismatch", `Expected common components of dim ${this.dim}, as the words' vectors are.`);
  }

  /** An encoder over word vectors. The vectors are not copied. */
  static from(embedding: Embedding, options: StaticEncoderOptions & LongOptions = {}): Promise<StaticEncoder> {
    return drain(StaticEncoder.fromSteps(embedding, options), options);
  }

  /** The same in steps. */
  static async *fromSteps(
    embedding: Embedding,
    options: StaticEncoderOptions = {},
  ): AsyncGenerator<Step, StaticEncoder, void> {
    const { smoothing = 1e-3, components = 1, unitLength = true, sample } = options;
    if (smoothing !== Infinity) checkNumber("smoothing", smoothing, Number.MIN_VALUE);
    checkWhole("components", components, 0, embedding.dim - 1);
    const {
      mode,
      case: letters,
      digits,
      normalization,
    } = new WordTokenizer(options.tokenizer ?? tokenizerOf(embedding));
    const settings: StaticSettings = {
      name: options.name ?? nameOf(embedding),
      tokenizer: { mode, case: letters, digits, normalization },
      smoothing: Math.min(smoothing, Number.MAX_VALUE), // JSON knows no Infinity
      unitLength,
      components: [],
    };
    if (components === 0) return new StaticEncoder(embedding, settings);
    const plain = new StaticEncoder(embedding, { ...settings, unitLength: false });
    const common = sample ? yield* plain.#commonOf(sample) : plain.#commonByChance();
    const { dim } = embedding;
    const directions = common.directions(components);
    const rows = Array.from({ length: directions.length / dim }, (_, n) => [
      ...directions.subarray(n * dim, (n + 1) * dim),
    ]);
    return new StaticEncoder(embedding, { ...settings, components: rows });
  }

  /**
   * Opens a saved encoder, or any file of word vectors, over which an encoder is made with the options (a saved one has its own:
   * options are then refused). Throws `not-found` and `bad-file` as `Embedding.open` does.
   */
  static open(path: string, options: StaticEncoderOptions & OpenOptions = {}): Promise<StaticEncoder> {
    return drain(opened(path, options), options);
  }

  /** The same from bytes, where there are no paths: a file, or a directory's files by name. */
  static read(source: EmbeddingSource, options: StaticEncoderOptions & OpenOptions = {}): Promise<StaticEncoder> {
    return drain(opened(source, options), options);
  }

  /** 32 hexadecimal digits over words, vectors, weights, components and the way texts are cut. Computed once, then kept. */
  get fingerprint(): string {
    const { name: _, components: __, ...rest } = this.settings;
    const { subwords, fingerprint } = this.embedding;
    return (this.#fingerprint ??= fingerprintOf("static", [
      fingerprint,
      JSON.stringify(rest),
      this.#weights,
      this.#directions,
      ...(subwords ? [`${subwords.minN} ${subwords.maxN} ${subwords.bucketCount}`, subwords.buckets.data] : []),
    ]));
  }

  /** One row a text, in order. The event loop has its turn every 8 ms, however many and however long the texts. */
  embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Matrix> {
    return drain(this.embedSteps(texts), options);
  }

  /** The same in steps. */
  async *embedSteps(texts: readonly string[]): AsyncGenerator<Step, Matrix, void> {
    await this.#prepare();
    const rows = Matrix.zeros(texts.length, this.dim);
    const sum = new Float64Array(this.dim);
    const step = phaseClock("embed", texts.length);
    let since = platform.now();
    for (let t = 0; t < texts.length; t++) {
      sum.fill(0);
      let words = 0;
      for (const part of partsOf(texts[t]!)) {
        words += this.#addWords(part, sum);
        if ((t & 15) !== 0 && part.length < 1000) continue; // the clock costs more than a short text
        if (platform.now() - since < SLICE_SECONDS) continue;
        yield step(t);
        await nextTask();
        since = platform.now();
      }
      if (words > 0) this.#finish(sum, words, rows.row(t));
    }
    return rows;
  }

  /** How many words a text has, known or not. */
  countTokens(text: string): number {
    return this.#tokenizer.tokenize(text).length;
  }

  /** Saves vectors and settings as a model directory, all of it or nothing: docs/formats/static-encoder.md. */
  save(path: string): Promise<void> {
    return saveEncoder(path, this);
  }

  /** The files that `save` would write, by name, as pieces of bytes. */
  files(): Record<string, Iterable<Uint8Array>> {
    return encoderFiles(this);
  }

  /** Adds the weighted vectors of a text's known words to `sum`; returns how many there were. */
  #addWords(text: string, sum: Float64Array): number {
    let words = 0;
    const quick = this.#words?.visit(text, (id, start, end) => {
      if (id >= 0) this.#addRow(id, sum);
      else if (!this.#addUnknown(() => this.#tokenizer.tokenize(text.slice(start, end))[0]!, sum)) return;
      words++;
    });
    if (quick) return words;
    const { vocabulary } = this.embedding;
    for (const token of this.#tokenizer.tokenize(text)) {
      let id = vocabulary.idOf(token);
      if (id === undefined && this.#tokenizer.case === "keep") id = vocabulary.idOf(token.toLowerCase());
      if (id !== undefined) this.#addRow(id, sum);
      else if (!this.#addUnknown(() => token, sum)) continue;
      words++;
    }
    return words;
  }

  #addRow(id: number, sum: Float64Array): void {
    const { data } = this.embedding.matrix;
    const dim = sum.length;
    const weight = this.#weights[id]!;
    const start = id * dim;
    for (let i = 0; i < dim; i++) sum[i]! += weight * data[start + i]!;
  }

  /** Adds a word without a row by its subwords, fully, as the rarest words count; says whether it has any. */
  #addUnknown(word: () => string, sum: Float64Array): boolean {
    const { subwords } = this.embedding;
    if (!subwords) return false;
    const token = word();
    if (subwords.rowsOf(token).length === 0) return false;
    const composed = subwords.compose(token);
    for (let i = 0; i < sum.length; i++) sum[i]! += composed[i]!;
    return true;
  }

  /** Makes the quick way to words of ASCII text, where the settings are those it knows; until then the tokenizer does. */
  async #prepare(): Promise<void> {
    const { mode, case: letters, digits } = this.#tokenizer;
    if (this.#preparing || mode !== "words" || letters !== "lower" || digits !== "keep") return;
    this.#preparing = true;
    const lookup = new WordLookup(this.embedding.vocabulary);
    let since = platform.now();
    for (const _ of lookup.enter()) {
      if (platform.now() - since < SLICE_SECONDS) continue;
      await nextTask();
      since = platform.now();
    }
    this.#words = lookup;
  }

  #finish(sum: Float64Array, words: number, row: Float32Array): void {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! / words;
    removeDirections(sum, this.#directions);
    if (this.settings.unitLength) lengthen(sum);
    row.set(sum);
  }

  async *#commonOf(sample: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Step, CommonComponents, void> {
    const common = new CommonComponents(this.dim);
    const step = phaseClock("sample", 0);
    const texts: string[] = [];
    let taken = 0;
    const add = async (): Promise<void> => {
      const rows = await this.embed(texts);
      for (let t = 0; t < rows.rows; t++) common.add(rows.row(t));
      texts.length = 0;
    };
    for await (const text of sample) {
      texts.push(text);
      if (++taken === SAMPLE) break;
      if (texts.length < 64) continue;
      await add();
      yield step(taken);
    }
    await add();
    return common;
  }

  /** What v vᵀ comes to, on average, over texts of `CHANCE_WORDS` words drawn by frequency. */
  #commonByChance(): CommonComponents {
    const { vocabulary, matrix } = this.embedding;
    const common = new CommonComponents(this.dim);
    const most = Math.min(vocabulary.size, MOST_CHANCE_KEYS);
    const shares = frequencyShares(vocabulary);
    const center = new Float64Array(this.dim);
    for (let id = 0; id < most; id++) {
      const row = matrix.row(id);
      const weight = this.#weights[id]!;
      for (let i = 0; i < center.length; i++) center[i]! += shares[id]! * weight * row[i]!;
      common.add(row, (shares[id]! * weight * weight) / CHANCE_WORDS);
    }
    common.add(center, 1 - 1 / CHANCE_WORDS);
    return common;
  }
}

const CHANCE_WORDS = 20;
const MOST_CHANCE_KEYS = 20_000;

async function* opened(
  from: string | EmbeddingSource,
  options: StaticEncoderOptions & OpenOptions,
): AsyncGenerator<Step, StaticEncoder, void> {
  const { embedding, settings, name } = yield* openEncoder(from, options);
  if (!settings) return yield* StaticEncoder.fromSteps(embedding, { ...(name !== undefined && { name }), ...options });
  const own = ["tokenizer", "smoothing", "components", "unitLength", "sample"] as const;
  const given = own.find((option) => options[option] !== undefined);
  if (given !== undefined) {
    throw new LociError(
      "bad-argument",
      `"${settings.name}" is a saved encoder with settings of its own. Leave \`${given}\` out, or make another with StaticEncoder.from(encoder.embedding, …).`,
    );
  }
  return new StaticEncoder(embedding, { ...settings, ...(options.name !== undefined && { name: options.name }) });
}

/** A text in parts that are cut into words at a time: at white space, or failing that between two characters. */
function* partsOf(text: string): Generator<string, void, void> {
  let from = 0;
  while (text.length - from > PART) {
    let to = from + PART;
    while (to > from && !isBlank(text.charCodeAt(to))) to--;
    if (to === from) {
      to = from + PART;
      if ((text.charCodeAt(to) & 0xfc00) === 0xdc00) to--;
    }
    yield text.slice(from, to);
    from = to;
  }
  yield text.slice(from);
}

const isBlank = (unit: number): boolean => unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);

/** How the texts of these vectors were cut, as far as can be told. */
function tokenizerOf({ vocabulary, provenance }: Embedding): WordTokenizerOptions {
  const trained = provenance["tokenizer"] as WordTokenizerOptions | undefined;
  if (trained?.mode === "words") return trained;
  const capitals = vocabulary.keys.slice(0, 10_000).some((key) => key !== key.toLowerCase());
  return { case: capitals ? "keep" : "lower" };
}

function nameOf({ provenance, dim }: Embedding): string {
  const made = provenance["learner"] ?? provenance["format"];
  return `static-${typeof made === "string" ? made : "words"}-${dim}`;
}
