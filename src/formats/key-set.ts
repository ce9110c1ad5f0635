/**
 * The keys read so far, to notice one that comes twice.
 *
 * A `Set` of a million strings takes some 50 MB, more than a tenth of the matrix it guards, and twice that while
 * it grows. This keeps row numbers only, in one open-addressed table, and looks at the strings themselves in
 * the list that is there anyway: 8 bytes a key.
 */
const FREE = -1;

export class KeySet {
  /** The keys, in order of arrival. */
  readonly keys: string[] = [];
  #slots = new Int32Array(64).fill(FREE);

  /** Adds a key; false (and nothing added) if it is there. */
  add(key: string): boolean {
    if (this.keys.length * 2 >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    let slot = hash(key) & mask;
    for (let id = this.#slots[slot]!; id !== FREE; id = this.#slots[slot]!) {
      if (this.keys[id] === key) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.keys.length;
    this.keys.push(key);
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(FREE);
    const mask = this.#slots.length - 1;
    this.keys.forEach((key, id) => {
      let slot = hash(key) & mask;
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    });
  }
}

/** FNV-1a over UTF-16 units, with a last mix, since the table uses the low bits. */
function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
