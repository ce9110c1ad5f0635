/**
 * word2vec's binary format: a header line "rows dim", then for each key its bytes, a space, and `dim` float32,
 * little-endian.
 *
 * The C program ends each row with a newline and gensim does not; so newlines before a key are passed over.
 * docs/formats/word2vec-binary.md has the whole account.
 */
import { LociError, drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, quoted, shown } from "./bad-file.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { checkFinite } from "./finite.ts";
import { Progress } from "./progress.ts";
import { MAX_DIM, MAX_KEY_BYTES, RowCollector, checkedLimit } from "./row-collector.ts";
import { checkPaired, notFinite } from "./text-write.ts";
import type { KeyedRows, ReadOptions, VectorFile } from "./vector-file.ts";

const LF = 10;
const SPACE = 32;
const PIECE = 1 << 18;

/** Reads word2vec binary. Throws `bad-file` with the byte where it is not what its header promises. */
export function readWord2vecBinary(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readWord2vecBinarySteps(source, options), options);
}

/** {@link readWord2vecBinary}, step by step. */
export async function* readWord2vecBinarySteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const limit = checkedLimit(options.limit);
  const cursor = new ByteCursor(source);
  const progress = new Progress("read", source.bytes ?? 0);
  try {
    const { rows, dim } = await readHeader(cursor);
    cursor.checkLeft(rows * (4 * dim + 1), `${rows} rows of ${dim} numbers, as the header promises`);
    const collector = new RowCollector(dim, source.bytes === undefined ? undefined : rows, limit);
    let met = 0;
    while (met < rows && !collector.full) {
      met += await takeRows(cursor, collector, rows - met, met);
      const step = progress.due(cursor.position);
      if (step) yield step;
    }
    if (met === rows) await expectEnd(cursor);
    const taken = collector.take();
    if (!options.allowNonFinite) checkFinite(source.name, "vectors", taken.matrix, taken.keys);
    return { format: "word2vec-binary", ...taken };
  } finally {
    await cursor.close();
  }
}

async function readHeader(cursor: ByteCursor): Promise<{ rows: number; dim: number }> {
  const ahead = await cursor.ahead(64);
  const end = ahead.subarray(0, 64).indexOf(LF);
  const line = end < 0 ? ahead.subarray(0, 32) : ahead.subarray(0, end);
  const found = /^(\d{1,15}) (\d{1,15})\s*$/.exec(new TextDecoder("latin1").decode(line));
  if (end < 0 || !found) {
    throw badFile(cursor.name, "byte 0", 'a header line of two whole numbers, "rows dim"', shown(line));
  }
  const [rows, dim] = [Number(found[1]), Number(found[2])];
  if (dim < 1 || dim > MAX_DIM) {
    throw badFile(cursor.name, "byte 0", `a header with a dim of 1 to ${MAX_DIM}`, shown(line));
  }
  cursor.advance(end + 1);
  return { rows, dim };
}

/** Takes the rows that lie whole in the window, at least one. Returns how many. */
async function takeRows(cursor: ByteCursor, collector: RowCollector, most: number, met: number): Promise<number> {
  const rowBytes = collector.dim * 4;
  let window = await cursor.ahead(Math.min(cursor.left, rowBytes + 256));
  let from = 0;
  let taken = 0;
  while (taken < most && !collector.full) {
    const row = met + taken;
    let keyAt = from;
    while (window[keyAt] === LF) keyAt++;
    const space = window.indexOf(SPACE, keyAt);
    const whole = space >= 0 && space + 1 + rowBytes <= window.length;
    if (!whole) {
      if (taken > 0) break;
      if ((space < 0 ? window.length : space) - keyAt > MAX_KEY_BYTES) throw longKey(cursor, row);
      const more = await cursor.ahead(window.length + rowBytes + 256);
      if (more.length === window.length) throw cutRow(cursor, row, space < 0);
      window = more;
      continue;
    }
    if (space - keyAt > MAX_KEY_BYTES) throw longKey(cursor, row);
    collector.reserve();
    copyFloats(window, space + 1, collector);
    collector.accept(window.subarray(keyAt, space), () => `row ${row + 1}`);
    from = space + 1 + rowBytes;
    taken++;
  }
  cursor.advance(from);
  return taken;
}

function copyFloats(window: Uint8Array, at: number, { data, rows, dim }: RowCollector): void {
  const target = new Uint8Array(data.buffer, data.byteOffset + rows * dim * 4, dim * 4);
  target.set(window.subarray(at, at + dim * 4));
}

function longKey(cursor: ByteCursor, row: number): Error {
  return badFile(
    cursor.name,
    `row ${row + 1}, byte ${cursor.position}`,
    `a key of at most ${MAX_KEY_BYTES} bytes and a space`,
    "no space",
    "Is this word2vec's binary format, of the dim its header tells?",
  );
}

function cutRow(cursor: ByteCursor, row: number, inKey: boolean): Error {
  const found = inKey ? "the end of the file where its key should be" : "the end of the file inside its numbers";
  return badFile(
    cursor.name,
    `row ${row + 1}, byte ${cursor.position}`,
    "a whole row",
    found,
    "The file is cut short.",
  );
}

/** After the last row, newlines may follow and nothing else. */
async function expectEnd(cursor: ByteCursor): Promise<void> {
  while ((await cursor.ahead(1))[0] === LF) cursor.advance(1);
  await cursor.expectEnd();
}

/**
 * The pieces of a word2vec binary file, laid out as gensim does (no newline after a row). Throws `bad-argument`
 * for a key that holds a space or begins with a newline.
 */
export function writeWord2vecBinary(rows: KeyedRows): Iterable<Uint8Array> {
  checkPaired(rows.keys, rows.matrix.rows);
  rows.keys.forEach((key, row) => {
    const why = key.includes(" ")
      ? "has a space"
      : key.includes("\n")
        ? "has a newline"
        : key.isWellFormed()
          ? ""
          : "has half a surrogate pair";
    if (!why) return;
    throw new LociError(
      "bad-argument",
      `word2vec binary cannot hold the key ${quoted(key)} (row ${row}), which ${why}. Save a Loci model instead.`,
    );
  });
  return { [Symbol.iterator]: () => binaryPieces(rows) };
}

function* binaryPieces({ keys, matrix }: KeyedRows): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const rowBytes = matrix.dim * 4;
  let piece = new Uint8Array(PIECE + rowBytes);
  let at = encoder.encodeInto(`${matrix.rows} ${matrix.dim}\n`, piece).written;
  for (let r = 0; r < matrix.rows; r++) {
    const key = encoder.encode(`${keys[r]!} `);
    const row = matrix.row(r);
    const bad = row.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw notFinite(keys[r]!, bad);
    if (at + key.length + rowBytes > piece.length) {
      yield piece.subarray(0, at);
      piece = new Uint8Array(Math.max(PIECE, key.length) + rowBytes);
      at = 0;
    }
    piece.set(key, at);
    piece.set(new Uint8Array(row.buffer, row.byteOffset, rowBytes), at + key.length);
    at += key.length + rowBytes;
  }
  if (at > 0) yield piece.subarray(0, at);
}
