/**
 * `--where`: conditions on metadata as people type them.
 *
 * `lang=en`, `year>=2020`, `kind!=code`, `draft` (is there), `!draft` (is not); several are all asked. What looks like a number,
 * a boolean or a date is one; quotes make it text: `version="2"`.
 */
import { dateOf } from "../core/index.ts";
import type { FieldCondition, Filter, MetaValue } from "../store/index.ts";
import { UsageError } from "./failures.ts";

const OPERATORS: Readonly<Record<string, keyof FieldCondition>> = {
  "=": "eq",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};

/** The filter that all conditions make together; undefined for none. */
export function filterOf(conditions: readonly string[] | undefined): Filter | undefined {
  if (!conditions || conditions.length === 0) return undefined;
  return { and: conditions.map(conditionOf) };
}

function conditionOf(text: string): Filter {
  const compared = /^\s*([^\s=!<>"]+)\s*(==|=|!=|<=|>=|<|>)\s*(.*?)\s*$/s.exec(text);
  if (compared) {
    const [, field, operator, value] = compared as unknown as [string, string, string, string];
    const members = value.split("|");
    // a=x|y means either; only equality can ask for several.
    if (members.length > 1 && !value.startsWith('"') && OPERATORS[operator] === "eq")
      return { [field]: { in: members.map(valueOf) } };
    return { [field]: { [OPERATORS[operator]!]: valueOf(value) } };
  }
  const there = /^\s*(!?)\s*([^\s=!<>"]+)\s*$/.exec(text);
  if (there) return { [there[2]!]: { exists: there[1] === "" } };
  throw new UsageError(`expected a condition such as lang=en, year>=2020, kind!=code or draft, got "${text}".`);
}

function valueOf(text: string): MetaValue {
  const quoted = /^"(.*)"$/s.exec(text) ?? /^'(.*)'$/s.exec(text);
  if (quoted) return quoted[1]!;
  if (text === "true" || text === "false") return text === "true";
  if (text !== "" && Number.isFinite(Number(text))) return Number(text);
  if (/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return dateOf(ms);
  }
  return text;
}
