/**
 * Metadata checked, taken apart and put back together.
 *
 * Every store keeps a document's metadata twice: whole, to give it back as it came, and by its members, to be found by
 * filters (filter.ts says what a member is). Both forms are made here, so that all stores agree on types and on order.
 */
import { dateOf, isDate, LociError } from "../core/index.ts";
import type { Meta, MetaValue } from "./filter.ts";

/** The types that metadata is compared by; they never mix. */
export type ValueType = "string" | "number" | "boolean" | "date";

/** A value with its type, in the form that compares: booleans as 0 and 1, dates as milliseconds since 1970. */
export interface Scalar {
  readonly type: ValueType;
  readonly value: string | number;
}

/** The form of a value that compares. `where` names it in the error, as in "the filter's `year.gte`". */
export function scalarOf(value: unknown, where: string): Scalar {
  // Unpaired surrogates do not survive UTF-8: they become U+FFFD on both sides, in what is kept and in what is asked.
  if (typeof value === "string") return { type: "string", value: value.toWellFormed() };
  if (typeof value === "boolean") return { type: "boolean", value: Number(value) };
  // + 0 makes 0 of −0: they are equal, and JSON knows one zero.
  if (typeof value === "number" && Number.isFinite(value)) return { type: "number", value: value + 0 };
  if (isDate(value) && !Number.isNaN(value.getTime())) return { type: "date", value: value.getTime() };
  throw new LociError(
    "bad-argument",
    `Expected ${where} to be a string, a finite number, a boolean, a valid Date or null, got ${shown(value)}.`,
  );
}

/** A few words for an error. */
export function shown(value: unknown): string {
  if (value === undefined) return "undefined (a variable that was not set?)";
  if (isDate(value)) return "an invalid Date";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return `${typeof value} ${value}`;
  return `a value of type ${typeof value}`;
}

/** Throws `bad-argument` unless `meta` is metadata; `of` names its document. Returns it as it will be given back. */
export function checkedMeta(meta: unknown, of: string): Meta {
  if (typeof meta !== "object" || meta === null || Array.isArray(meta) || isDate(meta))
    throw new LociError(
      "bad-argument",
      `Expected the metadata of ${of} to be an object of fields, got ${shown(meta)}.`,
    );
  const one = (value: unknown, where: string): MetaValue => (value === null ? null : valueOf(scalarOf(value, where)));
  return Object.fromEntries(
    Object.entries(meta).map(([field, value]) => {
      const where = `the metadata field "${field}" of ${of}`;
      return [
        field.toWellFormed(),
        Array.isArray(value)
          ? value.map((member) => one(member, `${where} (a member of its list)`))
          : one(value, where),
      ];
    }),
  );
}

/** The members of each field, in order, null left out, each member once. */
export function membersOf(meta: Meta): { field: string; scalar: Scalar }[] {
  const members: { field: string; scalar: Scalar }[] = [];
  for (const [field, value] of Object.entries(meta)) {
    const seen = new Set<string>();
    for (const one of Array.isArray(value) ? (value as readonly MetaValue[]) : [value as MetaValue]) {
      if (one === null) continue;
      const scalar = scalarOf(one, field);
      const mark = `${scalar.type} ${scalar.value}`;
      if (!seen.has(mark)) members.push({ field, scalar });
      seen.add(mark);
    }
  }
  return members;
}

/** Metadata as JSON. A date is `{"date": milliseconds}`, which nothing else in metadata looks like. */
export function metaToJson(meta: Meta): string {
  const one = (value: MetaValue): unknown => (isDate(value) ? { date: value.getTime() } : value);
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(meta).map(([field, value]) => [
        field,
        Array.isArray(value) ? value.map(one) : one(value as MetaValue),
      ]),
    ),
  );
}

/** The opposite of {@link metaToJson}. */
export function metaFromJson(json: string): Meta {
  type Kept = string | number | boolean | null | { date: number };
  const one = (value: Kept): MetaValue => (typeof value === "object" && value !== null ? dateOf(value.date) : value);
  const kept = JSON.parse(json) as Record<string, Kept | Kept[]>;
  return Object.fromEntries(
    Object.entries(kept).map(([field, value]) => [field, Array.isArray(value) ? value.map(one) : one(value)]),
  );
}

/** Strings by code points, which is the order of their UTF-8 bytes. `<` of JavaScript is by UTF-16 units and differs above U+D7FF. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // Where they part, a surrogate is half of something above U+FFFF, and so above every other unit.
    const [xHigh, yHigh] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function valueOf({ type, value }: Scalar): MetaValue {
  if (type === "boolean") return value === 1;
  return type === "date" ? dateOf(value as number) : value;
}
