/**
 * The two files of the TensorFlow Embedding Projector: numbers in one, names in the other, columns apart by tabs.
 *
 * The numbers have no header. The names have one if and only if they have more than one column: the projector's
 * rule, which we keep both ways. docs/formats/projector-tsv.md has the whole account.
 */
import { LociError, drain } from "../core/index.ts";
import type { ByteSource, Step } from "../core/index.ts";
import { badFile, quoted, shown } from "./bad-file.ts";
import { lineBlocks, readHead } from "./text-lines.ts";
import { decodeKey } from "./row-collector.ts";
import { readTextRows } from "./text-rows.ts";
import { trimmedEnd } from "./text-shape.ts";
import { checkPaired, textPieces } from "./text-write.ts";
import type { KeyedRows, ReadOptions, VectorFile } from "./vector-file.ts";

const LF = 10;
/** Longest line of names. */
const MAX_LINE = 1 << 20;

/**
 * Reads the projector's numbers, and their names from `options.metadata`; without it, keys are row numbers. The key
 * is the first column; a column named `count` gives counts, others go to `metadata.columns`. Throws `bad-file` with
 * the line.
 */
export function readProjectorTsv(source: ByteSource, options: ReadOptions = {}): Promise<VectorFile> {
  return drain(readProjectorTsvSteps(source, options), options);
}

/** {@link readProjectorTsv}, step by step. */
export async function* readProjectorTsvSteps(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Step, VectorFile, void> {
  const dim = await widthOf(source);
  if (!options.metadata) {
    return { format: "projector-tsv", ...(yield* readTextRows(source, { dim, unnamed: true }, options)) };
  }
  const table = await readNames(options.metadata);
  const keys = table.columns[0]!;
  const rows = yield* readTextRows(source, { dim, keys }, options);
  // Where rows were dropped or not wanted, so are their values in the other columns.
  const kept = rows.keys.length === keys.length ? undefined : rowsKept(keys, rows.keys.length);
  const others = table.header.slice(1).map((name, i) => {
    const column = table.columns[i + 1]!;
    return [name, kept ? kept.map((row) => column[row]!) : column] as const;
  });
  const counts = countsOf(others);
  const columns = Object.fromEntries(others.filter(([name]) => !(counts && name === "count")));
  return {
    format: "projector-tsv",
    ...rows,
    ...(counts && { counts }),
    ...(Object.keys(columns).length > 0 && { metadata: { columns } }),
  };
}

async function widthOf(source: ByteSource): Promise<number> {
  const head = await readHead(source, 1 << 20);
  const end = head.indexOf(LF);
  const line = end < 0 ? head : head.subarray(0, end);
  const stop = trimmedEnd(line, 0, line.length);
  if (stop === 0) throw badFile(source.name, "line 1", "numbers with tabs between", shown(line));
  let fields = 1;
  for (let i = 0; i < stop; i++) if (line[i] === 9) fields++;
  return fields;
}

interface NameTable {
  /** Column names; the first alone, "key", where the file has one column and so no header. */
  readonly header: readonly string[];
  readonly columns: readonly string[][];
}

async function readNames(source: ByteSource): Promise<NameTable> {
  let header: string[] | undefined;
  const columns: string[][] = [];
  let line = 0;
  for await (const { bytes, start, end } of lineBlocks(source, MAX_LINE)) {
    for (let at = start; at < end;) {
      const stop = bytes.indexOf(LF, at);
      const text = decodeKey(bytes.subarray(at, stop > at && bytes[stop - 1] === 13 ? stop - 1 : stop));
      const fields = text.split("\t");
      line++;
      at = stop + 1;
      if (!header) {
        header = fields.length > 1 ? fields : ["key"];
        for (let i = 0; i < header.length; i++) columns.push([]);
        if (fields.length > 1) continue;
      }
      if (fields.length !== header.length) {
        throw badFile(source.name, `line ${line}`, `${header.length} columns, as line 1 has`, `${fields.length}`);
      }
      fields.forEach((field, i) => columns[i]!.push(field));
    }
  }
  if (!header) throw badFile(source.name, "line 1", "a name a line", "an empty file");
  return { header, columns };
}

/** The rows whose keys are met for the first time, up to a number of them. */
function rowsKept(keys: readonly string[], most: number): number[] {
  const seen = new Set<string>();
  const rows: number[] = [];
  for (let row = 0; row < keys.length && rows.length < most; row++) {
    if (seen.has(keys[row]!)) continue;
    seen.add(keys[row]!);
    rows.push(row);
  }
  return rows;
}

function countsOf(columns: readonly (readonly [string, readonly string[]])[]): Float64Array | undefined {
  const column = columns.find(([name]) => name === "count")?.[1];
  if (!column || !column.every((field) => /^\d{1,15}$/.test(field))) return undefined;
  return Float64Array.from(column, Number);
}

/** More columns of names, beside the key: a value a row each. */
export interface ProjectorWriteOptions {
  readonly columns?: Readonly<Record<string, readonly (string | number)[]>>;
}

/**
 * The two files as pieces, under the names the projector suggests. Without counts and further columns the names are
 * one column without a header. Throws `bad-argument` for a tab or a line end in a key, and for keys of nothing but
 * white space, whose lines the projector would pass over.
 */
export function writeProjectorTsv(
  rows: KeyedRows & { readonly counts?: Float64Array },
  { columns = {} }: ProjectorWriteOptions = {},
): Record<"vectors.tsv" | "metadata.tsv", Iterable<Uint8Array>> {
  const { keys, matrix, counts } = rows;
  checkPaired(keys, matrix.rows);
  const others: [string, ArrayLike<string | number>][] = [
    ...(counts ? [["count", counts] as [string, Float64Array]] : []),
    ...Object.entries(columns),
  ];
  for (const [name, column] of others) {
    checkField("column name", name);
    if (column.length !== keys.length) {
      throw new LociError(
        "bad-argument",
        `Expected ${keys.length} values in column ${quoted(name)}, got ${column.length}.`,
      );
    }
    for (let row = 0; row < column.length; row++) checkField(`value of ${quoted(name)}`, String(column[row]!));
  }
  keys.forEach((key, row) => {
    checkField("key", key);
    if (key.trim() !== "" && !(row === 0 && key.startsWith("\uFEFF"))) return;
    throw new LociError(
      "bad-argument",
      `The projector cannot hold the key ${quoted(key)} (row ${row}): it is blank or starts with a byte order mark.`,
    );
  });
  const style = { header: "", separator: "\t", trailing: false, keys: undefined } as const;
  return {
    "vectors.tsv": { [Symbol.iterator]: () => textPieces(rows, style) },
    "metadata.tsv": { [Symbol.iterator]: () => namePieces(keys, others) },
  };
}

function checkField(what: string, field: string): void {
  if (!/[\t\n\r]/.test(field) && field.isWellFormed()) return;
  throw new LociError(
    "bad-argument",
    `The projector's TSV cannot hold the ${what} ${quoted(field)}, which has a tab, a line end or half a surrogate ` +
      `pair. Rename it.`,
  );
}

function* namePieces(
  keys: readonly string[],
  others: readonly [string, ArrayLike<string | number>][],
): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = others.length > 0 ? `${["key", ...others.map(([name]) => name)].join("\t")}\n` : "";
  for (let row = 0; row < keys.length; row++) {
    text += keys[row]!;
    for (const [, column] of others) text += `\t${column[row]!}`;
    text += "\n";
    if (text.length < 1 << 16) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
