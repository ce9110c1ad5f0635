/**
 * Lines of a stream of bytes, decoded from UTF-8, in bounded memory.
 *
 * Lines end in LF or CRLF. A byte order mark at the start is dropped, bytes that are not UTF-8 become U+FFFD, as the
 * platform's TextDecoder has it. A line may be longer than memory (text8 is one line of 100 MB): such a line comes
 * in pieces, cut after a blank where there is one, and only the last piece is marked as its end.
 */
import { checkWhole } from "../core/index.ts";

/** A line, or a piece of a long one. */
export interface LinePiece {
  /** The text, without the line's end. Pieces of one line, put together, are the line. */
  readonly text: string;
  /** Whether the line ends here; false when more of it follows. */
  readonly ends: boolean;
}

export interface ReadLinesOptions {
  /** Lines of more bytes come in pieces of at most so many. Default 1 MiB, at least 16. */
  readonly maxBytes?: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** Reads lines. What follows the last line end is a line too, unless it is empty. */
export async function* readLines(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { maxBytes = 1 << 20 }: ReadLinesOptions = {},
): AsyncGenerator<LinePiece, void, void> {
  checkWhole("maxBytes", maxBytes, 16, 1 << 30);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let buffer = new Uint8Array(Math.min(maxBytes, 1 << 12));
  let held = 0; // bytes of the present line in the buffer: never more than maxBytes
  let first = true;
  let cut = false; // whether the present line was given out in part
  const take = (length: number): string => {
    const text = decoder.decode(buffer.subarray(0, length));
    buffer.copyWithin(0, length, held);
    held -= length;
    const marked = first && text.startsWith("\ufeff");
    first = false;
    return marked ? text.slice(1) : text;
  };
  const takeLine = (): LinePiece => {
    if (held > 0 && buffer[held - 1] === CR) held--;
    cut = false;
    return { text: take(held), ends: true };
  };
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length;) {
      const line = piece.indexOf(LF, at);
      const end = Math.min(line < 0 ? piece.length : line, at + maxBytes - held);
      if (held + end - at > buffer.length) buffer = larger(buffer, held, Math.min(maxBytes, 2 * (held + end - at)));
      buffer.set(piece.subarray(at, end), held);
      held += end - at;
      at = end;
      if (at === line) {
        yield takeLine();
        at++;
      } else if (held === maxBytes) {
        cut = true;
        yield { text: take(placeToCut(buffer, held)), ends: false };
      }
    }
  }
  if (held > 0 || cut) yield takeLine();
}

function larger(bytes: Uint8Array, used: number, room: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(room);
  more.set(bytes.subarray(0, used));
  return more;
}

/** How much of a full buffer to give out: up to its last blank, or else its last whole character. */
function placeToCut(bytes: Uint8Array, length: number): number {
  for (let end = length; end > 0; end--) if (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x09) return end;
  let end = length - 1; // not the very end: a CR there may belong to a CRLF
  while (end > length - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}
