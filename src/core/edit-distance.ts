/**
 * How far one word is from another that may have been meant.
 */

/**
 * The least number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (Damerau 1964,
 * Levenshtein 1965; a swapped pair is not changed again). Infinity where that is more than `most`, which saves the work.
 */
export function editDistance(a: string, b: string, most: number = Infinity): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      next[j] = least;
    }
    // A swap looks two rows back, so both must be past the limit.
    if (Math.min(...next) > most && Math.min(...row) > most) return Infinity;
    before = row;
    row = next;
  }
  const distance = row[b.length]!;
  return distance > most ? Infinity : distance;
}
