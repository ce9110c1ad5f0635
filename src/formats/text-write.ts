/**
 * Rows to lines of text, in pieces of about 256 kB, every float as its shortest exact decimal.
 *
 * What a format cannot hold is refused with the key's name before the first piece leaves, so that nobody finds
 * out at reading time, perhaps in another program, that "new york" became a key and a broken number.
 */
import { LociError } from "../core/index.ts";
import { quoted } from "./bad-file.ts";
import { MAX_FLOAT_BYTES, writeFloat32 } from "./decimal-write.ts";
import type { KeyedRows } from "./vector-file.ts";

/** How to write keys that a text format cannot hold. */
export interface TextWriteOptions {
  /** Written instead of each white-space character in a key, such as "_". Default: such keys are refused. */
  readonly whitespace?: string;
}

/** The white space that C++ streams (so fastText) split at, which is more than gensim's single space. */
const WHITE = /[ \t\n\v\f\r]/g;
const HAS_WHITE = /[ \t\n\v\f\r]/;
const PIECE = 1 << 18;
const SPACE = 32;
const TAB = 9;
const LF = 10;

/** Lines as a format wants them. */
export interface LineStyle {
  /** Written first, as it is. */
  readonly header: string;
  /** Between fields: a space or a tab. */
  readonly separator: " " | "\t";
  /** Whether a separator ends every line too, as word2vec's C program and fastText have it. */
  readonly trailing: boolean;
  /** The keys, one a row, or undefined where lines hold numbers only. */
  readonly keys: readonly string[] | undefined;
}

/** The pieces of a text file of vectors. */
export function* textPieces({ matrix, keys }: KeyedRows, style: LineStyle): Generator<Uint8Array> {
  const { data, dim, rows } = matrix;
  const separator = style.separator === " " ? SPACE : TAB;
  const encoder = new TextEncoder();
  // A row's longest form must fit behind a piece that is not quite full.
  let bytes = new Uint8Array(PIECE + dim * (MAX_FLOAT_BYTES + 1) + 2);
  let at = encoder.encodeInto(style.header, bytes).written;
  for (let r = 0; r < rows; r++) {
    if (style.keys) {
      const key = encoder.encode(style.keys[r]);
      if (at + key.length > PIECE) {
        yield bytes.subarray(0, at);
        bytes = new Uint8Array(Math.max(bytes.length, key.length + bytes.length - PIECE));
        at = 0;
      }
      bytes.set(key, at);
      at += key.length;
    }
    for (let i = r * dim; i < (r + 1) * dim; i++) {
      if (style.keys || i > r * dim) bytes[at++] = separator;
      const value = data[i]!;
      if (value - value !== 0) throw notFinite(keys[r]!, value);
      at = writeFloat32(value, bytes, at);
    }
    if (style.trailing) bytes[at++] = separator;
    bytes[at++] = LF;
    if (at >= PIECE) {
      yield bytes.subarray(0, at);
      bytes = new Uint8Array(bytes.length);
      at = 0;
    }
  }
  if (at > 0) yield bytes.subarray(0, at);
}

/** The keys as a text format can hold them; throws `bad-argument` naming the first that it cannot. */
export function writableKeys(
  format: string,
  { keys, matrix }: KeyedRows,
  options: TextWriteOptions,
): readonly string[] {
  checkPaired(keys, matrix.rows);
  const { whitespace } = options;
  if (whitespace !== undefined && (HAS_WHITE.test(whitespace) || !whitespace.isWellFormed())) {
    throw new LociError("bad-argument", `Expected \`whitespace\` to hold no white space, got ${quoted(whitespace)}.`);
  }
  let replaced = false;
  const written = keys.map((key, row) => {
    if (key === "") throw refused(format, key, row, "is empty", "Leave it out or name it.");
    if (!key.isWellFormed()) throw refused(format, key, row, "has half a surrogate pair", "Save a Loci model instead.");
    if (row === 0 && key.startsWith("\uFEFF")) {
      throw refused(format, key, row, "starts with a byte order mark", "Leave it out or save a Loci model instead.");
    }
    if (!HAS_WHITE.test(key)) return key;
    if (whitespace === undefined) {
      throw refused(
        format,
        key,
        row,
        "has white space",
        'Pass { whitespace: "_" } to replace it, or save a Loci model.',
      );
    }
    replaced = true;
    return key.replace(WHITE, whitespace);
  });
  if (replaced) checkDistinct(written, keys);
  return written;
}

/** Throws unless there is one key a row. */
export function checkPaired(keys: readonly string[], rows: number): void {
  if (keys.length === rows) return;
  throw new LociError("bad-argument", `Expected one key a row (${rows}), got ${keys.length}.`);
}

function checkDistinct(written: readonly string[], keys: readonly string[]): void {
  const rowOf = new Map<string, number>();
  written.forEach((key, row) => {
    const other = rowOf.get(key);
    if (other !== undefined || key === "") {
      const clash = other === undefined ? "nothing" : `${quoted(key)}, as ${quoted(keys[other]!)} does`;
      throw new LociError(
        "bad-argument",
        `With its white space replaced, the key ${quoted(keys[row]!)} becomes ${clash}. Choose another replacement.`,
      );
    }
    rowOf.set(key, row);
  });
}

function refused(format: string, key: string, row: number, what: string, remedy: string): LociError {
  return new LociError(
    "bad-argument",
    `${format} cannot hold the key ${quoted(key)} (row ${row}), which ${what}. ${remedy}`,
  );
}

/** The refusal of a vector that no text format spells the same way. */
export function notFinite(key: string, value: number): LociError {
  return new LociError(
    "bad-argument",
    `The vector of ${quoted(key)} holds ${value}; expected finite numbers. Find out where training diverged.`,
  );
}
