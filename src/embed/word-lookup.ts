/**
 * Words of ASCII text to ids without making strings of them.
 *
 * Most text is ASCII, and cutting it by regular expressions into strings that a map then hashes takes several times as
 * long as adding the words' vectors up. Here a word is found, folded, hashed and compared as bytes. The rules
 * are those of text/words.ts for its usual settings, restated for ASCII; word-lookup.test.ts holds the two together.
 */
import type { Vocabulary } from "../core/index.ts";

const BETWEEN = 0;
const WORD = 1; // a letter or digit
const APOSTROPHE = 2;
const CONNECTOR = 3;

/** By ASCII character: what it is, and its lower case. */
const KINDS = new Uint8Array(256);
const LOWER = new Uint8Array(256);
for (let unit = 0; unit < 128; unit++) {
  const character = String.fromCharCode(unit);
  KINDS[unit] = /[a-z0-9]/i.test(character)
    ? WORD
    : character === "'"
      ? APOSTROPHE
      : character === "_"
        ? CONNECTOR
        : BETWEEN;
  LOWER[unit] = character.toLowerCase().charCodeAt(0);
}

const LONGEST = 256; // units of a word, as in text/words.ts
const ASCII = /^[\0-\x7f]*$/;

/** The ASCII keys of a vocabulary, for looking words of texts up. */
export class WordLookup {
  readonly #vocabulary: Vocabulary;
  /** The keys' bytes, end to end, and where each begins. */
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  /** Open addressing: 1 + id, or 0 for a free slot; and the hashes, so that few keys are compared in vain. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #mask: number;
  readonly #encoder = new TextEncoder();
  #text = new Uint8Array(1 << 12);

  constructor(vocabulary: Vocabulary) {
    const { keys } = vocabulary;
    this.#vocabulary = vocabulary;
    this.#starts = new Uint32Array(keys.length + 1);
    keys.forEach((key, id) => (this.#starts[id + 1] = this.#starts[id]! + (ASCII.test(key) ? key.length : 0)));
    this.#bytes = new Uint8Array(this.#starts[keys.length]!);
    let capacity = 16;
    while (capacity < 2 * keys.length) capacity *= 2;
    this.#slots = new Int32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** Enters the keys; nothing is found before that is done. In turns of some milliseconds, since there may be millions. */
  *enter(): Generator<void, void, void> {
    const { keys } = this.#vocabulary;
    for (let id = 0; id < keys.length; id++) {
      if (ASCII.test(keys[id]!)) this.#enter(keys[id]!, id);
      if (id % 8192 === 8191) yield;
    }
  }

  /**
   * Finds the words of an ASCII text in lower case: `found(id, start, end)` for each, in order, id −1 where there is no
   * such key. Returns false, having found nothing, where the text is not ASCII: that is the tokenizer's.
   */
  visit(text: string, found: (id: number, start: number, end: number) => void): boolean {
    // As bytes, which the engine makes faster than it gives characters of strings that are parts of others.
    if (this.#text.length < 3 * text.length) this.#text = new Uint8Array(6 * text.length);
    const bytes = this.#text;
    const { written: length } = this.#encoder.encodeInto(text, bytes);
    if (length !== text.length) return false;
    bytes[length] = 0; // which is never part of a word
    for (let i = 0; i < length;) {
      if (KINDS[bytes[i]!] !== WORD) {
        i++;
        continue;
      }
      const start = i;
      let hash = 0x811c9dc5 | 0;
      do {
        const next = this.#joinedTo(i, length);
        const to = Math.min(next, start + LONGEST); // a longer word is cut
        for (; i < to; i++) hash = Math.imul(hash ^ LOWER[bytes[i]!]!, 0x01000193);
        for (i = next; KINDS[bytes[i]!] === WORD; i++) {
          if (i - start < LONGEST) hash = Math.imul(hash ^ LOWER[bytes[i]!]!, 0x01000193);
        }
      } while (this.#joinedTo(i, length) > i);
      found(this.#idOf(start, Math.min(i, start + LONGEST), hash), start, i);
    }
    return true;
  }

  /** Past what joins a word to its next letter or digit; `at` itself where a letter or digit stands there, or nothing joins. */
  #joinedTo(at: number, length: number): number {
    const bytes = this.#text;
    const kind = KINDS[bytes[at]!];
    if (kind === WORD || kind === BETWEEN) return at;
    let next = at + 1;
    if (kind === CONNECTOR) while (KINDS[bytes[next]!] === CONNECTOR) next++;
    return next < length && KINDS[bytes[next]!] === WORD ? next : at;
  }

  #idOf(start: number, end: number, hash: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return -1;
      if (this.#hashes[slot] !== hash) continue;
      const from = this.#starts[id]!;
      const length = this.#starts[id + 1]! - from;
      if (length !== end - start) continue;
      let i = 0;
      while (i < length && this.#bytes[from + i] === LOWER[this.#text[start + i]!]) i++;
      if (i === length) return id;
    }
  }

  #enter(key: string, id: number): void {
    let hash = 0x811c9dc5 | 0;
    this.#encoder.encodeInto(key, this.#bytes.subarray(this.#starts[id]));
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    let slot = hash & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = id + 1;
    this.#hashes[slot] = hash;
  }
}
