/**
 * The keys of a list by their text: which number has this key, and has it come before?
 *
 * A `Map` of a million strings takes some 50 MB, more than a tenth of the vectors it names, and twice that while it
 * grows. This keeps numbers only, in one open-addressed table (linear probing, at most half full), and looks at the
 * strings themselves in the list that is there anyway: 8 to 16 bytes a key.
 */
import { release } from "./release.ts";

const FREE = -1;

/** Strings in order of arrival, each once, with its number. */
export class KeySet {
  /** The keys, in order of arrival. */
  readonly keys: string[];
  #slots: Int32Array;

  /** An empty set, or the set of `keys`, which it holds on to and adds to; `refused` tells where one stands twice. */
  constructor(keys: string[] = []) {
    this.keys = keys;
    this.#slots = emptySlots(keys.length);
    this.refused = this.#enterAll();
  }

  /** Of the keys given at first: the number of the first that equals one before it; undefined where all differ. */
  readonly refused: number | undefined;

  /** The number of a key, or undefined where it is not there. */
  idOf(key: string): number | undefined {
    const id = this.#slots[this.#slotOf(key)]!;
    return id === FREE ? undefined : id;
  }

  /** Adds a key; false (and nothing added) if it is there. */
  add(key: string): boolean {
    if (this.keys.length * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(key);
    if (this.#slots[slot] !== FREE) return false;
    this.#slots[slot] = this.keys.length;
    this.keys.push(key);
    return true;
  }

  /** Where a key stands, or would stand. */
  #slotOf(key: string): number {
    const mask = this.#slots.length - 1;
    let slot = hash(key) & mask;
    for (let id = this.#slots[slot]!; id !== FREE && this.keys[id] !== key; id = this.#slots[slot]!)
      slot = (slot + 1) & mask;
    return slot;
  }

  #enterAll(): number | undefined {
    let refused: number | undefined;
    for (let id = 0; id < this.keys.length; id++) {
      const slot = this.#slotOf(this.keys[id]!);
      if (this.#slots[slot] === FREE) this.#slots[slot] = id;
      else refused ??= id;
    }
    return refused;
  }

  #grow(): void {
    release(this.#slots);
    this.#slots = emptySlots(this.keys.length + 1);
    this.#enterAll();
  }
}

/** Room for twice so many keys, and at least as many again before it has to grow. */
function emptySlots(keys: number): Int32Array {
  let slots = 64;
  while (slots <= 2 * keys) slots *= 2;
  return new Int32Array(slots).fill(FREE);
}

/** FNV-1a over UTF-16 units, with a last mix, since the table uses the low bits. */
function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
