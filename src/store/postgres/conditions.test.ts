import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameters, factsOf, filterSql } from "./conditions.ts";

test("what a user wrote is in the parameters, never in the statement", () => {
  const evil = `x"'); drop table documents; --`;
  const parameters = new Parameters();
  const sql = filterSql(
    {
      [evil]: evil,
      or: [{ [evil]: { gt: evil, lt: `${evil}z` } }, { not: { [evil]: { in: [evil, 3] } } }],
      b: { exists: false },
    },
    "d.facts",
    parameters,
  );
  assert.ok(!sql.includes("drop"), sql);
  assert.ok(JSON.stringify(parameters.values).includes("drop table documents"));
  const places = [...sql.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n));
  assert.equal(Math.max(...places), parameters.values.length);
});

test("the empty filter is true, an empty `or` and values outside their own bounds are false", () => {
  assert.equal(filterSql({}, "f", new Parameters()), "true");
  assert.equal(filterSql({ or: [] }, "f", new Parameters()), "false");
  assert.equal(filterSql({ year: { in: [1, 2], gt: 2 } }, "f", new Parameters()), "false");
});

test("facts keep types apart: a date is no number, a list gives its members, null none", () => {
  assert.deepEqual(JSON.parse(factsOf({ a: [1, "1", true, null, new Date(5)], b: null, c: [] })), {
    a: [1, "1", true, { d: 5 }],
  });
});
