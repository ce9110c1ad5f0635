/**
 * Keyword search in memory: which texts hold the words of a query, best first, by BM25.
 *
 * Okapi BM25 (Robertson et al., TREC-3, 1994) with the idf of Lucene, which is never negative:
 *   score(q, d) = Σ over the terms t of q  ln(1 + (N − n + ½) / (n + ½)) · f (k₁ + 1) / (f + k₁ (1 − b + b · |d| / avg))
 * where n of N texts hold t, f is how often d does, |d| is the terms of d. A term that comes twice in the query counts twice.
 * The factor k₁ + 1 changes no order; it is there since most textbooks and databases have it.
 *
 * Workload: many searches, additions at the end, few removals. A removed text leaves its entries behind, marked dead; they
 * are swept when they are more than a quarter of all, so that a removal costs its own terms, not its neighbours'.
 */
import { LociError, checkNumber, checkWhole } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import { TopK } from "../math/index.ts";
import { keywordTerms } from "./keyword-terms.ts";
import type { Key } from "./vector-index.ts";

export interface KeywordOptions {
  /** How soon more of the same word stops counting: 0 at once, large never. Default 1.2. */
  readonly k1?: number;
  /** How much long texts are held back: 0 not at all, 1 fully. Default 0.75. */
  readonly b?: number;
  /** Text to terms, for texts and queries alike. Default `keywordTerms`. */
  readonly terms?: (text: string) => readonly string[];
  /** Words that do not count, in texts and queries alike (they do not make a text longer either). Default: none. */
  readonly stopWords?: Iterable<string>;
}

export interface KeywordSearchOptions<K extends Key = Key> {
  /** How many hits; fewer come back only where fewer texts hold a word of the query and may answer. Default 10. */
  readonly k?: number;
  /** Which keys may answer. Asked only of texts that could be among the k best. */
  readonly filter?: (key: K) => boolean;
}

/** A text that holds words of the query, and its BM25 score. */
export interface KeywordHit<K extends Key = Key> {
  readonly key: K;
  readonly score: number;
}

/** Who holds a term: slots, ascending, each followed by how often. Some may be dead. */
interface Postings {
  readonly entries: number[];
  /** How many of them live. */
  live: number;
}

const LEAST_SWEEP = 1024; // fewer dead slots are not worth the walk

/** BM25 over texts under keys of the user's own. */
export class KeywordIndex<K extends Key = Key> {
  readonly k1: number;
  readonly b: number;
  readonly #terms: (text: string) => readonly string[];
  readonly #stopWords: ReadonlySet<string>;
  readonly #postings = new Map<string, Postings>();
  readonly #slots = new Map<K, number>();
  /** By slot, in the order of arrival. */
  #keys: K[] = [];
  #lengths: number[] = [];
  /** The different terms of a text, so that it can be taken out; undefined marks a dead slot. */
  #held: (readonly string[] | undefined)[] = [];
  #totalLength = 0;
  #scores = new Float64Array(1024);

  constructor({ k1 = 1.2, b = 0.75, terms = keywordTerms, stopWords = [] }: KeywordOptions = {}) {
    checkNumber("k1", k1, 0);
    checkNumber("b", b, 0, 1);
    this.k1 = k1;
    this.b = b;
    this.#terms = terms;
    this.#stopWords = new Set([...stopWords].flatMap((word) => terms(word)));
  }

  /** How many texts there are. */
  get count(): number {
    return this.#slots.size;
  }

  /** Terms in a text, on average; 0 where there is none. */
  get averageLength(): number {
    return this.count === 0 ? 0 : this.#totalLength / this.count;
  }

  has(key: K): boolean {
    return this.#slots.has(key);
  }

  /** How many texts hold a term. */
  documentFrequency(term: string): number {
    return this.#postings.get(term)?.live ?? 0;
  }

  /** Adds a text; one that is there under this key goes first, and the new one counts as come last. */
  add(key: K, text: string): void {
    if (typeof key === "number" && !Number.isFinite(key))
      throw new LociError("bad-argument", `Expected a key that is text or a finite number, got ${key}.`);
    const terms = this.#termsOf(text); // may throw; then nothing has changed
    this.remove(key);
    const slot = this.#keys.length;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      let postings = this.#postings.get(term);
      if (!postings) this.#postings.set(term, (postings = { entries: [], live: 0 }));
      postings.entries.push(slot, count);
      postings.live++;
    }
    this.#slots.set(key, slot);
    this.#keys.push(key);
    this.#lengths.push(terms.length);
    this.#held.push([...counts.keys()]);
    this.#totalLength += terms.length;
  }

  /** Takes a text out; says whether it was there. */
  remove(key: K): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    for (const term of this.#held[slot]!) {
      const postings = this.#postings.get(term)!;
      if (--postings.live === 0) this.#postings.delete(term);
    }
    this.#held[slot] = undefined;
    this.#totalLength -= this.#lengths[slot]!;
    this.#slots.delete(key);
    const dead = this.#keys.length - this.#slots.size;
    if (dead >= LEAST_SWEEP && dead * 4 > this.#keys.length) this.#sweep();
    return true;
  }

  /** Takes everything out. */
  clear(): void {
    this.#postings.clear();
    this.#slots.clear();
    this.#keys = [];
    this.#lengths = [];
    this.#held = [];
    this.#totalLength = 0;
  }

  /** The texts that hold a word of the query, best first, ties by who came in first. Any string is a query. */
  search(query: string, { k = 10, filter }: KeywordSearchOptions<K> = {}): KeywordHit<K>[] {
    checkWhole("k", k, 1);
    const touched = this.#score(query);
    const best = new TopK(Math.min(k, Math.max(1, touched.length)));
    for (const slot of touched) {
      const score = this.#scores[slot]!;
      this.#scores[slot] = 0;
      if (score >= best.threshold && (!filter || filter(this.#keys[slot]!))) best.offer(slot, score);
    }
    return best.take().map(({ id, score }) => ({ key: this.#keys[id]!, score }));
  }

  /** Adds up the scores of a query in `#scores`, which is all zeros before; returns the slots that got any. */
  #score(query: string): number[] {
    if (this.#scores.length < this.#keys.length) this.#scores = new Float64Array(2 * this.#keys.length);
    const counts = new Map<string, number>();
    for (const term of this.#termsOf(query)) counts.set(term, (counts.get(term) ?? 0) + 1);
    const touched: number[] = [];
    const average = this.averageLength;
    for (const [term, times] of counts) {
      const postings = this.#postings.get(term);
      if (!postings) continue;
      const { entries, live } = postings;
      const weight = times * inverseDocumentFrequency(live, this.count) * (this.k1 + 1);
      for (let i = 0; i < entries.length; i += 2) {
        const slot = entries[i]!;
        if (this.#held[slot] === undefined) continue;
        const count = entries[i + 1]!;
        const penalty = this.k1 * (1 - this.b + (this.b * this.#lengths[slot]!) / average);
        if (this.#scores[slot] === 0) touched.push(slot); // a term that is held scores more than 0, always
        this.#scores[slot]! += (weight * count) / (count + penalty);
      }
    }
    return touched;
  }

  #termsOf(text: string): readonly string[] {
    const terms = this.#terms(text);
    return this.#stopWords.size === 0 ? terms : terms.filter((term) => !this.#stopWords.has(term));
  }

  /** Closes the ranks over dead slots; those that live keep their order. */
  #sweep(): void {
    const moved = new Int32Array(this.#keys.length).fill(-1);
    let next = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#held[slot] === undefined) continue;
      this.#keys[next] = this.#keys[slot]!;
      this.#lengths[next] = this.#lengths[slot]!;
      this.#held[next] = this.#held[slot];
      this.#slots.set(this.#keys[next]!, next);
      moved[slot] = next++;
    }
    this.#keys.length = this.#lengths.length = this.#held.length = next;
    for (const { entries } of this.#postings.values()) {
      let end = 0;
      for (let i = 0; i < entries.length; i += 2) {
        const slot = moved[entries[i]!]!;
        if (slot < 0) continue;
        entries[end++] = slot;
        entries[end++] = entries[i + 1]!;
      }
      entries.length = end;
    }
  }
}

/** Lucene's idf: ln(1 + (N − n + ½) / (n + ½)), above 0 also for a term that all texts hold. */
function inverseDocumentFrequency(holding: number, all: number): number {
  return reference.log(1 + (all - holding + 0.5) / (holding + 0.5));
}
