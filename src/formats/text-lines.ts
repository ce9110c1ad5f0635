/**
 * A text file in blocks of whole lines.
 *
 * No line becomes a string: a block is a range of bytes that ends with a newline (one is added to a last line
 * without), in a buffer that is used again for the next block. A byte order mark at the start is passed over.
 */
import type { ByteSource } from "../core/index.ts";
import { badFile } from "./bad-file.ts";

export const LF = 10;

export interface LineBlock {
  /** The buffer; the lines are `bytes[start .. end)`, valid until the next block is asked for. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The position in the file just behind the block. */
  readonly position: number;
}

/** The blocks of a source. A line that is longer than `maxLine` bytes and does not end soon is refused. */
export async function* lineBlocks(source: ByteSource, maxLine: number): AsyncGenerator<LineBlock> {
  let buffer = new Uint8Array(64);
  let held = 0; // bytes of the line that the last block cut
  let position = 0;
  let first = true;
  for await (const piece of source.read()) {
    buffer = roomFor(buffer, held, held + piece.length + 1);
    buffer.set(piece, held);
    const newline = piece.lastIndexOf(LF);
    const end = held + newline + 1;
    held += piece.length;
    position += piece.length;
    if (newline >= 0) {
      yield { bytes: buffer, start: first ? markLength(buffer, held) : 0, end, position: position - (held - end) };
      first = false;
      buffer.copyWithin(0, end, held);
      held -= end;
    }
    if (held > maxLine) {
      throw badFile(
        source.name,
        `byte ${position - held}`,
        `a line of at most ${maxLine} bytes`,
        "a longer one",
        "Is this a text file of vectors?",
      );
    }
  }
  const start = first ? markLength(buffer, held) : 0;
  if (held > start) {
    buffer[held] = LF;
    yield { bytes: buffer, start, end: held + 1, position };
  }
}

/** A file's first bytes, up to `most`. */
export async function readHead(source: ByteSource, most: number): Promise<Uint8Array> {
  if (source.bytes !== undefined) {
    const head = new Uint8Array(Math.min(most, source.bytes));
    return head.subarray(0, await source.readAt(0, head));
  }
  let head = new Uint8Array(64);
  let length = 0;
  for await (const piece of source.read()) {
    const part = piece.subarray(0, most - length);
    head = roomFor(head, length, length + part.length);
    head.set(part, length);
    length += part.length;
    if (length === most) break;
  }
  return head.subarray(0, length);
}

/** Counts the lines of a source without looking into them; a last line without a newline counts, blank last ones do not. */
export async function countLines(source: ByteSource): Promise<number> {
  let lines = 0;
  let blank = 0; // newlines at the end with nothing between them
  let open = false; // whether the last line has begun
  for await (const piece of source.read()) {
    for (let at = 0; at < piece.length;) {
      const end = piece.indexOf(LF, at);
      const stop = end < 0 ? piece.length : end;
      if (!open) open = !isBlank(piece, at, stop);
      if (open) {
        lines += blank;
        blank = 0;
      }
      if (end < 0) break;
      if (open) lines++;
      else blank++;
      open = false;
      at = end + 1;
    }
  }
  return lines + (open ? 1 : 0);
}

/** Whether a stretch of a line holds nothing but spaces, tabs and carriage returns. Looks at few bytes of most lines. */
export function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte !== 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}

/** The length of the byte order mark at the start, 0 or 3. */
export function markLength(bytes: Uint8Array, length: number): number {
  return length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function roomFor(buffer: Uint8Array<ArrayBuffer>, keep: number, length: number): Uint8Array<ArrayBuffer> {
  if (length <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.max(length, Math.min(buffer.length * 2, length + (1 << 20))));
  larger.set(buffer.subarray(0, keep));
  return larger;
}
