/**
 * What each way of keeping vectors costs and finds, measured on the user's own vectors and queries.
 *
 * The exact nearest are found first; then each kind is asked for candidates by its codes alone, which are scored again in
 * float32, the best R of them for several R. One table of bytes, recall and speed, and the kind that keeps the recall
 * that is wanted in the fewest bytes. Kinds with a kernel (int7, 4bit, 1bit) show their own speed, the others that of plain
 * loops; recall and bytes are the same either way.
 */
import {
  LociError,
  type LongOptions,
  Matrix,
  type Step,
  checkNumber,
  checkWhole,
  drain,
  phaseClock,
  platform,
} from "../core/index.ts";
import { TopK } from "../math/index.ts";
import { checkQuery, checkVectors } from "./check-vectors.ts";
import { FlatIndex } from "./flat-index.ts";
import { keepBits } from "./row-kinds-bits.ts";
import { keepProduct } from "./row-kinds-product.ts";
import { keep4bit, keepInt7, keepPrincipal } from "./row-kinds-projected.ts";
import { type CompressedRows, type KindInput, keepF16, keepF32, keepInt8, keepLeading, prepared } from "./row-kinds.ts";
import { Turn } from "./turn.ts";
import type { IndexMetric } from "./vector-index.ts";

/** A way to keep vectors, by name. `pca` and `leading` keep a part of the numbers; `pq` one byte for several of them. */
export type RowKind = "f32" | "f16" | "int8" | "int7" | "4bit" | "1bit" | "pq" | "pca" | "leading";

/** All kinds, from many bytes to few. */
export const ROW_KINDS: readonly RowKind[] = ["f32", "f16", "int8", "leading", "pca", "int7", "4bit", "pq", "1bit"];

export interface CompressionOptions extends LongOptions {
  /** Some thousands are enough: of more, 10,000 evenly spaced ones are looked at. */
  readonly vectors: Matrix;
  /** What will be asked. Default: some of the vectors, each without itself among its neighbours. */
  readonly queries?: Matrix;
  /** Default "cosine". */
  readonly metric?: IndexMetric;
  /** How many neighbours a search wants. Default 10. */
  readonly k?: number;
  /** How many candidates are scored again, in multiples of k. Default 1, 2, 4 and 10. */
  readonly depths?: readonly number[];
  /** The recall that the recommendation must keep. Default 0.99. */
  readonly recall?: number;
  /** Default all that fit the vectors. */
  readonly kinds?: readonly RowKind[];
  /** Seconds on a clock, for the speeds. Default the platform's. */
  readonly now?: () => number;
}

/** One kind, measured. */
export interface CompressionRow {
  readonly kind: RowKind;
  /** With its width: "pca-96", "pq-48". */
  readonly name: string;
  readonly bytesPerVector: number;
  /** How many times smaller than float32. */
  readonly ratio: number;
  /** The share of the true k nearest that was found when the best `depth` candidates were scored again in float32. */
  readonly recalls: readonly { readonly depth: number; readonly recall: number }[];
  /** Queries a second on this machine, over the vectors looked at, at the greatest depth. */
  readonly queriesPerSecond: number;
  /** The largest ‖x − x̂‖ / ‖x‖ of 1,000 vectors at most; undefined where codes stand for no vector (1bit). */
  readonly maxError: number | undefined;
}

/** All kinds, measured, and the one to take. */
export interface CompressionTable {
  readonly rows: readonly CompressionRow[];
  readonly recommended: CompressionRow;
  /** How many candidates to score again with the recommended kind. */
  readonly depth: number;
  /** Why, in a sentence or two. */
  readonly because: string;
}

const MOST_VECTORS = 10_000;
const MOST_QUERIES = 200;
/** Of how many vectors the error is looked at. */
const MOST_DECODED = 1000;

/** The table and the recommendation, computed in steps: one a kind. */
export async function* compressionSteps(options: CompressionOptions): AsyncGenerator<Step, CompressionTable, void> {
  const { metric = "cosine", k = 10, depths = [1, 2, 4, 10], recall = 0.99, now = () => platform.now() } = options;
  checkWhole("k", k, 1, 1000);
  checkNumber("recall", recall, 0, 1);
  for (const depth of depths) checkNumber("depths", depth, 1, 100);
  if (depths.length === 0) throw new LociError("bad-argument", "Expected at least one of `depths`, got none.");
  const turn = new Turn(options.signal);
  const trial = await openTrial(options, metric, k, turn);
  const kinds = (options.kinds ?? ROW_KINDS).filter((kind) => fits(kind, trial.vectors.dim));
  const clock = phaseClock("compress", kinds.length);
  const rows: CompressionRow[] = [];
  for (const kind of kinds) {
    const kept = await make(kind, trial.input, turn);
    if (kept) rows.push(await measure(trial, kind, kept, depths, now, turn));
    yield clock(rows.length);
  }
  return recommend(rows, k, recall);
}

/** Measures all kinds on the user's vectors and queries, and recommends one. */
export function compressionTable(options: CompressionOptions): Promise<CompressionTable> {
  return drain(compressionSteps(options), options);
}

/** What all kinds are measured on. */
interface Trial {
  readonly vectors: Matrix;
  readonly input: KindInput;
  /** For cosines one long, as the vectors are. */
  readonly queries: Matrix;
  /** The row that a query is itself, or −1. */
  readonly self: Int32Array;
  /** The true k nearest of each query. */
  readonly truth: readonly ReadonlySet<number>[];
  readonly k: number;
  readonly exact: (query: Float32Array, row: number) => number;
}

async function openTrial(options: CompressionOptions, metric: IndexMetric, k: number, turn: Turn): Promise<Trial> {
  const vectors = thinned(options.vectors, MOST_VECTORS);
  if (vectors.rows <= k) {
    throw new LociError("bad-argument", `Expected more than k = ${k} vectors to compress, got ${vectors.rows}.`);
  }
  const keys = Array.from({ length: vectors.rows }, (_, r) => r);
  await checkVectors(vectors.dim, keys, vectors, turn);
  const own = options.queries === undefined;
  const asked = thinned(options.queries ?? vectors, MOST_QUERIES);
  for (let q = 0; q < asked.rows; q++) checkQuery(vectors.dim, asked.row(q), `Query ${q}`);
  const self = Int32Array.from({ length: asked.rows }, (_, q) =>
    own ? Math.floor((q * vectors.rows) / asked.rows) : -1,
  );
  await using index = new FlatIndex({ dim: vectors.dim, metric });
  await index.add(keys, vectors);
  const answers = await index.searchMany(asked, { k: k + (own ? 1 : 0) });
  const truth = answers.map(({ hits }, q) => {
    const others = hits.map(({ key }) => Number(key)).filter((row) => row !== self[q]);
    return new Set(others.slice(0, k));
  });
  const input = { metric, vectors: prepared(metric, vectors) };
  return { vectors, input, queries: prepared(metric, asked), self, truth, k, exact: scorer(input) };
}

/** Evenly spaced rows, at most so many. */
function thinned(matrix: Matrix, most: number): Matrix {
  if (matrix.rows <= most) return matrix;
  return Matrix.of(Array.from({ length: most }, (_, i) => matrix.row(Math.floor((i * matrix.rows) / most))));
}

/** Scores in float64 on the prepared vectors: their order is that of the metric. */
function scorer({ metric, vectors: { data, dim } }: KindInput): (query: Float32Array, row: number) => number {
  return (query, row) => {
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      const x = data[row * dim + i]!;
      sum += metric === "euclidean" ? -((query[i]! - x) ** 2) : query[i]! * x;
    }
    return sum;
  };
}

function fits(kind: RowKind, dim: number): boolean {
  if (kind === "pca" || kind === "leading" || kind === "pq") return dim >= 16;
  return true;
}

/** Rows kept in a kind; undefined where the kind cannot keep them. */
async function make(kind: RowKind, input: KindInput, turn: Turn): Promise<CompressedRows | undefined> {
  const { dim } = input.vectors;
  const part = Math.max(8, Math.ceil(dim / 4 / 8) * 8);
  const work = {
    f32: () => keepF32(input),
    f16: () => keepF16(input),
    int8: () => keepInt8(input),
    leading: () => keepLeading(Math.min(dim, 2 * part))(input),
    pca: () => keepPrincipal(Math.min(part, 128))(input),
    int7: () => keepInt7(input),
    "4bit": () => keep4bit(input),
    pq: () => keepProduct(8)(input),
    "1bit": () => keepBits(input),
  }[kind]();
  for (;;) {
    const next = await work.next();
    if (next.done) return next.value;
    if (turn.due) await turn.pass();
  }
}

async function measure(
  { vectors, input, queries, self, truth, k, exact }: Trial,
  kind: RowKind,
  kept: CompressedRows,
  depths: readonly number[],
  now: () => number,
  turn: Turn,
): Promise<CompressionRow> {
  const counts = depths.map((depth) => Math.ceil(depth * k)).sort((a, b) => a - b);
  const found = counts.map(() => 0);
  let seconds = 0;
  for (let q = 0; q < queries.rows; q++) {
    const query = queries.row(q);
    const start = now();
    const candidates = kept.nearest(query, counts.at(-1)! + 1).filter((row) => row !== self[q]);
    const scores = candidates.map((row) => exact(query, row));
    counts.forEach((count, j) => (found[j]! += hits(candidates.slice(0, count), scores, k, truth[q]!)));
    seconds += now() - start;
    if (turn.due) await turn.pass();
  }
  const wanted = truth.reduce((sum, { size }) => sum + size, 0);
  return {
    kind,
    name: kept.kind,
    bytesPerVector: kept.bytesPerVector,
    ratio: (4 * vectors.dim) / kept.bytesPerVector,
    recalls: counts.map((depth, j) => ({ depth, recall: found[j]! / wanted })),
    queriesPerSecond: queries.rows / Math.max(1e-9, seconds),
    maxError: await maxErrorOf(input, kept, turn),
  };
}

/** How many of the true nearest are among the best k of some candidates. */
function hits(rows: readonly number[], scores: readonly number[], k: number, truth: ReadonlySet<number>): number {
  const top = new TopK(k);
  rows.forEach((row, i) => top.offer(row, scores[i]!));
  return top.take().filter(({ id }) => truth.has(id)).length;
}

async function maxErrorOf({ vectors }: KindInput, kept: CompressedRows, turn: Turn): Promise<number | undefined> {
  let most = 0;
  const step = Math.ceil(vectors.rows / MOST_DECODED);
  for (let r = 0; r < vectors.rows; r += step) {
    const decoded = kept.decode(r);
    if (!decoded) return undefined;
    const row = vectors.row(r);
    let [squares, apart] = [0, 0];
    for (let i = 0; i < row.length; i++) {
      squares += row[i]! ** 2;
      apart += (row[i]! - decoded[i]!) ** 2;
    }
    if (squares > 0) most = Math.max(most, Math.sqrt(apart / squares));
    if (turn.due) await turn.pass();
  }
  return most;
}

/** The fewest bytes that keep the recall; of equals the faster one. If none does, the one that keeps most. */
function recommend(rows: readonly CompressionRow[], k: number, wanted: number): CompressionTable {
  if (rows.length === 0)
    throw new LociError("bad-argument", "Expected at least one kind that fits the vectors, got none.");
  const best = (row: CompressionRow): number => Math.max(...row.recalls.map(({ recall }) => recall));
  const good = rows.filter((row) => best(row) >= wanted);
  const bySize = (a: CompressionRow, b: CompressionRow): number =>
    a.bytesPerVector - b.bytesPerVector || b.queriesPerSecond - a.queriesPerSecond;
  const recommended = good.length > 0 ? good.toSorted(bySize)[0]! : rows.toSorted((a, b) => best(b) - best(a) || bySize(a, b))[0]!; // prettier-ignore
  const { depth, recall } =
    recommended.recalls.find((one) => one.recall >= wanted) ??
    recommended.recalls.find((one) => one.recall === best(recommended))!;
  const smaller = rows
    .filter((row) => row.bytesPerVector < recommended.bytesPerVector)
    .toSorted(bySize)
    .at(-1);
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const because =
    `${recommended.name} keeps a vector in ${recommended.bytesPerVector} bytes, ${recommended.ratio.toFixed(1)} times less than float32, ` +
    `and holds ${share(recall)} of the true ${k} nearest when the best ${depth} are scored again in float32` +
    (good.length === 0
      ? `; no kind reached the ${share(wanted)} that was asked for.`
      : smaller
        ? `; the next smaller, ${smaller.name} with ${smaller.bytesPerVector} bytes, holds ${share(best(smaller))}.`
        : "; no kind is smaller.");
  return { rows, recommended, depth, because };
}
