/**
 * What a chunk is, and how tiles become chunks: overlap, line numbers, headings.
 *
 * Chunks tile their text: each begins where the one before ends, and with no overlap their texts, put together, are the text. Overlap
 * is repeated at the front of a chunk, from the start of a sentence where one is near, and never across a boundary that the text
 * itself sets (a heading, a change of subject).
 */
import { checkWhole, LociError } from "../core/index.ts";
import { sentences, words } from "./boundaries.ts";
import { countWords } from "./count-words.ts";
import type { TextRange } from "./document.ts";
import { LineIndex, type LineRange } from "./lines.ts";
import { type CountTokens, type TileOptions, tileEnds } from "./tiles.ts";

/** A piece of a text: characters start … end, in UTF-16 code units. */
export interface Chunk extends TextRange {
  readonly text: string;
  readonly tokens: number;
  /** How many characters at its start stand at the end of the chunk before it too: 0 without overlap. */
  readonly repeats: number;
  /** The lines of the text that it touches, from 1. */
  readonly lines: LineRange;
  /** The titles of the headings it stands under, outermost first; empty where the text has none. */
  readonly headings: readonly string[];
}

export interface ChunkOptions {
  /** Tokens of a chunk, at most, overlap included; only a single character may have more. Default 200. */
  readonly size?: number;
  /** Tokens that a chunk repeats of the one before it, at most. Default 0. */
  readonly overlap?: number;
  /** How tokens are counted: that of the encoder, or of the language model that will read them. Default `countWords`. */
  readonly countTokens?: CountTokens;
}

/** A stretch of the text that no chunk crosses. */
export interface Section {
  readonly end: number;
  readonly headings: readonly string[];
}

export interface Cut {
  readonly size: number;
  readonly overlap: number;
  readonly count: CountTokens;
}

/** The options with their defaults. Throws `bad-argument`. */
export function checkChunkOptions({ size = 200, overlap = 0, countTokens = countWords }: ChunkOptions): Cut {
  checkWhole("size", size, 1);
  checkWhole("overlap", overlap, 0);
  if (overlap >= size) {
    throw new LociError(
      "bad-argument",
      `Expected \`overlap\` (${overlap}) to be less than \`size\` (${size}): else no chunk would hold anything new.`,
    );
  }
  return { size, overlap, count: countTokens };
}

/** Cuts each section into tiles and makes chunks of them. The sections tile the text. */
export function chunksOf(
  text: string,
  sections: readonly Section[],
  cut: Cut,
  how: Omit<TileOptions, "limit" | "count">,
): Chunk[] {
  const index = new LineIndex(text);
  const chunks: Chunk[] = [];
  let start = 0;
  for (const { end: sectionEnd, headings } of sections) {
    const sectionStart = start;
    let before = start;
    for (const end of tileEnds(text, start, sectionEnd, { ...how, limit: cut.size - cut.overlap, count: cut.count })) {
      const from = start === sectionStart ? start : overlapStart(text, before, start, end, cut);
      const piece = text.slice(from, end);
      const tokens = cut.count(piece);
      const range = { start: from, end };
      chunks.push({ ...range, text: piece, tokens, repeats: start - from, lines: index.linesOf(range), headings });
      before = start;
      start = end;
    }
  }
  return chunks;
}

/** Where the chunk of the tile [start, end) begins, so that it repeats at most `overlap` tokens of the tile before. */
function overlapStart(text: string, before: number, start: number, end: number, { size, overlap, count }: Cut): number {
  if (overlap === 0) return start;
  const fits = (from: number): boolean =>
    count(text.slice(from, start)) <= overlap && count(text.slice(from, end)) <= size;
  const earliest = (places: readonly number[]): number => {
    let low = 0; // the first place that fits lies in [low, high]
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fits(places[middle]!)) high = middle;
      else low = middle + 1;
    }
    return places[low] ?? start;
  };
  const sentence = earliest(sentences(text, before, start).slice(0, -1));
  return sentence < start ? sentence : earliest(words(text, before, start).slice(0, -1));
}
