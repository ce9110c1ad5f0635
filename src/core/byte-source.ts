/**
 * Bytes from somewhere: a file, or memory.
 *
 * Readers of files are written against this, never against paths, so that the same reader serves a file
 * in Node, a fetched or dropped file in a browser, and a mutated array under test. Gzipped bytes
 * (recognised by their first three bytes, whatever the name) are unzipped on the way, which costs the
 * two things that only plain bytes have: a known size, and reading from the middle.
 */
import { LociError } from "./error.ts";
import { platform } from "./platform.ts";

export interface ByteSource {
  /** What messages call it: the path, or the name given. */
  readonly name: string;
  /** How many bytes there are; undefined where only reading to the end can tell (gzip). */
  readonly bytes: number | undefined;
  /** The bytes from `start` (default 0) to the end. A piece may be overwritten by the next: use or copy it first. */
  read(start?: number): AsyncIterable<Uint8Array>;
  /**
   * Fills `into` from `position`; returns how many bytes there were, fewer than asked only at the end.
   * Refused with `not-supported` where `bytes` is undefined.
   */
  readAt(position: number, into: Uint8Array): Promise<number>;
}

const PIECE = 1 << 20;

/**
 * The bytes of a file, unzipped if it is gzipped. Throws `not-found` if there is no such file or it is a
 * folder, `not-supported` where there are no files (browsers: fetch the bytes and use {@link bytesSource}).
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const { files } = platform;
  if (!files) {
    throw new LociError(
      "not-supported",
      `There are no files by path here, so "${path}" cannot be opened. Fetch its bytes and use bytesSource.`,
    );
  }
  const found = await files.stat(path);
  if (!found) throw new LociError("not-found", `There is no file "${path}". Check the path.`);
  if (found.folder) throw new LociError("not-found", `"${path}" is a folder; expected a file.`);
  const plain: ByteSource = {
    name: path,
    bytes: found.bytes,
    read: (start = 0) => files.read(path, start),
    readAt: (position, into) => files.readAt(path, position, into),
  };
  const head = new Uint8Array(3);
  await plain.readAt(0, head);
  return isGzip(head) ? gunzipped(plain) : plain;
}

/** Bytes in memory (not copied) under a name for messages, unzipped if they are gzipped. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  const plain: ByteSource = {
    name,
    bytes: bytes.length,
    async *read(start = 0) {
      for (let at = start; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    },
    async readAt(position, into) {
      const there = bytes.subarray(position, position + into.length);
      into.set(there);
      return there.length;
    },
  };
  return isGzip(bytes) ? gunzipped(plain) : plain;
}

/** Magic of gzip, and 8 for deflate, the only method there ever was. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

function gunzipped(plain: ByteSource): ByteSource {
  return {
    name: plain.name,
    bytes: undefined,
    async *read(start = 0) {
      let skip = start;
      for await (const piece of unzip(plain)) {
        if (skip < piece.length) yield skip > 0 ? piece.subarray(skip) : piece;
        skip = Math.max(0, skip - piece.length);
      }
    },
    async readAt() {
      throw new LociError(
        "not-supported",
        `"${plain.name}" is gzipped and can only be read from its start. Unzip it first (gunzip), or use read().`,
      );
    },
  };
}

function unzip(plain: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  return gunzipNamed(plain.name, plain.read());
}

/**
 * Ungzips bytes that belong to something called `name`, and lets go of them however it ends. Damage is told with its
 * place; what the bytes' own source throws comes through as it is.
 */
export async function* gunzipNamed(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const raw = bytes[Symbol.asyncIterator]();
  let rawFailed = false;
  let good = 0;
  // A line of its own to the raw bytes, since an unzipper that is left early does not always tell its source:
  // `finally` does.
  const watched: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        return await raw.next();
      } catch (error) {
        rawFailed = true;
        throw error;
      }
    },
  };
  try {
    for await (const piece of platform.gunzip({ [Symbol.asyncIterator]: () => watched })) {
      yield piece;
      good += piece.length;
    }
  } catch (cause) {
    if (rawFailed || cause instanceof LociError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LociError(
      "bad-file",
      `${name}: expected sound gzip data to the end, but after ${good} bytes unzipping failed (${why}). Fetch the file again.`,
      { cause },
    );
  } finally {
    await raw.return?.();
  }
}
