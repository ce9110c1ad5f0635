/** What may go into an index, and be asked of it: finite numbers, of the right width. */
import { LociError, type Matrix, checkNumber, checkWhole } from "../core/index.ts";
import { checkKeys, shownKey } from "./slot-table.ts";
import type { Turn } from "./turn.ts";
import type { IndexMetric, IndexSearchOptions, Key } from "./vector-index.ts";

/** Throws unless `vectors` may be added under `keys`: checked whole, before anything changes. */
export async function checkVectors(dim: number, keys: readonly Key[], vectors: Matrix, turn: Turn): Promise<void> {
  if (vectors.dim !== dim) {
    throw new LociError(
      "dim-mismatch",
      `The index holds vectors of dim ${dim}; these have ${vectors.dim}. Embed with the model that made the index.`,
    );
  }
  await checkKeys(keys, vectors.rows, turn);
  for (let r = 0; r < vectors.rows; r++) {
    const bad = notFinite(vectors.data, r * dim, dim);
    if (bad >= 0) {
      const value = vectors.data[r * dim + bad]!;
      throw new LociError(
        "bad-argument",
        `Row ${r}, key ${shownKey(keys[r]!)}, holds ${value} at position ${bad}. Expected finite numbers: leave it out or mend it.`,
      );
    }
    if ((r & 63) === 0 && turn.due) await turn.pass();
  }
}

/** The place of the first number that is not finite, or −1. */
function notFinite(data: Float32Array, start: number, dim: number): number {
  // A sum of finite float32 in float64 is finite, so one addition a number finds that something is wrong; four chains
  // of them, since each waits for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = start;
  for (const end = start + dim - 3; i < end; i += 4) {
    a += data[i]!;
    b += data[i + 1]!;
    c += data[i + 2]!;
    d += data[i + 3]!;
  }
  for (; i < start + dim; i++) a += data[i]!;
  if (Number.isFinite(a + b + (c + d))) return -1;
  for (let at = 0; at < dim; at++) if (!Number.isFinite(data[start + at]!)) return at;
  return -1;
}

/** A query as float32. Throws unless it has the index's width and is finite there. */
export function checkQuery(dim: number, query: ArrayLike<number>, what = "The query"): Float32Array {
  if (query.length !== dim) {
    throw new LociError(
      "dim-mismatch",
      `The index holds vectors of dim ${dim}; ${what.toLowerCase()} has ${query.length} numbers. Embed it with the model that made the index.`,
    );
  }
  const out = query instanceof Float32Array ? query.slice() : Float32Array.from(query);
  const bad = notFinite(out, 0, dim);
  if (bad < 0) return out;
  throw new LociError(
    "bad-argument",
    `${what} holds ${query[bad]} at position ${bad}. Expected numbers that are finite as float32.`,
  );
}

/** Throws unless all queries have the index's width and are finite. They are not copied. */
export function checkQueries(dim: number, queries: Matrix): void {
  for (let r = 0; r < queries.rows; r++) {
    if (queries.dim === dim && notFinite(queries.data, r * dim, dim) < 0) continue;
    checkQuery(dim, queries.row(r), `Query ${r}`);
  }
}

/** The options of a search with their defaults. Throws `bad-argument` by name. */
export function searchOptions(options: IndexSearchOptions): { k: number; recall: number; exact: boolean } {
  const { k = 10, recall = 0.95, exact = false } = options;
  checkWhole("k", k, 1, 2 ** 30);
  checkNumber("recall", recall, 0, 1);
  return { k, recall, exact };
}

/** Throws `bad-argument` unless the dim and metric of a new index are sound. */
export function checkIndexOptions(dim: number, metric: IndexMetric): void {
  checkWhole("dim", dim, 1, 65536);
  if (metric === "cosine" || metric === "dot" || metric === "euclidean") return;
  throw new LociError(
    "bad-argument",
    `Expected \`metric\` to be "cosine", "dot" or "euclidean", got ${JSON.stringify(metric)}.`,
  );
}

/** Throws `bad-argument` for a bound that is no number. −Infinity is one: everything scores as much. */
export function checkLeastScore(leastScore: number): void {
  if (typeof leastScore === "number" && !Number.isNaN(leastScore)) return;
  throw new LociError("bad-argument", `Expected \`leastScore\` to be a number, got ${String(leastScore)}.`);
}
