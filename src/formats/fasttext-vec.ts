/**
 * fastText's `.vec`: word2vec text with a space before each line's end, five significant digits, and `</s>` among
 * the keys. It holds whole vectors only: who needs unseen words takes the `.bin`.
 */
import { drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { textPieces, writableKeys } from "./text-write.ts";
import type { TextWriteOptions } from "./text-write.ts";
import type { KeyedRows, ReadOptions, VectorFile } from "./vector-file.ts";
import { readWord2vecTextSteps } from "./word2vec-text.ts";

/** Reads a fastText `.vec`. Throws `bad-file` with the line where it is not what its header promises. */
export function readFastTextVec(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readFastTextVecSteps(source, options), options);
}

/** {@link readFastTextVec}, step by step. */
export function readFastTextVecSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  return readWord2vecTextSteps(source, options, "fasttext-vec");
}

/**
 * The pieces of a `.vec` file, which fastText takes as `-pretrainedVectors`. Floats and refusals as in
 * `writeWord2vecText`.
 */
export function writeFastTextVec(rows: KeyedRows, options: TextWriteOptions = {}): Iterable<Uint8Array> {
  const keys = writableKeys("fastText's .vec", rows, options);
  const header = `${rows.matrix.rows} ${rows.matrix.dim}\n`;
  return { [Symbol.iterator]: () => textPieces(rows, { header, separator: " ", trailing: true, keys }) };
}
