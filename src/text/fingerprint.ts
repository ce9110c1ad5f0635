/**
 * A short name for a corpus: 128 bits over its ids and its vocabulary.
 *
 * It tells a checkpoint whether the corpus is still the one it was made with. Whole numbers only, so that it is
 * the same on every machine; not a cryptographic hash: it guards against mistakes, not against an adversary.
 */
import type { Vocabulary } from "../core/index.ts";

export class Fingerprint {
  #a = 0x243f6a88;
  #b = 0x85a308d3;
  #c = 0x13198a2e;
  #d = 0x03707344;

  /** Takes the first `count` ids in. */
  addIds(ids: Int32Array, count: number): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < count; i++) {
      a = Math.imul(a ^ ids[i]!, 0x9e3779b1);
      a ^= a >>> 15;
      b = (Math.imul((b << 13) | (b >>> 19), 0x85ebca77) + ids[i]!) | 0;
    }
    this.#a = a;
    this.#b = b;
  }

  addVocabulary({ keys, counts }: Vocabulary): void {
    for (let id = 0; id < keys.length; id++) {
      const key = keys[id]!;
      for (let i = 0; i < key.length; i++) this.#mixIn(key.charCodeAt(i));
      this.#mixIn(0x10000); // no code unit: keeps "ab", "c" from "a", "bc"
      this.#mixIn(counts[id]! >>> 0);
      this.#mixIn(Math.floor(counts[id]! / 2 ** 32));
    }
  }

  /** 32 hexadecimal digits. */
  hex(): string {
    return [this.#a, this.#b, this.#c, this.#d].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #mixIn(word: number): void {
    this.#c = Math.imul(this.#c ^ word, 0xc2b2ae3d);
    this.#c ^= this.#c >>> 13;
    this.#d = (Math.imul((this.#d << 11) | (this.#d >>> 21), 0x27d4eb2f) + word) | 0;
  }
}
