/**
 * What the first lines of a text file tell: is there a header, and how wide are the rows.
 *
 * The formats do not say. word2vec and fastText begin with "rows dim"; GloVe does not, and then its first line could
 * be the vector of the token "400000" in one dimension. And keys may hold spaces (GloVe 840B has ". . ."), so
 * counting fields is not enough: what counts is how many numbers a line ends with.
 */
import { parseField } from "./decimal-read.ts";
import { LF, markLength } from "./text-lines.ts";

export interface TextShape {
  /** Rows and dim, if the first line is two whole numbers and nothing else. */
  readonly header?: { readonly rows: number; readonly dim: number };
  /** For each of the first lines: how many numbers stand at its end, its first field not counted. */
  readonly tails: readonly number[];
  /** Whether the first line is only numbers with tabs between. */
  readonly onlyNumbersAndTabs: boolean;
}

/** Lines looked at; enough that a few odd keys do not decide. */
const LINES = 20;

/** Looks at a file's head. A last line cut by the head's end is left out unless the head is the `whole` file. */
export function textShape(head: Uint8Array, whole: boolean): TextShape {
  const lines = firstLines(head, whole);
  const fields = lines.map((line) => ascii(line).split(/[ \t]+/));
  const first = lines[0] ? ascii(lines[0]) : "";
  const header = /^(\d{1,15})[ \t]+(\d{1,15})$/.exec(first);
  return {
    ...(header && { header: { rows: Number(header[1]), dim: Number(header[2]) } }),
    tails: fields.map(tail),
    onlyNumbersAndTabs: first !== "" && first.split("\t").every((field) => parseField(field) !== undefined),
  };
}

/** The width most of the lines agree on, from line index `from`; on a tie the one met first. 0 if there are none. */
export function commonTail(tails: readonly number[], from: number): number {
  const votes = new Map<number, number>();
  for (const tail of tails.slice(from)) votes.set(tail, (votes.get(tail) ?? 0) + 1);
  let best = 0;
  for (const [tail, count] of votes) if (count > (votes.get(best) ?? 0)) best = tail;
  return best;
}

/**
 * Whether the first line is a header: yes, no, or only counting the lines can tell (`"count"`: it is if it gives
 * their number), which is so for one-dimensional files alone.
 */
export function headerKind({ header, tails }: TextShape): "yes" | "no" | "count" {
  if (!header) return "no";
  if (tails.length === 1 && header.dim === 1) return "count";
  const dim = commonTail(tails, 1);
  if (dim === header.dim) return dim === 1 ? "count" : "yes";
  // "7 2" above rows of one number is a row like them; above wider rows it is a header that does not fit, which
  // the reader will refuse; above nothing it is a header whose rows are missing.
  return dim === 1 ? "no" : "yes";
}

function tail(fields: string[]): number {
  let count = 0;
  for (let i = fields.length - 1; i > 0 && parseField(fields[i]!) !== undefined; i--) count++;
  return count;
}

function firstLines(head: Uint8Array, whole: boolean): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = markLength(head, head.length); at < head.length && lines.length < LINES;) {
    const end = head.indexOf(LF, at);
    if (end < 0 && !whole) break;
    const stop = end < 0 ? head.length : end;
    lines.push(head.subarray(at, trimmedEnd(head, at, stop)));
    at = stop + 1;
  }
  while (lines.at(-1)?.length === 0) lines.pop();
  return lines;
}

/** The end of a line without the spaces, tabs and carriage returns that trail it. */
export function trimmedEnd(bytes: Uint8Array, from: number, to: number): number {
  while (to > from && (bytes[to - 1] === 32 || bytes[to - 1] === 9 || bytes[to - 1] === 13)) to--;
  return to;
}

/** Bytes as text one to one; only numbers are looked for, so what a key says does not matter. */
function ascii(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
