/**
 * Which key lies in which slot of an index.
 *
 * Slots are dense numbers, so that vectors, codes and bitmaps can be arrays. The lowest free slot is taken first: the
 * same operations give the same slots everywhere. A slot that was given up is *retired* until it is released, since a
 * graph may still lead through it. Ties between equal scores go to who came in first, so arrivals are numbered: with
 * slots used again, the order of slots does not tell. A key that is replaced keeps its slot and its turn, as in a Map.
 */
import { LociError } from "../core/index.ts";
import type { Turn } from "./turn.ts";
import { KeyMap } from "./key-map.ts";
import type { Key } from "./vector-index.ts";

export class SlotTable {
  readonly #slotOf = new KeyMap<number>();
  /** By slot; undefined where the slot is free or retired. */
  readonly #keys: (Key | undefined)[] = [];
  #arrivals = new Float64Array(64);
  #live = new Uint32Array(2);
  /** Live or retired: not to be given away. */
  #taken = new Uint32Array(2);
  #end = 0;
  /** No slot below this one is free. */
  #full = 0;
  #arrived = 0;

  /** How many keys there are. */
  get count(): number {
    return this.#slotOf.size;
  }

  /** One more than the highest slot that is live or retired. */
  get end(): number {
    return this.#end;
  }

  /** Bit s % 32 of word s / 32: whether slot s may answer. A view: the next `take` may put another in its place. */
  get live(): Uint32Array {
    return this.#live.subarray(0, (this.#end + 31) >>> 5);
  }

  slotOf(key: Key): number | undefined {
    return this.#slotOf.get(key);
  }

  /** The key in a slot, or undefined. */
  keyOf(slot: number): Key | undefined {
    return this.#keys[slot];
  }

  /** When the key in a slot came in: a number that only grows. */
  arrivalOf(slot: number): number {
    return this.#arrivals[slot]!;
  }

  isLive(slot: number): boolean {
    return slot < this.#end && ((this.#live[slot >>> 5]! >>> (slot & 31)) & 1) === 1;
  }

  /** All keys, in the order of their slots. */
  *keys(): IterableIterator<Key> {
    for (let slot = 0; slot < this.#end; slot++) if (this.isLive(slot)) yield this.#keys[slot]!;
  }

  /** Takes the lowest free slot, for nobody yet: `publish` gives it a key, `release` gives it back. */
  take(): number {
    let word = this.#full >>> 5;
    while (word < this.#taken.length && this.#taken[word] === 0xffffffff) word++;
    if (word === this.#taken.length) this.#grow();
    const slot = 32 * word + (31 - Math.clz32(~this.#taken[word]! & -~this.#taken[word]!));
    this.#taken[word]! |= 1 << (slot & 31);
    this.#full = slot + 1;
    this.#end = Math.max(this.#end, slot + 1);
    return slot;
  }

  /**
   * Gives a taken slot its key: from now on it may answer. A key that is moved from another slot (retired before) keeps its turn
   * where its `arrival` is given.
   */
  publish(slot: number, key: Key, arrival: number = this.#arrived++): void {
    this.#keys[slot] = key;
    this.#slotOf.set(key, slot);
    this.#arrivals[slot] = arrival;
    this.#live[slot >>> 5]! |= 1 << (slot & 31);
  }

  /** Takes a key out; its slot is retired and returned, or undefined where there is no such key. */
  retire(key: Key): number | undefined {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(key);
    this.#keys[slot] = undefined;
    this.#live[slot >>> 5]! &= ~(1 << (slot & 31));
    return slot;
  }

  /** Makes a taken or retired slot free. */
  release(slot: number): void {
    this.#taken[slot >>> 5]! &= ~(1 << (slot & 31));
    this.#full = Math.min(this.#full, slot);
    while (this.#end > 0 && !((this.#taken[(this.#end - 1) >>> 5]! >>> ((this.#end - 1) & 31)) & 1)) this.#end--;
  }

  /** The retired slots, ascending. */
  retired(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.#end; slot++) {
      if (((this.#taken[slot >>> 5]! & ~this.#live[slot >>> 5]!) >>> (slot & 31)) & 1) slots.push(slot);
    }
    return slots;
  }

  #grow(): void {
    const words = 2 * this.#taken.length;
    this.#taken = grown(this.#taken, new Uint32Array(words));
    this.#live = grown(this.#live, new Uint32Array(words));
    this.#arrivals = grown(this.#arrivals, new Float64Array(32 * words));
  }

  /** The table as bytes, in pieces: for each slot up to `end` its kind, and where it is live its arrival and key. */
  *pieces(): Generator<Uint8Array> {
    let writer = new RecordWriter();
    writer.number(this.#end);
    writer.number(this.#arrived);
    for (let slot = 0; slot < this.#end; slot++) {
      const taken = (this.#taken[slot >>> 5]! >>> (slot & 31)) & 1;
      if (!this.isLive(slot)) writer.byte(taken ? KIND.retired : KIND.free);
      else writer.key(this.#keys[slot]!, this.#arrivals[slot]!);
      if (writer.length < PIECE) continue;
      yield writer.bytes();
      writer = new RecordWriter();
    }
    yield writer.bytes();
  }

  /** A table from the bytes of `pieces`. Throws RangeError or TypeError (text), with what is wrong, where they are none. */
  static async from(bytes: Uint8Array, turn: Turn): Promise<SlotTable> {
    const reader = new RecordReader(bytes);
    const table = new SlotTable();
    const end = reader.number();
    if (!Number.isInteger(end) || end < 0 || end > bytes.length) throw new RangeError(`${end} slots`);
    const arrived = reader.number();
    while (32 * table.#taken.length < end) table.#grow();
    table.#end = end;
    for (let slot = 0; slot < end; slot++) {
      if ((slot & 1023) === 0 && turn.due) await turn.pass();
      const kind = reader.byte();
      if (kind !== KIND.free) table.#taken[slot >>> 5]! |= 1 << (slot & 31);
      if (kind === KIND.free || kind === KIND.retired) continue;
      table.#arrived = reader.number();
      const key = reader.key(kind);
      if (table.#slotOf.has(key)) throw new RangeError(`the key ${shownKey(key)} twice`);
      table.publish(slot, key);
    }
    table.#arrived = arrived;
    if (!reader.atEnd) throw new RangeError("bytes after the last slot");
    return table;
  }
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const PIECE = 1 << 16;
const KIND = { free: 0, retired: 1, text: 2, number: 3, bigint: 4, units: 5 } as const;

/** Bytes of records that grow as they are written. */
class RecordWriter {
  #bytes = new Uint8Array(2 * PIECE);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  number(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  key(key: Key, arrival: number): void {
    const kind = kindOf(key);
    this.byte(kind);
    this.number(arrival);
    if (kind === KIND.number) this.number(key as number);
    // A string with half a surrogate pair has no UTF-8: as its units it comes back as it was.
    else if (kind === KIND.units) this.#run(unitsOf(key as string));
    else this.#run(new TextEncoder().encode(String(key)));
  }

  #run(bytes: Uint8Array): void {
    this.#room(4 + bytes.length);
    this.#view.setUint32(this.length, bytes.length, true);
    this.#bytes.set(bytes, this.length + 4);
    this.length += 4 + bytes.length;
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + bytes));
    larger.set(this.bytes());
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function kindOf(key: Key): number {
  if (typeof key === "number") return KIND.number;
  if (typeof key === "bigint") return KIND.bigint;
  return key.isWellFormed() ? KIND.text : KIND.units;
}

function unitsOf(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
}

class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#step(1)]!;
  }

  number(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  key(kind: number): Key {
    if (kind === KIND.number) return this.number();
    if (kind !== KIND.text && kind !== KIND.bigint && kind !== KIND.units)
      throw new RangeError(`a key of kind ${kind}`);
    const length = this.#view.getUint32(this.#step(4), true);
    const start = this.#step(length);
    if (kind === KIND.units) return this.#units(start, length);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(this.#bytes.subarray(start, start + length));
    if (kind === KIND.text) return text;
    if (!/^-?\d+$/.test(text)) throw new RangeError(`the whole number "${text}"`);
    return BigInt(text);
  }

  #units(start: number, length: number): string {
    let text = "";
    for (let i = start; i + 1 < start + length; i += 2) text += String.fromCharCode(this.#view.getUint16(i, true));
    return text;
  }

  #step(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new RangeError("an end in the middle of a key");
    this.#at += bytes;
    return at;
  }
}

/** A key as people read it in messages: "cat", 7, 7n. */
export function shownKey(key: Key): string {
  return typeof key === "string" ? JSON.stringify(key) : typeof key === "bigint" ? `${key}n` : String(key);
}

/** Throws `bad-argument` unless there is a key for each row, each of a kind that keys have, and none comes twice. */
export async function checkKeys(keys: readonly Key[], rows: number, turn: Turn): Promise<void> {
  if (keys.length !== rows) {
    throw new LociError("bad-argument", `Expected a key for each row, got ${keys.length} keys for ${rows} rows.`);
  }
  const seen = new KeyMap<true>();
  for (const key of keys) {
    const sound =
      typeof key === "string" || typeof key === "bigint" || (typeof key === "number" && Number.isFinite(key));
    if (!sound) {
      throw new LociError(
        "bad-argument",
        `Expected keys to be strings, finite numbers or bigints, got ${String(key)}.`,
      );
    }
    if (seen.has(key)) {
      throw new LociError(
        "bad-argument",
        `The key ${shownKey(key)} comes twice in one call. Which vector is it to have?`,
      );
    }
    seen.set(key, true);
    if ((seen.size & 1023) === 0 && turn.due) await turn.pass();
  }
}
