/**
 * The walk through a graph and the choice of neighbours, plainly: the oracle of ../assembly/search/{graph,build}.ts, to the bit.
 *
 * A plain array that is sorted again and again in place of a pool, a Set in place of stamps. Candidates are ordered by key,
 * then by id.
 */

/** A node with how far it is. */
export interface Candidate {
  readonly id: number;
  readonly key: number;
}

const closer = (a: Candidate, b: Candidate): number => a.key - b.key || a.id - b.id;

/** The `ef` best that a walk from `entry` sees, best first: Algorithm 2 of Malkov & Yashunin (2016). */
export function walk(
  linksOf: (id: number) => Iterable<number>,
  keyOf: (id: number) => number,
  entry: number,
  ef: number,
): Candidate[] {
  let pool: Candidate[] = [{ id: entry, key: keyOf(entry) }];
  const seen = new Set([entry]);
  const expanded = new Set<number>();
  for (;;) {
    const next = pool.find(({ id }) => !expanded.has(id));
    if (!next) return pool;
    expanded.add(next.id);
    for (const id of linksOf(next.id)) {
      if (seen.has(id)) continue;
      seen.add(id);
      const one = { id, key: keyOf(id) };
      // As far as the worst of a full pool is not good enough, whatever the ids.
      if (pool.length === ef && one.key >= pool[ef - 1]!.key) continue;
      pool = [...pool, one].sort(closer).slice(0, ef);
    }
  }
}

/** Where a greedy descent over levels `top` … `to` + 1 ends. */
export function descend(
  linksOf: (id: number, level: number) => Iterable<number>,
  keyOf: (id: number) => number,
  entry: number,
  top: number,
  to: number,
): number {
  let best = entry;
  for (let level = top; level > to; level--) {
    for (let moved = true; moved;) {
      moved = false;
      for (const id of linksOf(best, level)) {
        if (keyOf(id) >= keyOf(best)) continue;
        best = id;
        moved = true;
      }
    }
  }
  return best;
}

/**
 * Chooses at most `most` of sorted candidates (keys are squared distances to the node): each must be nearer to the node than to
 * all chosen before it (Algorithm 4); copies of the node itself fill at most half.
 */
export function select(
  candidates: readonly Candidate[],
  distance: (a: number, b: number) => number,
  most: number,
): number[] {
  const chosen: number[] = [];
  let copies = 0;
  for (const { id, key } of candidates) {
    if (chosen.length === most) break;
    if (chosen.some((other) => distance(id, other) < key)) continue;
    if (chosen.length > 0 && key === 0 && ++copies > most >> 1) continue;
    chosen.push(id);
  }
  return chosen;
}
