/**
 * Which fields of a row are its text, and what the others become.
 *
 * A row with a field that says so by its name ("text", "content", "body", …) is that text, with its title before it; a row
 * without one is all its fields as lines of `name: value`. What is not text becomes metadata: short values as they
 * are, objects by paths such as `author.name`.
 */
import type { FieldValue } from "./document.ts";

export interface RowOptions {
  /**
   * The fields that are the text, in this order, empty ones left out; with several, each as a paragraph. Default: "title" and the
   * first of "text", "content", "contents", "body", "passage", "abstract", "description", "summary" that is there; a row
   * with none of these is all its fields as lines of `name: value`.
   */
  readonly textFields?: readonly string[];
}

/** A row, taken apart. */
export interface RowParts {
  readonly text: string;
  readonly title: string | undefined;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** Names that nothing but a text has; settings have descriptions too. */
const SURE_FIELDS = ["text", "content", "contents", "body", "passage", "abstract"];
const TEXT_FIELDS = [...SURE_FIELDS, "description", "summary"];
const TITLE_FIELDS = ["title", "headline", "name"];
/** Values that are longer are text, not metadata. */
const LONGEST_FIELD = 1000;
const MOST_FIELDS = 64;
const DEEPEST = 8;

/** Whether a value by itself is a document: an object with a field that is surely its text. */
export function holdsText(value: Readonly<Record<string, unknown>>, { textFields }: RowOptions = {}): boolean {
  if (textFields) return textFields.some((field) => textOf(value[field]).trim() !== "");
  return Object.keys(value).some(
    (field) => SURE_FIELDS.includes(field.toLowerCase()) && textOf(value[field]).trim() !== "",
  );
}

/** The text of a row of named values, and its metadata. */
export function rowParts(row: Readonly<Record<string, unknown>>, { textFields }: RowOptions = {}): RowParts {
  const own = Object.keys(row);
  const named = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const field = own.find((key) => key.toLowerCase() === name && textOf(row[key]).trim() !== "");
      if (field !== undefined) return field;
    }
    return undefined;
  };
  const titleField = named(TITLE_FIELDS);
  const bodyField = named(TEXT_FIELDS);
  const title = titleField === undefined ? undefined : textOf(row[titleField]).trim();
  const chosen = textFields ?? (bodyField === undefined ? [] : [titleField ?? "", bodyField]);
  const texts = chosen.map((field) => textOf(row[field])).filter((text) => text.trim() !== "");
  const fields = flatFields(row, new Set(chosen));
  const all = textFields === undefined && bodyField === undefined;
  return { text: all ? linesOf(row) : texts.join("\n\n"), title, fields };
}

/** A value as text: strings as they are, lists of strings and numbers by commas, nothing for the rest. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return "";
  const members = value.map(textOf).filter((member) => member !== "");
  return members.join(members.some((member) => member.length > 40) ? "\n" : ", ");
}

function linesOf(row: Readonly<Record<string, unknown>>): string {
  const lines: string[] = [];
  visit(row, "", 0, (path, value) => {
    const text = textOf(value);
    if (text.trim() !== "") lines.push(`${path}: ${text}`);
  });
  return lines.join("\n");
}

function flatFields(
  row: Readonly<Record<string, unknown>>,
  left: ReadonlySet<string>,
): Readonly<Record<string, FieldValue>> {
  const fields: Record<string, FieldValue> = Object.create(null) as Record<string, FieldValue>;
  let count = 0;
  visit(row, "", 0, (path, value) => {
    if (left.has(path) || count >= MOST_FIELDS) return;
    const kept = fieldOf(value);
    if (kept === undefined) return;
    fields[path] = kept;
    count++;
  });
  return { ...fields };
}

/** A value as metadata: numbers, booleans, short strings, lists of those; undefined for anything else. */
function fieldOf(value: unknown): FieldValue | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return value === "" || value.length > LONGEST_FIELD ? undefined : value;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_FIELDS) return undefined;
  const members = value.map(fieldOf);
  const plain = members.filter((member) => member !== undefined && !Array.isArray(member));
  return plain.length === value.length ? (plain as (string | number | boolean)[]) : undefined;
}

/** Every value that is no object, by its path; objects deeper than anyone means are left out. */
function visit(value: object, path: string, depth: number, found: (path: string, value: unknown) => void): void {
  if (depth > DEEPEST) return;
  for (const [name, member] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (typeof member === "object" && member !== null && !Array.isArray(member))
      visit(member as object, at, depth + 1, found);
    else found(at, member);
  }
}
