/**
 * safetensors: named tensors. The length of a header (8 bytes), the header in JSON, then the numbers end to end.
 *
 * Held to the format's own rules: offsets in order without holes or overlaps, shapes that fit them, a header of at most
 * 100 MB, nothing behind the last tensor. docs/formats/safetensors.md has the whole account.
 */
import { LociError, Matrix, drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, jsonShown, quoted, shown } from "./bad-file.ts";
import { ByteCursor, int64 } from "./byte-cursor.ts";
import { checkFinite } from "./finite.ts";
import { rowNumbers } from "./npy.ts";
import { floatPieces, readDoubles, readNumbers, typeBytes } from "./number-types.ts";
import type { NumberType } from "./number-types.ts";
import { Progress } from "./progress.ts";
import { checkedLimit } from "./row-collector.ts";
import type { ReadOptions, VectorFile } from "./vector-file.ts";

/** What the header says of one tensor. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Where its numbers lie, in bytes behind the header. */
  readonly begin: number;
  readonly end: number;
}

/** A tensor that was read: F64 and the 64-bit whole numbers also exactly, where `exact` was asked for. */
export interface Tensor extends TensorInfo {
  readonly data: Float32Array<ArrayBuffer> | Float64Array;
}

/** A safetensors file: its tensors by name, and the metadata of its header. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface SafetensorsOptions extends ReadOptions {
  /** Which tensors to read; others are stepped over. Default: all. */
  readonly only?: (tensor: TensorInfo) => boolean;
  /** Which tensors to give as float64 instead of float32 (counts, ids). Default: none. */
  readonly exact?: (tensor: TensorInfo) => boolean;
}

/** The format's own limit on its header. */
const MAX_HEADER = 100_000_000;

/** Reads the tensors of a file as float32 (or float64, see `exact`). Throws `bad-file` with the place. */
export function readSafetensors(source: ByteSource, options: SafetensorsOptions = {}): Promise<SafetensorsFile> {
  return drain(readSafetensorsSteps(source, options), options);
}

/** {@link readSafetensors}, step by step. */
export async function* readSafetensorsSteps(
  source: ByteSource,
  { only = () => true, exact = () => false }: SafetensorsOptions = {},
): AsyncGenerator<Step, SafetensorsFile, void> {
  const cursor = new ByteCursor(source);
  const progress = new Progress("read", source.bytes ?? 0);
  try {
    const { infos, metadata } = await readHeader(cursor);
    const tensors = new Map<string, Tensor>();
    for (const info of infos) {
      const what = `the tensor ${quoted(info.name)}`;
      const count = info.shape.reduce((product, size) => product * size, 1);
      if (!only(info)) await cursor.skip(info.end - info.begin, what);
      else if (typeBytes(info.type) === undefined) {
        const types = "F64, F32, F16, BF16, I8 to I64, U8 to U64 or BOOL";
        throw badFile(source.name, what, `numbers of type ${types}`, info.type);
      } else {
        const type = info.type as NumberType;
        const data = exact(info)
          ? await readDoubles(cursor, type, count, what)
          : yield* readNumbers(cursor, type, count, what, progress);
        tensors.set(info.name, { ...info, data });
      }
    }
    await cursor.expectEnd();
    return { tensors, metadata };
  } finally {
    await cursor.close();
  }
}

/** The header alone: what tensors a file holds. */
export async function readSafetensorsHeader(
  source: ByteSource,
): Promise<{ infos: readonly TensorInfo[]; metadata: Readonly<Record<string, string>> }> {
  const cursor = new ByteCursor(source);
  try {
    return await readHeader(cursor);
  } finally {
    await cursor.close();
  }
}

async function readHeader(
  cursor: ByteCursor,
): Promise<{ infos: TensorInfo[]; metadata: Readonly<Record<string, string>> }> {
  const length = int64(await cursor.take(8, "the length of a header"), 0);
  if (length < 2 || length > MAX_HEADER) {
    throw badFile(cursor.name, "byte 0", `a header of 2 to ${MAX_HEADER} bytes`, `a promise of ${length}`);
  }
  const bytes = bytesOf(await cursor.take(length, "its header"));
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 120) : String(cause);
    throw badFile(cursor.name, "byte 8", "a header in JSON", `${shown(bytes)} (${why})`);
  }
  if (!isRecord(parsed)) throw badFile(cursor.name, "byte 8", "a JSON object as header", shown(bytes));
  const { __metadata__: metadata = {}, ...rest } = parsed;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw badFile(cursor.name, "__metadata__", "an object of strings", jsonShown(metadata));
  }
  const infos = Object.entries(rest).map(([name, entry]) => tensorInfo(cursor.name, name, entry));
  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const info of infos) {
    if (info.begin !== end) {
      throw badFile(
        cursor.name,
        `the tensor ${quoted(info.name)}`,
        `offsets that begin where the tensor before ends (${end}), without holes or overlaps`,
        `${info.begin}`,
      );
    }
    end = info.end;
  }
  cursor.checkLeft(end, "the numbers of its tensors");
  return { infos, metadata: metadata as Record<string, string> };
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tensorInfo(file: string, name: string, entry: unknown): TensorInfo {
  const place = `the tensor ${quoted(name)}`;
  const wholes = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
  if (
    !isRecord(entry) ||
    typeof entry["dtype"] !== "string" ||
    !wholes(entry["shape"]) ||
    !wholes(entry["data_offsets"])
  ) {
    throw badFile(file, place, "dtype, shape and data_offsets in whole numbers", jsonShown(entry));
  }
  const { dtype: type, shape, data_offsets: offsets } = entry;
  const [begin, end] = offsets as [number, number];
  if (offsets.length !== 2 || begin > end) {
    throw badFile(file, place, "two data_offsets, the first no larger", jsonShown(offsets));
  }
  const bytes = typeBytes(type);
  const needed = bytes === undefined ? end - begin : shape.reduce((product, size) => product * size, bytes);
  if (needed !== end - begin) {
    throw badFile(file, place, `${needed} bytes for ${type} of shape [${shape.join(", ")}]`, `${end - begin}`);
  }
  return { name, type, shape, begin, end };
}

/** Names under which models keep their one table of vectors, in the order tried. */
const TABLE_NAMES = ["vectors", "embeddings", "embedding.weight", "embeddings.weight", "word_embeddings.weight"];

/**
 * The table of vectors in a safetensors file: the tensor of a usual name, or the only one of two dimensions. Keys are
 * row numbers, since the format has no place for names (a Loci model directory has).
 */
export async function* readSafetensorsVectorsSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const limit = checkedLimit(options.limit);
  const { infos } = await readSafetensorsHeader(source);
  const tables = infos.filter((info) => info.shape.length === 2 && info.shape[1]! > 0);
  const usual = TABLE_NAMES.flatMap((name) => tables.filter((info) => info.name === name));
  const chosen = usual[0] ?? (tables.length === 1 ? tables[0] : undefined);
  if (!chosen) {
    const names = infos.map((info) => quoted(info.name)).slice(0, 8);
    throw badFile(
      source.name,
      "its header",
      `one tensor of two dimensions, or one named ${TABLE_NAMES.map((name) => `"${name}"`).join(", ")}`,
      names.length === 0 ? "no tensors" : names.join(", "),
    );
  }
  const read = { ...options, only: (info: TensorInfo) => info.name === chosen.name };
  const { tensors, metadata } = yield* readSafetensorsSteps(source, read);
  const dim = chosen.shape[1]!;
  const data = tensors.get(chosen.name)!.data as Float32Array<ArrayBuffer>;
  const matrix = new Matrix(data.length > limit * dim ? data.slice(0, limit * dim) : data, dim);
  const keys = rowNumbers(matrix.rows);
  if (!options.allowNonFinite) checkFinite(source.name, chosen.name, matrix);
  return { format: "safetensors", keys, matrix, metadata: { ...metadata }, notes: [] };
}

/** A tensor to write. Of a Float32Array, `type` may be another float type: it is converted on the way out. */
export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Int32Array
    | Uint32Array
    | Int16Array
    | Uint16Array
    | Int8Array
    | Uint8Array;
  readonly type?: "F64" | "F32" | "F16" | "BF16";
}

/**
 * The pieces of a safetensors file. Wide types come first and each tensor lies at a multiple of its numbers' size,
 * as the reference writer has it. Throws `bad-argument` where a shape does not fit its numbers.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata: Readonly<Record<string, string>> = {},
): Iterable<Uint8Array> {
  const entries = Object.entries(tensors).map(([name, tensor]) => toWrite(name, tensor));
  entries.sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));
  const header = Object.create(null) as Record<string, unknown>; // so that any name is a name, "__proto__" too
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  let end = 0;
  for (const { name, type, tensor, width } of entries) {
    const begin = end;
    end += tensor.data.length * width;
    header[name] = { dtype: type, shape: tensor.shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(text, 8);
  return {
    *[Symbol.iterator]() {
      yield bytes;
      for (const { type, tensor } of entries) yield* tensorPieces(tensor, type);
    },
  };
}

function toWrite(
  name: string,
  tensor: TensorToWrite,
): { name: string; type: NumberType; tensor: TensorToWrite; width: number } {
  const { data, shape } = tensor;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length || name === "__metadata__") {
    throw new LociError(
      "bad-argument",
      `Expected the tensor ${quoted(name)} of shape [${shape.join(", ")}] to have ${count} numbers and a name that is ` +
        `not "__metadata__", got ${data.length} numbers.`,
    );
  }
  if (tensor.type && !(data instanceof Float32Array)) {
    throw new LociError("bad-argument", `Only a Float32Array can be written as ${tensor.type}; see ${quoted(name)}.`);
  }
  const type = tensor.type ?? storedType(data);
  return { name, type, tensor, width: typeBytes(type)! };
}

function storedType(data: TensorToWrite["data"]): NumberType {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  const sign = data instanceof Int32Array || data instanceof Int16Array || data instanceof Int8Array ? "I" : "U";
  return `${sign}${data.BYTES_PER_ELEMENT * 8}` as NumberType;
}

function* tensorPieces({ data }: TensorToWrite, type: NumberType): Generator<Uint8Array> {
  if (data instanceof Float32Array) yield* floatPieces(data, type as "F64" | "F32" | "F16" | "BF16");
  else yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
