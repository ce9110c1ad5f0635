/**
 * The counted pairs, summed, weighed and sorted into blocks of pages on scratch, ready to be fitted.
 *
 * The runs are sorted by hash, so they merge, equal pairs meet, and each block receives its pairs in an order of
 * chance. Pages are read back in a fresh order each epoch. Nothing here depends on how many runs there were.
 */
import { nextTask, phaseClock, platform, type Scratch, type Step } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import { UNITS, type PairRuns, type Run } from "./glove-count.ts";
import { placesOf, type Strips } from "./glove-strips.ts";

/** Pairs to a page, three 32-bit words each: 24 kB. */
export const PAGE_PAIRS = 2048;

/** A page of pairs on scratch. */
export interface Page {
  readonly position: number;
  readonly pairs: number;
  /** How many of them are of a word with itself. */
  readonly same: number;
}

export interface PairBlocks {
  /** The pages of each block. */
  readonly pages: readonly (readonly Page[])[];
  /** Distinct pairs of words, a word with itself included. */
  readonly pairs: number;
  /** Entries of X that are not zero, which an epoch fits: each pair twice, but a word with itself once. */
  readonly entries: number;
  /** Reads a page: three 32-bit words a pair, as `fitPairs` takes them. */
  read(page: Page, into: Uint32Array): void;
  close(): void;
}

const LOOK_EVERY = 4096; // records between two looks at the clock: 1 ms
const PAUSE_SECONDS = 0.03;

/** Sums and sorts counted pairs: phase "merge", in records. Closes `runs`. */
export async function* pairBlocksSteps(
  runs: PairRuns,
  strips: Strips,
  weighing: { readonly xMax: number; readonly alpha: number },
): AsyncGenerator<Step, PairBlocks, void> {
  const writer = new BlockWriter(strips, runs.salt, weighing);
  let written = false;
  try {
    const clock = phaseClock("merge", runs.records);
    const merge = new Merge(runs.runs);
    let paused = platform.now();
    while (merge.next()) {
      writer.add(merge.key, merge.count);
      if (writer.pairs % LOOK_EVERY !== 0 || platform.now() - paused < PAUSE_SECONDS) continue;
      await nextTask(); // before the step, so that a signal that came meanwhile is seen at once
      yield clock(merge.read);
      paused = platform.now();
    }
    written = true;
    return writer.finish();
  } finally {
    runs.close();
    if (!written) writer.close();
  }
}

/** Many sorted runs as one, counts of equal keys added: a heap of runs by their next key (Knuth, vol. 3, 5.4.1). */
class Merge {
  key = 0;
  count = 0;
  /** Records read so far. */
  read = 0;
  readonly #heap: RunReader[];

  constructor(runs: readonly Run[]) {
    this.#heap = runs.map((run) => new RunReader(run)).filter((reader) => reader.next());
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at);
  }

  /** Goes to the next key; false after the last. */
  next(): boolean {
    const heap = this.#heap;
    if (heap.length === 0) return false;
    this.key = heap[0]!.key;
    this.count = 0;
    while (heap.length > 0 && heap[0]!.key === this.key) {
      const first = heap[0]!;
      this.count += first.count;
      this.read++;
      if (!first.next()) {
        const last = heap.pop()!;
        if (heap.length === 0) break;
        if (last !== first) heap[0] = last;
      }
      this.#sink(0);
    }
    return true;
  }

  #sink(at: number): void {
    const heap = this.#heap;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && heap[child]!.key < heap[least]!.key) least = child;
      }
      if (least === at) return;
      const moved = heap[at]!;
      heap[at] = heap[least]!;
      heap[least] = moved;
      at = least;
    }
  }
}

/** Walks a run, some thousand records in memory at a time. */
class RunReader {
  key = 0;
  count = 0;
  readonly #run: Run;
  readonly #buffer = new Float64Array(2 * 4096);
  #taken = 0;
  #at = 0;
  #end = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Goes to the next record; false after the last. */
  next(): boolean {
    if (this.#at === this.#end && !this.#refill()) return false;
    this.key = this.#buffer[this.#at]!;
    this.count = this.#buffer[this.#at + 1]!;
    this.#at += 2;
    return true;
  }

  #refill(): boolean {
    const { scratch, position, records } = this.#run;
    const more = Math.min(this.#buffer.length / 2, records - this.#taken);
    if (more === 0) return false;
    scratch.read(position + 16 * this.#taken, new Uint8Array(this.#buffer.buffer, 0, 16 * more));
    this.#taken += more;
    this.#at = 0;
    this.#end = 2 * more;
    return true;
  }
}

/** Puts pairs into their blocks, a page of each under way in memory. */
class BlockWriter {
  pairs = 0;
  #same = 0; // pairs of a word with itself, in pages that are closed
  readonly #salt: number;
  readonly #xMax: number;
  readonly #alpha: number;
  readonly #scratch: Scratch = platform.openScratch();
  readonly #pages: Page[][];
  readonly #open: Uint32Array;
  readonly #numbers: Float32Array;
  readonly #filled: Int32Array;
  readonly #sameFilled: Int32Array;
  readonly #diagonal: Uint8Array;

  constructor(strips: Strips, salt: number, { xMax, alpha }: { readonly xMax: number; readonly alpha: number }) {
    this.#salt = salt;
    this.#xMax = xMax;
    this.#alpha = alpha;
    this.#pages = Array.from({ length: strips.blocks }, () => []);
    this.#open = new Uint32Array(strips.blocks * PAGE_PAIRS * 3);
    this.#numbers = new Float32Array(this.#open.buffer);
    this.#filled = new Int32Array(strips.blocks);
    this.#sameFilled = new Int32Array(strips.blocks);
    this.#diagonal = new Uint8Array(strips.blocks);
    for (let s = 0; s < strips.count; s++) this.#diagonal[strips.blockOf(s, s)] = 1;
  }

  add(key: number, count: number): void {
    const { block, low, high } = placesOf(key, this.#salt);
    const same = low === high && this.#diagonal[block] === 1;
    // A word beside itself is its own neighbour from both sides.
    const x = (same ? 2 * count : count) / UNITS;
    const at = 3 * (block * PAGE_PAIRS + this.#filled[block]!);
    this.#open[at] = low | (high << 16);
    this.#numbers[at + 1] = reference.log(x);
    this.#numbers[at + 2] = x >= this.#xMax ? 1 : reference.pow(x / this.#xMax, this.#alpha);
    this.pairs++;
    if (same) this.#sameFilled[block]!++;
    if (++this.#filled[block]! === PAGE_PAIRS) this.#flush(block);
  }

  #flush(block: number): void {
    const pairs = this.#filled[block]!;
    if (pairs === 0) return;
    const same = this.#sameFilled[block]!;
    this.#pages[block]!.push({ position: this.#scratch.bytes, pairs, same });
    this.#same += same;
    this.#sameFilled[block] = 0;
    this.#scratch.append(new Uint8Array(this.#open.buffer, 12 * block * PAGE_PAIRS, 12 * pairs));
    this.#filled[block] = 0;
  }

  finish(): PairBlocks {
    for (let block = 0; block < this.#pages.length; block++) this.#flush(block);
    const scratch = this.#scratch;
    return {
      pages: this.#pages,
      pairs: this.pairs,
      entries: 2 * this.pairs - this.#same,
      read: ({ position, pairs }, into) =>
        scratch.read(position, new Uint8Array(into.buffer, into.byteOffset, 12 * pairs)),
      close: () => scratch.close(),
    };
  }

  close(): void {
    this.#scratch.close();
  }
}
