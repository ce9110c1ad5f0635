/**
 * Exact answers by looking at every row that may answer.
 *
 * A pass over the rows in float32 finds the few that could be best: each is ranked by the *most* its score can be. Those are
 * scored again in float64. If the worst of the k best does not beat the most that any dropped row can reach, one more pass
 * looks at exactly the rows that can. So answers are those of a float64 search of everything, ties included, on every engine.
 */
import { TopK } from "../math/index.ts";
import type { SlotMask } from "./filters.ts";
import { Question } from "./question.ts";
import { BATCH, BLOCK, type RowSpace, type Segment } from "./row-space.ts";
import type { Turn } from "./turn.ts";

/** Rows kept beyond k, so that one pass nearly always settles the answer. */
const SPARE = 7;

/** A row that answers. */
export interface Scored {
  readonly slot: number;
  readonly score: number;
  readonly arrival: number;
}

/** What an exact search needs to know. */
export interface ExactSearch {
  readonly rows: RowSpace;
  readonly question: Question;
  readonly mask: SlotMask;
  readonly arrivalOf: (slot: number) => number;
  readonly turn: Turn;
}

/** The order of answers: higher score first, then who came in first. */
export function byScoreThenArrival(a: Scored, b: Scored): number {
  return b.score - a.score || a.arrival - b.arrival;
}

/** The min(k, mask.count) best rows, best first. */
export async function exactBest(search: ExactSearch, k: number): Promise<Scored[]> {
  const wanted = Math.min(k, search.mask.count);
  if (wanted === 0) return [];
  const sink = topFor(wanted, search.mask);
  await forEachRow(search, sink);
  return settle(search, wanted, sink.top);
}

function topFor(wanted: number, { count }: SlotMask): Sink & { readonly top: TopK } {
  const top = new TopK(Math.min(count, wanted + SPARE));
  return {
    top,
    bar: -Infinity,
    take(slot, reach) {
      top.offer(slot, reach);
      this.bar = top.threshold;
    },
  };
}

/** The k best, of which a pass kept those that reach furthest. */
async function settle(search: ExactSearch, wanted: number, top: TopK): Promise<Scored[]> {
  // No row that was dropped can be closer than this.
  const dropped = top.k < search.mask.count ? top.threshold : -Infinity;
  const kept = scoredAll(search, top.take().map(({ id }) => id)); // prettier-ignore
  kept.sort(byScoreThenArrival).splice(wanted);
  const limit = search.question.closenessOf(kept.at(-1)!.score);
  return dropped === -Infinity || limit > dropped ? kept : bestAbove(search, wanted, limit);
}

/** The same for many questions: a pass over the rows serves BATCH of them. */
export async function exactBestOfMany(
  { rows, mask, arrivalOf, turn }: Omit<ExactSearch, "question">,
  questions: readonly Question[],
  k: number,
): Promise<Scored[][]> {
  const wanted = Math.min(k, mask.count);
  if (wanted === 0) return questions.map(() => []);
  const answers: Scored[][] = [];
  // So many that a block of rows takes no longer than a turn may: nothing is let in between half a block and the other.
  const most = Math.max(8, Math.min(BATCH, Math.floor(2 ** 26 / (BLOCK * rows.dim * 8)) * 8));
  for (let from = 0; from < questions.length; from += most) {
    const some = questions.slice(from, from + most);
    const sinks = some.map(() => topFor(wanted, mask));
    await forEachBatchedRow({ rows, mask, turn }, some, sinks);
    for (const [q, question] of some.entries()) {
      answers.push(await settle({ rows, mask, arrivalOf, turn, question }, wanted, sinks[q]!.top));
    }
  }
  return answers;
}

/** The k best of the rows whose closeness can be `limit` or more. */
async function bestAbove(search: ExactSearch, k: number, limit: number): Promise<Scored[]> {
  const kept = new Best(search, { wanted: k, best: [], limit });
  await forEachRow(search, kept);
  return kept.sorted();
}

/** All rows with a score of at least `leastScore`, best first. */
export async function exactWithin(search: ExactSearch, leastScore: number): Promise<Scored[]> {
  const limit = search.question.closenessOf(leastScore);
  const kept = new Best(search, { wanted: Infinity, best: [], limit });
  await forEachRow(search, kept);
  return kept.sorted().filter(({ score }) => score >= leastScore);
}

/** What is known before some rows are looked at. */
export interface Known {
  /** How many are wanted; Infinity: all that reach `limit`. */
  readonly wanted: number;
  /** The best so far, at most `wanted`. */
  readonly best: readonly Scored[];
  /** Slots that were scored already. */
  readonly known: ReadonlySet<number>;
  /** The least closeness that matters. */
  readonly limit: number;
}

/** The best of what is known and of some more rows, given by their slots, ascending. */
export async function refine(search: ExactSearch, slots: Uint32Array, known: Known): Promise<Scored[]> {
  const { rows, question, turn } = search;
  const kept = new Best(search, known);
  let from = 0;
  for (const segment of rows.segments) {
    const { start, capacity, space } = segment;
    while (from < slots.length && slots[from]! < start + capacity) {
      let count = 0;
      while (count < BLOCK && from < slots.length && slots[from]! < start + capacity) {
        const slot = slots[from++]!;
        if (!known.known.has(slot)) space.ids[count++] = slot - start;
      }
      question.reach(segment, 0, count, space.ids.subarray(0, count));
      handOn(segment, space.scores.subarray(0, count), 0, space.ids, kept);
      if (turn.due) await turn.pass();
    }
  }
  return kept.sorted();
}

/** Scores exactly what it is handed, and raises its bar to the worst of the `wanted` best. */
class Best implements Sink {
  bar: number;
  readonly #search: ExactSearch;
  readonly #wanted: number;
  #best: Scored[];

  constructor(search: ExactSearch, { wanted, best, limit }: Pick<Known, "wanted" | "best" | "limit">) {
    this.#search = search;
    this.#wanted = wanted;
    this.#best = [...best];
    this.bar = limit;
  }

  take(slot: number): void {
    this.#best.push(scored(this.#search, slot));
    // Sorted now and then, not each time: a row costs O(log k) on average.
    if (this.#best.length < 2 * this.#wanted + 64) return;
    this.#best = this.sorted();
    this.bar = Math.max(this.bar, this.#search.question.closenessOf(this.#best[this.#wanted - 1]!.score));
  }

  /** The best, best first. */
  sorted(): Scored[] {
    return this.#best.sort(byScoreThenArrival).slice(0, this.#wanted);
  }
}

export function scored({ question, arrivalOf }: ExactSearch, slot: number): Scored {
  return { slot, score: question.exact(slot), arrival: arrivalOf(slot) };
}

/** The same for many slots, in their order. */
export function scoredAll({ question, arrivalOf }: ExactSearch, slots: readonly number[]): Scored[] {
  const scores = question.exactOfMany(slots);
  return slots.map((slot, i) => ({ slot, score: scores[i]!, arrival: arrivalOf(slot) }));
}

/** Gets the rows that can be as close as `bar`, which it may raise. */
interface Sink {
  bar: number;
  take(slot: number, reach: number): void;
}

/** Scores all rows of the mask, in the order of their slots, and hands on those that can reach the bar. */
async function forEachRow({ rows, question, mask, turn }: ExactSearch, sink: Sink): Promise<void> {
  for (const segment of rows.segments) {
    const { start, capacity, space } = segment;
    for (let first = 0; first < capacity; first += BLOCK) {
      const count = chosen(mask.words, start + first, first, space.ids);
      if (count === 0) continue;
      // A run without gaps is read straight through.
      const ids = count === space.ids[count - 1]! + 1 - first ? undefined : space.ids.subarray(0, count);
      question.reach(segment, ids ? 0 : first, count, ids);
      handOn(segment, space.scores.subarray(0, count), first, ids, sink);
      if (turn.due) await turn.pass();
    }
  }
}

/** The same for many questions, each with a sink of its own. Blocks of which few rows may answer are not worth a batch. */
async function forEachBatchedRow(
  { rows, mask, turn }: Pick<ExactSearch, "rows" | "mask" | "turn">,
  questions: readonly Question[],
  sinks: readonly Sink[],
): Promise<void> {
  for (const segment of rows.segments) {
    const { start, capacity, space } = segment;
    let packed = false;
    for (let first = 0; first < capacity; first += BLOCK) {
      const count = chosen(mask.words, start + first, first, space.ids);
      if (count === 0) continue;
      if (!packed) Question.pack(questions, segment);
      packed = true;
      reachBatch(segment, first, count, mask, questions, sinks);
      if (!turn.due) continue;
      await turn.pass();
      packed = false; // others may have packed theirs
    }
  }
}

/** Puts a block of rows, of which `count` may answer (`space.ids`), to all questions. */
function reachBatch(
  segment: Segment,
  first: number,
  count: number,
  mask: SlotMask,
  questions: readonly Question[],
  sinks: readonly Sink[],
): void {
  const { start, space } = segment;
  const span = space.ids[count - 1]! + 1 - first;
  if (8 * count < span) {
    const ids = space.ids.subarray(0, count);
    for (const [q, question] of questions.entries()) {
      question.reach(segment, 0, count, ids);
      handOn(segment, space.scores.subarray(0, count), first, ids, sinks[q]!);
    }
    return;
  }
  const admits = (row: number) => ((mask.words[(start + row) >>> 5]! >>> ((start + row) & 31)) & 1) === 1;
  for (let from = 0; from < questions.length; from += 8) {
    const eight = questions.slice(from, from + 8);
    Question.reachEight(eight, from, segment, first, span);
    for (let j = 0; j < eight.length; j++) {
      const reach = space.scores.subarray(j * BLOCK, j * BLOCK + span);
      handOn(segment, reach, first, undefined, sinks[from + j]!, count < span ? admits : undefined);
    }
  }
}

/** Hands on the rows whose reach is not below the bar: those that kernels could not judge, too. */
function handOn(
  { start, scans }: Segment,
  reach: Float32Array,
  first: number,
  ids: Uint32Array | undefined,
  sink: Sink,
  admits?: (row: number) => boolean,
): void {
  for (let i = -1; (i = scans.firstReaching(reach, below(sink.bar), i + 1)) < reach.length;) {
    const row = ids ? ids[i]! : first + i;
    if (admits && !admits(row)) continue;
    sink.take(start + row, Number.isNaN(reach[i]) ? Infinity : reach[i]!);
  }
}

/** The bar as a float32 that is not above it. */
function below(bar: number): number {
  const near = Math.fround(bar);
  return near <= bar ? near : near - Math.abs(near) * 2 ** -23 - 2 ** -149;
}

/** Writes which rows of a block may answer, as rows of the segment; returns how many. */
function chosen(words: Uint32Array, slot: number, first: number, ids: Uint32Array): number {
  let count = 0;
  const from = slot >>> 5;
  for (let w = 0; w < BLOCK / 32 && from + w < words.length; w++) {
    for (let rest = words[from + w]!; rest !== 0; rest &= rest - 1) {
      ids[count++] = first + 32 * w + (31 - Math.clz32(rest & -rest));
    }
  }
  return count;
}
