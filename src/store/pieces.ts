/**
 * Large files as pieces of one size, for stores that keep them in rows or documents: any byte is found by counting.
 */
import type { ByteSource } from "../core/index.ts";

/** The size of a piece; the last one of a file is shorter. */
export const PIECE_BYTES: number = 1 << 20;

/** Bytes of any sizes as pieces of PIECE_BYTES, the last one shorter. */
export async function* evenPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const given of pieces) {
    for (let at = 0; at < given.length;) {
      const part = given.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      [piece, filled] = [new Uint8Array(PIECE_BYTES), 0];
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** A byte source over numbered pieces of PIECE_BYTES. */
export function piecewiseSource(
  name: string,
  bytes: number,
  piece: (number: number) => Promise<Uint8Array>,
): ByteSource {
  return {
    name,
    bytes,
    async *read(start = 0) {
      for (let at = start; at < bytes; at = (Math.floor(at / PIECE_BYTES) + 1) * PIECE_BYTES) {
        yield (await piece(Math.floor(at / PIECE_BYTES))).subarray(at % PIECE_BYTES);
      }
    },
    async readAt(position, into) {
      let filled = 0;
      while (filled < into.length && position + filled < bytes) {
        const at = position + filled;
        const part = (await piece(Math.floor(at / PIECE_BYTES)))
          .subarray(at % PIECE_BYTES)
          .subarray(0, into.length - filled);
        into.set(part, filled);
        filled += part.length;
      }
      return filled;
    },
  };
}
