/**
 * What happened since, kept small.
 *
 * Numbers of chunks only grow, so what was added after a write is whatever lives from that write's first number on: only
 * removals need to be written down. The log forgets from its old end; who is further behind starts anew.
 */

/** How many writes a log reaches back, and how many removed numbers it holds at most. */
export const MOST_WRITES = 4096;
export const MOST_REMOVED = 1_000_000;

interface Entry {
  readonly version: number;
  /** The first number that this write or a later one gave. */
  readonly next: number;
  readonly removed: readonly number[];
}

/** What the writes after a version did, taken together. */
export interface Changes {
  readonly version: number;
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/**
 * Writes put together: added are the living from the first write's `next` on; removed is what was there before and is gone.
 * What came and went in between is in neither.
 */
export function netChanges(
  version: number,
  entries: readonly Pick<Entry, "next" | "removed">[],
  livingFrom: (next: number) => number[],
): Changes {
  const next = entries[0]?.next;
  if (next === undefined) return { version, added: [], removed: [] };
  const removed = entries.flatMap((entry) => entry.removed.filter((chunk) => chunk < next));
  return { version, added: livingFrom(next), removed: removed.sort((a, b) => a - b) };
}

/** A log in memory. */
export class ChangeLog {
  readonly #entries: Entry[] = [];
  #from: number;
  #removed = 0;

  /** A log that knows what happens after version `from`. */
  constructor(from = 0) {
    this.#from = from;
  }

  append(version: number, next: number, removed: readonly number[]): void {
    this.#entries.push({ version, next, removed });
    this.#removed += removed.length;
    while (this.#entries.length > MOST_WRITES || this.#removed > MOST_REMOVED) {
      const oldest = this.#entries.shift()!;
      this.#removed -= oldest.removed.length;
      this.#from = oldest.version;
    }
  }

  since(since: number, version: number, livingFrom: (next: number) => number[]): Changes | undefined {
    if (since < this.#from || since > version) return undefined;
    const entries = this.#entries.filter((entry) => entry.version > since);
    return netChanges(version, entries, livingFrom);
  }
}
