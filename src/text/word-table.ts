/**
 * Distinct words and how often each was seen, keyed by their UTF-8 bytes.
 *
 * Counting a corpus looks a word up hundreds of millions of times and meets a new one rarely, so words are
 * compared as bytes, straight from the text, and become JavaScript strings only when the corpus is done. Bytes go
 * four to a *lane*, a 32-bit number, padded with zeros to at least two lanes: three words of text in four fit into two,
 * and are hashed and compared without a loop.
 *
 * An open-addressing table (linear probing, at most three quarters full) of pairs (hash, place) points into one arena of
 * records, in order of first sight: serial, length in bytes, count (two lanes), lanes of the word. Everything about
 * a word lies together, because most of the time goes into waiting for memory: a rare word costs two misses this way
 * (measured: a twelfth less time than with counts in an array of their own).
 *
 * The number of distinct words is bounded: when a new word would be one too many, the rarest are forgotten
 * (`#prune`, after `ReduceVocab` of word2vec.c, Mikolov et al., 2013).
 */
import { LociError, release } from "../core/index.ts";

/** The hash of no lanes. */
export const HASH_SEED = 0x2545f491;

/** Takes one lane into a hash. */
export function hashLane(hash: number, lane: number): number {
  const mixed = Math.imul(hash ^ lane, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** How many lanes a word of so many bytes takes. */
export function laneCount(bytes: number): number {
  return bytes <= 8 ? 2 : (bytes + 3) >> 2;
}

/** The hash of the first `count` lanes. */
function hashLanes(lanes: Int32Array, count: number): number {
  let hash = HASH_SEED;
  for (let i = 0; i < count; i++) hash = hashLane(hash, lanes[i]!);
  return hash;
}

/** A record's lanes before those of its word: serial, bytes, count modulo 2³², count over 2³². */
const HEADER = 4;

/** Words up to so many bytes are spelled out character by character. */
const SHORT = 32;

/**
 * Words are spoken of by their *place*, which holds until words are next forgotten (`prunings` counts that), and by
 * their *serial*, a number that a word keeps for good and that is never given out again.
 */
export class WordTable {
  /** The most distinct words held at a time. */
  limit: number;
  /** Words held. */
  size = 0;
  /** How many times words were forgotten: whoever remembers places must look here. */
  prunings = 0;
  /** One past the greatest serial given out. As long as nothing was forgotten, serials are 0 … size − 1. */
  nextSerial = 0;
  /** Words seen no more often than this are forgotten at the next pruning. */
  #bar = 1;
  #slots = new Int32Array(1 << 14); // pairs: hash, place + 1 (0: empty)
  #mask = (1 << 13) - 1;
  #arena = new Int32Array(1 << 15);
  #arenaEnd = 0;
  readonly #pair = new Int32Array(2);
  #lanes = new Int32Array(64);
  #packedHash = 0;
  readonly #codes: number[] = [];

  constructor(limit: number = 2 ** 26) {
    this.limit = limit;
  }

  /**
   * The place of the word of `bytes` bytes in `lanes`, added with count 0 if it is new. `hash` is `hashLane` over its
   * lanes, from HASH_SEED on.
   */
  intern(lanes: Int32Array, bytes: number, hash: number): number {
    const place = this.#placeOf(lanes, bytes, hash);
    return place < 0 ? this.#add(lanes, bytes, hash) : place;
  }

  /** `intern` for words of at most 8 bytes. */
  internPair(first: number, second: number, bytes: number, hash: number): number {
    const slots = this.#slots;
    const arena = this.#arena;
    const mask = this.#mask;
    let slot = hash & mask;
    for (;;) {
      const place = slots[2 * slot + 1]! - 1;
      if (place < 0) break;
      if (slots[2 * slot] === hash) {
        const differ =
          (arena[place + 1]! ^ bytes) | (arena[place + HEADER]! ^ first) | (arena[place + HEADER + 1]! ^ second);
        if (differ === 0) return place;
      }
      slot = (slot + 1) & mask;
    }
    this.#pair[0] = first;
    this.#pair[1] = second;
    return this.#add(this.#pair, bytes, hash);
  }

  /** Counts one occurrence of the word at a place and returns its serial. */
  count(place: number): number {
    const arena = this.#arena;
    const low = (arena[place + 2]! + 1) | 0;
    arena[place + 2] = low;
    if (low === 0) arena[place + 3]!++;
    return arena[place]!;
  }

  /** Takes one occurrence back. */
  uncount(place: number): void {
    const arena = this.#arena;
    if (arena[place + 2] === 0) arena[place + 3]!--;
    arena[place + 2] = (arena[place + 2]! - 1) | 0;
  }

  /** How often the word at a place was counted: exact up to 2⁵³. */
  countOf(place: number): number {
    return (this.#arena[place + 2]! >>> 0) + this.#arena[place + 3]! * 2 ** 32;
  }

  /** The serial of the word at a place. */
  serialOf(place: number): number {
    return this.#arena[place]! >>> 0;
  }

  /** The places of all words, by rising serial. */
  places(): Uint32Array {
    const places = new Uint32Array(this.size);
    let place = 0;
    for (let i = 0; i < this.size; i++) {
      places[i] = place;
      place += HEADER + laneCount(this.#arena[place + 1]!);
    }
    return places;
  }

  /** The place of the word bytes[start, end), added with count 0 if it is new. */
  internBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.intern(this.#pack(bytes, start, end), end - start, this.#packedHash);
  }

  /** The place of a word, added with count 0 if it is new. */
  internWord(word: string): number {
    const bytes = ENCODER.encode(word);
    return this.internBytes(bytes, 0, bytes.length);
  }

  /** The place of a word, or −1 if it is not held. */
  find(word: string): number {
    const bytes = ENCODER.encode(word);
    return this.#placeOf(this.#pack(bytes, 0, bytes.length), bytes.length, this.#packedHash);
  }

  /** The word at a place. */
  wordOf(place: number): string {
    const length = this.#arena[place + 1]!;
    return this.#asciiOf(place, length) ?? DECODER.decode(this.#bytesOf(place, length));
  }

  #bytesOf(place: number, length: number): Uint8Array {
    return new Uint8Array(this.#arena.buffer, 4 * (place + HEADER), length);
  }

  /** A short word of ASCII, as most are, without a view for each: a vocabulary of them would leave megabytes behind. */
  #asciiOf(place: number, length: number): string | undefined {
    if (length > SHORT) return undefined;
    const codes: number[] = this.#codes;
    codes.length = length;
    for (let i = 0; i < length; i++) {
      const code = (this.#arena[place + HEADER + (i >> 2)]! >>> ((i & 3) << 3)) & 0xff;
      if (code >= 0x80) return undefined;
      codes[i] = code;
    }
    return String.fromCharCode(...codes);
  }

  /** Gives the memory back: the table is not to be used again. */
  close(): void {
    release(this.#slots);
    release(this.#arena);
  }

  /** Puts bytes into lanes (good until the next call), and their hash aside. */
  #pack(bytes: Uint8Array, start: number, end: number): Int32Array {
    const count = laneCount(end - start);
    if (count > this.#lanes.length) this.#lanes = new Int32Array(2 * count);
    const lanes = this.#lanes;
    for (let i = 0; i < count; i++) lanes[i] = 0;
    for (let i = start; i < end; i++) lanes[(i - start) >> 2]! |= bytes[i]! << (((i - start) & 3) << 3);
    this.#packedHash = hashLanes(lanes, count);
    return lanes;
  }

  /** Where the record of a word lies in the arena; −1 if it is not held. */
  #placeOf(lanes: Int32Array, bytes: number, hash: number): number {
    const arena = this.#arena;
    const count = laneCount(bytes);
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = this.#slots[2 * slot + 1]! - 1;
      if (place < 0) return -1;
      if (this.#slots[2 * slot] !== hash || arena[place + 1] !== bytes) continue;
      let i = 0;
      while (i < count && arena[place + HEADER + i] === lanes[i]) i++;
      if (i === count) return place;
    }
  }

  #add(lanes: Int32Array, bytes: number, hash: number): number {
    if (this.size >= this.limit) this.#prune();
    if (this.nextSerial === 0xffffffff) throw tooManyWords();
    this.size++;
    if (4 * this.size > 3 * (this.#mask + 1)) this.#rehash(2 * (this.#mask + 1));
    const count = laneCount(bytes);
    const place = this.#arenaEnd;
    this.#arenaEnd += HEADER + count;
    if (this.#arenaEnd > this.#arena.length) this.#growArena(this.#arenaEnd);
    const arena = this.#arena;
    arena[place] = this.nextSerial++;
    arena[place + 1] = bytes;
    arena[place + 2] = 0;
    arena[place + 3] = 0;
    for (let i = 0; i < count; i++) arena[place + HEADER + i] = lanes[i]!;
    this.#enter(hash, place);
    return place;
  }

  #enter(hash: number, place: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[2 * slot] = hash;
    this.#slots[2 * slot + 1] = place + 1;
  }

  /** Moves everything into a table of `capacity` slots. Hashes are kept in the slots, so no word is read. */
  #rehash(capacity: number): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.#enter(old[i]!, old[i + 1]! - 1);
    release(old);
  }

  #growArena(least: number): void {
    if (least >= 2 ** 31) throw tooManyWords();
    const arena = new Int32Array(Math.max(least, Math.min(2 ** 31 - 1, this.#arena.length * 2)));
    arena.set(this.#arena);
    release(this.#arena);
    this.#arena = arena;
  }

  /**
   * Forgets the rarest words: those seen at most `bar` times, where the bar starts at 1 and rises by one with each
   * use. word2vec.c uses it once a pruning; here it rises until an eighth of the room is free, so that a table full
   * of frequent words is not walked again for every new one.
   */
  #prune(): void {
    do this.#forgetUpTo(this.#bar++);
    while (this.size > this.limit - Math.max(1, this.limit >> 3));
    this.prunings++;
    this.#slots.fill(0);
    for (const place of this.places()) {
      const start = place + HEADER;
      const lanes = this.#arena.subarray(start, start + laneCount(this.#arena[place + 1]!));
      this.#enter(hashLanes(lanes, lanes.length), place);
    }
  }

  /** Closes the ranks over the words seen at most `bar` times; the slots are stale afterwards. */
  #forgetUpTo(bar: number): void {
    let end = 0;
    for (const place of this.places()) {
      if (this.countOf(place) <= bar) {
        this.size--;
        continue;
      }
      const length = HEADER + laneCount(this.#arena[place + 1]!);
      this.#arena.copyWithin(end, place, place + length);
      end += length;
    }
    this.#arenaEnd = end;
  }
}

const ENCODER = new TextEncoder();
/** A byte order mark inside a word is part of it. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

function tooManyWords(): LociError {
  return new LociError(
    "out-of-memory",
    "The corpus has more distinct words than can be counted, each counted again that was forgotten in between. " +
      "Is this text? Otherwise lower `maxDistinct` or clean the corpus first.",
  );
}
