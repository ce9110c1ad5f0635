/** What to write where: formats by the names of files, and what may not be replaced. */
import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LociError, platform } from "../core/index.ts";
import { type SaveFormat, saveFormatOf } from "../table/index.ts";
import { UsageError, didYouMean, isClose } from "./failures.ts";

/** The formats that can be written, the one that keeps everything first. */
export const TARGET_FORMATS: readonly SaveFormat[] = [
  "model-directory",
  "word2vec-binary",
  "word2vec-text",
  "fasttext-vec",
  "glove-text",
  "safetensors",
  "npy",
  "projector-tsv",
];

/** The format to write `path` in: the one asked for, or what its name says. Throws a usage error where that is none. */
export function targetFormat(path: string, asked: string | undefined): SaveFormat {
  if (asked === undefined) return saveFormatOf(path);
  const format = TARGET_FORMATS.find((name) => name === asked);
  if (format) return format;
  if (asked === "fasttext-bin")
    throw new UsageError("fastText's .bin can be read but not written. Write fasttext-vec.");
  const close = TARGET_FORMATS.filter((name) => isClose(asked, name));
  throw new UsageError(`there is no format "${asked}".${didYouMean(close)} Known: ${TARGET_FORMATS.join(", ")}.`);
}

/** Whether a target is a folder of several files. */
export function isFolderTarget(path: string, format: SaveFormat): boolean {
  return format === "model-directory" || (format === "projector-tsv" && !path.endsWith(".tsv"));
}

/** The files that a folder may hold for us to replace it. */
const OURS = new Set([
  "loci.json",
  "vocabulary.json",
  "labels.json",
  "model.safetensors",
  "vectors.tsv",
  "metadata.tsv",
]);

/**
 * Throws where writing would fail or would take something away that is no model: said before hours of training, not
 * after. An older model in the same place is replaced.
 */
export async function checkTarget(path: string, asked: string | undefined): Promise<void> {
  const format = targetFormat(path, asked);
  checkWritable(path);
  const found = await platform.files!.stat(path);
  if (!isFolderTarget(path, format)) {
    if (found?.folder) throw new LociError("bad-file", `"${path}" is a folder; expected the name of a file to write.`);
    return;
  }
  if (resolve(path) === process.cwd()) throw new UsageError(`"${path}" is the folder you are in. Name a new one.`);
  if (!found) return;
  if (!found.folder) {
    throw new LociError("bad-file", `"${path}" is a file; a model is a folder. Choose another name, or name a format.`);
  }
  const others = (await platform.files!.list(path)).filter((name) => !OURS.has(name));
  if (others.length > 0) {
    throw new LociError(
      "bad-file",
      `The folder "${path}" holds other things (${others.slice(0, 3).join(", ")}), which writing a model there would take away. Name a new one.`,
    );
  }
}

/** Makes and removes a folder in the nearest one that is there: permissions alone do not tell of read-only disks. */
function checkWritable(path: string): void {
  let parent = dirname(resolve(path));
  while (!existsSync(parent) && dirname(parent) !== parent) parent = dirname(parent);
  try {
    rmdirSync(mkdtempSync(join(parent, ".loci-")));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LociError("cannot-write", `"${path}" cannot be written (${code}). Name a place where you may write.`, {
      cause,
    });
  }
}
