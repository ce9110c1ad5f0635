/**
 * From bytes to text: which encoding, and whether it is text at all.
 *
 * A byte order mark decides (UTF-8, UTF-16 of either order); without one a file is UTF-8, unless the caller says otherwise.
 * What is not text (a picture, a program, an archive) is told by the signs that `file` uses first: NUL bytes, and magic numbers of
 * formats that may lack them.
 */
import { LociError } from "../core/index.ts";

/** As much of a file's start as it takes to tell what it is. */
export const HEAD_BYTES = 4096;

const MAGIC: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0x25, 0x50, 0x44, 0x46, 0x2d], what: "a PDF" },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive or an office document" },
  { bytes: [0x1f, 0x8b], what: "compressed with gzip" },
  { bytes: [0x42, 0x5a, 0x68], what: "compressed with bzip2" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: "compressed with xz" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: "compressed with zstd" },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: "a PNG picture" },
  { bytes: [0xff, 0xd8, 0xff], what: "a JPEG picture" },
  { bytes: [0x47, 0x49, 0x46, 0x38], what: "a GIF picture" },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], what: "a program" },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: "an office document of the old binary kind" },
  { bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], what: "an SQLite database" },
];

/** Of control characters, those that no text has: of 100 bytes more than ten such mean that it is none. */
const MOST_CONTROLS = 0.1;

/** What a file is that is no text, by its first bytes; undefined for text. */
export function binaryReason(head: Uint8Array): string | undefined {
  const magic = MAGIC.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (magic) return magic.what;
  if (markOf(head)) return undefined;
  const start = head.subarray(0, HEAD_BYTES);
  if (start.includes(0)) return "not text: it holds NUL bytes (UTF-16 needs its byte order mark)";
  let controls = 0;
  for (const byte of start) if (byte < 0x20 && (byte < 0x07 || byte > 0x0d) && byte !== 0x1b) controls++;
  return controls > MOST_CONTROLS * start.length ? "not text: it is full of control characters" : undefined;
}

/** The encoding that a byte order mark names, and its length. */
export function markOf(head: Uint8Array): { readonly encoding: string; readonly length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: "utf-8", length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", length: 2 };
  return undefined;
}

/** A decoder for a label such as "windows-1252"; throws `bad-argument` for one that nobody knows. */
export function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true });
  } catch (cause) {
    throw new LociError(
      "bad-argument",
      `Expected \`encoding\` to be a label of the Encoding Standard, such as "utf-8" or "windows-1252", got "${encoding}".`,
      { cause },
    );
  }
}

/**
 * The text of a file, without its byte order mark. Bytes that its encoding does not know become U+FFFD. Throws `bad-file` naming
 * the file for what is no text.
 */
export function decodeText(bytes: Uint8Array, name: string, encoding?: string): string {
  const mark = markOf(bytes);
  const decoder = decoderFor(mark?.encoding ?? encoding ?? "utf-8");
  const reason = encoding === undefined || mark ? binaryReason(bytes) : undefined;
  if (reason) throw new LociError("bad-file", `${name}: ${reason}.`);
  return decoder.decode(bytes.subarray(mark?.length ?? 0));
}

/** The encoding that an HTML file names in its first bytes (`<meta charset>`), if it does. */
export function charsetOf(head: Uint8Array): string | undefined {
  const start = new TextDecoder("latin1").decode(head.subarray(0, 1024));
  const label = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(start)?.[1];
  if (!label) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    return encoding.startsWith("utf-16") ? "utf-8" : encoding; // could it be read as ASCII, it is not UTF-16
  } catch {
    return undefined; // a label that no browser knows either: read as one would without
  }
}
