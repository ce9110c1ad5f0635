/**
 * One door for all formats: bytes (or a path) in, a `VectorFile` out.
 */
import { LociError, drain, fileSource, platform } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { detectFormat } from "./detect.ts";
import type { FileFormat } from "./detect.ts";
import { readFastTextBinSteps } from "./fasttext-bin.ts";
import { readFastTextVecSteps } from "./fasttext-vec.ts";
import { readGloveTextSteps } from "./glove-text.ts";
import { CONFIG_FILE, readModelDirectorySteps } from "./model-directory.ts";
import { readNpyVectorsSteps } from "./npy.ts";
import { readProjectorTsvSteps } from "./projector-tsv.ts";
import { readSafetensorsVectorsSteps } from "./safetensors.ts";
import type { ReadOptions, VectorFile } from "./vector-file.ts";
import { readWord2vecBinarySteps } from "./word2vec-binary.ts";
import { readWord2vecTextSteps } from "./word2vec-text.ts";

type Reader = (source: ByteSource, options: ReadOptions) => AsyncGenerator<Step, VectorFile, void>;

const READERS: Record<FileFormat, Reader> = {
  "word2vec-text": readWord2vecTextSteps,
  "word2vec-binary": readWord2vecBinarySteps,
  "glove-text": readGloveTextSteps,
  "fasttext-vec": readFastTextVecSteps,
  "fasttext-bin": readFastTextBinSteps,
  safetensors: readSafetensorsVectorsSteps,
  npy: readNpyVectorsSteps,
  "projector-tsv": readProjectorTsvSteps,
};

export interface ReadVectorsOptions extends ReadOptions {
  /** The format, where it is known. Default: told from the bytes. */
  readonly format?: FileFormat;
}

/** Reads a file of vectors of any format. Throws `bad-file` with the place where it is not what it should be. */
export function readVectors(source: ByteSource, options: ReadVectorsOptions = {}): Promise<VectorFile> {
  return drain(readVectorsSteps(source, options), options);
}

/** {@link readVectors}, step by step. */
export async function* readVectorsSteps(
  source: ByteSource,
  options: ReadVectorsOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const format = options.format ?? (await detectFormat(source));
  const reader = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
  if (!reader) {
    const known = Object.keys(READERS).join(", ");
    throw new LociError("bad-argument", `Expected \`format\` to be one of ${known}, got "${format}".`);
  }
  return yield* reader(source, options);
}

/**
 * Opens vectors by path: a file of any format, a Loci model directory, or a folder of the projector's two files. Beside
 * a projector's `x-vectors.tsv` or `vectors.tsv`, the file of names is found by itself.
 */
export function openVectors(path: string, options: ReadVectorsOptions = {}): Promise<VectorFile> {
  return drain(openVectorsSteps(path, options), options);
}

/** {@link openVectors}, step by step. */
export async function* openVectorsSteps(
  path: string,
  options: ReadVectorsOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const found = await platform.files?.stat(path);
  if (!found?.folder) {
    const source = await fileSource(path);
    return yield* readVectorsSteps(source, { ...(await withNames(path)), ...options });
  }
  const names = await platform.files!.list(path);
  if (names.includes(CONFIG_FILE)) return yield* readModelDirectorySteps(path, options);
  if (names.includes("vectors.tsv")) return yield* openVectorsSteps(`${path.replace(/\/+$/, "")}/vectors.tsv`, options);
  throw new LociError(
    "not-found",
    `The folder "${path}" holds neither a Loci model (${CONFIG_FILE}) nor a projector's vectors.tsv. Name a file in it.`,
  );
}

/** The projector's file of names, if there is one beside its file of numbers. */
async function withNames(path: string): Promise<Pick<ReadOptions, "metadata">> {
  if (!path.endsWith("vectors.tsv")) return {};
  const names = path.replace(/vectors\.tsv$/, "metadata.tsv");
  return (await platform.files?.stat(names)) ? { metadata: await fileSource(names) } : {};
}
