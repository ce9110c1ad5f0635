/**
 * Words straight from bytes: what words.ts finds in strings, without making the strings.
 *
 * Nearly all bytes of most corpora are ASCII. A word of them is found, folded, hashed and looked up as bytes. Where a
 * byte is not ASCII, the stretch around it up to the nearest ASCII characters that separate words is decoded and goes
 * to the tokenizer; short stretches are remembered by their raw bytes, since `café` comes back. Cutting there is
 * invisible: no rule of the tokenizer and no normalisation looks across such a character.
 *
 * Text comes in pieces cut anywhere. What may go on in the next piece is kept back, never more than `MOST_KEPT` bytes:
 * so a line of any length, and a word of any length, needs bounded memory.
 */
import { HASH_SEED, WordTable, hashLane, laneCount } from "./word-table.ts";
import { LONGEST_WORD, WordTokenizer } from "./words.ts";

/** What a byte is that is not (always) part of a word. */
const SEPARATOR = 0;
const LINE = 1;
const APOSTROPHE = 2;
const CONNECTOR = 3;
const SPELLED = 4; // a digit that is a word of its own
const FOREIGN = 5; // not ASCII
const WORD = 6;

const SLICE = 1 << 16;
const MOST_KEPT = 1 << 16;
const LONGEST_REMEMBERED = 64; // bytes of a stretch that is worth remembering
const MOST_REMEMBERED = 1 << 18;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Takes tokens, by their places in the word table, and the ends of lines. */
export interface TokenSink {
  token(place: number): void;
  lineEnd(): void;
}

export class WordScanner {
  readonly #table: WordTable;
  readonly #tokenizer: WordTokenizer;
  readonly #sink: TokenSink;
  /** By byte: what it is; and what stands for it in a word (0: it never stands in one). */
  readonly #kinds = new Uint8Array(256);
  readonly #folds = new Uint8Array(256);
  readonly #lanes = new Int32Array(LONGEST_WORD / 4);
  readonly #key = new Uint8Array(LONGEST_WORD * 3);
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  /** What was kept back, then the present slice, then a 0, which is never part of a word; room to read lanes past it. */
  readonly #buffer = new Uint8Array(MOST_KEPT + SLICE + 8);
  readonly #view = new DataView(this.#buffer.buffer);
  /** What to OR to four bytes of a word at once to fold them, connectors excepted; undefined where that cannot be had. */
  readonly #foldAtOnce: number | undefined;
  #kept = 0;
  /** Whether nothing of this document was scanned, so that a byte order mark may come. */
  #atStart = true;
  /** Raw bytes of stretches seen before; where the places of their tokens lie in #lists. */
  #stretches = new WordTable();
  #lists: number[] = [];
  #listStarts: number[] = [0];
  #prunings = 0;

  /** `lines` false makes a line end a blank like others. */
  constructor(table: WordTable, tokenizer: WordTokenizer, sink: TokenSink, { lines = true }: { lines?: boolean } = {}) {
    this.#table = table;
    this.#tokenizer = tokenizer;
    this.#sink = sink;
    for (let byte = 0; byte < 256; byte++) {
      this.#kinds[byte] = kindOf(byte, tokenizer);
      this.#folds[byte] = foldOf(byte, tokenizer);
    }
    if (!lines) this.#kinds[0x0a] = SEPARATOR;
    this.#foldAtOnce = foldAtOnce(tokenizer);
  }

  /** Scans the next piece of the document. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; at += SLICE) {
      const slice = piece.subarray(at, at + SLICE);
      this.#buffer.set(slice, this.#kept);
      this.#advance(this.#kept + slice.length, false);
    }
  }

  /** Scans what was kept back; the next piece begins another document. */
  endDocument(): void {
    this.#advance(this.#kept, true);
    this.#atStart = true;
    this.#sink.lineEnd();
  }

  /** Scans the first `to` bytes of the buffer and moves what was not finished to its front. */
  #advance(to: number, final: boolean): void {
    const buffer = this.#buffer;
    let from = 0;
    if (this.#atStart) {
      this.#kept = to;
      if (to < 3 && !final) return;
      if (to >= 3 && BYTE_ORDER_MARK.every((byte, i) => buffer[i] === byte)) from = 3;
      this.#atStart = false;
    }
    buffer[to] = 0;
    let rest = this.#scan(from, to, final);
    let end = to;
    if (to - rest > MOST_KEPT) {
      // A word of ASCII will be cut to its beginning in any case, so the rest need not be kept.
      if (isAscii(buffer, rest, to)) end = rest + 2 * LONGEST_WORD;
      else rest = this.#scanLong(rest, to);
    }
    buffer.copyWithin(0, rest, end);
    this.#kept = end - rest;
  }

  /** Scans a stretch that does not end, up to a place between words, or failing that between characters. */
  #scanLong(from: number, to: number): number {
    const buffer = this.#buffer;
    let end = to;
    while (end > to - 3 && (buffer[end - 1]! & 0xc0) === 0x80) end--;
    if (buffer[end - 1]! >= 0xc0) end--;
    if (this.#tokenizer.mode === "words") {
      const text = this.#decoder.decode(buffer.subarray(from, end));
      const between = text.search(LAST_WORD);
      // Invalid bytes decode to more than they were; then the place cannot be told, and any will do.
      const before = this.#encoder.encode(text.slice(0, Math.max(0, between))).length;
      // … and what is kept for later must leave room for more.
      if (between > 0 && before < end - from && to - from - before <= MOST_KEPT) end = from + before;
    }
    const after = buffer.slice(end, to);
    buffer[end] = 0;
    this.#scan(from, end, true);
    buffer.set(after, end);
    return end;
  }

  /** Scans [from, to), where a 0 follows; returns where what is not finished starts. With `final`, all is. */
  #scan(from: number, to: number, final: boolean): number {
    const bytes = this.#buffer;
    const kinds = this.#kinds;
    let i = from;
    while (i < to) {
      let kind = kinds[bytes[i]!]!;
      const start = i;
      if (kind === WORD) {
        do i++;
        while (kinds[bytes[i]!] === WORD);
        kind = kinds[bytes[i]!]!;
        let connected = false;
        while (kind === APOSTROPHE || kind === CONNECTOR) {
          const next = this.#afterJoiner(i, kind);
          if (next >= to && !final) return start;
          connected ||= kind === CONNECTOR;
          kind = kinds[bytes[next]!]!;
          if (kind !== WORD) break;
          i = next;
          do i++;
          while (kinds[bytes[i]!] === WORD);
          kind = kinds[bytes[i]!]!;
        }
        if (i >= to && !final) return start;
        if (kind !== FOREIGN) {
          if (connected || i - start > 8) this.#anyWord(start, i);
          else this.#shortWord(start, i);
          continue;
        }
      }
      if (kind === FOREIGN) {
        i = this.#foreign(start, i, to, final);
        if (i < 0) return start;
        continue;
      }
      if (kind === LINE) this.#sink.lineEnd();
      else if (kind === SPELLED) this.#token(DIGITS[bytes[i]! - 0x30]!);
      i++;
    }
    return to;
  }

  /** Where the apostrophe or the run of connectors at `at` ends. */
  #afterJoiner(at: number, kind: number): number {
    let after = at + 1;
    if (kind === CONNECTOR) while (this.#kinds[this.#buffer[after]!] === CONNECTOR) after++;
    return after;
  }

  /**
   * Looks up the ASCII word [start, end) of at most 8 bytes, none of them a connector. This is nearly every word, and
   * a branch on its length is guessed wrong half the time, so there is none.
   */
  #shortWord(start: number, end: number): void {
    const fold = this.#foldAtOnce;
    if (fold === undefined) return this.#anyWord(start, end);
    const length = end - start;
    const first = (this.#view.getInt32(start, true) | fold) & FIRST_LANE[length]!;
    const second = (this.#view.getInt32(start + 4, true) | fold) & SECOND_LANE[length]!;
    const hash = hashLane(hashLane(HASH_SEED, first), second);
    this.#sink.token(this.#table.internPair(first, second, length, hash));
  }

  /** Looks up the ASCII word [start, end). */
  #anyWord(start: number, end: number): void {
    const bytes = this.#buffer;
    const folds = this.#folds;
    const lanes = this.#lanes;
    const last = end - start > LONGEST_WORD ? start + LONGEST_WORD : end;
    let hash = HASH_SEED;
    let count = 0;
    let i = start;
    for (; i + 4 <= last; i += 4) {
      const lane =
        folds[bytes[i]!]! |
        (folds[bytes[i + 1]!]! << 8) |
        (folds[bytes[i + 2]!]! << 16) |
        (folds[bytes[i + 3]!]! << 24);
      lanes[count++] = lane;
      hash = hashLane(hash, lane);
    }
    if (i < last) {
      let lane = folds[bytes[i]!]!;
      if (i + 1 < last) lane |= folds[bytes[i + 1]!]! << 8;
      if (i + 2 < last) lane |= folds[bytes[i + 2]!]! << 16;
      lanes[count++] = lane;
      hash = hashLane(hash, lane);
    }
    for (; count < laneCount(last - start); count++) {
      lanes[count] = 0;
      hash = hashLane(hash, 0);
    }
    this.#sink.token(this.#table.intern(lanes, last - start, hash));
  }

  /**
   * Scans the stretch that starts at `start` and goes on with a foreign byte at `from`; returns where it ends, or −1 if
   * that is not in sight.
   */
  #foreign(start: number, from: number, to: number, final: boolean): number {
    const bytes = this.#buffer;
    const kinds = this.#kinds;
    let end = from;
    while (end < to && kinds[bytes[end]!]! > LINE) end++;
    if (end >= to && !final) return -1;
    if (end - start <= LONGEST_REMEMBERED) this.#recall(start, end);
    else for (const key of this.#tokensOf(start, end)) this.#token(key);
    return end;
  }

  /** Finds the tokens of a short stretch where they were put last time, or finds them out and puts them there. */
  #recall(start: number, end: number): void {
    if (this.#prunings !== this.#table.prunings || this.#stretches.size >= MOST_REMEMBERED) this.#forget();
    const known = this.#stretches.size;
    const stretch = this.#stretches.serialOf(this.#stretches.internBytes(this.#buffer, start, end));
    if (stretch === known) {
      for (const key of this.#tokensOf(start, end)) this.#lists.push(this.#token(key));
      this.#listStarts.push(this.#lists.length);
      return;
    }
    const last = this.#listStarts[stretch + 1]!;
    for (let at = this.#listStarts[stretch]!; at < last; at++) this.#sink.token(this.#lists[at]!);
  }

  /** Gives memory back: nothing is to be scanned after it. */
  close(): void {
    this.#stretches.close();
  }

  #forget(): void {
    this.#stretches.close();
    this.#stretches = new WordTable();
    this.#lists = [];
    this.#listStarts = [0];
    this.#prunings = this.#table.prunings;
  }

  #tokensOf(start: number, end: number): string[] {
    return this.#tokenizer.tokenize(this.#decoder.decode(this.#buffer.subarray(start, end)));
  }

  #token(key: string): number {
    const { written } = this.#encoder.encodeInto(key, this.#key);
    const place = this.#table.internBytes(this.#key, 0, written);
    this.#sink.token(place);
    return place;
  }
}

/** The word a text ends in, with the character before it that is no part of a word. */
const LAST_WORD = /[^\p{L}\p{N}\p{M}\p{Pc}'’\u00ad\u200c\u200d][\p{L}\p{N}\p{M}\p{Pc}'’\u00ad\u200c\u200d]*$/u;

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

/** Which bits of a word's first and second lane are its own, by its length in bytes. */
const FIRST_LANE = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
const SECOND_LANE = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

/** Lower case is a bit that letters lack and digits and apostrophes have; other signs it would change. */
function foldAtOnce({ mode, case: letters, digits }: WordTokenizer): number | undefined {
  if (digits === "zero" || (letters === "lower" && mode === "space")) return undefined;
  return letters === "lower" ? 0x20202020 : 0;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

function kindOf(byte: number, { mode, digits }: WordTokenizer): number {
  if (byte === 0x0a) return LINE;
  if (byte >= 0x80) return FOREIGN;
  if (isDigit(byte)) return { keep: WORD, zero: WORD, spell: SPELLED, drop: SEPARATOR }[digits];
  if (isLetter(byte)) return WORD;
  if (mode === "space") return byte === 0 || byte === 0x20 || (byte >= 9 && byte <= 13) ? SEPARATOR : WORD;
  return byte === 0x27 ? APOSTROPHE : byte === 0x5f ? CONNECTOR : SEPARATOR;
}

function foldOf(byte: number, tokenizer: WordTokenizer): number {
  if (isDigit(byte)) return tokenizer.digits === "zero" ? 0x30 : byte;
  return isLetter(byte) && tokenizer.case === "lower" ? byte | 0x20 : byte;
}

const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
