import assert from "node:assert/strict";
import { test } from "node:test";
import { dateOf } from "../core/index.ts";
import { parseFilter, passes } from "./condition.ts";
import type { Filter, Meta } from "./filter.ts";

const paper: Meta = {
  lang: "en",
  year: 2021,
  draft: false,
  when: dateOf(1.6e12),
  tags: ["a", "b", null],
  years: [2018, 2025],
  nothing: null,
  none: [],
};

for (const [filter, expected] of [
  [{}, true],
  [{ lang: "en" }, true],
  [{ lang: { eq: "de" } }, false],
  [{ lang: "en", year: { gte: 2020, lt: 2022 } }, true],
  [{ year: { gt: 2021 } }, false],
  [{ year: { gte: 2000, gt: 2021 } }, false],
  [{ year: "2021" }, false],
  [{ year: { gte: "2000" } }, false],
  [{ draft: false }, true],
  [{ draft: 0 }, false],
  [{ draft: { ne: true } }, true],
  [{ when: dateOf(1.6e12) }, true],
  [{ when: 1.6e12 }, false],
  [{ when: { lt: dateOf(1.6e12 + 1) } }, true],
  [{ tags: "b" }, true],
  [{ tags: { ne: "b" } }, false],
  [{ tags: { in: ["x", "a"] } }, true],
  [{ tags: { in: [] } }, false],
  [{ years: { gte: 2019, lt: 2024 } }, false],
  [{ years: { gte: 2019 }, and: [{ years: { lt: 2024 } }] }, true],
  [{ nothing: null }, true],
  [{ none: { exists: false } }, true],
  [{ missing: { ne: "x" } }, true],
  [{ missing: { lt: 5 } }, false],
  [{ not: { missing: { lt: 5 } } }, true],
  [{ missing: { in: ["x", null] } }, true],
  [{ lang: { in: ["x", null] } }, false],
  [{ lang: { eq: "en", in: ["de", "en"], gte: "e" } }, true],
  [{ lang: { eq: "en", in: ["de"] } }, false],
  [{ lang: { ne: null, exists: true } }, true],
  [{ or: [] }, false],
  [{ and: [] }, true],
  [{ or: [{ lang: "de" }, { not: { year: { lt: 2000 } } }] }, true],
  [{ constructor: { exists: true } }, false],
  [JSON.parse('{"__proto__": {"exists": false}}'), true],
] as [Filter, boolean][]) {
  test(`a paper of 2021 ${expected ? "passes" : "does not pass"} ${JSON.stringify(filter)}`, () => {
    assert.equal(passes(paper, filter), expected);
  });
}

test("strings compare by code points, not by UTF-16 units", () => {
  // U+FF5E is below U+1F600, whose first unit is below it.
  assert.equal(passes({ s: "\uFF5E" }, { s: { lt: "\u{1F600}" } }), true);
  assert.equal(passes({ s: "\u{1F600}" }, { s: { gt: "\uFF5E" } }), true);
  assert.equal(passes({ s: "ab" }, { s: { gt: "a" } }), true);
});

test("a refusal says which field, what was expected and what came", () => {
  const refused = (filter: unknown, message: RegExp): void =>
    assert.throws(() => parseFilter(filter as Filter), { code: "bad-argument", message });
  refused({ tenant: undefined }, /`tenant` to be a string.* got undefined \(a variable that was not set\?\)/);
  refused(
    { or: [{}, { not: { a: { gt: null } } }] },
    /`or`\[1\], `not`, `a`\.gt to be a string, a number or a Date, got null/,
  );
  refused({ a: { $gte: 3 } }, /`a` to ask eq, .* got "\$gte"/);
  refused({ a: { in: [1, Number.NaN] } }, /`a`\.in\[1\]/);
  refused({ a: 5n }, /bigint 5/);
});

test("a filter as deep or as long as allowed works; one step more is refused", () => {
  const deep = (levels: number): Filter => (levels === 0 ? { a: 1 } : { not: deep(levels - 1) });
  assert.equal(passes({ a: 1 }, deep(50)), true);
  assert.throws(() => parseFilter(deep(51)), { code: "bad-argument", message: /50 levels/ });
  const long = (count: number): Filter => ({ a: { in: Array.from({ length: count }, (_, i) => i) } });
  assert.equal(passes({ a: 9_999 }, long(10_000)), true);
  assert.throws(() => parseFilter(long(10_001)), { code: "bad-argument", message: /10000 values/ });
});
