/**
 * From the bytes of a file to its documents: one for most kinds, one a row for tables.
 *
 * Tables and JSON lines are read in pieces, whatever their length; of other kinds a whole file is held in memory, so those are bounded.
 * Nothing here opens a file: bytes come in as a `ByteSource` (a file, an upload, a response), and its name says what they are.
 */
import { type ByteSource, LociError, checkOneOf, checkWhole } from "../core/index.ts";
import { type CsvOptions, readCsv } from "./csv.ts";
import { binaryReason, charsetOf, decodeText, decoderFor, HEAD_BYTES, markOf } from "./decode.ts";
import { type DocumentKind, DOCUMENT_KINDS, type TextDocument } from "./document.ts";
import { readDocx } from "./docx.ts";
import { type HtmlOptions, readHtml } from "./html.ts";
import { readJson, readJsonLine } from "./json.ts";
import { kindOf, languageOfName } from "./kinds.ts";
import { markdownOutline } from "./markdown.ts";
import { sameOrigin } from "./origin.ts";
import { readPdf } from "./pdf.ts";

export interface ReadDocumentsOptions extends CsvOptions, HtmlOptions {
  /** What the file is. Default: by its name, else by its first bytes. */
  readonly kind?: DocumentKind;
  /** How text is encoded, where no byte order mark says it. Default "utf-8"; in HTML what `<meta charset>` says. */
  readonly encoding?: string;
  /** Bytes of a file that is not read row by row, at most. Default 64 MiB. */
  readonly maxBytes?: number;
}

/** Characters of one line of JSON lines, at most. */
const LONGEST_LINE = 1 << 24;

/**
 * The documents of a file, in order. Those without text are given too; whoever stores them may leave them out.
 *
 * Throws `bad-file`, naming the file and where it can the line, for what is not what it should be (also for binary files); and
 * `peer-missing` with the line that installs it where a kind needs a package.
 */
export async function* readDocuments(
  source: ByteSource,
  options: ReadDocumentsOptions = {},
): AsyncGenerator<TextDocument, void, void> {
  const { maxBytes = 1 << 26 } = options;
  checkWhole("maxBytes", maxBytes, 1, 2 ** 31 - 1);
  const { name } = source;
  const pieces = source.read()[Symbol.asyncIterator]();
  try {
    const first = await pieces.next();
    const head = first.done ? new Uint8Array(0) : first.value;
    const kind = options.kind
      ? checkOneOf("kind", options.kind, DOCUMENT_KINDS)
      : kindOf(name.replace(/\.gz$/i, ""), head);
    const all = joined(head.slice(), pieces);
    if (kind === "jsonl") yield* readJsonLines(texts(all, name, options.encoding), name, options);
    else if (kind === "csv" || kind === "tsv") yield* readCsv(texts(all, name, options.encoding), name, kind, options);
    else yield* readWhole(await gathered(all, name, maxBytes), name, kind, options);
  } finally {
    await pieces.return?.();
  }
}

async function* readWhole(
  bytes: Uint8Array,
  name: string,
  kind: Exclude<DocumentKind, "jsonl" | "csv" | "tsv">,
  options: ReadDocumentsOptions,
): AsyncGenerator<TextDocument, void, void> {
  if (kind === "pdf") yield await readPdf(bytes, name);
  else if (kind === "docx") yield await readDocx(bytes, name);
  else if (kind === "html") {
    const encoding = options.encoding ?? (markOf(bytes) ? undefined : charsetOf(bytes));
    yield await readHtml(decodeText(bytes, name, encoding), options, name);
  } else {
    const text = decodeText(bytes, name, options.encoding);
    if (kind === "json") yield* readJson(text, name, options);
    else yield plainDocument(text, name, kind);
  }
}

/** A text that is its file. */
function plainDocument(text: string, name: string, kind: "text" | "markdown" | "code"): TextDocument {
  return {
    kind,
    text,
    title: kind === "markdown" ? markdownOutline(text).title : undefined,
    row: undefined,
    language: kind === "code" ? languageOf(name, text) : undefined,
    fields: {},
    origin: sameOrigin(text),
  };
}

/** By the name of the file, else by the program its first line asks for. */
function languageOf(name: string, text: string): string | undefined {
  const program = /^#!.{0,200}?\b(bash|zsh|sh|python|node|ruby|perl|php|lua|Rscript)/.exec(text)?.[1];
  const known: Readonly<Record<string, string>> = { zsh: "bash", sh: "bash", node: "javascript", Rscript: "r" };
  return languageOfName(name) ?? (program && (known[program] ?? program));
}

async function* readJsonLines(
  pieces: AsyncIterable<string>,
  name: string,
  options: ReadDocumentsOptions,
): AsyncGenerator<TextDocument, void, void> {
  let held = "";
  let start = 0;
  let line = 1;
  let row = 0;
  const document = (text: string): TextDocument | undefined => {
    const trimmed = text.endsWith("\r") ? text.slice(0, -1) : text;
    return trimmed.trim() === "" ? undefined : readJsonLine(trimmed, name, { line, row: ++row, start }, options);
  };
  for await (const piece of pieces) {
    const whole = held + piece;
    let from = 0;
    for (let end = whole.indexOf("\n", held.length); end >= 0; end = whole.indexOf("\n", from)) {
      const found = document(whole.slice(from, end));
      if (found) yield found;
      line++;
      start += end + 1 - from;
      from = end + 1;
    }
    held = whole.slice(from);
    if (held.length > LONGEST_LINE)
      throw new LociError(
        "bad-file",
        `${name}: line ${line}: longer than ${LONGEST_LINE >> 20} million characters. Is it JSON lines?`,
      );
  }
  const last = document(held);
  if (last) yield last;
}

/** The text of a stream, decoded in pieces. */
async function* texts(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  encoding: string | undefined,
): AsyncGenerator<string, void, void> {
  let decoder: TextDecoder | undefined;
  for await (const piece of bytes) {
    let rest = piece;
    if (!decoder) {
      const mark = markOf(piece);
      const reason = encoding === undefined || mark ? binaryReason(piece.subarray(0, HEAD_BYTES)) : undefined;
      if (reason) throw new LociError("bad-file", `${name}: ${reason}.`);
      decoder = decoderFor(mark?.encoding ?? encoding ?? "utf-8");
      rest = piece.subarray(mark?.length ?? 0);
    }
    yield decoder.decode(rest, { stream: true });
  }
  const last = decoder?.decode() ?? "";
  if (last !== "") yield last;
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function gathered(pieces: AsyncIterable<Uint8Array>, name: string, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > maxBytes)
      throw new LociError(
        "bad-file",
        `${name}: larger than ${maxBytes} bytes, and is not read. Raise \`maxBytes\` to read it.`,
      );
    parts.push(piece.slice());
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
