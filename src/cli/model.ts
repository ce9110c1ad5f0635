/** Opening and saving models, for all commands. */
import { fileSource, phaseClock, platform } from "../core/index.ts";
import { type FormatName, detectFormat } from "../formats/index.ts";
import { Embedding, type OpenOptions, type SaveFormat } from "../table/index.ts";
import { UsageError } from "./failures.ts";
import type { Session } from "./session.ts";
import { isFolderTarget, targetFormat } from "./targets.ts";

type FileFormat = NonNullable<OpenOptions["format"]>;

/** The formats that a file can be read in, where it is not left to its bytes. */
const FILE_FORMATS: readonly FileFormat[] = [
  "word2vec-text",
  "word2vec-binary",
  "glove-text",
  "fasttext-vec",
  "fasttext-bin",
  "safetensors",
  "npy",
  "projector-tsv",
];

export interface OpenModelOptions {
  /** The format, where it is known. Default: seen from the bytes. */
  readonly from?: string | undefined;
  /** Only the first so many keys. */
  readonly limit?: number | undefined;
  /** Output vectors too. Default false: most commands do not ask them. */
  readonly output?: boolean;
}

/** Opens a model folder or a file of vectors, with progress. */
export function openModel(path: string, session: Session, options: OpenModelOptions = {}): Promise<Embedding> {
  const { signal, onStep } = session;
  const { from, limit, output = false } = options;
  const format = from === undefined ? undefined : fileFormat(from);
  return Embedding.open(path, {
    output,
    ...(format && { format }),
    ...(limit !== undefined && { limit }),
    signal,
    onStep,
  });
}

function fileFormat(name: string): FileFormat {
  const format = FILE_FORMATS.find((known) => known === name);
  if (format) return format;
  throw new UsageError(`there is no format "${name}" of files to read. Known: ${FILE_FORMATS.join(", ")}.`);
}

/** The format that something was read in: the one that was named, or what its bytes say. */
export async function formatOf(path: string, named: string | undefined): Promise<FormatName> {
  if (named !== undefined) return fileFormat(named);
  const found = await platform.files!.stat(path);
  if (!found?.folder) return detectFormat(await fileSource(path));
  return (await platform.files!.list(path)).includes("loci.json") ? "model-directory" : "projector-tsv";
}

export interface SaveModelOptions {
  /** The format, where the name does not say it. */
  readonly to?: string | undefined;
  /** Written for white space in keys, in text formats. Default: such keys are refused. */
  readonly whitespace?: string | undefined;
}

/**
 * Saves an embedding where and as its name says: whole, or not at all, also when interrupted. Returns the format.
 *
 * This is `embedding.save` with a progress bar and an ear for Ctrl-C.
 */
export async function saveModel(
  embedding: Embedding,
  path: string,
  session: Session,
  { to, whitespace }: SaveModelOptions = {},
): Promise<SaveFormat> {
  const format = targetFormat(path, to);
  noteLosses(embedding, format, session);
  const files = platform.files!;
  const counted = countingPieces(embedding, session);
  const pieces = embedding.files({ format, ...(whitespace !== undefined && { whitespace }) });
  if (isFolderTarget(path, format)) {
    const parts = Object.entries(pieces).map(([name, part]) => [name, counted(part)] as const);
    await files.writeFolder(path, Object.fromEntries(parts));
  } else if (format === "projector-tsv") {
    if (!path.endsWith("vectors.tsv")) {
      throw new UsageError(`the projector's files are named …vectors.tsv and …metadata.tsv; "${path}" is neither.`);
    }
    // The names first: whoever finds the numbers finds their names.
    await files.write(path.replace(/vectors\.tsv$/, "metadata.tsv"), counted(pieces["metadata.tsv"]!));
    await files.write(path, counted(pieces["vectors.tsv"]!));
  } else await files.write(path, counted(Object.values(pieces)[0]!));
  return format;
}

/** Says what a format cannot hold of this embedding. */
function noteLosses({ subwords }: Embedding, format: SaveFormat, { note }: Session): void {
  if (format === "npy" || format === "safetensors") note(`${format} holds the numbers alone: the keys are left out.`);
  if (subwords && format !== "model-directory") {
    note(`${format} holds no subwords: the vectors of the keys are written, none for unseen words.`);
  }
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Passes pieces on, counts them for the progress bar, and stops on abort, upon which the writer leaves nothing. */
function countingPieces(
  { matrix }: Embedding,
  { signal, onStep }: Session,
): (pieces: Pieces) => AsyncIterable<Uint8Array> {
  // Text is about as long as three times its numbers, and a folder has more than those: a bar would promise too much.
  const clock = phaseClock("write", 0);
  let written = 0;
  let sinceTurn = 0;
  const turnEvery = Math.min(16 << 20, matrix.data.byteLength);
  return async function* (pieces) {
    for await (const piece of pieces) {
      signal.throwIfAborted();
      yield piece;
      written += piece.length;
      sinceTurn += piece.length;
      onStep(clock(written));
      if (sinceTurn < turnEvery) continue;
      sinceTurn = 0;
      await new Promise<void>((resolve) => void setImmediate(resolve)); // so that a signal is heard
    }
  };
}
