/**
 * What is refused before a write begins, the same in all stores.
 *
 * A store keeps what it is given, whole or not at all, so everything that cannot be kept, found again or given back as it
 * came is refused here, by name. What passes is tidied in the two ways filter.ts and store.ts tell of: unpaired surrogates
 * become U+FFFD (one unit for one unit, so ranges stay right), and −0 in metadata becomes 0.
 */
import { LociError, type Matrix } from "../core/index.ts";
import { checkedMeta, shown } from "./meta.ts";
import type { PutDocument, Space, WriteBatch } from "./store.ts";

/** A batch that may be written: ids to remove, each once, and documents, each id once. */
export interface CheckedBatch {
  readonly put: readonly PutDocument[];
  readonly remove: readonly string[];
}

/**
 * The batch as it will be kept. Throws `bad-argument` (ids, ranges, metadata, NaN), `dim-mismatch` (vectors of another width
 * than the space's) or `wrong-space` (vectors, but no space was set).
 */
export function checkBatch(batch: WriteBatch, space: Space | undefined): CheckedBatch {
  const put = (batch.put ?? []).map((document, at) => checkedDocument(document, at, space));
  const remove = [...new Set(batch.remove ?? [])];
  const seen = new Set<string>();
  for (const { id } of put) {
    if (seen.has(id))
      throw new LociError("bad-argument", `The document "${id}" comes twice in one write. Put it once.`);
    seen.add(id);
  }
  for (const id of remove) {
    checkId(id, "An id to remove");
    if (seen.has(id))
      throw new LociError("bad-argument", `The document "${id}" is both put and removed in one write. Choose one.`);
  }
  return { put, remove };
}

/** Throws `bad-argument` unless `id` is a string that can be kept and found again. */
export function checkId(id: unknown, what: string): asserts id is string {
  if (typeof id !== "string" || id === "")
    throw new LociError(
      "bad-argument",
      `Expected ${what.toLowerCase()} to be a string that is not empty, got ${shown(id)}.`,
    );
  if (!id.isWellFormed())
    throw new LociError(
      "bad-argument",
      `${what} holds an unpaired surrogate (${JSON.stringify(id)}), which no file can keep. Use toWellFormed() on it.`,
    );
}

function checkedDocument(document: PutDocument, at: number, space: Space | undefined): PutDocument {
  checkId(document.id, `The id of document ${at}`);
  const of = `document "${document.id}"`;
  for (const name of ["text", "hash"] as const) {
    if (typeof document[name] !== "string")
      throw new LociError(
        "bad-argument",
        `Expected the ${name} of ${of} to be a string, got ${shown(document[name])}.`,
      );
  }
  const { id, chunks, vectors } = document;
  chunks.forEach(({ start, end }, i) => {
    const sound = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
    if (!sound || end > document.text.length)
      throw new LociError(
        "bad-argument",
        `Chunk ${i} of ${of} is ${start} … ${end}; expected whole numbers with 0 ≤ start ≤ end ≤ ${document.text.length}, the length of its text.`,
      );
  });
  if (vectors) checkVectors(vectors, chunks.length, of, space);
  return {
    id,
    text: document.text.toWellFormed(),
    hash: document.hash.toWellFormed(),
    meta: checkedMeta(document.meta, of),
    chunks: chunks.map(({ start, end }) => ({ start, end })),
    vectors,
  };
}

function checkVectors(vectors: Matrix, chunks: number, of: string, space: Space | undefined): void {
  if (!space)
    throw new LociError(
      "wrong-space",
      `The store has no space yet, so it cannot keep the vectors of ${of}. Call setSpace first.`,
    );
  if (vectors.dim !== space.dim)
    throw new LociError(
      "dim-mismatch",
      `The space "${space.name}" has dim ${space.dim}; the vectors of ${of} have ${vectors.dim}.`,
    );
  if (vectors.rows !== chunks)
    throw new LociError(
      "bad-argument",
      `The document has ${chunks} chunks and ${vectors.rows} vectors (${of}). Give one vector a chunk.`,
    );
  checkFinite(vectors, of);
}

/** Throws `bad-argument` naming the row where a number is NaN or infinite. */
export function checkFinite(vectors: Matrix, of: string): void {
  const { data } = vectors;
  let at = 0;
  while (at < data.length && Number.isFinite(data[at])) at++;
  if (at < data.length)
    throw new LociError(
      "bad-argument",
      `Vector ${Math.floor(at / vectors.dim)} of ${of} holds ${data[at]} at place ${at % vectors.dim}. Only finite numbers can be compared.`,
    );
}
