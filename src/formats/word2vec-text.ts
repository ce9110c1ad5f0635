/**
 * word2vec's text format: a header "rows dim", then a line a key: "key number number …".
 *
 * Written by word2vec's C program (`-binary 0`), gensim (`save_word2vec_format`) and fastText (`.vec`).
 * docs/formats/word2vec-text.md has the whole account.
 */
import { drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, shown } from "./bad-file.ts";
import { readHead } from "./text-lines.ts";
import { readTextRows } from "./text-rows.ts";
import { textShape } from "./text-shape.ts";
import { textPieces, writableKeys } from "./text-write.ts";
import type { TextWriteOptions } from "./text-write.ts";
import type { KeyedRows, ReadOptions, VectorFile } from "./vector-file.ts";

/** Enough for a header; the rows are not looked at before they are read. */
const HEAD = 4096;

/** Reads word2vec text in one pass. Throws `bad-file` with the line where it is not what its header promises. */
export function readWord2vecText(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readWord2vecTextSteps(source, options), options);
}

/** {@link readWord2vecText}, step by step. */
export async function* readWord2vecTextSteps(
  source: ByteSource,
  options: ReadOptions = {},
  format: "word2vec-text" | "fasttext-vec" = "word2vec-text",
): AsyncGenerator<Step, VectorFile, void> {
  const head = await readHead(source, HEAD);
  const { header } = textShape(head, head.length < HEAD);
  if (!header) {
    const line = head.indexOf(10) < 0 ? head : head.subarray(0, head.indexOf(10));
    throw badFile(
      source.name,
      "line 1",
      'a header of two whole numbers, "rows dim"',
      shown(line),
      "GloVe files have none: read those as glove-text.",
    );
  }
  const rows = yield* readTextRows(source, { dim: header.dim, promised: header.rows }, options);
  return { format, ...rows };
}

/**
 * The pieces of a word2vec text file, laid out as gensim does. Every float is the shortest decimal that reads back
 * to the same float32. Throws `bad-argument` for keys with white space (see `whitespace`) and empty ones.
 */
export function writeWord2vecText(rows: KeyedRows, options: TextWriteOptions = {}): Iterable<Uint8Array> {
  const keys = writableKeys("word2vec text", rows, options);
  const header = `${rows.matrix.rows} ${rows.matrix.dim}\n`;
  return { [Symbol.iterator]: () => textPieces(rows, { header, separator: " ", trailing: false, keys }) };
}
