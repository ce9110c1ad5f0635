/**
 * The vectors of an index, as they were given, in memory that kernels can read.
 *
 * WebAssembly memory that grows takes its views away, and copying all rows whenever there are more would need twice the
 * memory. So rows lie in segments that never move: the first is small, each next one as large as all before it, up to
 * 128 MiB. There is no limit of 4 GiB then, only of the machine.
 */
import { type Part, type Workspace, bytes, doubles, floats, openWorkspace, words } from "../core/index.ts";
import { type Scans, openScans } from "../kernels/index.ts";
import { dot, norm } from "../math/index.ts";

/** Rows scored in one go. A multiple of 32, so that a block is whole words of a bitmap. */
export const BLOCK = 1024;
/** How many queries one pass over the rows serves. A multiple of 8. */
export const BATCH = 128;
const MOST_BYTES = 2 ** 27;
/** Lengths outside 2⁻⁶⁰ … 2⁶⁰ are *odd*: products of two of them may leave the range of float32. */
const ODD = 2 ** 60;

type SegmentSpace = Workspace<{
  rows: Part<Float32Array>;
  squares: Part<Float64Array>;
  lengths: Part<Float64Array>;
  weights: Part<Float32Array>;
  query: Part<Float32Array>;
  scores: Part<Float32Array>;
  ids: Part<Uint32Array>;
  packed: Part<Float32Array>;
  spill: Part<Uint8Array>;
}>;

/** Slots start … start + capacity, in one memory. */
export interface Segment {
  readonly start: number;
  readonly capacity: number;
  readonly space: SegmentSpace;
  readonly scans: Scans;
}

/** What a row's closeness is weighed with: its length, or one over it. */
export type Weight = "length" | "inverse";

export class RowSpace {
  readonly dim: number;
  readonly weight: Weight;
  readonly segments: Segment[] = [];

  constructor(dim: number, weight: Weight) {
    this.dim = dim;
    this.weight = weight;
  }

  /** How many rows there is room for. */
  get capacity(): number {
    const last = this.segments.at(-1);
    return last ? last.start + last.capacity : 0;
  }

  /** Makes room for `slots` rows. Throws `out-of-memory`; what is there stays. */
  reserve(slots: number): void {
    const most = Math.max(BLOCK, Math.floor(MOST_BYTES / (4 * this.dim * BLOCK)) * BLOCK);
    while (this.capacity < slots) {
      const start = this.capacity;
      const capacity = Math.min(most, Math.max(BLOCK, start));
      const space = openWorkspace({
        rows: floats(capacity * this.dim),
        squares: doubles(capacity),
        lengths: doubles(capacity),
        weights: floats(capacity),
        query: floats(this.dim),
        scores: floats(8 * BLOCK),
        ids: words(BLOCK),
        packed: floats(BATCH * this.dim),
        spill: bytes(64),
      });
      this.segments.push({ start, capacity, space, scans: openScans(space.memory, space.spill) });
    }
  }

  /** The segment that a slot lies in. */
  segmentOf(slot: number): Segment {
    let at = this.segments.length - 1;
    while (this.segments[at]!.start > slot) at--;
    return this.segments[at]!;
  }

  /** A row: a view of its segment. */
  row(slot: number): Float32Array {
    const { start, space } = this.segmentOf(slot);
    return space.rows.subarray((slot - start) * this.dim, (slot - start + 1) * this.dim);
  }

  /** The length of a row, in float64. */
  lengthOf(slot: number): number {
    const { start, space } = this.segmentOf(slot);
    return space.lengths[slot - start]!;
  }

  set(slot: number, vector: Float32Array): void {
    this.row(slot).set(vector);
    this.measure(slot);
  }

  /** Notes the length of a row that was written through its view. The weight of an odd one is NaN: no kernel may judge it. */
  measure(slot: number): void {
    const { start, space } = this.segmentOf(slot);
    const row = this.row(slot);
    space.squares[slot - start] = dot(row, row);
    const length = norm(row);
    space.lengths[slot - start] = length;
    space.weights[slot - start] = weightOf(length, this.weight);
  }
}

/** The weight of a row of some length. */
export function weightOf(length: number, weight: Weight): number {
  return isOdd(length) ? NaN : length > 0 && weight === "inverse" ? 1 / length : length;
}

/** Whether products with a vector of this length may leave the range of float32. A vector of zeros is not odd. */
export function isOdd(length: number): boolean {
  return length !== 0 && !(length > 1 / ODD && length < ODD);
}
