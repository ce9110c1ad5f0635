import assert from "node:assert/strict";
import test from "node:test";
import { FORMAT_CASES, fuzz } from "../../bench/fuzz/format-cases.ts";

// The full run, 100,000 files a format, is `node bench/fuzz/formats.ts`.
for (const format of FORMAT_CASES) {
  test(`${format.name}: damaged files are read or refused in a sentence, soon, within the bound on memory`, async () => {
    const runs = format.name === "gzipped" ? 100 : 300;
    const result = await fuzz(format, { runs, seed: 1_000_000_000, limitMs: 2000 });
    assert.equal(result.read + result.refused, runs);
    assert.ok(result.refused > runs / 4, "the damage is real");
  });
}
