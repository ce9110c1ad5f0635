/**
 * Cutting a text into tiles of bounded length, at the best places there are.
 *
 * In two passes. The first takes the text apart, level by level (paragraphs, sentences, …), only as far as is needed for
 * every atom to fit. The second fills tiles with atoms from the front; when the next one does not fit, it goes back to the
 * strongest boundary in the later part of the tile (an end of paragraph before an end of sentence before a blank). Every chunker is
 * this engine with other levels.
 */
import { type Splitter, halves } from "./boundaries.ts";

/** How many tokens a text has. */
export type CountTokens = (text: string) => number;

/** One way of taking apart, tried where what came before left pieces that are too long. */
export interface Level {
  readonly split: Splitter;
  /** What a boundary of this level is worth: tiles rather end at higher ones. */
  readonly strength: number;
}

export interface TileOptions {
  /** Tokens of a tile, at most; only a single character may have more. */
  readonly limit: number;
  readonly count: CountTokens;
  readonly levels: readonly Level[];
  /** Take everything apart down to this level, fitting or not. Default 0: nothing. */
  readonly atLeast?: number;
  /** From which share of the limit on a tile may end early for a stronger boundary. Default 0.5. */
  readonly preferFrom?: number;
}

/** A stretch of text longer than this for each token allowed is taken apart without being counted first. */
const CHARACTERS_A_TOKEN = 64;

interface Atoms {
  readonly ends: number[];
  readonly counts: number[];
  /** Of the boundary behind each atom. */
  readonly strengths: number[];
}

/** The ends of the tiles of text[start, end): ascending, the last one its end. */
export function tileEnds(text: string, start: number, end: number, options: TileOptions): number[] {
  const { limit, count, preferFrom = 0.5 } = options;
  const { ends, counts, strengths } = atomize(text, start, end, options);
  const tiles: number[] = [];
  let from = start;
  for (let first = 0; first < ends.length;) {
    let next = first;
    let tokens = 0;
    while (next < ends.length && (next === first || tokens + counts[next]! <= limit)) tokens += counts[next++]!;
    // Counts of parts need not add up to the count of the whole.
    while (next > first + 1 && count(text.slice(from, ends[next - 1])) > limit) next--;
    if (next < ends.length) next = strongest(counts, strengths, first, next, preferFrom * limit);
    tiles.push((from = ends[next - 1]!));
    first = next;
  }
  return tiles;
}

/** Where the tile of the atoms first … next − 1 had better end: after the strongest boundary with at least `least` tokens before it. */
function strongest(counts: number[], strengths: number[], first: number, next: number, least: number): number {
  let best = next;
  let tokens = 0;
  for (let i = first; i < next; i++) {
    tokens += counts[i]!;
    if (tokens >= least && strengths[i]! >= strengths[best - 1]!) best = i + 1;
  }
  return best;
}

function atomize(text: string, start: number, end: number, { limit, count, levels, atLeast = 0 }: TileOptions): Atoms {
  const atoms: Atoms = { ends: [], counts: [], strengths: [] };
  const walk = (from: number, to: number, depth: number, strength: number): void => {
    const short = to - from <= limit * CHARACTERS_A_TOKEN;
    const tokens = depth >= atLeast && short ? count(text.slice(from, to)) : Infinity;
    const level = levels[depth];
    const ends = tokens <= limit ? [to] : (level?.split ?? halves)(text, from, to);
    if (ends.length === 1 && (tokens <= limit || !level)) {
      atoms.ends.push(to);
      atoms.counts.push(tokens === Infinity ? count(text.slice(from, to)) : tokens);
      atoms.strengths.push(strength);
      return;
    }
    let at = from;
    for (const stop of ends) {
      walk(at, stop, Math.min(depth + 1, levels.length), stop === to ? strength : (level?.strength ?? 0));
      at = stop;
    }
  };
  if (end > start) walk(start, end, 0, 0);
  return atoms;
}
