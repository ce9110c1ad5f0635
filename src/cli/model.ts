/** Opening and saving models, for all commands. */
import { isAbsolute } from "node:path";
import { LociError, fileSource, platform } from "../core/index.ts";
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
export async function openModel(path: string, session: Session, options: OpenModelOptions = {}): Promise<Embedding> {
  const { signal, onStep, note } = session;
  const { from, limit, output = false } = options;
  const format = from === undefined ? undefined : fileFormat(from);
  await requireModel(path);
  const embedding = await Embedding.open(path, {
    output,
    ...(format && { format }),
    ...(limit !== undefined && { limit }),
    signal,
    onStep,
  });
  for (const line of embedding.notes) note(line);
  return embedding;
}

/** Throws where there is nothing at the path, with what was looked for and how to come by it. */
export async function requireModel(path: string): Promise<void> {
  if (await platform.files!.stat(path)) return;
  const from = isAbsolute(path) ? "" : ` (from ${process.cwd()})`;
  throw new LociError(
    "not-found",
    `There is no model "${path}"${from}: looked for a model folder or a file of vectors. ` +
      `Learn one from your text with: loci train words CORPUS --out ${path}; or without any: loci demo --out ${path}`,
  );
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

/** Saves an embedding where and as its name says: whole, or not at all, also when interrupted. Returns the format. */
export async function saveModel(
  embedding: Embedding,
  path: string,
  session: Session,
  { to, whitespace }: SaveModelOptions = {},
): Promise<SaveFormat> {
  const format = targetFormat(path, to);
  noteLosses(embedding, format, session);
  if (format === "projector-tsv" && !isFolderTarget(path, format) && !path.endsWith("vectors.tsv")) {
    throw new UsageError(`the projector's files are named …vectors.tsv and …metadata.tsv; "${path}" is neither.`);
  }
  const { signal, onStep } = session;
  await embedding.save(path, { format, ...(whitespace !== undefined && { whitespace }), signal, onStep });
  return format;
}

/** Says what a format cannot hold of this embedding. */
function noteLosses({ subwords }: Embedding, format: SaveFormat, { note }: Session): void {
  if (format === "npy" || format === "safetensors") note(`${format} holds the numbers alone: the keys are left out.`);
  if (subwords && format !== "model-directory") {
    note(`${format} holds no subwords: the vectors of the keys are written, none for unseen words.`);
  }
}
