/**
 * Spaces compared, and the refusals that stores share.
 *
 * Two encoders of one width make numbers that fit and mean nothing together; the fingerprint tells them apart. The
 * sentences stand here so that every store refuses with the same ones.
 */
import { checkOneOf, checkWhole, LociError, type Matrix } from "../core/index.ts";
import { checkFinite } from "./check-batch.ts";
import { shown } from "./meta.ts";
import type { Space } from "./store.ts";

/** Throws `bad-argument` unless `space` is one. */
export function checkSpace(space: Space): void {
  for (const name of ["name", "fingerprint"] as const) {
    if (typeof space[name] !== "string" || space[name] === "")
      throw new LociError(
        "bad-argument",
        `Expected the space's ${name} to be a string that is not empty, got ${shown(space[name])}.`,
      );
  }
  checkWhole("dim", space.dim, 1);
  checkOneOf("metric", space.metric, ["cosine", "dot", "euclidean"]);
}

/** Whether vectors of the two may be compared, and are compared alike. */
export function sameSpace(a: Space, b: Space): boolean {
  return a.fingerprint === b.fingerprint && a.dim === b.dim && a.metric === b.metric;
}

/** The refusal of another space than the one there is, or of a first one where chunks without vectors lie already. */
export function wrongSpace(there: Space | undefined, asked: Space): LociError {
  const is = there ? described(there) : "no vectors, and chunks already";
  return new LociError(
    "wrong-space",
    `The store holds ${is}; ${described(asked)} cannot be mixed in. Migrate it (loci migrate FILE --model DIR), or open another store.`,
  );
}

/** The refusal of a question about vectors where there is no space. */
export function noSpace(): LociError {
  return new LociError("wrong-space", "The store has no space, so it holds no vectors. Call setSpace first.");
}

/** The refusal to go on with a migration that was not begun. */
export function noMigration(): LociError {
  return new LociError("bad-argument", "No migration is under way in this store. Call beginMigration first.");
}

/** The refusal to end a migration early. */
export function unfinished(missing: number): LociError {
  return new LociError(
    "bad-argument",
    `The migration lacks the vectors of ${missing} chunks. Ask unmigrated for them and write them first.`,
  );
}

/** The refusal of everything, once a store is closed. */
export function storeClosed(): LociError {
  return new LociError("bad-argument", "The store is closed. Open it again.");
}

/** Throws `dim-mismatch` or `bad-argument` unless these vectors may be written to a migration to `space`. */
export function checkMigrated(chunks: readonly number[], vectors: Matrix, space: Space): void {
  if (vectors.dim !== space.dim)
    throw new LociError(
      "dim-mismatch",
      `The space "${space.name}" has dim ${space.dim}; the vectors have ${vectors.dim}.`,
    );
  if (vectors.rows !== chunks.length)
    throw new LociError(
      "bad-argument",
      `There are ${chunks.length} chunks and ${vectors.rows} vectors. Give one vector a chunk.`,
    );
  checkFinite(vectors, "the migration");
}

function described({ name, dim, metric, fingerprint }: Space): string {
  return `vectors of "${name}" (${dim} wide, ${metric}, fingerprint ${fingerprint})`;
}
