/**
 * Names and numbers of things: key ↔ id, and how often each was seen.
 *
 * Ids are dense, 0 … size − 1, so that they can number the rows of a table. A learner hands them out by
 * falling frequency (ties: first seen first), which makes "the n most frequent" a prefix; nothing here
 * depends on that order. It knows nothing of text: a key may name a word, a user or a film.
 */
import { editDistance } from "./edit-distance.ts";
import { LociError } from "./error.ts";
import { KeySet } from "./key-set.ts";

export class Vocabulary {
  /** The keys, by id. */
  readonly keys: readonly string[];
  /** How often each key was seen, by id; all 0 where that is not known. */
  readonly counts: Float64Array;
  readonly #ids: KeySet;

  /** Keys must differ. `counts`, when given, has one number a key. */
  constructor(keys: readonly string[], counts?: ArrayLike<number>) {
    if (counts && counts.length !== keys.length) {
      throw new LociError("bad-argument", `Expected one count a key (${keys.length}), got ${counts.length}.`);
    }
    this.keys = keys;
    this.counts = counts ? Float64Array.from(counts) : new Float64Array(keys.length);
    this.#ids = new KeySet(keys as string[]); // nothing is added to them
    const twice = this.#ids.refused;
    if (twice !== undefined)
      throw new LociError("bad-argument", `Keys must differ, but "${keys[twice]}" stands there twice.`);
  }

  get size(): number {
    return this.keys.length;
  }

  has(key: string): boolean {
    return this.#ids.idOf(key) !== undefined;
  }

  /** The id of a key, or undefined if it is not known. */
  idOf(key: string): number | undefined {
    return this.#ids.idOf(key);
  }

  /** The id of a key; throws `unknown-key`, naming close keys, if it is not known. */
  requireId(key: string): number {
    const id = this.idOf(key);
    if (id !== undefined) return id;
    const close = this.closeKeys(key);
    const hint = close.length > 0 ? ` Did you mean ${close.map((k) => `"${k}"`).join(" or ")}?` : "";
    throw new LociError("unknown-key", `The vocabulary of ${this.size} keys does not hold "${key}".${hint}`);
  }

  /** The key of an id. */
  keyOf(id: number): string {
    const key = this.keys[id];
    if (key === undefined) {
      throw new LociError(
        "id-out-of-range",
        `Id ${id} is outside this vocabulary of ${this.size} keys (0 to ${this.size - 1}).`,
      );
    }
    return key;
  }

  /** Up to `limit` keys within one edit of `key` (or equal but for case), in order of id. */
  closeKeys(key: string, limit = 3): string[] {
    const lower = key.toLowerCase();
    const found: string[] = [];
    for (const candidate of this.keys) {
      if (Math.abs(candidate.length - key.length) > 1) continue;
      if (candidate.toLowerCase() === lower || editDistance(candidate, key, 1) <= 1) found.push(candidate);
      if (found.length === limit) break;
    }
    return found;
  }
}
