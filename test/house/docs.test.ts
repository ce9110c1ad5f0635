/** The documentation says what is: examples run, links lead somewhere, files that are named exist. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenLinks, examples, tryExample } from "../../scripts/docs.ts";

test("links lead somewhere, and files that pages and comments name exist", () => {
  assert.deepEqual(brokenLinks(), []);
});

for (const example of examples()) {
  test(`the example at ${example.place} ${example.runs ? "runs" : "is sound"}`, () => tryExample(example));
}
