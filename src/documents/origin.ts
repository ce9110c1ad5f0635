/**
 * The way back from a text to the file it was read from.
 *
 * A text that is not its file (of a web page, of a row) is made of spans copied from the file and of characters put between
 * them. The spans are kept as three columns, and an offset in between belongs to the span before it. `lines` is
 * the short form, for keeping beside a stored text: which line of the file each line of the text comes from.
 */
import { LociError } from "../core/index.ts";
import type { TextRange } from "./document.ts";
import { LineIndex, type LineRange } from "./lines.ts";

/** Where a text lies in its file. */
export interface Origin {
  /** The part of the decoded file (UTF-16 code units, its byte order mark not counted) that a part of the text came from. */
  range(part: TextRange): TextRange;
  /** The lines of the file that a part of the text came from. */
  lines(part: TextRange): LineRange;
  /** For each line of the text the line of the file, as `readLineMap` reads it; undefined where they are the same. */
  readonly lineMap: string | undefined;
}

/** The origin of a text that is its file. */
export function sameOrigin(text: string): Origin {
  let index: LineIndex | undefined;
  return {
    range: ({ start, end }) => ({ start, end }),
    lines: (part) => (index ??= new LineIndex(text)).linesOf(part),
    lineMap: undefined,
  };
}

/** The origin of a text that was made of one stretch of its file whose parts cannot be told apart: a row. */
export function stretchOrigin(text: string, stretch: TextRange, lines: LineRange): Origin {
  const rows = new LineIndex(text).count;
  return {
    range: () => stretch,
    lines: () => lines,
    lineMap: writeLineMap(Array.from({ length: rows }, () => lines.first)),
  };
}

/** Gathers the spans of a text while it is being made, in order. */
export class SpanOrigin implements Origin {
  readonly #source: string;
  readonly #texts: number[] = [];
  readonly #sources: number[] = [];
  readonly #lengths: number[] = [];
  #sourceLines: LineIndex | undefined;
  #text = "";

  constructor(source: string) {
    this.#source = source;
  }

  /** The text whose spans these are: to be told before `lineMap` is asked for. */
  set text(text: string) {
    this.#text = text;
  }

  /** Text from `text` on, `length` characters of it, stands in the source from `source` on. */
  add(text: number, source: number, length: number): void {
    const last = this.#texts.length - 1;
    if (last >= 0) {
      const follows = this.#lengths[last]!;
      if (this.#texts[last]! + follows === text && this.#sources[last]! + follows === source) {
        this.#lengths[last] = follows + length;
        return;
      }
    }
    this.#texts.push(text);
    this.#sources.push(source);
    this.#lengths.push(length);
  }

  range({ start, end }: TextRange): TextRange {
    const from = this.#at(start);
    return { start: from, end: Math.max(from, end > start ? this.#at(end - 1) + 1 : from) };
  }

  lines(part: TextRange): LineRange {
    return (this.#sourceLines ??= new LineIndex(this.#source)).linesOf(this.range(part));
  }

  get lineMap(): string {
    const index = (this.#sourceLines ??= new LineIndex(this.#source));
    const own = new LineIndex(this.#text);
    const lines = Array.from({ length: own.count }, (_, i) => index.lineAt(this.#at(own.startOf(i + 1))));
    return writeLineMap(lines);
  }

  /** The source offset of a character of the text; of one that was put in, the end of the span before it. */
  #at(offset: number): number {
    let low = -1;
    let high = this.#texts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#texts[middle]! <= offset) low = middle;
      else high = middle;
    }
    if (low < 0) return this.#sources[0] ?? 0;
    const into = offset - this.#texts[low]!;
    if (into < this.#lengths[low]!) return this.#sources[low]! + into;
    // What was put before a span (a `#`, a bullet) belongs to what follows it on its line.
    const next = this.#sources[low + 1];
    const lineEnds = this.#text.slice(offset, this.#texts[low + 1]).includes("\n");
    return next !== undefined && !lineEnds ? next : this.#sources[low]! + this.#lengths[low]! - 1;
  }
}

/** Line numbers as differences, equal ones after each other counted: "3 1x4 0" says 3, 4, 5, 6, 7, 7. */
function writeLineMap(lines: readonly number[]): string {
  const parts: string[] = [];
  let last = 0;
  for (let at = 0; at < lines.length;) {
    const step = lines[at]! - last;
    let times = 0;
    for (; at < lines.length && lines[at]! - last === step; at++, times++) last = lines[at]!;
    parts.push(times === 1 ? String(step) : `${step}x${times}`);
  }
  return parts.join(" ");
}

/** The lines that `lineMap` says, one for each line of the text. Throws `bad-file` for what is no such map. */
export function readLineMap(map: string): number[] {
  const lines: number[] = [];
  let last = 0;
  for (const part of map.split(" ")) {
    const match = /^(-?\d{1,9})(?:x(\d{1,9}))?$/.exec(part);
    if (!match) throw new LociError("bad-file", `Expected a map of lines such as "3 1x4 0", got "${part}" in it.`);
    for (let times = Number(match[2] ?? 1); times > 0; times--) lines.push((last += Number(match[1])));
  }
  return lines;
}
