/**
 * A graph's codes, as certified searches want them (certify.ts).
 *
 * The codes are there already; what must be found out is how wrong they can be: the norm of the projection, and a bound that
 * all rows keep but a few, which are then always looked at.
 */
import { Certificate, projectionNorm } from "./certificate.ts";
import { type CodedRows, TOP_MOST } from "./code-space.ts";
import { Gate } from "./gate.ts";
import type { HnswGraph } from "./hnsw-graph.ts";
import type { Turn } from "./turn.ts";

/** Rows whose errors say where the bound lies. */
const SAMPLE = 4096;
/** Of those, one in so many is above it. */
const OUTLIERS = 1000;

/** Norms are of the codec alone, and a graph keeps its codec. */
const norms = new WeakMap<HnswGraph, number>();

/** The codes of the live slots; undefined where they can certify nothing. */
export async function codedRowsOf(graph: HnswGraph, live: Uint32Array, turn: Turn): Promise<CodedRows | undefined> {
  const { codec, views, rows } = graph;
  const certificate = new Certificate(codec, await normOf(graph, turn));
  if (!certificate.sound) return undefined;
  const errorOf = (slot: number): number => certificate.rowError(rows.lengthOf(slot), views.errors[slot]!);
  const count = Math.min(SAMPLE, live.length);
  const sample = Float64Array.from({ length: count }, (_, i) => errorOf(live[Math.floor((i * live.length) / count)]!));
  const rowError =
    sample
      .filter(Number.isFinite)
      .sort()
      .at(-1 - Math.floor(count / OUTLIERS)) ?? 0;
  const outliers = new Set<number>();
  for (const [i, slot] of live.entries()) {
    if (!(errorOf(slot) <= rowError)) outliers.add(slot);
    if ((i & 4095) === 0 && turn.due) await turn.pass();
  }
  return {
    gate: new Gate(),
    codec,
    certificate,
    scans: rows.segments[0]!.scans,
    kernels: graph.kernels,
    codecAt: views.codec.byteOffset,
    codes: views.codes,
    keys: views.keys,
    list: views.list,
    bitmap: views.bitmap,
    biases: views.biases,
    top: new BigInt64Array(views.memory.buffer, views.entries.byteOffset, TOP_MOST),
    query: views.codeQuery,
    queryCode: views.queryCode,
    work: views.codeWork,
    rowError,
    outliers,
  };
}

async function normOf(graph: HnswGraph, turn: Turn): Promise<number> {
  const known = norms.get(graph);
  if (known !== undefined) return known;
  const steps = projectionNorm(graph.codec);
  for (;;) {
    const next = steps.next();
    if (next.done) {
      norms.set(graph, next.value);
      return next.value;
    }
    if (turn.due) await turn.pass();
  }
}
