/**
 * Which format is this? Asked of the bytes; the name only decides between twins (`.vec` is word2vec text).
 *
 * Formats with a magic come first. Then text or binary word2vec, which begin alike: it is text if the second line ends
 * in as many numbers as the header says.
 */
import type { ByteSource } from "../core/index.ts";
import { badFile, shown } from "./bad-file.ts";
import { FASTTEXT_MAGIC } from "./fasttext-bin.ts";
import { HEAD } from "./glove-text.ts";
import { NPY_MAGIC } from "./npy.ts";
import { LF, readHead } from "./text-lines.ts";
import { commonTail, headerKind, textShape } from "./text-shape.ts";
import type { FormatName } from "./vector-file.ts";

/** A format that is one file; a model directory is known by being a folder. */
export type FileFormat = Exclude<FormatName, "model-directory">;

/** Tells the format of a file from its first bytes. Throws `bad-file` if it is none that we know. */
export async function detectFormat(source: ByteSource): Promise<FileFormat> {
  const head = await readHead(source, HEAD);
  if (head.length === 0) throw badFile(source.name, "byte 0", "a file of vectors", "an empty file");
  return byMagic(head) ?? byText(source, head);
}

function byMagic(head: Uint8Array): FileFormat | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (head.length >= 4 && view.getInt32(0, true) === FASTTEXT_MAGIC) return "fasttext-bin";
  if (NPY_MAGIC.every((byte, i) => head[i] === byte)) return "npy";
  // A header length below 2^32, then the brace of a JSON object: no text has four zero bytes in front of one.
  if (head.length >= 10 && view.getUint32(4, true) === 0 && head[8] === 0x7b) return "safetensors";
  return undefined;
}

function byText(source: ByteSource, head: Uint8Array): FileFormat {
  const shape = textShape(head, head.length < HEAD);
  const { header, tails } = shape;
  if (header && beginsBinary(head, header.dim)) return "word2vec-binary";
  if (shape.onlyNumbersAndTabs && (head.includes(9) || /\.tsv(\.gz)?$/.test(source.name))) return "projector-tsv";
  if (header && headerKind(shape) !== "no") return isVec(source) ? "fasttext-vec" : "word2vec-text";
  if (commonTail(tails, 0) > 0 && !isBinary(head)) return "glove-text";
  throw badFile(
    source.name,
    "byte 0",
    "a file of vectors (word2vec, GloVe, fastText, safetensors, npy or projector TSV)",
    shown(head),
    "Name the format if it is one of these all the same.",
  );
}

function isVec({ name }: ByteSource): boolean {
  return /\.vec(\.gz)?$/.test(name);
}

/**
 * Whether what follows the header is binary: a key, a space, then bytes that text does not have. Four bytes of a float
 * below 2 hardly ever all look like text, so a row of them does not.
 */
function beginsBinary(head: Uint8Array, dim: number): boolean {
  const start = head.indexOf(LF) + 1;
  if (start === 0 || start === head.length) return false;
  const space = head.indexOf(32, start + 1);
  if (space < 0) return isBinary(head.subarray(start));
  return isBinary(head.subarray(space + 1, space + 1 + 4 * Math.max(1, Math.min(dim, 1024))));
}

/** Whether bytes hold control characters that no text has, or are not UTF-8 (but for a character cut at the end). */
function isBinary(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127)) return true;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, 65_536), { stream: true });
  return text.includes("�");
}
