/** A snapshot as a source of bytes, read from its store as it is asked for. */
import { type ByteSource, LociError } from "../../core/index.ts";
import { PIECE_BYTES } from "./snapshots.ts";

/** Reads bytes of it, into shared memory where that is given; undefined once the snapshot has given way to another. */
type Read = (position: number, length: number, into?: Uint8Array) => Promise<Uint8Array | undefined>;

/** `bytes` long. Reading into memory that threads share (as indexes do) saves copying it from one thread to the other. */
export function snapshotSource(name: string, bytes: number, read: Read): ByteSource {
  const at = async (position: number, length: number, into?: Uint8Array): Promise<Uint8Array> => {
    const found = await read(position, Math.max(0, Math.min(length, bytes - position)), into);
    if (found) return found;
    throw new LociError(
      "not-found",
      `${name}: this snapshot gave way to a newer one while it was read. Ask the store for it again.`,
    );
  };
  return {
    name,
    bytes,
    async *read(start = 0) {
      for (let position = start; position < bytes;) {
        const piece = await at(position, PIECE_BYTES - (position % PIECE_BYTES));
        yield piece;
        position += piece.length;
      }
    },
    async readAt(position, into) {
      let got = 0;
      while (got < into.length && position + got < bytes) {
        const target = into.subarray(got, got + MOST_AT_ONCE);
        const there = Math.min(target.length, bytes - position - got);
        if (isShared(into.buffer)) await at(position + got, there, target);
        else target.set(await at(position + got, there));
        got += there;
      }
      return got;
    },
  };
}

/** In larger steps other questions would wait too long for the one thread that answers. */
const MOST_AT_ONCE = 16 * PIECE_BYTES;

/** Whether memory is shared between threads. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
}
