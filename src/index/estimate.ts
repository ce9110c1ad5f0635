/**
 * Nearly exact answers from short codes: the best of all codes, in the order of their true scores.
 *
 * No proof, but a measurement: on sampled rows it is counted how many of the exact best lie within the r best codes. A search
 * that asks for a recall gets the least r that held it there, so it reads no more vectors than it must.
 */
import { type CodeSpace, CODE_BATCH, TOP_MOST } from "./code-space.ts";
import { certifiedBest, encodeQuestion, scanTop } from "./certify.ts";
import { type ExactSearch, type Scored, byScoreThenArrival, exactBest, scoredAll } from "./exact-scan.ts";
import { mean } from "../math/index.ts";
import type { Question } from "./question.ts";

/** Of how many sampled rows neighbours are looked up, and how many neighbours. */
export const CALIBRATION_ROWS = 200;
export const CALIBRATION_K = 10;
/** How many times k rows are re-ranked at most; further down the codes nothing is found any more. */
const DEEPEST = 16;

/** Recall by how many codes were re-ranked, in multiples of k: entry j is for r = k · (1 + j / 2). */
export class Calibration {
  /** As measured. */
  readonly recalls: readonly number[];
  /** Less one standard error of what was measured: rows differ much in how hard their neighbours are to find. */
  readonly safe: readonly number[];

  /** From the places of the exact neighbours of each sampled row among its codes (0 is first; Infinity where not kept). */
  constructor(places: readonly (readonly number[])[], k: number) {
    const steps = Array.from({ length: 2 * (DEEPEST - 1) + 1 }, (_, j) => k * (1 + j / 2));
    const shares = steps.map((depth) => places.map((own) => own.filter((place) => place < depth).length / own.length));
    this.recalls = shares.map(mean);
    this.safe = shares.map((own, j) => {
      const squares = own.map((share) => (share - this.recalls[j]!) ** 2);
      return this.recalls[j]! - Math.sqrt(mean(squares) / Math.max(1, places.length - 1));
    });
  }

  /** How many codes to re-rank for a recall of the k best, and which recall that had; undefined where none was enough. */
  depthFor(recall: number, k: number): { depth: number; recall: number } | undefined {
    const j = this.safe.findIndex((one) => one >= recall);
    return j < 0 ? undefined : { depth: Math.ceil(k * (1 + j / 2)), recall: this.recalls[j]! };
  }
}

/**
 * At which places among the codes the exact neighbours of a row are, the row itself (`self`) left out: it is nobody's
 * question. None where the row has no code.
 */
export async function placesAmongCodes(coded: CodeSpace, search: ExactSearch, self: number): Promise<number[]> {
  const exact = await certifiedBest(coded, search, CALIBRATION_K + 1);
  const kept = Math.min(search.mask.count, DEEPEST * CALIBRATION_K + 1);
  const order = await coded.gate.write(async () => {
    if (!encodeQuestion(coded, search.question)) return undefined;
    coded.bitmap.fill(0);
    coded.bitmap.set(search.mask.words);
    return scanTop(coded, search, kept, undefined);
  });
  if (!order) return [];
  const others = order.filter((slot) => slot !== self);
  const neighbors = exact.filter(({ slot }) => slot !== self).slice(0, CALIBRATION_K);
  return neighbors.map(({ slot }) => {
    const place = others.indexOf(slot);
    return place < 0 ? Infinity : place;
  });
}

/** The best k of the `depth` rows whose codes are closest; the scan's own answer where the question has no code. */
export async function estimatedBest(
  coded: CodeSpace,
  search: ExactSearch,
  k: number,
  depth: number,
): Promise<Scored[]> {
  const kept = Math.min(depth, search.mask.count);
  if (kept === 0) return [];
  return coded.gate.write(async () => {
    if (kept > TOP_MOST || !encodeQuestion(coded, search.question)) return exactBest(search, k);
    coded.bitmap.fill(0);
    coded.bitmap.set(search.mask.words);
    return best(search, await scanTop(coded, search, kept, undefined), k);
  });
}

/** The same for many questions: blocks of codes stay in the cache while all questions are put to them. */
export async function estimatedBestOfMany(
  coded: CodeSpace,
  search: Omit<ExactSearch, "question">,
  questions: readonly Question[],
  k: number,
  depth: number,
): Promise<Scored[][]> {
  const kept = Math.min(depth, search.mask.count);
  const most = Math.min(CODE_BATCH, Math.floor(TOP_MOST / Math.max(1, kept)));
  const answers: Scored[][] = [];
  while (answers.length < questions.length) {
    const question = questions[answers.length]!;
    const some = most < 2 ? [] : await coded.gate.write(() => topsOf(coded, search, questions.slice(answers.length, answers.length + most), kept)); // prettier-ignore
    if (some.length === 0) answers.push(await estimatedBest(coded, { ...search, question }, k, depth));
    for (const slots of some) answers.push(best({ ...search, question: questions[answers.length]! }, slots, k));
    if (search.turn.due) await search.turn.pass();
  }
  return answers;
}

/** The slots whose codes are closest, for as many questions as have codes; none where the first has none. */
async function topsOf(
  coded: CodeSpace,
  { mask, turn }: Omit<ExactSearch, "question">,
  questions: readonly Question[],
  kept: number,
): Promise<number[][]> {
  const { scans, queryCode, codes, bitmap, codec } = coded;
  if (kept === 0) return questions.map(() => []);
  let count = 0;
  while (count < questions.length && encodeQuestion(coded, questions[count]!)) {
    coded.queryCodes.set(queryCode, count++ * codec.stride);
  }
  if (count === 0) return [];
  bitmap.fill(0);
  bitmap.set(mask.words);
  const tops = coded.tops.subarray(0, count * kept);
  const sizes = coded.sizes.subarray(0, count).fill(0);
  const rows = 32 * mask.words.length;
  const slice = Math.max(64, Math.floor(65_536 / count / 64) * 64);
  for (let first = 0; first < rows; first += slice) {
    const range = { first, end: Math.min(rows, first + slice), bitmap };
    scans.scanCodesBatch(coded.queryCodes.subarray(0, count * codec.stride), codec.stride, codes, range, tops, sizes);
    if (turn.due) await turn.pass();
  }
  return Array.from(sizes, (size, q) =>
    Array.from(tops.subarray(q * kept, q * kept + size), (entry) => Number(entry & 0xffffffffn)),
  );
}

function best(search: ExactSearch, slots: readonly number[], k: number): Scored[] {
  return scoredAll(search, slots).sort(byScoreThenArrival).slice(0, k);
}
