import assert from "node:assert/strict";
import { test } from "node:test";
import { filterOf } from "./where.ts";

const CASES: readonly [string, object][] = [
  ["lang=en", { lang: { eq: "en" } }],
  ["year>=2020", { year: { gte: 2020 } }],
  ["year < 1999.5", { year: { lt: 1999.5 } }],
  ["kind!=code", { kind: { ne: "code" } }],
  ["draft", { draft: { exists: true } }],
  ["!draft", { draft: { exists: false } }],
  ["open=true", { open: { eq: true } }],
  ['version="2"', { version: { eq: "2" } }],
  ["lang=en|de", { lang: { in: ["en", "de"] } }],
  ['title="a|b"', { title: { eq: "a|b" } }],
  ["modified>=2026-01-31", { modified: { gte: new Date("2026-01-31") } }],
  ["path=a=b", { path: { eq: "a=b" } }],
  ["empty=", { empty: { eq: "" } }],
];

for (const [text, filter] of CASES) {
  test(`--where '${text}' is read as people mean it`, () => {
    assert.deepEqual(filterOf([text]), { and: [filter] });
  });
}

test("several conditions are all asked, and none is no filter", () => {
  assert.deepEqual(filterOf(["a=1", "b"]), { and: [{ a: { eq: 1 } }, { b: { exists: true } }] });
  assert.equal(filterOf([]), undefined);
  assert.equal(filterOf(undefined), undefined);
});

test("what is no condition is refused with examples", () => {
  for (const text of ["", "=en", "a b c", "!"]) assert.throws(() => filterOf([text]), /expected a condition such as/);
});
