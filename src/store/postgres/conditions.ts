/**
 * Filters as SQL. Every value that a user wrote is a parameter, field names included.
 *
 * `documents.facts` holds the members of each field as a list: strings, numbers and booleans as themselves, dates as
 * `{"d": milliseconds}`. "Is one of these" is containment, which the GIN index on `facts` answers; a range is a jsonpath, which
 * compares strings by code points and never mixes types.
 */
import { type Condition, type MemberCondition, parseFilter } from "../condition.ts";
import type { Filter, Meta } from "../filter.ts";
import { type Scalar, compareStrings, membersOf } from "../meta.ts";
import { toSafeText } from "../safe-text.ts";

/** Collects the parameters of a statement; `add` returns the place of one, "$3". */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** The members of metadata as the JSON text of the column `facts`. */
export function factsOf(meta: Meta): string {
  const facts = new Map<string, unknown[]>();
  for (const { field, scalar } of membersOf(meta)) {
    const key = toSafeText(field);
    const list = facts.get(key);
    if (list) list.push(factOf(scalar));
    else facts.set(key, [factOf(scalar)]);
  }
  return JSON.stringify(Object.fromEntries(facts));
}

function factOf({ type, value }: Scalar): unknown {
  if (type === "boolean") return value === 1;
  if (type === "date") return { d: value };
  return typeof value === "string" ? toSafeText(value) : value;
}

/** A filter as a condition on the column `facts`, which is given with its table: "d.facts". */
export function filterSql(filter: Filter, facts: string, parameters: Parameters): string {
  return sqlOf(parseFilter(filter), facts, parameters);
}

function sqlOf(condition: Condition, facts: string, parameters: Parameters): string {
  switch (condition.kind) {
    case "and":
    case "or": {
      const parts = condition.of.map((one) => sqlOf(one, facts, parameters));
      return parts.length === 0 ? String(condition.kind === "and") : `(${parts.join(` ${condition.kind} `)})`;
    }
    case "not":
      return `not ${sqlOf(condition.of, facts, parameters)}`;
    case "there":
      return `jsonb_exists(${facts}, ${parameters.add(toSafeText(condition.field))})`;
    default:
      return memberSql(condition, facts, parameters);
  }
}

function memberSql(condition: MemberCondition, facts: string, parameters: Parameters): string {
  const { type, values } = condition;
  const field = toSafeText(condition.field);
  if (values) {
    // The bounds are asked of the same member, which is one of the values: so they choose among the values, here and now.
    const wanted = values.filter((value) => liesWithin(value, condition));
    const list = wanted.map((value) => JSON.stringify({ [field]: [factOf({ type, value })] }));
    return list.length === 0 ? "false" : `(${facts} @> any(${parameters.add(list)}::jsonb[]))`;
  }
  const { low, high } = condition;
  const member = type === "date" ? "@.d" : "@";
  const tests = [
    `@.type() == "${type === "date" ? "object" : type}"`,
    ...(low ? [`${member} ${low.inclusive ? ">=" : ">"} $low`] : []),
    ...(high ? [`${member} ${high.inclusive ? "<=" : "<"} $high`] : []),
  ];
  const path = parameters.add(`$.${JSON.stringify(field)}[*] ? (${tests.join(" && ")})`);
  const bounds = parameters.add(JSON.stringify({ low: boundOf(low?.value), high: boundOf(high?.value) }));
  return `jsonb_path_exists(${facts}, ${path}::jsonpath, ${bounds}::jsonb)`;
}

const boundOf = (value: string | number | undefined): unknown =>
  typeof value === "string" ? toSafeText(value) : value;

function liesWithin(value: string | number, { low, high }: MemberCondition): boolean {
  const compare = (a: string | number, b: string | number): number =>
    typeof a === "string" ? compareStrings(a, String(b)) : a - Number(b);
  const [fromLow, toHigh] = [low && compare(value, low.value), high && compare(value, high.value)];
  return (
    (fromLow === undefined || fromLow > 0 || (low!.inclusive && fromLow === 0)) &&
    (toHigh === undefined || toHigh < 0 || (high!.inclusive && toHigh === 0))
  );
}
