/**
 * Markdown by its sections: no chunk crosses a heading, and every chunk knows the headings it stands under.
 *
 * A section that is nothing but its heading goes with what follows. A section that does not fit is cut like prose, except that
 * fenced blocks hold together as long as they fit, and are cut at their lines when they do not. What HTML and DOCX are read as is
 * Markdown in this sense.
 */
import { type Splitter, lines, paragraphs, sentences } from "./boundaries.ts";
import { type Chunk, type ChunkOptions, checkChunkOptions, chunksOf, type Section } from "./chunk.ts";
import { PROSE } from "./chunkers.ts";
import type { CodeBlock, Heading } from "./document.ts";
import { markdownOutline } from "./markdown.ts";

/** Sections of Markdown, cut where they do not fit. */
export function chunkMarkdown(text: string, options: ChunkOptions = {}): Chunk[] {
  const cut = checkChunkOptions(options);
  const { headings, code } = markdownOutline(text);
  const [, , byLine, byWord] = PROSE;
  return chunksOf(text, sectionsOf(text, headings), cut, {
    levels: [
      { split: outside(code, paragraphs), strength: 4 },
      { split: (text, start, end) => (isIn(code, start) ? lines : sentences)(text, start, end), strength: 3 },
      byLine!,
      byWord!,
    ],
  });
}

/** The titles of the headings that the character at `offset` stands under, outermost first. */
export function headingPathAt(headings: readonly Heading[], offset: number): string[] {
  const path: Heading[] = [];
  for (const heading of headings) {
    if (heading.start > offset) break;
    while (path.length > 0 && path.at(-1)!.level >= heading.level) path.pop();
    path.push(heading);
  }
  return path.map(({ title }) => title);
}

/** The stretches between headings; those without a body are part of the next. */
export function sectionsOf(text: string, headings: readonly Heading[]): Section[] {
  const sections: Section[] = [];
  const path: Heading[] = [];
  let start = 0;
  let body = 0; // from where on there is more than headings
  const close = (end: number): void => {
    if (end === start || text.slice(body, end).trim() === "") return;
    sections.push({ end, headings: path.map(({ title }) => title) });
    start = end;
  };
  for (const heading of headings) {
    close(heading.start);
    while (path.length > 0 && path.at(-1)!.level >= heading.level) path.pop();
    path.push(heading);
    body = heading.end;
  }
  close(text.length);
  if (start < text.length) sections.push({ end: text.length, headings: path.map(({ title }) => title) });
  return sections;
}

/** The number of the first block that ends behind a character, by binary search; they are in order and apart. */
function firstBehind(code: readonly CodeBlock[], offset: number): number {
  let low = 0;
  let high = code.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The block that a character stands in. */
function blockAt(code: readonly CodeBlock[], offset: number): CodeBlock | undefined {
  const block = code[firstBehind(code, offset)];
  return block && block.start <= offset ? block : undefined;
}

const isIn = (code: readonly CodeBlock[], offset: number): boolean => blockAt(code, offset) !== undefined;

/** The same boundaries without those inside of blocks, and with one before and one after each block. */
function outside(code: readonly CodeBlock[], split: Splitter): Splitter {
  return (text, start, end) => {
    const ends = split(text, start, end).filter((at) => at === end || (blockAt(code, at)?.start ?? at) === at);
    const edges = new Set(ends);
    for (let i = firstBehind(code, start); i < code.length && code[i]!.start < end; i++) {
      for (const edge of [code[i]!.start, code[i]!.end]) if (edge > start && edge < end) edges.add(edge);
    }
    return [...edges].sort((a, b) => a - b);
  };
}
