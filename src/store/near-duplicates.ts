/**
 * Who is nearly the same as whom: all pairs above a threshold, exactly, and the groups they make.
 *
 * Each vector asks an index for everything within the threshold (exact range search), so no pair is missed, and a pair is
 * found once, by its later member. Groups are what pairs connect (union–find; Tarjan, 1975): a is with c where both are
 * close to b, even if not to each other.
 */
import { LociError, type LongOptions, type Matrix, type Step, checkNumber, drain, phaseClock } from "../core/index.ts";
import { FlatIndex, type IndexMetric, type VectorIndex } from "../index/index.ts";

export interface NearDuplicateOptions {
  /** Pairs with at least this score: a cosine, or what the metric says. Default 0.95. */
  readonly threshold?: number;
  /** Default "cosine". */
  readonly metric?: IndexMetric;
}

/** Two that are nearly the same; `a` came before `b`. */
export interface DuplicatePair<K> {
  readonly a: K;
  readonly b: K;
  readonly score: number;
}

/** All pairs above the threshold, and the groups that they make. */
export interface NearDuplicates<K> {
  /** Closest first; of equals in the order of coming. */
  readonly pairs: readonly DuplicatePair<K>[];
  /** What the pairs connect, two or more each, in the order of coming: the first of each group is the one to keep. */
  readonly groups: readonly (readonly K[])[];
}

/**
 * The near-duplicates among vectors, by their row numbers. Rows of zeros (texts in which a model found nothing) are nobody's
 * duplicates. Looks at all pairs: 20,000 vectors of 100 numbers took 25 s, and the time grows with the square of their number.
 */
export function nearDuplicates(
  vectors: Matrix,
  options: NearDuplicateOptions & LongOptions = {},
): Promise<NearDuplicates<number>> {
  return drain(nearDuplicatesSteps(vectors, options), options);
}

/** The same in steps. */
export async function* nearDuplicatesSteps(
  vectors: Matrix,
  { metric = "cosine", ...options }: NearDuplicateOptions = {},
): AsyncGenerator<Step, NearDuplicates<number>, void> {
  await using index = new FlatIndex({ dim: vectors.dim, metric });
  const rows = Array.from({ length: vectors.rows }, (_, r) => r);
  await index.add(rows, vectors);
  return yield* duplicatesInSteps(index, rows, options);
}

/** The near-duplicates among some keys of an index, ascending numbers. */
export async function* duplicatesInSteps(
  index: VectorIndex,
  keys: readonly number[],
  { threshold = 0.95 }: NearDuplicateOptions = {},
): AsyncGenerator<Step, NearDuplicates<number>, void> {
  if (index.metric === "cosine") checkNumber("threshold", threshold, -1, 1);
  else if (!Number.isFinite(threshold))
    throw new LociError("bad-argument", `Expected \`threshold\` to be a finite score, got ${threshold}.`);
  const pairs: DuplicatePair<number>[] = [];
  const among = new Set<unknown>(keys);
  const step = phaseClock("compare", keys.length);
  for (const [i, b] of keys.entries()) {
    const vector = index.get(b);
    if (!vector || vector.every((value) => value === 0)) continue;
    const { hits } = await index.searchWithin(vector, threshold);
    for (const { key, score } of hits) {
      if ((key as number) < b && among.has(key) && !isZero(index, key as number))
        pairs.push({ a: key as number, b, score });
    }
    if ((i & 63) === 63) yield step(i + 1);
  }
  pairs.sort((x, y) => y.score - x.score || x.a - y.a || x.b - y.b);
  return { pairs, groups: groupsOf(pairs) };
}

/** With a threshold of 0 or less a row of zeros is within everyone's reach. */
const isZero = (index: VectorIndex, key: number): boolean => index.get(key)?.every((value) => value === 0) ?? true;

/** What pairs connect: each group ascending, groups by their first. */
export function groupsOf(pairs: readonly { readonly a: number; readonly b: number }[]): number[][] {
  const parent = new Map<number, number>();
  const rootOf = (key: number): number => {
    let root = key;
    while ((parent.get(root) ?? root) !== root) root = parent.get(root)!;
    for (let at = key; at !== root;) {
      const next = parent.get(at)!;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  for (const { a, b } of pairs) {
    const [x, y] = [rootOf(a), rootOf(b)];
    // The smaller number is the root, so that a group is known by its first.
    parent.set(Math.max(x, y), Math.min(x, y));
    parent.set(Math.min(x, y), Math.min(x, y));
  }
  const groups = new Map<number, number[]>();
  for (const key of [...parent.keys()].sort((x, y) => x - y)) {
    const root = rootOf(key);
    const group = groups.get(root);
    if (group) group.push(key);
    else groups.set(root, [key]);
  }
  return [...groups.values()];
}
