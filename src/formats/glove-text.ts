/**
 * GloVe's text format: a line a key, "key number number …", and no header.
 *
 * The width comes from the first lines (./text-shape.ts), the number of rows from counting newlines before reading
 * (a pass at the disk's speed), so that the matrix is allocated once. A header, which newer GloVe can write, is
 * recognised.
 */
import { drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, shown } from "./bad-file.ts";
import { countLines, readHead } from "./text-lines.ts";
import { readTextRows } from "./text-rows.ts";
import type { TextLayout } from "./text-rows.ts";
import { commonTail, headerKind, textShape } from "./text-shape.ts";
import { textPieces, writableKeys } from "./text-write.ts";
import type { TextWriteOptions } from "./text-write.ts";
import type { KeyedRows, ReadOptions, VectorFile } from "./vector-file.ts";

/** The first lines must lie in here for the width to be told: 4 rows of 20,000 numbers do. */
export const HEAD = 1 << 20;

/** Reads GloVe text, with a header or without. Throws `bad-file` with the line that does not fit the others. */
export function readGloveText(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readGloveTextSteps(source, options), options);
}

/** {@link readGloveText}, step by step. */
export async function* readGloveTextSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const rows = yield* readTextRows(source, await gloveLayout(source), options);
  return { format: "glove-text", ...rows };
}

async function gloveLayout(source: ByteSource): Promise<TextLayout> {
  const head = await readHead(source, HEAD);
  const shape = textShape(head, head.length < HEAD);
  const kind = headerKind(shape);
  if (kind === "yes") return { dim: shape.header!.dim, promised: shape.header!.rows };
  let counted: number | undefined;
  if (kind === "count") {
    counted = await countLines(source);
    if (shape.header!.rows === counted - 1) return { dim: 1, promised: counted - 1 };
  }
  const dim = commonTail(shape.tails, 0);
  if (dim === 0) {
    throw badFile(source.name, "line 1", "a key and its numbers, with spaces between", shown(head.subarray(0, 80), 40));
  }
  return counted === undefined ? { dim } : { dim, counted };
}

/**
 * The pieces of a GloVe text file (no header). Floats and refusals as in `writeWord2vecText`; a file of no rows
 * at all cannot be told from a broken one and is refused.
 */
export function writeGloveText(rows: KeyedRows, options: TextWriteOptions = {}): Iterable<Uint8Array> {
  const keys = writableKeys("GloVe text", rows, options);
  return { [Symbol.iterator]: () => textPieces(rows, { header: "", separator: " ", trailing: false, keys }) };
}
