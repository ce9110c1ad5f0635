/**
 * A filter, read: checked once, and brought to the few forms that evaluators and query compilers handle.
 *
 * Filters are written by people and come in many shapes (short forms, several operators, null, mixed lists). Conditions
 * have five: and, or, not, "the field is there", "one member of this type lies here". Whoever handles these handles all
 * that filter.ts promises.
 */
import { isDate, LociError } from "../core/index.ts";
import { compareStrings, membersOf, type Scalar, scalarOf, shown, type ValueType } from "./meta.ts";
import type { Filter, Meta } from "./filter.ts";

/** One side of a range. */
export interface Bound {
  readonly value: string | number;
  /** Whether the value itself lies inside. */
  readonly inclusive: boolean;
}

/** Some member of `field` has this type, is one of `values` (where given) and lies between the bounds (where given). */
export interface MemberCondition {
  readonly kind: "member";
  readonly field: string;
  readonly type: ValueType;
  readonly values: readonly (string | number)[] | undefined;
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
}

/** A filter in the form that is worked with. `and` of none is true, `or` of none is false. */
export type Condition =
  | { readonly kind: "and"; readonly of: readonly Condition[] }
  | { readonly kind: "or"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "there"; readonly field: string }
  | MemberCondition;

const MOST_LEVELS = 50;
const MOST_VALUES = 10_000;
const OPERATORS = ["eq", "ne", "in", "lt", "lte", "gt", "gte", "exists"];
const BOUNDS = ["lt", "lte", "gt", "gte"];
const NEVER: Condition = { kind: "or", of: [] };

/** Reads a filter. Throws `bad-argument` that names the field and what is wrong with it. */
export function parseFilter(filter: Filter): Condition {
  const budget = { values: 0 };
  return parseLevel(filter, "the filter", 0, budget);
}

/** Whether metadata passes a filter: the plain evaluator, which every store must agree with. */
export function passes(meta: Meta, filter: Filter): boolean {
  return meets(meta, parseFilter(filter));
}

/** The same for a filter that was read. */
export function meets(meta: Meta, condition: Condition): boolean {
  const members = new Map<string, Scalar[]>();
  for (const { field, scalar } of membersOf(meta)) {
    const list = members.get(field);
    if (list) list.push(scalar);
    else members.set(field, [scalar]);
  }
  const holds = (one: Condition): boolean => {
    if (one.kind === "and") return one.of.every(holds);
    if (one.kind === "or") return one.of.some(holds);
    if (one.kind === "not") return !holds(one.of);
    if (one.kind === "there") return members.has(one.field);
    return members.get(one.field)?.some((scalar) => lies(scalar, one)) ?? false;
  };
  return holds(condition);
}

function lies({ type, value }: Scalar, { type: asked, values, low, high }: MemberCondition): boolean {
  if (type !== asked || (values && !values.includes(value))) return false;
  const [fromLow, toHigh] = [low && compare(value, low.value), high && compare(value, high.value)];
  return (
    (fromLow === undefined || fromLow > 0 || (low!.inclusive && fromLow === 0)) &&
    (toHigh === undefined || toHigh < 0 || (high!.inclusive && toHigh === 0))
  );
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "string" ? compareStrings(a, b as string) : a - (b as number);
}

type Budget = { values: number };

function parseLevel(filter: unknown, where: string, level: number, budget: Budget): Condition {
  if (!isPlain(filter))
    throw new LociError(
      "bad-argument",
      `Expected ${where} to be an object such as { lang: "en" }, got ${shown(filter)}.`,
    );
  if (level > MOST_LEVELS)
    throw new LociError(
      "bad-argument",
      `The filter has more than ${MOST_LEVELS} levels of and, or and not. Make it flatter.`,
    );
  const parts = Object.entries(filter).map(([field, asked]): Condition => {
    const inside = `${where === "the filter" ? "the filter's" : `${where},`} \`${field}\``;
    if (field === "not") return { kind: "not", of: parseLevel(asked, inside, level + 1, budget) };
    if (field !== "and" && field !== "or") return parseField(field.toWellFormed(), asked, inside, budget);
    if (!Array.isArray(asked))
      throw new LociError("bad-argument", `Expected ${inside} to be a list of filters, got ${shown(asked)}.`);
    return { kind: field, of: asked.map((one, i) => parseLevel(one, `${inside}[${i}]`, level + 1, budget)) };
  });
  return parts.length === 1 ? parts[0]! : { kind: "and", of: parts };
}

function parseField(field: string, asked: unknown, where: string, budget: Budget): Condition {
  if (Array.isArray(asked))
    throw new LociError(
      "bad-argument",
      `Expected ${where} to be a value or a condition, got a list. For one of several write { in: […] }.`,
    );
  if (!isPlain(asked)) return memberCondition(field, { eq: asked }, where, budget);
  const operators = Object.keys(asked);
  const unknown = operators.find((name) => !OPERATORS.includes(name));
  if (unknown !== undefined || operators.length === 0) {
    const seen = unknown === undefined ? "none" : `"${unknown}"`;
    throw new LociError("bad-argument", `Expected ${where} to ask ${OPERATORS.join(", ")}, got ${seen}.`);
  }
  for (const name of operators) if (asked[name] === undefined) refuse(`${where}.${name}`, "a value", undefined);
  const parts: Condition[] = [];
  const { ne, exists, ...positive } = asked;
  if (Object.keys(positive).length > 0) parts.push(memberCondition(field, positive, where, budget));
  if ("ne" in asked) parts.push({ kind: "not", of: memberCondition(field, { eq: ne }, `${where}.ne`, budget) });
  if ("exists" in asked) {
    if (typeof exists !== "boolean") refuse(`${where}.exists`, "true or false", exists);
    parts.push(exists ? { kind: "there", field } : { kind: "not", of: { kind: "there", field } });
  }
  return parts.length === 1 ? parts[0]! : { kind: "and", of: parts };
}

/** eq, in and bounds together: what one member must meet. One condition a type, since a list of values may mix types. */
function memberCondition(field: string, asked: Record<string, unknown>, where: string, budget: Budget): Condition {
  const { values, orMissing } = askedValues(asked, where, budget);
  const bounds = BOUNDS.filter((name) => name in asked).map((name) => ({
    name,
    ...askedBound(asked[name], `${where}.${name}`, budget),
  }));
  const types = new Set<ValueType>(
    values ? values.map(({ type }) => type) : bounds.slice(0, 1).map(({ type }) => type),
  );
  const parts = [...types].flatMap((type): Condition[] => {
    if (bounds.some((bound) => bound.type !== type)) return [];
    return [
      {
        kind: "member",
        field,
        type,
        values: values?.filter((value) => value.type === type).map(({ value }) => value),
        low: tightest(bounds, "gt", 1),
        high: tightest(bounds, "lt", -1),
      },
    ];
  });
  if (orMissing) parts.push({ kind: "not", of: { kind: "there", field } });
  return parts.length === 0 ? NEVER : parts.length === 1 ? parts[0]! : { kind: "or", of: parts };
}

/** The values that eq and in allow together (undefined: any), and whether a field that is not there passes them and the bounds. */
function askedValues(
  asked: Record<string, unknown>,
  where: string,
  budget: Budget,
): { values: Scalar[] | undefined; orMissing: boolean } {
  const lists: Scalar[][] = [];
  let orMissing = !BOUNDS.some((name) => name in asked);
  for (const name of ["eq", "in"].filter((name) => name in asked)) {
    const list = name === "eq" ? [asked.eq] : asked.in;
    if (!Array.isArray(list))
      throw new LociError("bad-argument", `Expected ${where}.in to be a list of values, got ${shown(list)}.`);
    budget.values += list.length;
    if (budget.values > MOST_VALUES)
      throw new LociError(
        "bad-argument",
        `The filter names more than ${MOST_VALUES} values. Mark the documents with a field of their own and ask for that.`,
      );
    orMissing &&= list.includes(null);
    lists.push(
      list
        .filter((value) => value !== null)
        .map((value, i) => scalarOf(value, name === "eq" ? where : `${where}.in[${i}]`)),
    );
  }
  if (lists.length === 0) return { values: undefined, orMissing: false };
  const [first, second] = lists as [Scalar[], Scalar[] | undefined];
  const values = second ? first.filter((a) => second.some((b) => a.type === b.type && a.value === b.value)) : first;
  return { values, orMissing };
}

function askedBound(value: unknown, where: string, budget: Budget): Scalar {
  budget.values++;
  if (typeof value === "boolean" || value === null) refuse(where, "a string, a number or a Date", value);
  return scalarOf(value, where);
}

/** The higher of gt and gte, or the lower of lt and lte. */
function tightest(bounds: readonly (Scalar & { name: string })[], name: "gt" | "lt", sign: 1 | -1): Bound | undefined {
  const found = bounds
    .filter((bound) => bound.name.startsWith(name))
    .map(({ name, value }) => ({ value, inclusive: name.endsWith("e") }));
  return found.sort((a, b) => sign * compare(b.value, a.value) || Number(a.inclusive) - Number(b.inclusive))[0];
}

function refuse(where: string, expected: string, value: unknown): never {
  throw new LociError("bad-argument", `Expected ${where} to be ${expected}, got ${shown(value)}.`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isDate(value);
}
