/**
 * Between JavaScript's values and PostgreSQL's: vectors, lists of numbers.
 *
 * Vectors travel as pgvector's binary form (16-bit width, 16 unused bits, big-endian float32s), so that every bit comes back
 * and no decimal is printed or parsed.
 */
import { LociError } from "../../core/index.ts";

/** One vector in pgvector's binary form. */
export function vectorBytes(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * vector.length);
  writeVector(new DataView(bytes.buffer), 0, vector);
  return bytes;
}

function writeVector(view: DataView, at: number, vector: Float32Array): void {
  view.setInt16(at, vector.length);
  for (let i = 0; i < vector.length; i++) view.setFloat32(at + 4 + 4 * i, vector[i]!);
}

/** Reads what `vector_send` gave, into `into`. */
export function readVector(bytes: Uint8Array, into: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt16(0) !== into.length) {
    throw new LociError(
      "dim-mismatch",
      `PostgreSQL returned a vector of dim ${view.getInt16(0)} where the space has ${into.length}. Run verify().`,
    );
  }
  for (let i = 0; i < into.length; i++) into[i] = view.getFloat32(4 + 4 * i);
}

/** Vectors as the binary form of a PostgreSQL array of type `elementType` (the number pg_type gives `vector`). */
export function vectorArrayBytes(vectors: readonly Float32Array[], elementType: number): Uint8Array {
  const each = vectors.map((vector) => 4 + 4 * vector.length);
  const bytes = new Uint8Array(20 + each.reduce((sum, length) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  [1, 0, elementType, vectors.length, 1].forEach((word, w) => view.setInt32(4 * w, word)); // dimensions, nulls, type, length, first index
  let at = 20;
  vectors.forEach((vector, v) => {
    view.setInt32(at, each[v]!);
    writeVector(view, at + 4, vector);
    at += 4 + each[v]!;
  });
  return bytes;
}

/** Reads numbers end to end, as `int8send` writes them. */
export function readNumbers(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength / 8 }, (_, n) => Number(view.getBigInt64(8 * n)));
}
