/**
 * Words of any script, from a string.
 *
 * A word is a run of letters, numbers and the marks on them; apostrophes and connectors (`_`) belong to it only
 * between two of those, so that `don't` and `new_york` are words while `'quoted'` and `__init__` lose their frame.
 * Everything else (hyphens, punctuation, symbols, emoji) stands between words. Chinese, Japanese, Thai, Lao,
 * Khmer and Burmese are written without spaces: their stretches, and only theirs, are split by the engine's
 * dictionary (`Intl.Segmenter`), which may differ between versions of ICU.
 *
 * In "space" mode a word is what stands between ASCII white space, as in word2vec.c (Mikolov et al., 2013), fastText
 * and gensim's `corpus_file`: for text that is tokenised already, and for comparing at equal settings.
 *
 * scan.ts does the same over bytes, for speed; this file is what it has to agree with.
 */
import { checkOneOf, LociError } from "../core/index.ts";

export interface WordTokenizerOptions {
  /** Where words end: "words" (default) by the rules of Unicode, "space" at ASCII white space only. */
  readonly mode?: "words" | "space";
  /** "lower" turns all letters to lower case, "keep" leaves them. Default: "lower"; in space mode "keep". */
  readonly case?: "lower" | "keep";
  /**
   * "keep" (default) leaves digits alone; "spell" makes each a word of its own (`42` → `four two`, as in text8);
   * "zero" turns each to 0, so that all years are one word; "drop" treats them as space.
   */
  readonly digits?: "keep" | "spell" | "zero" | "drop";
  /**
   * "NFC" (default) makes composed and decomposed accents one word; "NFKC" also full-width and other compatibility
   * forms; "none" takes text as it is. Default in space mode: "none".
   */
  readonly normalization?: "NFC" | "NFKC" | "none";
}

/** A token and the range of the text, in UTF-16 code units, that it was made of. */
export interface RangedToken {
  readonly token: string;
  readonly start: number;
  readonly end: number;
}

/** A word is cut after this many UTF-16 code units: it is no word then, and memory must be bounded. */
export const LONGEST_WORD = 256;

const DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"] as const;

/** Inside a word: an apostrophe, connectors, or soft hyphen and joiners, when a letter or number follows. */
const word = (base: string): RegExp =>
  new RegExp(`[${base}](?:[${base}\\p{M}]|(?:['’]|\\p{Pc}+|[\\u00ad\\u200c\\u200d]+)(?=[${base}]))*`, "gu");

const SCRIPTS_WITHOUT_SPACES = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"];
const unspaced = SCRIPTS_WITHOUT_SPACES.map((script) => `\\p{scx=${script}}`).join("");
const UNSPACED = new RegExp(`[${unspaced}]`, "u");
const UNSPACED_STRETCH = new RegExp(`[${unspaced}][${unspaced}\\p{M}\\u200c\\u200d]*`, "gu");

const ASCII = /^[\0-\x7f]*$/;

/** Cuts text into words, as its options say. */
export class WordTokenizer {
  readonly mode: "words" | "space";
  readonly case: "lower" | "keep";
  readonly digits: "keep" | "spell" | "zero" | "drop";
  readonly normalization: "NFC" | "NFKC" | "none";
  readonly #words: RegExp;
  #segmenter: Intl.Segmenter | undefined;

  constructor(options: WordTokenizerOptions = {}) {
    this.mode = checkOneOf("mode", options.mode ?? "words", ["words", "space"]);
    const spaced = this.mode === "space";
    this.case = checkOneOf("case", options.case ?? (spaced ? "keep" : "lower"), ["lower", "keep"]);
    this.digits = checkOneOf("digits", options.digits ?? "keep", ["keep", "spell", "zero", "drop"]);
    this.normalization = checkOneOf("normalization", options.normalization ?? (spaced ? "none" : "NFC"), [
      "NFC",
      "NFKC",
      "none",
    ]);
    const apart = this.digits === "spell" || this.digits === "drop";
    const base = apart ? "\\p{L}\\p{Nl}\\p{No}" : "\\p{L}\\p{N}";
    const wordsOf = spaced ? new RegExp(apart ? "[^\\0\\t-\\r \\p{Nd}]+" : "[^\\0\\t-\\r ]+", "gu") : word(base);
    this.#words = this.digits === "spell" ? new RegExp(`\\p{Nd}|${wordsOf.source}`, "gu") : wordsOf;
  }

  /** The tokens of a text, in order. */
  tokenize(text: string): string[] {
    const tokens: string[] = [];
    this.#visit(this.#normalize(text), (_start, _end, token) => void tokens.push(token));
    return tokens;
  }

  /**
   * The tokens with the ranges of `text` they were made of: in order, never overlapping, so that ranges and the
   * gaps between them tile the text. A range is empty only when one character became several tokens (NFKC: ½).
   */
  tokenizeWithRanges(text: string): RangedToken[] {
    const normal = this.#normalize(text);
    const origin = normal === text ? undefined : alignedOrigins(text, normal, this.normalization);
    const tokens: RangedToken[] = [];
    let last = 0;
    this.#visit(normal, (from, to, token) => {
      const start = Math.max(last, origin ? origin.starts[from]! : from);
      const end = Math.max(start, origin ? origin.ends[to - 1]! : to);
      tokens.push({ token, start, end });
      last = end;
    });
    return tokens;
  }

  #normalize(text: string): string {
    return this.normalization === "none" || ASCII.test(text) ? text : text.normalize(this.normalization);
  }

  #visit(text: string, found: (start: number, end: number, token: string) => void): void {
    for (const match of text.matchAll(this.#words)) {
      const piece = match[0];
      const start = match.index;
      if (this.mode === "words" && UNSPACED.test(piece)) this.#split(piece, start, found);
      else found(start, start + piece.length, this.#key(piece));
    }
  }

  /** Splits a run of letters that holds a script without spaces. */
  #split(run: string, at: number, found: (start: number, end: number, token: string) => void): void {
    let last = 0;
    const spaced = (to: number): void => {
      for (const match of run.slice(last, to).matchAll(this.#words)) {
        const start = at + last + match.index;
        found(start, start + match[0].length, this.#key(match[0]));
      }
    };
    for (const stretch of run.matchAll(UNSPACED_STRETCH)) {
      spaced(stretch.index);
      // The locale only matters to scripts with spaces; it is fixed so that no machine differs.
      this.#segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
      for (const { segment, index, isWordLike } of this.#segmenter.segment(stretch[0])) {
        if (!isWordLike) continue;
        const start = at + stretch.index + index;
        found(start, start + segment.length, this.#key(segment));
      }
      last = stretch.index + stretch[0].length;
    }
    spaced(run.length);
  }

  /** The token of a stretch of (normalised) text. */
  #key(piece: string): string {
    let key = piece;
    if (this.digits === "spell" || this.digits === "zero") {
      if (this.digits === "spell" && /^\p{Nd}$/u.test(piece)) return DIGIT_WORDS[digitValue(piece.codePointAt(0)!)]!;
      if (this.digits === "zero") key = key.replaceAll(/\p{Nd}/gu, "0");
    }
    if (this.mode === "words") key = key.replaceAll("’", "'").replaceAll("\u00ad", "");
    if (this.case === "lower") key = key.toLowerCase();
    return key.length > LONGEST_WORD ? cut(key) : key;
  }
}

/** Cuts a key to LONGEST_WORD units, not through a surrogate pair. */
function cut(key: string): string {
  const last = key.charCodeAt(LONGEST_WORD - 1);
  return key.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_WORD - 1 : LONGEST_WORD);
}

/** The value of a decimal digit of any script: they come in runs of ten, 0 first. */
export function digitValue(codePoint: number): number {
  let before = 0;
  while (before < 60 && /^\p{Nd}$/u.test(String.fromCodePoint(codePoint - before - 1))) before++;
  return before % 10;
}

/**
 * For each unit of `normal`, where its source lies in `text`: normalisation does not work across the borders of
 * what readers see as characters, so those are normalised one by one.
 */
function alignedOrigins(
  text: string,
  normal: string,
  form: "NFC" | "NFKC" | "none",
): { starts: Uint32Array; ends: Uint32Array } {
  const starts = new Uint32Array(normal.length);
  const ends = new Uint32Array(normal.length);
  let at = 0;
  for (const { segment, index } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    const length = form === "none" ? segment.length : segment.normalize(form).length;
    starts.fill(index, at, at + length);
    ends.fill(index + segment.length, at, at + length);
    at += length;
  }
  if (at !== normal.length) throw new LociError("bad-argument", "This text does not normalise character by character.");
  return { starts, ends };
}
