import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { LociError, drain } from "../../core/index.ts";
import { curveLines } from "./curve.ts";
import { findTextSteps } from "./found-text.ts";

/** A node_modules folder with these files, gone after the test. */
function packages(t: { after(end: () => void): void }, files: Record<string, string>): string {
  const folder = join(mkdtempSync(join(tmpdir(), "loci-demo-")), "node_modules");
  t.after(() => rmSync(dirname(folder), { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A paragraph a line, all different: enough text for the demo. */
const plenty = (what: string, count = 8000) =>
  Array.from({ length: count }, (_, i) => `The ${what} number ${i} is a paragraph of prose.`).join("\n\n");

test("text is found in package after package, each paragraph once, and no package fills the corpus", async (t) => {
  const folder = packages(t, {
    "zebra/README.md": plenty("zebra"),
    "apple/README.md": plenty("apple"),
    "apple/CHANGELOG.md": plenty("change"),
    "apple/node_modules/inner/README.md": plenty("inner"),
    "@scope/part/index.d.ts": `/** ${plenty("comment", 1).trim()} */\n`,
    "@scope/part/copy.d.ts": `/** ${plenty("comment", 1).trim()} */\n`,
    "@scope/part/index.d.mts": "/** The twin of a file says nothing new. */",
    ".cache/README.md": plenty("hidden"),
  });
  const found = await drain(findTextSteps([folder], { mostOfPackage: 200_000 }));
  const starts = found.paragraphs.map((paragraph) => paragraph.split(" ")[1]);
  assert.equal(starts[0], "comment");
  assert.deepEqual([...new Set(starts)], ["comment", "apple", "zebra"]);
  assert.equal(new Set(found.paragraphs).size, found.paragraphs.length);
  assert.equal(found.packages, 3);
  const apples = found.paragraphs.filter((_, i) => starts[i] === "apple");
  assert.ok(Math.abs(apples.join("").length - 200_000) < 100);
  assert.deepEqual(await drain(findTextSteps([folder], { mostOfPackage: 200_000 })), found);
});

test("too little text is an error that says what to do", async (t) => {
  const folder = packages(t, { "small/README.md": "Only these few words are here." });
  for (const folders of [[folder], []]) {
    await assert.rejects(drain(findTextSteps(folders)), (error: unknown) => {
      assert.ok(error instanceof LociError && error.code === "no-text");
      assert.match(error.message, /npm install.*loci train words/);
      return true;
    });
  }
});

test("a curve has its extremes beside it and falls where the values do", () => {
  const lines = curveLines([4, 3, 2, 1], { width: 10, height: 2 });
  assert.deepEqual(lines, ["4.00 │█▃", "1.00 │██▆▁"]);
  assert.deepEqual(curveLines([], { width: 10, height: 2 }), []);
  assert.equal(curveLines([1, 1], { width: 10, height: 3 }).length, 3);
  const falling = curveLines(
    Array.from({ length: 1000 }, (_, i) => 1000 - i),
    { width: 40, height: 5 },
  );
  assert.equal(falling[4]!.split("│")[1]!.length, 40);
});
