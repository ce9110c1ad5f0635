/**
 * Loci's own models: a folder of JSON and safetensors.
 *
 *   loci.json          what this is: format version, kind, sizes, fingerprint, provenance
 *   vocabulary.json    the keys, a JSON list of strings, one a line
 *   labels.json        a classifier's labels, likewise; only where there are any
 *   model.safetensors  vectors, and where there are any: counts, output, buckets, bucket_ids, label_counts
 *
 * JSON for the keys, since it holds any string at all, line ends and halves of surrogate pairs included;
 * safetensors for the numbers, since Python opens it and it is checked to the byte. docs/formats/model-directory.md
 * describes every byte.
 */
import { LociError, Matrix, drain, fileSource, platform } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, jsonShown, quoted, shown } from "./bad-file.ts";
import { checkFinite } from "./finite.ts";
import { checkedLimit } from "./row-collector.ts";
import { readSafetensorsSteps, writeSafetensors } from "./safetensors.ts";
import type { Tensor, TensorInfo, TensorToWrite } from "./safetensors.ts";
import { readHead } from "./text-lines.ts";
import { checkPaired } from "./text-write.ts";
import type { CountedKeys, ReadOptions, Subwords, VectorFile } from "./vector-file.ts";

/** The version written. A reader takes this and all before it. */
export const MODEL_VERSION = 1;

export const CONFIG_FILE = "loci.json";
export const VOCABULARY_FILE = "vocabulary.json";
export const LABELS_FILE = "labels.json";
export const TENSORS_FILE = "model.safetensors";

/** What a model directory is made of. A `VectorFile` fits. */
export interface ModelToWrite {
  readonly keys: readonly string[];
  readonly counts?: Float64Array;
  readonly matrix: Matrix;
  readonly output?: Matrix;
  readonly subwords?: Subwords;
  readonly labels?: CountedKeys;
  /** Anything JSON holds: settings of the training, provenance. Comes back as it was. */
  readonly metadata?: Record<string, unknown>;
}

export interface ModelWriteOptions {
  /** What the vectors are of. Default "words". */
  readonly kind?: string;
  /** Names the space, so that vectors of another one can be refused. Default: none. */
  readonly fingerprint?: string;
}

/** The content of `loci.json`. */
export interface ModelConfig {
  readonly format: "loci-model";
  readonly version: number;
  readonly kind: string;
  readonly rows: number;
  readonly dim: number;
  readonly fingerprint?: string;
  readonly subwords?: { readonly minN: number; readonly maxN: number; readonly bucketCount: number };
  readonly metadata?: Record<string, unknown>;
}

/** The files of a folder by name: a path, or sources where there are no paths. */
export type ModelFolder = string | Readonly<Record<string, ByteSource>>;

/** Reads a model directory. Throws `not-found` where a file is missing and `bad-file` where one does not fit. */
export function readModelDirectory(folder: ModelFolder, options: ReadOptions = {}): Promise<ModelFile> {
  return drain(readModelDirectorySteps(folder, options), options);
}

/** A model directory that was read: vectors, and what its `loci.json` says. */
export interface ModelFile extends VectorFile {
  readonly config: ModelConfig;
}

/** {@link readModelDirectory}, step by step. */
export async function* readModelDirectorySteps(
  folder: ModelFolder,
  options: ReadOptions = {},
): AsyncGenerator<Step, ModelFile, void> {
  const limit = checkedLimit(options.limit);
  const config = await readConfig(await sourceIn(folder, CONFIG_FILE));
  const vocabulary = await sourceIn(folder, VOCABULARY_FILE);
  const keys = checkedKeys(vocabulary.name, await readJson(vocabulary));
  if (keys.length !== config.rows) {
    throw badFile(vocabulary.name, "its list", `${config.rows} keys, as ${CONFIG_FILE} promises`, `${keys.length}`);
  }
  const source = await sourceIn(folder, TENSORS_FILE);
  const output = options.output ?? true;
  const { tensors } = yield* readSafetensorsSteps(source, {
    ...options,
    only: ({ name }) => PARTS.has(name) && (output || name !== "output"),
    exact: ({ name }) => name === "counts" || name === "label_counts" || name === "bucket_ids",
  });
  const matrix = requireMatrix(source.name, tensors, "vectors", config.rows, config.dim);
  const counts = vectorOf(source.name, tensors, "counts", config.rows);
  const labels = await readLabels(folder, source.name, tensors);
  const outputs = matrixOf(source.name, tensors, "output", undefined, config.dim);
  const subwords = config.subwords && readSubwords(source.name, config.subwords, tensors, config.dim);
  if (!options.allowNonFinite) {
    checkFinite(source.name, "vectors", matrix, keys);
    if (outputs) checkFinite(source.name, "output", outputs);
    if (subwords) checkFinite(source.name, "buckets", subwords.buckets);
  }
  const all: VectorFile = {
    format: "model-directory",
    keys,
    matrix,
    ...(counts && { counts }),
    ...(outputs && { output: outputs }),
    ...(subwords && { subwords }),
    ...(labels && { labels }),
    ...(config.metadata && { metadata: config.metadata }),
    notes: [],
  };
  return { ...firstRows(all, limit), config };
}

/** The tensors we know; others in the file are somebody else's and are passed over. */
const PARTS: ReadonlySet<string> = new Set(["vectors", "counts", "output", "buckets", "bucket_ids", "label_counts"]);

async function sourceIn(folder: ModelFolder, name: string): Promise<ByteSource> {
  if (typeof folder === "string") return fileSource(`${folder.replace(/\/+$/, "")}/${name}`);
  const source = Object.hasOwn(folder, name) ? folder[name] : undefined;
  if (source) return source;
  const names = Object.keys(folder).map((other) => quoted(other));
  throw new LociError("not-found", `The model has no file "${name}"; it has ${names.join(", ") || "none"}.`);
}

async function readConfig(source: ByteSource): Promise<ModelConfig> {
  const config = await readJson(source);
  const place = "its object";
  if (typeof config !== "object" || config === null || (config as ModelConfig).format !== "loci-model") {
    throw badFile(source.name, place, 'an object with "format": "loci-model"', jsonShown(config));
  }
  const { version, kind, rows, dim, subwords } = config as ModelConfig;
  if (!whole(version, 1) || version > MODEL_VERSION) {
    const remedy = "A newer Loci wrote it: update.";
    throw badFile(source.name, place, `"version" 1 to ${MODEL_VERSION}`, jsonShown(version), remedy);
  }
  if (typeof kind !== "string" || !whole(rows, 0) || !whole(dim, 1)) {
    const found = `${jsonShown(kind)}, ${jsonShown(rows)}, ${jsonShown(dim)}`;
    throw badFile(source.name, place, '"kind", "rows" and "dim"', found);
  }
  if (subwords !== undefined) {
    const { minN, maxN, bucketCount } = (subwords ?? {}) as Partial<NonNullable<ModelConfig["subwords"]>>;
    if (!whole(minN, 0) || !whole(maxN, 0) || !whole(bucketCount, 0)) {
      throw badFile(source.name, place, '"subwords" with minN, maxN and bucketCount', jsonShown(subwords));
    }
  }
  return config as ModelConfig;
}

function whole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Longest JSON read, in bytes: what fits a string everywhere. Some twenty million keys. */
const MAX_JSON = 500_000_000;

async function readJson(source: ByteSource): Promise<unknown> {
  if ((source.bytes ?? 0) > MAX_JSON) {
    throw badFile(source.name, "its end", `at most ${MAX_JSON} bytes`, `${source.bytes}`, "Split the vocabulary.");
  }
  const bytes = await readHead(source, MAX_JSON);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 160) : String(cause);
    throw badFile(source.name, "its text", "JSON in UTF-8", `${shown(bytes)} (${why})`);
  }
}

function checkedKeys(name: string, keys: unknown): string[] {
  if (!Array.isArray(keys)) throw badFile(name, "its text", "a JSON list of keys", jsonShown(keys));
  const odd = keys.findIndex((key) => typeof key !== "string");
  if (odd >= 0) throw badFile(name, `item ${odd}`, "a string", jsonShown(keys[odd]));
  if (new Set(keys).size !== keys.length) {
    const seen = new Set<unknown>();
    const twice = keys.findIndex((key) => seen.has(key) || !seen.add(key));
    throw badFile(name, `item ${twice}`, "a key that did not come before", quoted(keys[twice] as string));
  }
  return keys as string[];
}

function checkShapeOf(file: string, tensor: TensorInfo, shape: readonly (number | undefined)[]): void {
  if (
    tensor.shape.length === shape.length &&
    shape.every((size, i) => size === undefined || size === tensor.shape[i])
  ) {
    return;
  }
  const expected = shape.map((size) => size ?? "any").join(", ");
  throw badFile(file, `the tensor ${quoted(tensor.name)}`, `shape [${expected}]`, `[${tensor.shape.join(", ")}]`);
}

type Tensors = ReadonlyMap<string, Tensor>;

function matrixOf(
  file: string,
  tensors: Tensors,
  name: string,
  rows: number | undefined,
  dim: number,
): Matrix | undefined {
  const tensor = tensors.get(name);
  if (!tensor) return undefined;
  checkShapeOf(file, tensor, [rows, dim]);
  return new Matrix(tensor.data as Float32Array<ArrayBuffer>, dim);
}

function requireMatrix(file: string, tensors: Tensors, name: string, rows: number | undefined, dim: number): Matrix {
  const matrix = matrixOf(file, tensors, name, rows, dim);
  if (matrix) return matrix;
  const names = [...tensors.keys()].map((other) => quoted(other)).join(", ");
  throw badFile(file, "its header", `a tensor ${quoted(name)}`, names || "none that we know");
}

function vectorOf(file: string, tensors: Tensors, name: string, length: number): Float64Array | undefined {
  const tensor = tensors.get(name);
  if (!tensor) return undefined;
  checkShapeOf(file, tensor, [length]);
  return tensor.data as Float64Array;
}

function readSubwords(
  file: string,
  { minN, maxN, bucketCount }: NonNullable<ModelConfig["subwords"]>,
  tensors: Tensors,
  dim: number,
): Subwords {
  const ids = tensors.get("bucket_ids");
  const buckets = requireMatrix(file, tensors, "buckets", ids ? undefined : bucketCount, dim);
  if (!ids) return { minN, maxN, bucketCount, buckets };
  const numbers = vectorOf(file, tensors, "bucket_ids", buckets.rows)!;
  const pruned = new Map<number, number>();
  numbers.forEach((bucket, row) => {
    if (whole(bucket, 0) && bucket < bucketCount && !pruned.has(bucket)) pruned.set(bucket, row);
    else throw badFile(file, `"bucket_ids", number ${row}`, `a new bucket below ${bucketCount}`, `${bucket}`);
  });
  return { minN, maxN, bucketCount, buckets, pruned };
}

async function readLabels(folder: ModelFolder, file: string, tensors: Tensors): Promise<CountedKeys | undefined> {
  const tensor = tensors.get("label_counts");
  if (!tensor) return undefined;
  const source = await sourceIn(folder, LABELS_FILE);
  const keys = checkedKeys(source.name, await readJson(source));
  return { keys, counts: vectorOf(file, tensors, "label_counts", keys.length)! };
}

/** The first `limit` keys with all that is theirs. Output rows are cut too where they are the keys'. */
function firstRows(file: VectorFile, limit: number): VectorFile {
  const { keys, matrix, counts, output } = file;
  if (keys.length <= limit) return file;
  const cut = ({ data, dim }: Matrix): Matrix => new Matrix(data.slice(0, limit * dim), dim);
  return {
    ...file,
    keys: keys.slice(0, limit),
    matrix: cut(matrix),
    ...(counts && { counts: counts.slice(0, limit) }),
    ...(output && !file.labels && output.rows === keys.length && { output: cut(output) }),
  };
}

/** The files of a model directory, as pieces: what `platform.files.writeFolder` takes. */
export function modelDirectoryFiles(
  model: ModelToWrite,
  options: ModelWriteOptions = {},
): Record<string, Iterable<Uint8Array>> {
  const { keys, matrix, counts, output, subwords, labels, metadata } = model;
  const { kind = "words", fingerprint } = options;
  checkPaired(keys, matrix.rows);
  if (new Set(keys).size !== keys.length)
    throw new LociError("bad-argument", "Expected keys that differ, got one twice.");
  if (counts && counts.length !== keys.length) {
    throw new LociError("bad-argument", `Expected one count a key (${keys.length}), got ${counts.length}.`);
  }
  const tensors: Record<string, TensorToWrite> = { vectors: tensorOf(matrix) };
  if (counts) tensors["counts"] = { shape: [counts.length], data: counts };
  if (output) tensors["output"] = tensorOf(output);
  if (labels) tensors["label_counts"] = { shape: [labels.keys.length], data: labels.counts };
  if (subwords) Object.assign(tensors, bucketTensors(subwords));
  for (const [name, { shape }] of Object.entries(tensors)) {
    if (shape.length < 2 || shape[1] === matrix.dim) continue;
    throw new LociError("dim-mismatch", `The ${name} have dim ${shape[1]}; the vectors have ${matrix.dim}.`);
  }
  const config: ModelConfig = {
    format: "loci-model",
    version: MODEL_VERSION,
    kind,
    rows: matrix.rows,
    dim: matrix.dim,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(subwords && {
      subwords: { minN: subwords.minN, maxN: subwords.maxN, bucketCount: subwords.bucketCount },
    }),
    ...(metadata && { metadata }),
  };
  return {
    [CONFIG_FILE]: [new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`)],
    [VOCABULARY_FILE]: { [Symbol.iterator]: () => listPieces(keys) },
    ...(labels && { [LABELS_FILE]: { [Symbol.iterator]: () => listPieces(labels.keys) } }),
    [TENSORS_FILE]: writeSafetensors(tensors, { format: "loci-model" }),
  };
}

/** Writes a model directory: all of it or nothing. Throws `not-supported` where there are no files. */
export async function writeModelDirectory(
  path: string,
  model: ModelToWrite,
  options: ModelWriteOptions = {},
): Promise<void> {
  if (!platform.files) {
    throw new LociError("not-supported", "There are no files by path here. Keep the pieces of modelDirectoryFiles.");
  }
  await platform.files.writeFolder(path, modelDirectoryFiles(model, options));
}

function tensorOf({ data, rows, dim }: Matrix): TensorToWrite {
  return { shape: [rows, dim], data };
}

/** The buckets stored, and of a pruned model the bucket that each row belongs to. */
function bucketTensors({ buckets, pruned, bucketCount }: Subwords): Record<string, TensorToWrite> {
  if (!pruned) {
    if (buckets.rows === bucketCount) return { buckets: tensorOf(buckets) };
    throw new LociError("bad-argument", `Expected a row a bucket (${bucketCount}), got ${buckets.rows}.`);
  }
  const ids = new Int32Array(buckets.rows).fill(-1);
  for (const [bucket, row] of pruned) ids[row] = bucket;
  if (pruned.size !== buckets.rows || ids.includes(-1)) {
    throw new LociError("bad-argument", `Expected a bucket for each of ${buckets.rows} rows, got ${pruned.size}.`);
  }
  return { buckets: tensorOf(buckets), bucket_ids: { shape: [ids.length], data: ids } };
}

/** A JSON list of strings, one a line, in pieces of about 64 kB. */
function* listPieces(keys: readonly string[]): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "[";
  for (let i = 0; i < keys.length; i++) {
    text += `${i === 0 ? "" : ","}\n${JSON.stringify(keys[i])}`;
    if (text.length < 1 << 16) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(`${text}\n]\n`);
}
