/**
 * Lines of "key number number …" to rows: what word2vec, fastText and GloVe text have in common, and, with the keys
 * given from elsewhere, the projector's TSV.
 *
 * The way of nearly all lines reads key and numbers in one pass over the bytes, straight into the matrix. A line
 * that does not fit is looked at again, slowly: there a key may hold spaces (the last `dim` fields are the numbers),
 * and whatever is wrong gets its sentence.
 *
 * Memory: a row of the file takes at least 2·dim bytes (a digit and a separator each), so the matrix takes at most
 * twice the file; a promise of more rows than that is refused before anything is allocated.
 */
import type { ByteSource, Matrix, Step } from "../core/index.ts";
import { badFile, quoted, shown } from "./bad-file.ts";
import { parseField, parseRow } from "./decimal-read.ts";
import { Progress } from "./progress.ts";
import { MAX_DIM, MAX_KEY_BYTES, RowCollector, checkedLimit, decodeKey } from "./row-collector.ts";
import { LF, countLines, isBlank, lineBlocks } from "./text-lines.ts";
import { trimmedEnd } from "./text-shape.ts";
import type { ReadOptions } from "./vector-file.ts";

export interface TextLayout {
  /** Numbers a row. */
  readonly dim: number;
  /** Rows that the header promises, when there is one. It is the first line. */
  readonly promised?: number;
  /** How many lines there are, when they have been counted. */
  readonly counted?: number;
  /** Where the lines hold numbers only: the keys of the rows. */
  readonly keys?: readonly string[];
  /** The lines hold numbers only, and nothing names them: a row's key is its number. */
  readonly unnamed?: boolean;
}

export interface TextRows {
  readonly keys: string[];
  readonly matrix: Matrix;
  readonly notes: string[];
}

/** Reads all rows of a text file. */
export async function* readTextRows(
  source: ByteSource,
  layout: TextLayout,
  options: ReadOptions,
): AsyncGenerator<Step, TextRows, void> {
  const limit = checkedLimit(options.limit);
  const { dim, promised } = layout;
  checkPromise(source, layout);
  // A gzipped file is not unzipped twice for the sake of a count: its matrix grows instead. Lines counted are rows only
  // if they are long enough; the first that is not will be refused before the room runs out.
  const counted =
    promised === undefined && source.bytes !== undefined && (layout.counted ?? (await countLines(source)));
  const most = Math.ceil(((source.bytes ?? 0) + 1) / (2 * dim));
  const rows = source.bytes === undefined ? undefined : (promised ?? Math.min(counted || 0, most));
  const collector = new RowCollector(dim, rows, limit);
  const parser = new RowParser(source.name, layout, collector, options.allowNonFinite ?? false);
  const progress = new Progress("read", source.bytes ?? 0);
  for await (const block of lineBlocks(source, MAX_KEY_BYTES + 64 * dim + 1024)) {
    parser.parse(block.bytes, block.start, block.end);
    if (collector.full) break;
    const step = progress.due(block.position);
    if (step) yield step;
  }
  parser.finish();
  return collector.take();
}

function checkPromise(source: ByteSource, { dim, promised }: TextLayout): void {
  if (dim < 1 || dim > MAX_DIM) {
    throw badFile(source.name, "line 1", `rows of 1 to ${MAX_DIM} numbers`, `a promise of ${dim}`);
  }
  if (promised === undefined || source.bytes === undefined) return;
  const least = promised * (2 * dim + 1) - 1;
  if (least > source.bytes) {
    throw badFile(
      source.name,
      "line 1",
      `a header that fits the file's ${source.bytes} bytes`,
      `a promise of ${promised} rows of ${dim} numbers, which need at least ${least}`,
      "The file is cut short or is of another kind.",
    );
  }
}

class RowParser {
  readonly #name: string;
  readonly #layout: TextLayout;
  readonly #collector: RowCollector;
  readonly #allowNonFinite: boolean;
  /** The number of the line being read, from 1. */
  #line = 1;
  /** Rows met, those dropped included. */
  #met = 0;
  /** The first of a run of blank lines; they may only be the last of the file. 0: none. */
  #blank = 0;

  constructor(name: string, layout: TextLayout, collector: RowCollector, allowNonFinite: boolean) {
    this.#name = name;
    this.#layout = layout;
    this.#collector = collector;
    this.#allowNonFinite = allowNonFinite;
  }

  /** Reads the whole lines `bytes[start .. end)`. */
  parse(bytes: Uint8Array, start: number, end: number): void {
    const collector = this.#collector;
    const { dim, promised, keys, unnamed } = this.#layout;
    const bare = keys !== undefined || unnamed;
    const place = (): string => `line ${this.#line}`;
    let at = start;
    if (this.#line === 1 && promised !== undefined && at < end) {
      at = bytes.indexOf(LF, at) + 1;
      this.#line++;
    }
    for (; at < end && !collector.full; this.#line++) {
      let keyEnd = at;
      let byte = bytes[at]!;
      if (byte <= 32 && this.#isBlankLine(bytes, at)) {
        this.#blank ||= this.#line;
        at = bytes.indexOf(LF, at) + 1;
        continue;
      }
      this.#expectRow();
      collector.reserve();
      if (!bare) while (byte !== 32 && byte !== 9 && byte !== LF) byte = bytes[++keyEnd]!;
      let next = parseRow(bytes, keyEnd, collector.data, collector.rows * dim, dim);
      if (next < 0) {
        next = bytes.indexOf(LF, at) + 1;
        keyEnd = this.#slowRow(bytes, at, next - 1);
      }
      if (bare) collector.acceptKey(keys?.[this.#met] ?? String(this.#met), place);
      else {
        if (keyEnd - at > MAX_KEY_BYTES) {
          throw this.#bad(`a key of at most ${MAX_KEY_BYTES} bytes`, `one of ${keyEnd - at}`);
        }
        collector.accept(bytes.subarray(at, keyEnd), place);
      }
      this.#met++;
      at = next;
    }
  }

  /** Refuses a file that ended early. */
  finish(): void {
    const { promised, keys } = this.#layout;
    const expected = promised ?? keys?.length;
    if (expected === undefined || this.#met >= expected || this.#collector.full) return;
    const whose = promised === undefined ? "as many as there are names" : "as the header promises";
    throw badFile(
      this.#name,
      `line ${this.#blank || this.#line}`,
      `${expected} rows, ${whose}`,
      `the end of the file after ${this.#met}`,
      "The file is cut short.",
    );
  }

  #isBlankLine(bytes: Uint8Array, at: number): boolean {
    return bytes[at] === LF || isBlank(bytes, at, bytes.indexOf(LF, at));
  }

  #expectRow(): void {
    if (this.#blank) {
      this.#line = this.#blank;
      throw this.#bad("a row", "a blank line with more rows behind it");
    }
    const { promised, keys } = this.#layout;
    const expected = promised ?? keys?.length;
    if (this.#met === expected) {
      const why = promised === undefined ? "there are names for" : "the header promises";
      throw this.#bad(`the end of the file, since ${why} ${expected} rows`, "another row");
    }
  }

  /** Reads the line `bytes[at .. end)` from its end; returns the end of its key. */
  #slowRow(bytes: Uint8Array, at: number, end: number): number {
    const { dim, keys, unnamed } = this.#layout;
    const bare = keys !== undefined || unnamed;
    const { data, rows } = this.#collector;
    const row = bare ? `${dim} numbers` : `a key and ${dim} numbers`;
    let to = trimmedEnd(bytes, at, end);
    for (let i = dim - 1; i >= 0; i--) {
      let from = to;
      while (from > at && bytes[from - 1] !== 32 && bytes[from - 1] !== 9) from--;
      if (from === to || (from === at && (i > 0 || !bare))) {
        throw this.#bad(row, `${dim - 1 - i + (from < to ? 1 : 0)} fields in ${shown(bytes.subarray(at, end))}`);
      }
      const value = parseField(decodeKey(bytes.subarray(from, Math.min(to, from + 2048))));
      if (value === undefined || (!Number.isFinite(value) && !this.#allowNonFinite)) {
        const key = bare ? "" : ` of ${quoted(decodeKey(bytes.subarray(at, Math.max(at, from))).split(/[ \t]/)[0]!)}`;
        const kind = value === undefined ? "a number" : "a finite float32 number";
        throw this.#bad(`${kind} as number ${i + 1} of ${dim}${key}`, shown(bytes.subarray(from, to)));
      }
      data[rows * dim + i] = value;
      to = trimmedEnd(bytes, at, from);
    }
    if (bare && to > at) throw this.#bad(row, `more in ${shown(bytes.subarray(at, end))}`);
    return to;
  }

  #bad(expected: string, found: string): Error {
    return badFile(this.#name, `line ${this.#line}`, expected, found);
  }
}
