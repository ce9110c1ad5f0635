/** What travels to the writing thread: plain data, in parts of bounded size. */
import type { PutDocument, Space } from "../store.ts";
import { isShared } from "./snapshot-source.ts";
import type { SentDocument } from "./write.ts";

/** A batch goes to the writing thread in parts of about so many characters and numbers. */
const SENT_PART = 1 << 20;
/** Bytes of a snapshot in one transaction. */
const SNAPSHOT_PART = 1 << 22;

/** Documents in parts of bounded size, each of one at least. */
export function* partsOf(documents: readonly PutDocument[]): Generator<PutDocument[]> {
  let part: PutDocument[] = [];
  let size = 0;
  for (const document of documents) {
    part.push(document);
    size += document.text.length + (document.vectors?.data.length ?? 0) + 1000;
    if (size < SENT_PART) continue;
    yield part;
    [part, size] = [[], 0];
  }
  if (part.length > 0) yield part;
}

/** A document as it travels. */
export function sent({ id, text, meta, hash, chunks, vectors }: PutDocument): SentDocument {
  return { id, text, meta, hash, chunks, vectors: vectors && own(vectors.data) };
}

/**
 * Numbers alone in their memory: a view would take all of what it looks at along to the other thread, and shared memory could
 * still change under that thread's hands.
 */
export function own(data: Float32Array): Float32Array {
  return data.byteLength === data.buffer.byteLength && !isShared(data.buffer) ? data : Float32Array.from(data);
}

/** A space without whatever else its object holds. */
export function plainSpace({ name, dim, fingerprint, metric }: Space): Space {
  return { name, dim, fingerprint, metric };
}

/** Bytes in parts of one size, the last one smaller. */
export async function* inParts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let part = new Uint8Array(SNAPSHOT_PART);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const some = piece.subarray(at, at + SNAPSHOT_PART - filled);
      part.set(some, filled);
      filled += some.length;
      at += some.length;
      if (filled < SNAPSHOT_PART) continue;
      yield part;
      [part, filled] = [new Uint8Array(SNAPSHOT_PART), 0];
    }
  }
  if (filled > 0) yield part.slice(0, filled);
}
