/** What is asked of a collection, and whether it can be asked that way. */
import { LociError, checkOneOf } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import type { Question } from "./collection-search.ts";
import type { CollectionQuery, SearchMode } from "./collection-types.ts";
import type { Space } from "./store.ts";

/** The question with its mode settled and its text embedded where the mode needs that. Throws `bad-argument`, `dim-mismatch`. */
export async function questionOf(
  query: CollectionQuery,
  asked: SearchMode | undefined,
  { encoder, space }: { readonly encoder: Encoder | undefined; readonly space: Space | undefined },
  signal: AbortSignal | undefined,
): Promise<Question> {
  const { text, vector } = typeof query === "string" ? { text: query, vector: undefined } : query;
  if (text === undefined && vector === undefined)
    throw new LociError("bad-argument", "A search needs a text or a vector, got neither.");
  const speaks = vector !== undefined || encoder !== undefined;
  const mode = checkOneOf("mode", asked ?? (text === undefined ? "vector" : speaks ? "hybrid" : "keyword"), [
    "hybrid",
    "vector",
    "keyword",
  ]);
  if (text === undefined && mode !== "vector")
    throw new LociError(
      "bad-argument",
      `A ${mode} search needs a text, got a vector alone. Give both, or use mode "vector".`,
    );
  if (mode === "keyword") return { mode, text, vector: undefined };
  const words = mode === "vector" ? undefined : text;
  if (vector !== undefined) return { mode, text: words, vector: checkedVector(vector, space) };
  if (!encoder)
    throw new LociError(
      "bad-argument",
      `A ${mode} search of a text needs an encoder. Open the collection with one, give a vector, or use mode "keyword".`,
    );
  const rows = await encoder.embed([text!], { purpose: "query", ...(signal && { signal }) });
  return { mode, text: words, vector: rows.row(0) };
}

function checkedVector(given: ArrayLike<number>, space: Space | undefined): Float32Array {
  if (space && given.length !== space.dim)
    throw new LociError(
      "dim-mismatch",
      `The vectors of this collection ("${space.name}") have dim ${space.dim}; the one that came has ${given.length}.`,
    );
  const vector = Float32Array.from(given);
  if (vector.every(Number.isFinite)) return vector;
  throw new LociError("bad-argument", "Expected a vector of finite numbers, but the one that came holds others.");
}
