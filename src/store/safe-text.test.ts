import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromSafeText, toSafeText } from "./safe-text.ts";

test("any string comes back from its safe form, which is well-formed and without U+0000", () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0, 0xe000, 0xd800, 0xdfff, 0x45, 0x30, 0x64),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = String.fromCharCode(...units);
      const safe = toSafeText(text);
      assert.ok(safe.isWellFormed() && !safe.includes("\0"));
      assert.equal(fromSafeText(safe), text);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("ordinary text is stored as it is", () => {
  assert.equal(toSafeText("Überraschung \u{1F600} 漢字\n\t"), "Überraschung \u{1F600} 漢字\n\t");
});
