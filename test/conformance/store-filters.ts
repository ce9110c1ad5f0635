/** Random metadata and random filters, made so that they meet often: few fields, few values, values of every type. */
import type { Rng } from "../../src/core/index.ts";
import type { FieldCondition, Filter, Meta, MetaValue } from "../../src/store/index.ts";

/** Names that trip up whoever pastes them into a query or looks them up in a plain object. */
const FIELDS = ["a", "b", "it's", 'a"b', "__proto__", "constructor", "a.b", "é", "$x"];
const VALUES: readonly MetaValue[] = [
  "a",
  "b",
  "B",
  "",
  "1",
  "é",
  "\uFF5E",
  "\u{1F600}",
  "o'k",
  "%",
  "true",
  0,
  1,
  2,
  -1,
  1.5,
  1e300,
  2 ** 53,
  0.1,
  true,
  false,
  new Date(0),
  new Date(1),
  new Date(-1),
  new Date(1.6e12),
  null,
]; // oxfmt-ignore: by type

const oneOf = <T>(rng: Rng, list: readonly T[]): T => list[rng.nextBelow(list.length)]!;

/** Some fields, single values and lists. */
export function randomMeta(rng: Rng): Meta {
  const fields = FIELDS.filter(() => rng.nextBelow(3) > 0);
  return Object.fromEntries(
    fields.map((field) => [
      field,
      rng.nextBelow(4) === 0 ? Array.from({ length: rng.nextBelow(4) }, () => oneOf(rng, VALUES)) : oneOf(rng, VALUES),
    ]),
  );
}

/** A filter of at most `levels` levels. */
export function randomFilter(rng: Rng, levels: number): Filter {
  const filter: [string, unknown][] = Array.from({ length: rng.nextBelow(3) }, () => [
    oneOf(rng, FIELDS),
    randomAsked(rng),
  ]);
  const several = (): Filter[] => Array.from({ length: rng.nextBelow(3) }, () => randomFilter(rng, levels - 1));
  if (levels > 0 && rng.nextBelow(2) === 0) filter.push(["or", several()]);
  if (levels > 0 && rng.nextBelow(3) === 0) filter.push(["and", several()]);
  if (levels > 0 && rng.nextBelow(3) === 0) filter.push(["not", randomFilter(rng, levels - 1)]);
  return Object.fromEntries(filter) as Filter;
}

function randomAsked(rng: Rng): MetaValue | FieldCondition {
  const ordered = VALUES.filter(
    (value): value is string | number | Date => value !== null && typeof value !== "boolean",
  );
  const conditions: [keyof FieldCondition, unknown][] = [
    ["eq", oneOf(rng, VALUES)],
    ["ne", oneOf(rng, VALUES)],
    ["in", Array.from({ length: rng.nextBelow(5) }, () => oneOf(rng, VALUES))],
    ["lt", oneOf(rng, ordered)],
    ["lte", oneOf(rng, ordered)],
    ["gt", oneOf(rng, ordered)],
    ["gte", oneOf(rng, ordered)],
    ["exists", rng.nextBelow(2) === 0],
  ];
  if (rng.nextBelow(4) === 0) return oneOf(rng, VALUES);
  // Half of the time a range of one type, which two random bounds seldom are.
  if (rng.nextBelow(2) === 0) {
    const low = oneOf(rng, ordered);
    const high = oneOf(
      rng,
      ordered.filter((value) => typeof value === typeof low),
    );
    return { [rng.nextBelow(2) ? "gt" : "gte"]: low, [rng.nextBelow(2) ? "lt" : "lte"]: high };
  }
  const chosen = Array.from({ length: 1 + rng.nextBelow(2) }, () => oneOf(rng, conditions));
  return Object.fromEntries(chosen) as FieldCondition;
}
