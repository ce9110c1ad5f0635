/**
 * What reading gives: a text, what kind of thing it was, and what is known of its parts.
 *
 * Everything downstream (cutting, storing, citing) works with offsets into `text`. For plain text, Markdown and source code the
 * text *is* the file, so its offsets are the file's; for HTML and for the rows of tables `origin` leads back. HTML and
 * DOCX become light Markdown (`#` before headings, fences around preformatted text), so that one rule finds the headings
 * of all three, also later, in a text that comes back from a store. The pages of a PDF are parted by form feeds,
 * for the same reason.
 */
import type { Origin } from "./origin.ts";

/** What a file can be. */
export type DocumentKind = "text" | "markdown" | "html" | "code" | "json" | "jsonl" | "csv" | "tsv" | "pdf" | "docx";

/** All kinds, for checks and help. */
export const DOCUMENT_KINDS: readonly DocumentKind[] = [
  "text",
  "markdown",
  "html",
  "code",
  "json",
  "jsonl",
  "csv",
  "tsv",
  "pdf",
  "docx",
];

/** A part of a text: characters start … end, in UTF-16 code units, as JavaScript counts. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A field of a row as metadata takes it. */
export type FieldValue = string | number | boolean | readonly (string | number | boolean)[];

/** A document, read. */
export interface TextDocument {
  readonly kind: DocumentKind;
  readonly text: string;
  /** Of the first heading, the `<title>`, the file's own properties; undefined where nothing says it. */
  readonly title: string | undefined;
  /** Which row of its file it is, from 1; undefined where the file is one document. */
  readonly row: number | undefined;
  /** The programming language of code, by the name a fence would give it: "typescript", "python". */
  readonly language: string | undefined;
  /** Columns and fields that are not text. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** The way back into the file; undefined where the file is no text (PDF, DOCX). */
  readonly origin: Origin | undefined;
}

/** A heading with the part of the text its line(s) take up. */
export interface Heading extends TextRange {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** A fenced block of code, its fences included. */
export interface CodeBlock extends TextRange {
  /** What stands behind the fence; "" for nothing. */
  readonly language: string;
}
