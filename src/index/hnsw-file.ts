/**
 * A graph index as a file, and back: docs/formats/index-file.md.
 *
 * Sections are the bytes of the memory as they lie there, so that opening reads them straight into place. Only keys and
 * vectors cannot be made again: where one of them is damaged the file is refused, with the place. A damaged section of
 * anything else costs the time to build it from the vectors.
 */
import { LociError, type ByteSource } from "../core/index.ts";
import type { Codec } from "./codec.ts";
import type { Frontier } from "./hnsw-calibration.ts";
import type { HnswGraph } from "./hnsw-graph.ts";
import { linkBytes, upperBytes } from "./hnsw-space.ts";
import { type RowSpace, weightOf } from "./row-space.ts";
import { type SectionFile, type SectionOut, badIndex } from "./section-file.ts";
import type { SlotTable } from "./slot-table.ts";
import type { Turn } from "./turn.ts";
import type { IndexMetric } from "./vector-index.ts";

/** Vectors lie in sections of about so many bytes, so that damage has a place. */
const ROW_SECTION_BYTES = 1 << 24;

/** What a file says of the index as a whole. */
export interface HnswHead {
  readonly dim: number;
  readonly metric: IndexMetric;
  readonly M: number;
  readonly efConstruction: number;
  readonly graphFrom: number;
  readonly slots: number;
  readonly graph?: GraphHead;
}

/** What a file says of its graph. */
export interface GraphHead {
  readonly codec: Omit<Codec, "mean" | "matrix">;
  readonly entry: number;
  readonly top: number;
  readonly calibratedAt: number;
  readonly frontiers: readonly Frontier[];
}

export function graphHead(graph: HnswGraph): GraphHead {
  const { entry, top, calibratedAt, frontiers } = graph;
  const { mean: _mean, matrix: _matrix, ...codec } = graph.codec;
  return { codec, entry, top, calibratedAt, frontiers };
}

/** The sections of an index: keys, what is derived, and the vectors last. */
export function* hnswSections(table: SlotTable, rows: RowSpace, graph: HnswGraph | undefined): Generator<SectionOut> {
  yield { name: "keys", pieces: table.pieces() };
  if (graph) {
    for (const { name, bytes } of derivedSections(graph, table.end)) yield { name, pieces: [bytes] };
  }
  for (const { name, pieces } of rowSections(rows, table.end)) yield { name, pieces };
}

/** The memory of each section that can be made again. */
export function derivedSections(graph: HnswGraph, slots: number): { name: string; bytes: Uint8Array }[] {
  const { codec, views, M } = graph;
  const upperRows = slots === 0 ? 0 : views.upperAt[slots - 1]! + views.levels[slots - 1]!;
  const part = (view: { buffer: ArrayBufferLike; byteOffset: number }, length: number) =>
    new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, length);
  return [
    { name: "mean", bytes: part(views.mean, 4 * codec.width) },
    { name: "projection", bytes: views.matrix },
    { name: "codes", bytes: part(views.codes, slots * codec.stride) },
    { name: "biases", bytes: part(views.biases, 4 * slots) },
    { name: "errors", bytes: part(views.errors, 4 * slots) },
    { name: "squares", bytes: part(views.squares, 8 * slots) },
    { name: "links", bytes: part(views.links, slots * linkBytes(M)) },
    { name: "upper", bytes: part(views.upper, upperRows * upperBytes(M)) },
  ];
}

/** The vectors of slots 0 … slots − 1, in sections of whole rows. */
export function rowSections(rows: RowSpace, slots: number): { name: string; from: number; pieces: Uint8Array[] }[] {
  const each = Math.max(1, Math.floor(ROW_SECTION_BYTES / (4 * rows.dim)));
  const sections = [];
  for (let from = 0; from < slots; from += each) {
    const to = Math.min(slots, from + each);
    sections.push({ name: `rows ${from}`, from, pieces: rowBytes(rows, from, to) });
  }
  return sections;
}

function rowBytes(rows: RowSpace, from: number, to: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const { start, capacity, space } of rows.segments) {
    const [first, last] = [Math.max(from, start), Math.min(to, start + capacity)];
    if (first >= last) continue;
    const at = space.rows.byteOffset + 4 * rows.dim * (first - start);
    pieces.push(new Uint8Array(space.rows.buffer, at, 4 * rows.dim * (last - first)));
  }
  return pieces;
}

/** Lengths and weights of the first `end` slots from their squares, which were read. */
export async function weigh({ views, rows }: HnswGraph, end: number, turn: Turn): Promise<void> {
  const { squares, lengths, weights } = views;
  for (let slot = 0; slot < end; slot++) {
    const length = Math.sqrt(squares[slot]!);
    lengths[slot] = length;
    weights[slot] = weightOf(length, rows.weight);
    if ((slot & 4095) === 0 && turn.due) await turn.pass();
  }
}

/** The head of a file. Throws `bad-file` where it is not that of a graph index. */
export function headOf(file: SectionFile, source: ByteSource): HnswHead {
  if (file.kind !== "hnsw") throw badIndex(source, 'an index of kind "hnsw"', `"${file.kind}"`);
  return file.head as HnswHead;
}

/** Reads a section that must have as many bytes as `into`. */
export async function readExactly(
  file: SectionFile,
  name: string,
  into: Uint8Array[],
  signal?: AbortSignal,
): Promise<void> {
  const expected = into.reduce((sum, { length }) => sum + length, 0);
  const found = file.bytesOf(name);
  if (found !== expected) throw badIndex(file, `section "${name}" of ${expected} bytes`, `${found}`);
  await file.readInto(name, into, signal);
}

/** Reads a section that can be made again: whether it is sound. Other failures than damage are thrown. */
export async function readIfSound(
  file: SectionFile,
  name: string,
  into: Uint8Array,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await readExactly(file, name, [into], signal);
    return true;
  } catch (error) {
    if (error instanceof LociError && error.code === "bad-file") return false;
    throw error;
  }
}
