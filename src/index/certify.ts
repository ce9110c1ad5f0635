/**
 * Exact answers from short codes, proven: filter by what codes can be wrong by, refine what is left.
 *
 * A pass over all codes keeps the best few, whose scores tell how near a row must be. The certificate turns that into a
 * largest key; all rows up to it (some hundred of 60,000) get their float32 reach and, where that can matter, their float64
 * score. What is left out cannot be among the k best, so the answer is that of a scan of everything, to the last bit and
 * tie. With a score given instead of found it is exact range search; with a bitmap, exact filtered search. Filter and
 * refine is as old as GEMINI (Faloutsos et al., 1994) and the VA-file (Weber et al., 1998); the bound is ours
 * (docs/exact-search.md).
 */
import type { CodedRows } from "./code-space.ts";
import { TOP_MOST } from "./code-space.ts";
import type { Question } from "./question.ts";
import { isOdd } from "./row-space.ts";
import {
  type ExactSearch,
  type Scored,
  byScoreThenArrival,
  exactBest,
  exactWithin,
  refine,
  scoredAll,
} from "./exact-scan.ts";

/** Rows scanned between two looks at the clock: about a tenth of a millisecond. A multiple of 32. */
const SLICE = 16_384;

/** The min(k, mask.count) best rows, best first: what `exactBest` gives. */
export function certifiedBest(coded: CodedRows, search: ExactSearch, k: number): Promise<Scored[]> {
  const { question, mask } = search;
  const wanted = Math.min(k, mask.count);
  const kept = Math.min(mask.count, wanted + 14 + (wanted >>> 2));
  return coded.gate.write(async () => {
    const asked = wanted > 0 && kept < mask.count && kept <= TOP_MOST ? encode(coded, search) : undefined;
    if (!asked) return exactBest(search, k);
    const first = await scanTop(coded, search, kept, coded.keys);
    const best = scoredAll(search, first);
    best.sort(byScoreThenArrival).splice(wanted);
    const { score } = best.at(-1)!;
    const distance = coded.certificate.distanceAt(question.metric, score, question.length);
    const slots = listed(coded, search, distance, asked);
    return refine(search, slots, { wanted, best, known: new Set(first), limit: question.closenessOf(score) });
  });
}

/** All rows with a score of at least `leastScore`, best first: what `exactWithin` gives. */
export function certifiedWithin(coded: CodedRows, search: ExactSearch, leastScore: number): Promise<Scored[]> {
  const { question, mask } = search;
  return coded.gate.write(async () => {
    const asked = mask.count > 0 && Number.isFinite(leastScore) ? encode(coded, search) : undefined;
    if (!asked) return exactWithin(search, leastScore);
    await scanTop(coded, search, 1, coded.keys);
    const distance = coded.certificate.distanceAt(question.metric, leastScore, question.length);
    const slots = listed(coded, search, distance, asked);
    const limit = question.closenessOf(leastScore);
    const found = await refine(search, slots, { wanted: Infinity, best: [], known: new Set(), limit });
    return found.filter(({ score }) => score >= leastScore);
  });
}

/** What is known of a query's code. */
interface Asked {
  readonly error: number;
  /** ‖c(q)‖². */
  readonly squares: number;
}

/** Encodes the question; undefined where its code certifies nothing, since it lies too far out or has no direction. */
function encode(coded: CodedRows, { question, mask }: ExactSearch): Asked | undefined {
  const { kernels, codec, queryCode, certificate, bitmap } = coded;
  if (!encodeQuestion(coded, question) || kernels.lastShrink!() !== 1) return undefined;
  const error = certificate.queryError(question.length, Math.sqrt(kernels.lastError!()));
  if (!Number.isFinite(error)) return undefined;
  bitmap.fill(0);
  bitmap.set(mask.words);
  let squares = 0;
  for (let i = 0; i < codec.codes; i++) squares += (queryCode[i]! - 64) ** 2;
  return { error, squares };
}

/**
 * Writes the code of a question to `queryCode`. False where there is none: the question has no direction, or a length that
 * kernels do not reach.
 */
export function encodeQuestion({ kernels, queryCode, query, work, codecAt }: CodedRows, question: Question): boolean {
  if (isOdd(question.length) || (question.length === 0 && question.metric !== "euclidean")) return false;
  query.set(question.query);
  kernels.encodeQuery!(codecAt, query.byteOffset, queryCode.byteOffset, work.byteOffset);
  return true;
}

/** The slots of the `kept` least keys of rows that may answer. Where `keys` is given, it gets the keys of all of those. */
export async function scanTop(
  { scans, queryCode, codes, bitmap, top: { buffer, byteOffset } }: CodedRows,
  { mask, turn }: Pick<ExactSearch, "mask" | "turn">,
  kept: number,
  keys: Int32Array | undefined,
): Promise<number[]> {
  const top = { entries: new BigInt64Array(buffer, byteOffset, kept), size: 0 };
  const rows = 32 * mask.words.length;
  for (let first = 0; first < rows; first += SLICE) {
    scans.scanCodes(queryCode, codes, { first, end: Math.min(rows, first + SLICE), bitmap }, keys, top);
    if (turn.due) await turn.pass();
  }
  return Array.from(top.entries.subarray(0, top.size), (entry) => Number(entry & 0xffffffffn));
}

/** The slots of the mask that can be within a distance (in steps), ascending. */
function listed(
  { scans, certificate, keys, biases, bitmap, list, rowError, outliers }: CodedRows,
  { mask }: ExactSearch,
  distance: number,
  { error, squares }: Asked,
): Uint32Array {
  const limit = certificate.keyAt(distance, error, rowError, squares);
  const count = scans.listKeys(keys, biases, { first: 0, end: 32 * mask.words.length, bitmap }, limit, list);
  const found = list.slice(0, count);
  const more: number[] = [];
  for (const slot of outliers) {
    const admitted = ((mask.words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1;
    if (admitted && keys[slot]! - biases[slot]! > limit) more.push(slot);
  }
  return more.length === 0 ? found : Uint32Array.from([...found, ...more]).sort();
}
