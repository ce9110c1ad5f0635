/**
 * Embeddings to files and back, whatever the format.
 *
 * The formats room speaks of rows and keys; here they become the parts of an `Embedding`. Two things need care.
 * A fastText model keeps the words' *own* rows, from which the vectors are composed with their n-grams, while an
 * embedding's matrix is composed: the model directory we write says which of the two it holds. And an
 * output matrix is only taken for context vectors where it has a row a key that means that key.
 */
import {
  type ByteSource,
  LociError,
  type LongOptions,
  type Step,
  Vocabulary,
  nextTask,
  phaseClock,
  platform,
} from "../core/index.ts";
import {
  type FormatName,
  type ReadVectorsOptions,
  type TextWriteOptions,
  type VectorFile,
  modelDirectoryFiles,
  openVectorsSteps,
  readModelDirectorySteps,
  readVectorsSteps,
  writeFastTextVec,
  writeGloveText,
  writeNpy,
  writeProjectorTsv,
  writeSafetensors,
  writeWord2vecBinary,
  writeWord2vecText,
} from "../formats/index.ts";
import type { EmbeddingParts } from "./embedding-parts.ts";
import { Subwords } from "./subwords.ts";

/** How to open an embedding. `format` is told from the bytes where it is not given. */
export type OpenOptions = ReadVectorsOptions;

/** A file, or the files of a model directory by name: what a browser has instead of paths. */
export type EmbeddingSource = ByteSource | Readonly<Record<string, ByteSource>>;

/** The formats an embedding can be saved in: all that are read, but fastText's own binary models. */
export type SaveFormat = Exclude<FormatName, "fasttext-bin">;

export interface SaveOptions extends TextWriteOptions, LongOptions {
  /** Default: told from the ending of the path, see `saveFormatOf`. */
  readonly format?: SaveFormat;
}

/** The parts in a file or folder, step by step. */
export async function* openPartsSteps(path: string, options: OpenOptions): AsyncGenerator<Step, EmbeddingParts, void> {
  return partsOf(yield* openVectorsSteps(path, options));
}

/** The parts in bytes, step by step. */
export async function* readPartsSteps(
  source: EmbeddingSource,
  options: OpenOptions,
): AsyncGenerator<Step, EmbeddingParts, void> {
  const one = isSource(source);
  return partsOf(yield* one ? readVectorsSteps(source, options) : readModelDirectorySteps(source, options));
}

function isSource(source: EmbeddingSource): source is ByteSource {
  return typeof source.read === "function";
}

/** The key of a saved model's metadata that says whether rows are composed, and the one of its provenance. */
const ROWS = "rows";
const PROVENANCE = "provenance";

function partsOf(file: VectorFile): EmbeddingParts {
  const { keys, counts, matrix, output, labels, metadata = {}, format, notes } = file;
  const ours = format === "model-directory" && isRecord(metadata[PROVENANCE]);
  // The output rows of hierarchical softmax are nodes of its tree, those of a classifier are labels.
  const context = output && !labels && output.rows === keys.length && metadata["loss"] !== "hierarchical-softmax";
  return {
    vocabulary: new Vocabulary(keys, counts),
    matrix,
    ...(context && { output }),
    ...subwordsOf(file),
    notes,
    provenance: ours ? (metadata[PROVENANCE] as Record<string, unknown>) : { format, ...metadata },
  };
}

function subwordsOf({ subwords, metadata }: VectorFile): Pick<EmbeddingParts, "subwords" | "rows"> {
  // Without n-grams there is nothing to compose with: an unknown word is then plainly unknown.
  if (!subwords || subwords.bucketCount === 0 || subwords.maxN === 0) return {};
  return { subwords: new Subwords(subwords), rows: metadata?.[ROWS] === "composed" ? "composed" : "own" };
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is saved: the composed parts of an embedding, and its fingerprint. */
export interface Saved extends Required<Pick<EmbeddingParts, "vocabulary" | "matrix" | "provenance">> {
  readonly output: EmbeddingParts["output"];
  readonly subwords: EmbeddingParts["subwords"];
  readonly fingerprint: string;
}

/**
 * The format that a path's ending asks for: `.vec` fastText's text, `.txt` word2vec's text, `.bin` word2vec's binary,
 * `.npy` and `.safetensors` the numbers alone, `vectors.tsv` the projector's pair of files, `.loci` or no ending a
 * model directory. Throws `bad-argument` for any other.
 */
export function saveFormatOf(path: string): SaveFormat {
  const name = path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
  if (name.endsWith("vectors.tsv")) return "projector-tsv";
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  const format = ending === undefined ? "model-directory" : ENDINGS.get(ending);
  if (format) return format;
  throw new LociError(
    "bad-argument",
    `No format is known by the ending of "${name}". Expected ${[...ENDINGS.keys()].map((one) => `.${one}`).join(", ")}, vectors.tsv or no ending; or name the format.`,
  );
}

const ENDINGS: ReadonlyMap<string, SaveFormat> = new Map([
  ["loci", "model-directory"],
  ["vec", "fasttext-vec"],
  ["txt", "word2vec-text"],
  ["bin", "word2vec-binary"],
  ["npy", "npy"],
  ["safetensors", "safetensors"],
]);

/** The format of one file, as its pieces. */
type OneFile = Exclude<SaveFormat, "model-directory" | "projector-tsv">;
type Pieces = Iterable<Uint8Array>;

const WRITERS: Record<OneFile, (saved: Saved, options: TextWriteOptions) => Pieces> = {
  "word2vec-text": (saved, options) => writeWord2vecText(rowsOf(saved), options),
  "word2vec-binary": (saved) => writeWord2vecBinary(rowsOf(saved)),
  "glove-text": (saved, options) => writeGloveText(rowsOf(saved), options),
  "fasttext-vec": (saved, options) => writeFastTextVec(rowsOf(saved), options),
  npy: ({ matrix }) => writeNpy(matrix),
  safetensors: ({ matrix }) => writeSafetensors({ vectors: { shape: [matrix.rows, matrix.dim], data: matrix.data } }),
};

function rowsOf({ vocabulary, matrix }: Saved) {
  return { keys: vocabulary.keys, matrix };
}

function modelFiles(saved: Saved): Record<string, Pieces> {
  const { vocabulary, matrix, output, subwords, provenance, fingerprint } = saved;
  const { keys, counts } = vocabulary;
  return modelDirectoryFiles(
    {
      keys,
      matrix,
      ...(counts.some((count) => count > 0) && { counts }),
      ...(output && { output }),
      ...(subwords && { subwords: plainSubwords(subwords) }),
      metadata: { [PROVENANCE]: provenance, ...(subwords && { [ROWS]: "composed" }) },
    },
    { fingerprint },
  );
}

function plainSubwords({ minN, maxN, bucketCount, buckets, pruned }: Subwords) {
  return { minN, maxN, bucketCount, buckets, ...(pruned && { pruned }) };
}

function projectorFiles({ vocabulary, matrix }: Saved): Record<"vectors.tsv" | "metadata.tsv", Pieces> {
  const { keys, counts } = vocabulary;
  return writeProjectorTsv({ keys, matrix, ...(counts.some((count) => count > 0) && { counts }) });
}

/** Writes to a path: all of it or nothing. Throws `not-supported` where there are no files. */
export async function saveParts(saved: Saved, path: string, options: SaveOptions): Promise<void> {
  const { files } = platform;
  if (!files)
    throw new LociError("not-supported", "There are no files by path here. Use `files()` and keep its pieces.");
  const { format = saveFormatOf(path) } = options;
  const told = toldPieces(options);
  if (format === "model-directory") return files.writeFolder(path, eachTold(modelFiles(saved), told));
  if (format === "projector-tsv") return saveProjector(saved, path, told);
  return files.write(path, told(writerOf(format)(saved, options)));
}

type Told = (pieces: Pieces) => AsyncIterable<Uint8Array>;

const TURN_BYTES = 1 << 24;

/** Passes pieces on, tells how many bytes have gone, and stops on abort, upon which the writer leaves nothing. */
function toldPieces({ signal, onStep }: LongOptions): Told {
  // Text is about as long as three times its numbers, and a folder has more than those: a total would promise too much.
  const clock = phaseClock("write", 0);
  let written = 0;
  let turned = 0;
  return async function* (pieces) {
    for (const piece of pieces) {
      signal?.throwIfAborted();
      yield piece;
      written += piece.length;
      onStep?.(clock(written));
      if (written - turned < TURN_BYTES) continue;
      turned = written;
      await nextTask(); // so that a signal is heard
    }
  };
}

function eachTold(files: Record<string, Pieces>, told: Told): Record<string, AsyncIterable<Uint8Array>> {
  return Object.fromEntries(Object.entries(files).map(([name, pieces]) => [name, told(pieces)]));
}

/** Both files of the projector: `x-vectors.tsv` beside `x-metadata.tsv`, or in a folder of their own. */
async function saveProjector(saved: Saved, path: string, told: Told): Promise<void> {
  const files = platform.files!;
  const pieces = projectorFiles(saved);
  if (!path.endsWith(".tsv")) return files.writeFolder(path, eachTold(pieces, told));
  if (!path.endsWith("vectors.tsv")) {
    throw new LociError("bad-argument", `Expected a path that ends in "vectors.tsv", or a folder's, got "${path}".`);
  }
  // The names first: whoever finds the numbers finds their names.
  await files.write(path.replace(/vectors\.tsv$/, "metadata.tsv"), told(pieces["metadata.tsv"]));
  await files.write(path, told(pieces["vectors.tsv"]));
}

/** The files of a format by name, as pieces of bytes, for places without paths. */
export function filesOf(saved: Saved, format: SaveFormat, options: TextWriteOptions): Record<string, Pieces> {
  if (format === "model-directory") return modelFiles(saved);
  if (format === "projector-tsv") return projectorFiles(saved);
  const ending = [...ENDINGS].find(([, name]) => name === format)?.[0] ?? "txt";
  return { [`vectors.${ending}`]: writerOf(format)(saved, options) };
}

function writerOf(format: OneFile) {
  const writer = Object.hasOwn(WRITERS, format) ? WRITERS[format] : undefined;
  if (writer) return writer;
  const known = ["model-directory", "projector-tsv", ...Object.keys(WRITERS)].join(", ");
  throw new LociError("bad-argument", `Expected \`format\` to be one of ${known}, got "${format}".`);
}
