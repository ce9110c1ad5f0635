import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { factsOf, filterQuery, sortableNumber } from "./conditions.ts";

test("the form of a number sorts as the number does", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0); // metadata knows one zero
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const [x, y] = [sortableNumber(a), sortableNumber(b)];
      assert.equal(x < y, a < b);
      assert.equal(x === y, a === b);
      assert.equal(x.length, 16);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

test("no field and no value can be taken for another", () => {
  const facts = (field: string, value: string | number): string[] => factsOf({ [field]: value });
  const all = [
    ...facts("a", "b:s:c"),
    ...facts("a:s:b", "c"),
    ...facts("a", 1),
    ...facts("a", "1"),
    ...factsOf({ a: true, b: new Date(1) }),
    ...facts("1:a", "x"),
  ];
  const there = new Set(all.filter((fact) => fact.endsWith(":?")));
  assert.deepEqual([...there].sort(), ["1:a:?", "1:b:?", "3:1:a:?", "5:a:s:b:?"]);
  const values = all.filter((fact) => !fact.endsWith(":?"));
  assert.equal(new Set(values).size, values.length);
});

test("strings that are too long for a term are cut, and still told apart", () => {
  const long = "x".repeat(50_000);
  const [, one] = factsOf({ a: `${long}1` });
  const [, other] = factsOf({ a: `${long}2` });
  assert.notEqual(one, other);
  assert.ok(one!.length < 4100);
});

test("a range is one of terms of its field and type; values outside their own bounds match nothing", () => {
  assert.deepEqual(filterQuery({ s: { gte: "a" } }), { range: { facts: { gte: "1:s:s:a", lt: "1:s:s;" } } });
  assert.deepEqual(filterQuery({ s: { in: ["a", "c"], gt: "b" } }), { terms: { facts: ["1:s:s:c"] } });
  assert.deepEqual(filterQuery({ s: { in: ["a"], gt: "b" } }), { match_none: {} });
});
