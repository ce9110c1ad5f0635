/**
 * fastText's own models: `.bin`, and the quantised `.ftz`.
 *
 * Settings, then the dictionary (words, then a classifier's labels), then the input matrix (a row a word, then a row
 * a hash bucket of character n-grams), then the output matrix. A `.ftz` holds the same with codes for numbers
 * (./product-quantizer.ts) and, if it was pruned, only some of the buckets.
 * docs/formats/fasttext-bin.md has the whole account.
 */
import { KeySet, Matrix, drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, quoted, shown } from "./bad-file.ts";
import { ByteCursor, int64 } from "./byte-cursor.ts";
import { FiniteWatch, checkFinite } from "./finite.ts";
import { checkShape, readQuantizedMatrix } from "./product-quantizer.ts";
import { Progress } from "./progress.ts";
import { MAX_KEY_BYTES, checkedLimit, decodeKey, isUtf8 } from "./row-collector.ts";
import type { ReadOptions, Subwords, VectorFile } from "./vector-file.ts";

/** The first four bytes, as a little-endian whole number. */
export const FASTTEXT_MAGIC = 793_712_314;

const LOSSES = ["", "hierarchical-softmax", "negative-sampling", "softmax", "one-vs-all"];
const MODELS = ["", "cbow", "skipgram", "supervised"];

/** The settings that a model carries, under our names. */
interface Settings {
  readonly version: number;
  readonly dim: number;
  readonly window: number;
  readonly epochs: number;
  readonly minCount: number;
  readonly negatives: number;
  readonly wordNgrams: number;
  readonly loss: string;
  readonly architecture: string;
  readonly bucketCount: number;
  readonly minN: number;
  readonly maxN: number;
  readonly subsample: number;
}

interface Dictionary {
  readonly words: Names;
  readonly labels: Names;
  readonly tokens: number;
  /** Bucket → stored row, in the order of the file; undefined if the model was not pruned. */
  readonly pruned: Map<number, number> | undefined;
}

interface Names {
  /** Distinct keys, and of each its row in the file. */
  readonly keys: string[];
  readonly counts: Float64Array;
  readonly rows: number[];
  /** How many there were in the file. */
  readonly all: number;
  readonly notes: string[];
}

/**
 * Reads a `.bin` or `.ftz`. Rows of `matrix` are the words' own rows: see `subwords` in {@link VectorFile}. Throws
 * `bad-file` with the byte.
 */
export function readFastTextBin(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readFastTextBinSteps(source, options), options);
}

/** {@link readFastTextBin}, step by step. */
export async function* readFastTextBinSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const limit = checkedLimit(options.limit);
  const cursor = new ByteCursor(source);
  const progress = new Progress("read", source.bytes ?? 0);
  try {
    const settings = await readSettings(cursor);
    const dictionary = await readDictionary(cursor, settings, limit);
    const { words, labels, pruned } = dictionary;
    const quantized = await readFlag(cursor, "whether the input matrix is quantised");
    if (pruned && !quantized) {
      throw badFile(
        source.name,
        `byte ${cursor.position - 1}`,
        "a quantised input matrix, since it was pruned",
        "a plain one",
      );
    }
    const bucketRows = pruned ? pruned.size : settings.bucketCount;
    const watch = quantized ? undefined : new FiniteWatch();
    const { matrix, buckets } = yield* readInput(cursor, settings.dim, words, bucketRows, watch, progress);
    const output = yield* readOutput(cursor, settings, dictionary, quantized, options.output ?? true, progress);
    if (!options.allowNonFinite) {
      checkFinite(source.name, "word vectors", matrix, words.keys, watch);
      checkFinite(source.name, "n-gram vectors", buckets, undefined, watch);
      if (output) checkFinite(source.name, "output vectors", output);
    }
    return {
      format: "fasttext-bin",
      keys: words.keys,
      counts: words.counts,
      matrix,
      subwords: subwordsOf(settings, buckets, pruned),
      ...(output && { output }),
      ...(labels.keys.length > 0 && { labels: { keys: labels.keys, counts: labels.counts } }),
      metadata: { ...settings, tokens: dictionary.tokens, quantized },
      notes: words.notes,
    };
  } finally {
    await cursor.close();
  }
}

async function readSettings(cursor: ByteCursor): Promise<Settings> {
  const view = await cursor.take(4 + 4 + 12 * 4 + 8, "the settings of a fastText model");
  const [magic, version, ...fields] = Array.from({ length: 14 }, (_, i) => view.getInt32(i * 4, true));
  if (magic !== FASTTEXT_MAGIC) {
    const remedy = "Models of fastText before 2017 have none; load and save them with a newer fastText.";
    throw badFile(cursor.name, "byte 0", "fastText's magic (ba 16 4f 2f)", shown(bytesOf(view, 0, 4)), remedy);
  }
  if (version !== 11 && version !== 12) throw badFile(cursor.name, "byte 4", "version 11 or 12", `${version}`);
  const [dim, window, epochs, minCount, negatives, wordNgrams, loss, model, bucketCount, minN, maxN] = fields;
  const checks: [string, number, number, number][] = [
    ["dim", dim!, 1, 1 << 20],
    ["loss", loss!, 1, LOSSES.length - 1],
    ["model", model!, 1, MODELS.length - 1],
    ["bucket", bucketCount!, 0, 0x7fffffff],
    ["minn", minN!, 0, 1 << 16],
    ["maxn", maxN!, 0, 1 << 16],
  ];
  for (const [what, value, least, most] of checks) {
    if (value >= least && value <= most) continue;
    throw badFile(cursor.name, "byte 8", `a ${what} from ${least} to ${most} among the settings`, `${value}`);
  }
  const architecture = MODELS[model!]!;
  return {
    version: version,
    dim: dim!,
    window: window!,
    epochs: epochs!,
    minCount: minCount!,
    negatives: negatives!,
    wordNgrams: wordNgrams!,
    loss: LOSSES[loss!]!,
    architecture,
    bucketCount: bucketCount!,
    minN: minN!,
    // Classifiers of version 11 were written with a maxn that they did not use.
    maxN: version === 11 && architecture === "supervised" ? 0 : maxN!,
    subsample: view.getFloat64(56, true),
  };
}

function bytesOf(view: DataView, at: number, count: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, count);
}

async function readFlag(cursor: ByteCursor, what: string): Promise<boolean> {
  const at = cursor.position;
  const value = (await cursor.take(1, what)).getUint8(0);
  if (value > 1) throw badFile(cursor.name, `byte ${at}`, `0 or 1, ${what}`, `${value}`);
  return value === 1;
}

/** A word takes at least its end, its count and its type. */
const LEAST_ENTRY = 1 + 8 + 1;

async function readDictionary(cursor: ByteCursor, { bucketCount }: Settings, limit: number): Promise<Dictionary> {
  const at = cursor.position;
  const head = await cursor.take(3 * 4 + 2 * 8, "the sizes of the dictionary");
  const [size, wordCount, labelCount] = [0, 4, 8].map((offset) => head.getInt32(offset, true)) as [
    number,
    number,
    number,
  ];
  const tokens = int64(head, 12);
  const prunedSize = int64(head, 20);
  if (
    wordCount < 0 ||
    labelCount < 0 ||
    size !== wordCount + labelCount ||
    prunedSize < -1 ||
    prunedSize > bucketCount
  ) {
    throw badFile(
      cursor.name,
      `byte ${at}`,
      "a dictionary whose words and labels add up, with no more pruned buckets than buckets",
      `${size} entries, ${wordCount} words, ${labelCount} labels, ${prunedSize} of ${bucketCount} buckets`,
    );
  }
  cursor.checkLeft(size * LEAST_ENTRY + Math.max(0, prunedSize) * 8, `a dictionary of ${size} entries`);
  const words = await readNames(cursor, wordCount, 0, limit);
  const labels = await readNames(cursor, labelCount, 1, Infinity);
  return {
    words,
    labels,
    tokens,
    pruned: prunedSize < 0 ? undefined : await readPruned(cursor, prunedSize, bucketCount),
  };
}

/** Reads `count` entries of one type: 0 for words, 1 for labels. */
async function readNames(cursor: ByteCursor, count: number, type: number, limit: number): Promise<Names> {
  const set = new KeySet();
  const counts: number[] = [];
  const rows: number[] = [];
  const notes: string[] = [];
  for (let row = 0; row < count;) {
    const window = await wholeEntry(cursor, row);
    let from = 0;
    while (row < count) {
      const end = window.indexOf(0, from);
      if (end < 0 || end + 10 > window.length) break;
      const view = new DataView(window.buffer, window.byteOffset + end + 1, 9);
      if (view.getUint8(8) !== type) {
        const expected = type === 0 ? "a word (type 0)" : "a label (type 1)";
        throw badFile(cursor.name, `byte ${cursor.position + end + 9}`, expected, `type ${view.getUint8(8)}`);
      }
      if (row < limit) {
        const bytes = window.subarray(from, end);
        const key = decodeKey(bytes);
        if (key.includes("�") && !isUtf8(bytes))
          notes.push(`Word ${row}, ${quoted(key)}, was not UTF-8; its bad bytes became U+FFFD.`);
        if (set.add(key)) {
          counts.push(int64(view, 0));
          rows.push(row);
        } else notes.push(`Word ${row} was dropped, since its key ${quoted(key)} had come before.`);
      }
      from = end + 10;
      row++;
    }
    cursor.advance(from);
  }
  return { keys: set.keys, counts: Float64Array.from(counts), rows, all: count, notes: summed(notes) };
}

/** Thousands of like notes help nobody: the first few, and how many more. */
function summed(notes: string[]): string[] {
  return notes.length <= 3 ? notes : [...notes.slice(0, 3), `So it went with ${notes.length - 3} more words.`];
}

/** The window, with at least one whole entry in it. */
async function wholeEntry(cursor: ByteCursor, row: number): Promise<Uint8Array> {
  for (let want = 256; ; want *= 2) {
    const window = await cursor.ahead(want);
    const end = window.indexOf(0);
    if (end >= 0 && end + 10 <= window.length && end <= MAX_KEY_BYTES) return window;
    const place = `byte ${cursor.position}`;
    if (end > MAX_KEY_BYTES || (end < 0 && window.length > MAX_KEY_BYTES)) {
      throw badFile(cursor.name, place, `entry ${row} of at most ${MAX_KEY_BYTES} bytes`, "a longer one");
    }
    if (window.length < want) {
      throw badFile(
        cursor.name,
        place,
        `entry ${row} of the dictionary`,
        "the end of the file",
        "The file is cut short.",
      );
    }
  }
}

async function readPruned(cursor: ByteCursor, count: number, bucketCount: number): Promise<Map<number, number>> {
  const pruned = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const at = cursor.position;
    const pair = await cursor.take(8, "the pruned buckets");
    const [bucket, row] = [pair.getInt32(0, true), pair.getInt32(4, true)];
    if (bucket < 0 || bucket >= bucketCount || row < 0 || row >= count || pruned.has(bucket)) {
      throw badFile(
        cursor.name,
        `byte ${at}`,
        `a new bucket below ${bucketCount} and its row below ${count}`,
        `bucket ${bucket}, row ${row}`,
      );
    }
    pruned.set(bucket, row);
  }
  return pruned;
}

async function* readInput(
  cursor: ByteCursor,
  dim: number,
  words: Names,
  bucketRows: number,
  watch: FiniteWatch | undefined, // of plain numbers; quantised ones have codes in their place
  progress: Progress,
): AsyncGenerator<Step, { matrix: Matrix; buckets: Matrix }, void> {
  const what = "the input matrix";
  const rows = words.all + bucketRows;
  if (!watch) {
    const whole = yield* readQuantizedMatrix(cursor, what, { rows, dim }, progress);
    const buckets = new Matrix(whole.data.subarray(words.all * dim), dim);
    return { matrix: keepRows(new Matrix(whole.data.subarray(0, words.all * dim), dim), words), buckets };
  }
  const at = cursor.position;
  const head = await cursor.take(16, `the sizes of ${what}`);
  checkShape(cursor.name, at, what, { rows: int64(head, 0), dim: int64(head, 8) }, { rows, dim });
  cursor.checkLeft(rows * dim * 4, what);
  const matrix = yield* readRows(cursor, words, dim, what, progress, watch);
  const bytes = yield* cursor.large(bucketRows * dim * 4, what, progress, watch.look);
  return { matrix, buckets: new Matrix(new Float32Array(bytes.buffer), dim) };
}

/** Reads a row a word of a plain matrix, of which only the first may be wanted, and passes over the rest. */
async function* readRows(
  cursor: ByteCursor,
  words: Names,
  dim: number,
  what: string,
  progress: Progress,
  watch?: FiniteWatch,
): AsyncGenerator<Step, Matrix, void> {
  const wanted = (words.rows.at(-1) ?? -1) + 1;
  const bytes = yield* cursor.large(wanted * dim * 4, what, progress, watch?.look);
  await cursor.skip((words.all - wanted) * dim * 4, what);
  return keepRows(new Matrix(new Float32Array(bytes.buffer), dim), words);
}

/** The rows of the words kept, in place: the matrix itself where that is all of them. */
function keepRows(matrix: Matrix, { rows }: Names): Matrix {
  if (rows.length === matrix.rows) return matrix;
  const { data, dim } = matrix;
  rows.forEach((row, to) => {
    if (row !== to) data.copyWithin(to * dim, row * dim, (row + 1) * dim);
  });
  return new Matrix(data.slice(0, rows.length * dim), dim);
}

/** The output matrix: a row a label of a classifier, else a row a word. Undefined where it is not wanted or not theirs. */
async function* readOutput(
  cursor: ByteCursor,
  { dim, architecture, loss }: Settings,
  { words, labels }: Dictionary,
  inputQuantized: boolean,
  wanted: boolean,
  progress: Progress,
): AsyncGenerator<Step, Matrix | undefined, void> {
  const what = "the output matrix";
  const names = architecture === "supervised" ? labels : words;
  const rows = names.all;
  // The tree of hierarchical softmax has as many nodes as there are words, but they are not the words'.
  if (loss === "hierarchical-softmax") wanted = false;
  const flag = await readFlag(cursor, "whether the output matrix is quantised");
  if (inputQuantized && flag) {
    if (!wanted) return undefined;
    const whole = yield* readQuantizedMatrix(cursor, what, { rows, dim }, progress);
    await cursor.expectEnd();
    return keepRows(whole, names);
  }
  const at = cursor.position;
  const head = await cursor.take(16, `the sizes of ${what}`);
  checkShape(cursor.name, at, what, { rows: int64(head, 0), dim: int64(head, 8) }, { rows, dim });
  cursor.checkLeft(rows * dim * 4, what);
  if (!wanted) return undefined;
  const output = yield* readRows(cursor, names, dim, what, progress);
  await cursor.expectEnd();
  return output;
}

function subwordsOf(
  { minN, maxN, bucketCount }: Settings,
  buckets: Matrix,
  pruned: Map<number, number> | undefined,
): Subwords {
  return { minN, maxN, bucketCount, buckets, ...(pruned && { pruned }) };
}
