/**
 * CSV and TSV: one document a row, read in pieces, so that a table may be larger than memory.
 *
 * The first row names the columns, unless the caller says that there is none. Quoted fields may hold line breaks. A row that
 * goes on for more than `MOST_ROW` characters is a quote that was never closed, and is refused with the line it began on.
 */
import { LociError } from "../core/index.ts";
import type { TextDocument } from "./document.ts";
import type { RowOptions } from "./fields.ts";
import { rowDocument } from "./json.ts";
import { peer } from "./peers.ts";

export interface CsvOptions extends RowOptions {
  /** Default: a tab for TSV, else whichever of `,` `;` tab `|` parts the first rows evenly. */
  readonly delimiter?: string;
  /** Whether the first row names the columns (default), or they are called "1", "2", … */
  readonly header?: boolean;
}

/** Characters of one row, at most. */
const MOST_ROW = 1 << 24;
/** Characters parsed at once, at least. */
const PIECE = 1 << 18;

interface Row {
  readonly values: string[];
  readonly start: number;
  readonly end: number;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** The documents of a table that comes in pieces of text. Throws `peer-missing` without papaparse, `bad-file` with a line. */
export async function* readCsv(
  pieces: Iterable<string> | AsyncIterable<string>,
  name: string,
  kind: "csv" | "tsv",
  options: CsvOptions = {},
): AsyncGenerator<TextDocument, void, void> {
  let columns: readonly string[] | undefined;
  let row = 0;
  for await (const { values, start, end, firstLine, lastLine } of rowsOf(pieces, name, kind, options)) {
    if (values.every((value) => value.trim() === "")) continue;
    if (columns === undefined && options.header !== false) {
      columns = columnNames(values);
      continue;
    }
    const value = Object.fromEntries(values.map((text, i) => [columns?.[i] ?? String(i + 1), typed(text)]));
    yield rowDocument(
      kind,
      value,
      { row: ++row, range: { start, end }, lines: { first: firstLine, last: lastLine } },
      options,
    );
  }
}

async function* rowsOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  name: string,
  kind: "csv" | "tsv",
  options: CsvOptions,
): AsyncGenerator<Row, void, void> {
  const { default: Papa } = await peer("Reading CSV", "papaparse", () => import("papaparse"));
  let held = "";
  let delimiter = options.delimiter ?? (kind === "tsv" ? "\t" : undefined);
  let newline: "\n" | "\r" | undefined;
  let enough = PIECE;
  let place = 0;
  let line = 1;
  const take = (last: boolean): Row[] => {
    newline ??= held.includes("\r") && !held.includes("\n") ? "\r" : "\n";
    delimiter ??= guessDelimiter(Papa, held);
    const rows: Row[] = [];
    let used = 0;
    const step = ({ data, errors, meta }: PapaStep): void => {
      const open = errors.find(({ code }) => code === "MissingQuotes");
      if (open)
        throw new LociError("bad-file", `${name}: line ${line}: a quoted field begins in this row and never ends.`);
      const lines = countOf(held, newline!, used, meta.cursor);
      const end = place + meta.cursor;
      const lastLine = line + Math.max(0, held[meta.cursor - 1] === newline ? lines - 1 : lines);
      const values = data[0]!.map((value, i) => (i === data[0]!.length - 1 ? value.replace(/\r$/, "") : value));
      rows.push({ values, start: place + used, end, firstLine: line, lastLine });
      line += lines;
      used = meta.cursor;
    };
    new Papa.Parser({ delimiter, newline, step: step as never }).parse(held, 0, !last);
    held = held.slice(used);
    place += used;
    return rows;
  };
  for await (const piece of pieces) {
    held += piece;
    if (held.length < enough) continue;
    yield* take(false);
    if (held.length > MOST_ROW) {
      const bound = `a row of more than ${MOST_ROW >> 20} million characters begins here`;
      throw new LociError("bad-file", `${name}: line ${line}: ${bound}. Was a quote never closed?`);
    }
    enough = Math.min(Math.max(PIECE, 2 * held.length), MOST_ROW + 1); // a long row is not parsed over and over
  }
  if (held !== "") yield* take(true);
}

interface PapaStep {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

function guessDelimiter(papa: typeof import("papaparse"), head: string): string {
  // Whole rows only, and no empty one at the end: they would count as rows of one field.
  const start = head.slice(0, 1 << 16);
  const rows = start.length < head.length ? start.slice(0, start.search(/[\r\n][^\r\n]*$/) + 1) || start : start;
  const { meta } = papa.parse(rows.trimEnd(), { preview: 10, delimitersToGuess: [",", ";", "\t", "|"] });
  return meta.delimiter;
}

function countOf(text: string, mark: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf(mark, start); at >= 0 && at < end; at = text.indexOf(mark, at + 1)) count++;
  return count;
}

/** Names for the columns: none empty, none twice. */
function columnNames(values: readonly string[]): string[] {
  const used = new Set<string>();
  return values.map((value, i) => {
    const base = value.trim() === "" ? String(i + 1) : value.trim();
    let name = base;
    for (let n = 2; used.has(name); n++) name = `${base} ${n}`;
    used.add(name);
    return name;
  });
}

/** A number where writing it again gives the same text ("007" and "1e3" stay text). */
function typed(text: string): string | number {
  const number = Number(text);
  return text !== "" && String(number) === text && Number.isFinite(number) ? number : text;
}
