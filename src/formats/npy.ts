/**
 * NumPy's `.npy`: one array. A magic, a version, a header that is a Python dictionary, then the numbers.
 *
 * We take matrices (and one vector, as one row) of little-endian float32, float64 and float16, in C order or Fortran
 * order, versions 1 to 3. The format has no names; keys of such a file are its row numbers.
 * docs/formats/npy.md has the whole account.
 */
import { LociError, Matrix, drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, shown } from "./bad-file.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { checkFinite } from "./finite.ts";
import { floatPieces, readNumbers } from "./number-types.ts";
import type { NumberType } from "./number-types.ts";
import { Progress } from "./progress.ts";
import { checkedLimit } from "./row-collector.ts";
import type { ReadOptions, VectorFile } from "./vector-file.ts";

/** The first bytes of every `.npy`: \x93NUMPY. */
export const NPY_MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** A header of a plain array takes some 70 bytes; of nothing that we read, more than this. */
const MAX_HEADER = 1 << 16;

const TYPES: Record<string, NumberType> = { "<f4": "F32", "<f8": "F64", "<f2": "F16" };

/** Reads the matrix of a `.npy`. Throws `bad-file` with the place. */
export function readNpy(source: ByteSource, options: ReadOptions = {}): Promise<Matrix> {
  return drain(readNpySteps(source, options), options);
}

/** {@link readNpy}, step by step. */
export async function* readNpySteps(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<Step, Matrix, void> {
  const limit = checkedLimit(options.limit);
  const cursor = new ByteCursor(source);
  const progress = new Progress("read", source.bytes ?? 0);
  try {
    const { type, fortran, rows, dim } = await readHeader(cursor);
    const what = `${rows} × ${dim} numbers`;
    cursor.checkLeft(rows * dim * BYTES[type]!, what);
    const wanted = fortran ? rows : Math.min(rows, limit);
    const numbers = yield* readNumbers(cursor, type, wanted * dim, what, progress);
    if (wanted === rows) await cursor.expectEnd();
    const all = new Matrix(fortran ? transposed(numbers, rows, dim) : numbers, dim);
    const matrix = all.rows > limit ? new Matrix(all.data.slice(0, limit * dim), dim) : all;
    if (!options.allowNonFinite) checkFinite(source.name, "array", matrix);
    return matrix;
  } finally {
    await cursor.close();
  }
}

/** {@link readNpySteps} with row numbers for keys. */
export async function* readNpyVectorsSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const matrix = yield* readNpySteps(source, options);
  return { format: "npy", keys: rowNumbers(matrix.rows), matrix, notes: [] };
}

/** "0", "1", …: the keys of a file that names nothing. */
export function rowNumbers(rows: number): string[] {
  const keys: string[] = [];
  for (let row = 0; row < rows; row++) keys.push(String(row));
  return keys;
}

const BYTES: Partial<Record<NumberType, number>> = { F32: 4, F64: 8, F16: 2 };

interface Header {
  readonly type: NumberType;
  readonly fortran: boolean;
  readonly rows: number;
  readonly dim: number;
}

async function readHeader(cursor: ByteCursor): Promise<Header> {
  const magic = await cursor.ahead(8);
  if (magic.length < 8 || NPY_MAGIC.some((byte, i) => magic[i] !== byte)) {
    throw badFile(cursor.name, "byte 0", "the magic of .npy (\\x93NUMPY)", shown(magic.subarray(0, 8)));
  }
  const [major, minor] = [magic[6]!, magic[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw badFile(cursor.name, "byte 6", "version 1.0, 2.0 or 3.0 of .npy", `${major}.${minor}`);
  }
  cursor.advance(8);
  const wide = major > 1;
  const field = await cursor.take(wide ? 4 : 2, "the length of its header");
  const length = wide ? field.getUint32(0, true) : field.getUint16(0, true);
  if (length > MAX_HEADER) {
    throw badFile(cursor.name, "byte 8", `a header of at most ${MAX_HEADER} bytes`, `a promise of ${length}`);
  }
  const at = cursor.position;
  const bytes = await cursor.take(length, "its header");
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes);
  return parseHeader(cursor.name, at, text);
}

/** The three entries of the dictionary, in whatever order NumPy or another writer put them. */
function parseHeader(name: string, at: number, text: string): Header {
  const place = `byte ${at}`;
  const bare = text.trim();
  const shownText = shown(new TextEncoder().encode(bare), 80);
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(bare)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)\b/.exec(bare)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d,\s]*)\)/.exec(bare)?.[1];
  if (!bare.startsWith("{") || !bare.endsWith("}") || !order || shape === undefined) {
    throw badFile(name, place, "a dictionary with descr, fortran_order and shape", shownText);
  }
  const type = descr === undefined ? undefined : TYPES[descr];
  if (!type) {
    throw badFile(
      name,
      place,
      "numbers of type <f4, <f8 or <f2",
      descr === undefined ? shownText : `"${descr}"`,
      "Convert it in Python: numpy.save(file, array.astype('<f4')).",
    );
  }
  const sizes = shape.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const [rows, dim] = sizes.length === 1 ? [1, sizes[0]!] : [sizes[0]!, sizes[1]!];
  if (sizes.length < 1 || sizes.length > 2 || !Number.isSafeInteger(rows * dim * 8) || dim < 1) {
    throw badFile(name, place, "a shape of rows × dim, dim at least 1", `(${shape.trim().slice(0, 60)})`);
  }
  return { type, fortran: order === "True" && sizes.length === 2, rows, dim };
}

/** Column-major to row-major. */
function transposed(numbers: Float32Array, rows: number, dim: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(numbers.length);
  for (let c = 0; c < dim; c++) {
    for (let r = 0; r < rows; r++) out[r * dim + c] = numbers[c * rows + r]!;
  }
  return out;
}

/** How to write a `.npy`. */
export interface NpyWriteOptions {
  /** The type of the numbers: 4, 8 or 2 bytes each. Two round to nearest, ties to even. Default "f4". */
  readonly type?: "f4" | "f8" | "f2";
}

/** The pieces of a `.npy` (version 1.0, C order) that `numpy.load` opens, also memory-mapped. */
export function writeNpy(matrix: Matrix, { type = "f4" }: NpyWriteOptions = {}): Iterable<Uint8Array> {
  const stored = TYPES[`<${type}`];
  if (!stored) throw new LociError("bad-argument", `Expected \`type\` "f4", "f8" or "f2", got "${type}".`);
  const header = npyHeader(`<${type}`, matrix);
  return {
    *[Symbol.iterator]() {
      yield header;
      yield* floatPieces(matrix.data, stored as "F32" | "F64" | "F16");
    },
  };
}

/** Padded with spaces so that the numbers begin at a multiple of 64 bytes, as NumPy pads. */
function npyHeader(descr: string, { rows, dim }: Matrix): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set(NPY_MAGIC);
  bytes.set([1, 0], 6);
  new DataView(bytes.buffer).setUint16(8, total - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[total - 1] = 0x0a;
  return bytes;
}
