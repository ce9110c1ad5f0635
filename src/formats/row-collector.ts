/**
 * Gathers keys and rows as a reader meets them.
 *
 * Where the number of rows is known, the matrix is allocated once, at its size, and rows are parsed straight into
 * it. Where it is not (a gzipped file without a header, or one whose header cannot be checked against
 * a size), it grows by half at a time. A key that comes again is dropped with its row, as gensim does: the first
 * stands, and a note says so.
 */
import { KeySet, LociError, Matrix } from "../core/index.ts";
import { quoted } from "./bad-file.ts";

/** The widest row read from a file whose size is unknown or whose width only its header tells. */
export const MAX_DIM = 1 << 20;

/** The longest key, in bytes. No corpus has one; a file without separators has. */
export const MAX_KEY_BYTES = 1 << 16;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class RowCollector {
  readonly dim: number;
  /** Where the next row goes: numbers are written here at `rows * dim`, and `accept` makes them a row. */
  data: Float32Array;
  readonly #set = new KeySet();
  readonly #limit: number;
  #capacity: number;
  #dropped = 0;
  #firstDropped = "";
  #replaced = 0;
  #firstReplaced = "";

  /**
   * `rows` is how many may come: known and checked against the file's size, or undefined. Past `limit` rows, `full` is
   * true and nothing more should be read.
   */
  constructor(dim: number, rows: number | undefined, limit: number) {
    this.dim = dim;
    this.#limit = limit;
    this.#capacity = Math.min(limit, rows ?? Math.max(1, Math.floor((1 << 14) / dim)));
    this.data = new Float32Array(this.#capacity * dim);
  }

  get rows(): number {
    return this.#set.keys.length;
  }

  get full(): boolean {
    return this.rows === this.#limit;
  }

  /** Makes room for one more row. */
  reserve(): void {
    if (this.rows < this.#capacity) return;
    this.#capacity = Math.min(this.#limit, Math.ceil(this.#capacity * 1.5) + 1);
    const larger = new Float32Array(this.#capacity * this.dim);
    larger.set(this.data);
    this.data = larger;
  }

  /** Names the row just written at `rows * dim`; `place` ("line 7") is for the notes. */
  accept(keyBytes: Uint8Array, place: () => string): void {
    const key = decodeKey(keyBytes);
    if (key.includes("�") && !isUtf8(keyBytes)) {
      if (this.#replaced++ === 0) this.#firstReplaced = `${quoted(key)}, ${place()}`;
    }
    this.acceptKey(key, place);
  }

  /** The same where the key is a string already. */
  acceptKey(key: string, place: () => string): void {
    if (!this.#set.add(key) && this.#dropped++ === 0) this.#firstDropped = `${quoted(key)}, ${place()}`;
  }

  /** The keys and rows gathered, and what there is to say of them. */
  take(): { keys: string[]; matrix: Matrix; notes: string[] } {
    const used = this.rows * this.dim;
    // A view of the rows used; a copy where much of the memory would stay behind it.
    const data = used * 1.6 < this.data.length ? this.data.slice(0, used) : this.data.subarray(0, used);
    return { keys: this.#set.keys, matrix: new Matrix(data, this.dim), notes: this.#notes() };
  }

  #notes(): string[] {
    const notes: string[] = [];
    if (this.#dropped > 0) {
      notes.push(
        `${this.#dropped} rows were dropped, since their keys had come before (first: ${this.#firstDropped}).`,
      );
    }
    if (this.#replaced > 0) {
      notes.push(
        `${this.#replaced} keys were not UTF-8; their bad bytes became U+FFFD (first: ${this.#firstReplaced}).`,
      );
    }
    return notes;
  }
}

/** A key from its UTF-8 bytes; bytes that are not UTF-8 become U+FFFD. */
export function decodeKey(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Whether bytes are sound UTF-8 (they may spell U+FFFD itself, so finding it in a key proves nothing). */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws unless `limit`, when given, is a whole number of at least 1. */
export function checkedLimit(limit: number | undefined): number {
  if (limit === undefined) return Infinity;
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new LociError("bad-argument", `Expected \`limit\` to be a whole number of at least 1, got ${limit}.`);
}
