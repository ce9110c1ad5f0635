/**
 * Names and numbers of things: key ↔ id, and how often each was seen.
 *
 * Ids are dense, 0 … size − 1, so that they can number the rows of a table. A learner hands them out by
 * falling frequency (ties: first seen first), which makes "the n most frequent" a prefix; nothing here
 * depends on that order. It knows nothing of text: a key may name a word, a user or a film.
 */
import { LociError } from "./error.ts";

export class Vocabulary {
  /** The keys, by id. */
  readonly keys: readonly string[];
  /** How often each key was seen, by id; all 0 where that is not known. */
  readonly counts: Float64Array;
  readonly #ids: Map<string, number>;

  /** Keys must differ. `counts`, when given, has one number a key. */
  constructor(keys: readonly string[], counts?: ArrayLike<number>) {
    if (counts && counts.length !== keys.length) {
      throw new LociError("bad-argument", `Expected one count a key (${keys.length}), got ${counts.length}.`);
    }
    this.keys = keys;
    this.counts = counts ? Float64Array.from(counts) : new Float64Array(keys.length);
    this.#ids = new Map();
    for (let id = 0; id < keys.length; id++) this.#ids.set(keys[id]!, id);
    if (this.#ids.size !== keys.length) throw duplicateKey(keys);
  }

  get size(): number {
    return this.keys.length;
  }

  has(key: string): boolean {
    return this.#ids.has(key);
  }

  /** The id of a key, or undefined if it is not known. */
  idOf(key: string): number | undefined {
    return this.#ids.get(key);
  }

  /** The id of a key; throws `unknown-key`, naming close keys, if it is not known. */
  requireId(key: string): number {
    const id = this.#ids.get(key);
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
      if (candidate.toLowerCase() === lower || withinOneEdit(candidate, key)) found.push(candidate);
      if (found.length === limit) break;
    }
    return found;
  }
}

function duplicateKey(keys: readonly string[]): LociError {
  const seen = new Set<string>();
  const twice = keys.find((key) => seen.has(key) || !seen.add(key));
  return new LociError("bad-argument", `Keys must differ, but "${twice}" stands there twice.`);
}

/** Whether one insertion, deletion, substitution or swap of neighbours turns a into b. */
function withinOneEdit(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const restA = a.length - start - end;
  const restB = b.length - start - end;
  if (restA <= 1 && restB <= 1) return true;
  return restA === 2 && restB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
}
