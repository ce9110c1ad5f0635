/** The chunkers that look at nothing but the text: by length, by sentence, by whatever fits. */
import { lines, paragraphs, sentences, words } from "./boundaries.ts";
import { type Chunk, type ChunkOptions, checkChunkOptions, chunksOf } from "./chunk.ts";
import type { Level } from "./tiles.ts";

const WORDS: Level = { split: words, strength: 1 };
const LINES: Level = { split: lines, strength: 2 };
const SENTENCES: Level = { split: sentences, strength: 3 };
const PARAGRAPHS: Level = { split: paragraphs, strength: 4 };

/** Paragraphs, else sentences, else lines, else words. */
export const PROSE: readonly Level[] = [PARAGRAPHS, SENTENCES, LINES, WORDS];

/** Chunks of as nearly `size` tokens as whole words allow, wherever that falls. */
export function chunkFixed(text: string, options: ChunkOptions = {}): Chunk[] {
  // A level more than there are strengths to tell apart: every boundary is as good as the next.
  return chunksOf(text, whole(text), checkChunkOptions(options), { levels: [WORDS], atLeast: 1, preferFrom: 1 });
}

/** As many whole sentences as fit; only a sentence that does not fit by itself is cut, at lines or words. */
export function chunkSentences(text: string, options: ChunkOptions = {}): Chunk[] {
  return chunksOf(text, whole(text), checkChunkOptions(options), {
    levels: [SENTENCES, LINES, WORDS],
    atLeast: 1,
    preferFrom: 1,
  });
}

/**
 * As many whole paragraphs as fit; a paragraph that does not fit by itself is cut at sentences, a sentence at lines, a
 * line at words. A chunk rather ends early, at the end of a paragraph, than in the middle of one, once it is half full.
 */
export function chunkRecursive(text: string, options: ChunkOptions = {}): Chunk[] {
  return chunksOf(text, whole(text), checkChunkOptions(options), { levels: PROSE });
}

const whole = (text: string): { end: number; headings: string[] }[] =>
  text === "" ? [] : [{ end: text.length, headings: [] }];
