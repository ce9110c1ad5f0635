/**
 * A Map by key, in parts, so that it never stops the world to grow.
 *
 * JavaScript's Map moves all its entries when it doubles: with a million that takes 30 to 50 ms, in which nothing else runs. Of
 * sixty-four maps one at a time doubles. Which one a key is in is a rough hash of it; where it is uneven, only speed suffers.
 */
import { reference } from "../kernels/index.ts";
import type { Key } from "./vector-index.ts";

const PARTS = 64;
/** Characters of a string that count, from its end: that is where identifiers differ. */
const CHARACTERS = 8;

export class KeyMap<V> {
  readonly #parts: readonly Map<Key, V>[] = Array.from({ length: PARTS }, () => new Map<Key, V>());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Key): V | undefined {
    return this.#partOf(key).get(key);
  }

  has(key: Key): boolean {
    return this.#partOf(key).has(key);
  }

  set(key: Key, value: V): void {
    const part = this.#partOf(key);
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  /** Whether it was there. */
  delete(key: Key): boolean {
    const there = this.#partOf(key).delete(key);
    if (there) this.#size--;
    return there;
  }

  #partOf(key: Key): Map<Key, V> {
    return this.#parts[roughHash(key) & (PARTS - 1)]!;
  }
}

function roughHash(key: Key): number {
  if (typeof key === "bigint") return reference.mix(Number(BigInt.asUintN(32, key)));
  if (typeof key === "number") return reference.mix((key >>> 0) ^ (((key - Math.floor(key)) * 2 ** 32) >>> 0));
  let hash = key.length;
  for (let i = Math.max(0, key.length - CHARACTERS); i < key.length; i++)
    hash = Math.imul(hash, 31) + key.charCodeAt(i);
  return reference.mix(hash);
}
