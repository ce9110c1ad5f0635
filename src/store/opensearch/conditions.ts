/**
 * Filters as OpenSearch's queries, over one field.
 *
 * A mapping grows with every new field and has a limit, so the fields of metadata are no fields of the index: each member of each
 * field is one term of `facts`, "4:year:n:c09f…", with its type and in a form whose order of bytes is the order of values. Being
 * one of several is a `terms` query, a range is a range of terms, and both ask of one and the same member.
 */
import { type Condition, type MemberCondition, parseFilter } from "../condition.ts";
import type { Filter, Meta } from "../filter.ts";
import { type ValueType, membersOf } from "../meta.ts";
import type { Json } from "./client.ts";

const LETTERS: Readonly<Record<ValueType, string>> = { string: "s", number: "n", boolean: "b", date: "d" };
/** Lucene holds no term over 32,766 bytes. Longer strings are cut, with a checksum of the whole. */
const MOST_UNITS = 4000;

/** The terms of a document's metadata. */
export function factsOf(meta: Meta): string[] {
  const facts = new Set<string>();
  for (const { field, scalar } of membersOf(meta)) {
    facts.add(thereTerm(field));
    facts.add(term(field, scalar.type, scalar.value));
  }
  return [...facts];
}

/** A filter as a query. */
export function filterQuery(filter: Filter): Json {
  return queryOf(parseFilter(filter));
}

function queryOf(condition: Condition): Json {
  switch (condition.kind) {
    case "and":
      return { bool: { filter: condition.of.map(queryOf) } };
    case "or":
      return condition.of.length === 0
        ? { match_none: {} }
        : { bool: { should: condition.of.map(queryOf), minimum_should_match: 1 } };
    case "not":
      return { bool: { must_not: [queryOf(condition.of)] } };
    case "there":
      return { term: { facts: thereTerm(condition.field) } };
    default:
      return memberQuery(condition);
  }
}

function memberQuery({ field, type, values, low, high }: MemberCondition): Json {
  const range: Json = {
    [low?.inclusive === false ? "gt" : "gte"]: low ? term(field, type, low.value) : start(field, type, ":"),
    [high?.inclusive === true ? "lte" : "lt"]: high ? term(field, type, high.value) : start(field, type, ";"),
  };
  if (!values) return { range: { facts: range } };
  // Terms are ordered as values are: the bounds choose among the values here and now.
  const wanted = values.map((value) => term(field, type, value)).filter((value) => within(value, range));
  return wanted.length === 0 ? { match_none: {} } : { terms: { facts: wanted } };
}

function within(value: string, range: Json): boolean {
  const { gt, gte, lt, lte } = range as Record<string, string | undefined>;
  const bytes = utf8(value);
  const order = (bound: string): number => compareBytes(bytes, utf8(bound));
  return (
    (gt === undefined || order(gt) > 0) &&
    (gte === undefined || order(gte) >= 0) &&
    (lt === undefined || order(lt) < 0) &&
    (lte === undefined || order(lte) <= 0)
  );
}

const encoder = new TextEncoder();
const utf8 = (text: string): Uint8Array => encoder.encode(text);

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** The field's name with its length before it, so that no name can be taken for a part of another. */
const start = (field: string, type: ValueType, end: ":" | ";"): string =>
  `${field.length}:${field}:${LETTERS[type]}${end}`;
const thereTerm = (field: string): string => `${field.length}:${field}:?`;

function term(field: string, type: ValueType, value: string | number): string {
  const text = typeof value === "string" ? cut(value) : sortableNumber(value);
  return start(field, type, ":") + text;
}

/** The bits of a float64 as 16 hexadecimal digits whose order is the order of the numbers. */
export function sortableNumber(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const negative = bits >> 63n === 1n;
  return (negative ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n)).toString(16).padStart(16, "0");
}

function cut(text: string): string {
  if (text.length <= MOST_UNITS) return text;
  // FNV-1a (Fowler, Noll and Vo), 32 bits twice: not against malice, only to tell long strings of one beginning apart.
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) + 1;
  }
  return `${text.slice(0, MOST_UNITS).toWellFormed()}\uFFFF${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}`;
}
