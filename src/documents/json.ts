/**
 * JSON and JSON lines: one document a row.
 *
 * A JSON file is rows where it is a list of objects; an object with a text in it is one document; anything else (settings, a
 * schema) is read as what it is, source, so that its ranges are exact. Rows are found by a scan of our own before each is
 * parsed, which gives their places in the file and makes one broken row an error with a line.
 */
import { LociError } from "../core/index.ts";
import type { TextDocument, TextRange } from "./document.ts";
import { type RowOptions, holdsText, rowParts } from "./fields.ts";
import { LineIndex, type LineRange } from "./lines.ts";
import { sameOrigin, stretchOrigin } from "./origin.ts";

/** The documents of a JSON file. Throws `bad-file` naming the file and the line for what is no JSON. */
export function* readJson(source: string, name: string, options: RowOptions = {}): Generator<TextDocument, void, void> {
  const index = new LineIndex(source);
  const rows = listOfObjects(source);
  if (rows) {
    for (const [i, range] of rows.entries()) {
      const lines = index.linesOf(range);
      const value = parsed(source.slice(range.start, range.end), name, lines.first);
      yield rowDocument("json", value as Record<string, unknown>, { row: i + 1, range, lines }, options);
    }
    return;
  }
  const value = parsed(source, name);
  if (isObject(value) && holdsText(value, options)) {
    const range = { start: 0, end: source.length };
    yield { ...rowDocument("json", value, { row: 1, range, lines: index.linesOf(range) }, options), row: undefined };
  } else {
    yield {
      kind: "json",
      text: source,
      title: undefined,
      row: undefined,
      language: "json",
      fields: {},
      origin: sameOrigin(source),
    };
  }
}

/** The document of one line of JSON lines: an object, or a string, which then is its text. Throws `bad-file` with the line. */
export function readJsonLine(
  line: string,
  name: string,
  place: { readonly line: number; readonly row: number; readonly start: number },
  options: RowOptions = {},
): TextDocument {
  const value = parsed(line, name, place.line);
  const row = isObject(value) ? value : { text: value };
  const range = { start: place.start, end: place.start + line.length };
  return rowDocument("jsonl", row, { row: place.row, range, lines: { first: place.line, last: place.line } }, options);
}

interface RowPlace {
  readonly row: number;
  readonly range: TextRange;
  readonly lines: LineRange;
}

/** A row as a document. */
export function rowDocument(
  kind: "json" | "jsonl" | "csv" | "tsv",
  value: Readonly<Record<string, unknown>>,
  { row, range, lines }: RowPlace,
  options: RowOptions,
): TextDocument {
  const { text, title, fields } = rowParts(value, options);
  return { kind, text, title, row, language: undefined, fields, origin: stretchOrigin(text, range, lines) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `line` is where the source begins in its file; undefined for the whole file, whose line the message of the engine may tell. */
function parsed(source: string, name: string, line?: number): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (cause) {
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").slice(0, 200);
    const at = /position (\d+)/.exec(message)?.[1];
    const told = at === undefined ? undefined : new LineIndex(source).lineAt(Number(at));
    const where = line === undefined ? told : line + (told ?? 1) - 1;
    throw new LociError(
      "bad-file",
      `${name}: ${where === undefined ? "" : `line ${where}: `}expected JSON, but ${message}`,
      { cause },
    );
  }
}

/** The places of the members of a list of objects; undefined for a source that is anything else. Looks at brackets and strings only. */
function listOfObjects(source: string): TextRange[] | undefined {
  const open = /^\s*\[\s*(?=\{)/.exec(source);
  if (!open) return undefined;
  const ranges: TextRange[] = [];
  const marks = /["[\]{}]/g;
  marks.lastIndex = open[0].length;
  let depth = 0;
  let start = -1;
  for (let match = marks.exec(source); match; match = marks.exec(source)) {
    if (match[0] === '"') marks.lastIndex = afterString(source, match.index + 1);
    else if (match[0] === "{" || match[0] === "[") {
      if (depth++ === 0) {
        if (match[0] === "[") return undefined;
        start = match.index;
      }
    } else if (depth === 0)
      return /^\s*$/.test(source.slice(match.index + 1)) && match[0] === "]" ? checked(source, ranges) : undefined;
    else if (--depth === 0) ranges.push({ start, end: match.index + 1 });
  }
  return undefined;
}

/** The ranges, if nothing but commas stands between them. */
function checked(source: string, ranges: TextRange[]): TextRange[] | undefined {
  const apart = ranges.every(({ start }, i) => i === 0 || /^\s*,\s*$/.test(source.slice(ranges[i - 1]!.end, start)));
  const after = source.slice(ranges.at(-1)?.end ?? 0);
  return apart && /^\s*\]\s*$/.test(after) ? ranges : undefined;
}

function afterString(source: string, start: number): number {
  for (let at = source.indexOf('"', start); at >= 0; at = source.indexOf('"', at + 1)) {
    let slashes = 0;
    while (source[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return source.length;
}
