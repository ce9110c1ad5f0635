/**
 * Where a text may be cut: after paragraphs, sentences, lines, words, and as a last resort between characters.
 *
 * Each function lists the ends of the units of one stretch of text: ascending, within the stretch, the last one its end.
 * White space belongs to the unit before it, so units tile the stretch. No end ever stands inside a surrogate pair or CRLF.
 */
import { sentenceEnds } from "../text/index.ts";

/** The ends of the units of text[start, end). */
export type Splitter = (text: string, start: number, end: number) => number[];

/** A line break, then more lines of nothing but blanks; or the end of a page. */
const PARAGRAPH_END = /(?:\r\n|\n|\r(?!\n))(?:[^\S\r\n]*(?:\r\n|\n|\r(?!\n)))+|\f+/g;
const LINE_END = /\r\n|\n|\r/g;
const WORD_END = /\s+/g;

/** After empty lines and form feeds. */
export const paragraphs: Splitter = (text, start, end) => endsBy(PARAGRAPH_END, text, start, end);

/** After LF, CRLF and CR. */
export const lines: Splitter = (text, start, end) => endsBy(LINE_END, text, start, end);

/** After white space. */
export const words: Splitter = (text, start, end) => endsBy(WORD_END, text, start, end);

/** After sentences, as `sentenceEnds` of `text` has them; an empty line ends one too. */
export const sentences: Splitter = (text, start, end) => {
  const ends: number[] = [];
  let from = start;
  for (const to of paragraphs(text, start, end)) {
    for (const stop of sentenceEnds(text.slice(from, to))) ends.push(from + stop);
    from = to;
  }
  return ends;
};

/** Two halves, or one end where there is no place between characters. */
export const halves: Splitter = (text, start, end) => {
  const middle = characterStart(text, start, (start + end) >> 1);
  if (middle > start) return [middle, end];
  for (let at = (start + end) >> 1; at < end; at++) if (at > start && startsCharacter(text, at)) return [at, end];
  return [end];
};

function endsBy(pattern: RegExp, text: string, start: number, end: number): number[] {
  const ends: number[] = [];
  for (const match of text.slice(start, end).matchAll(pattern)) {
    const at = start + match.index + match[0].length;
    if (at < end) ends.push(at);
  }
  if (end > start) ends.push(end);
  return ends;
}

/** Marks, joiners and selectors that change the character before them. */
const JOINED = /\p{M}|\u200d/u;
/** Marks in a row that are kept together; junk of a million marks must not be one character. */
const MOST_MARKS = 32;

/** The last place at or before `at`, after `start`, where a character as people see it begins; `start` where there is none. */
function characterStart(text: string, start: number, at: number): number {
  let place = at;
  while (place > start && at - place < MOST_MARKS && !startsCharacter(text, place)) place--;
  while (place > start && !startsUnit(text, place)) place--;
  return place;
}

function startsCharacter(text: string, at: number): boolean {
  return startsUnit(text, at) && !JOINED.test(text[at]!) && text[at - 1] !== "\u200d";
}

/** Whether neither a surrogate pair nor a CRLF would be parted. */
function startsUnit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  if (unit >= 0xdc00 && unit < 0xe000 && before >= 0xd800 && before < 0xdc00) return false;
  return !(unit === 0x0a && before === 0x0d);
}
