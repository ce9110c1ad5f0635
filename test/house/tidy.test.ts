/** The repository kept tidy: headers, no loose ends, nothing large, nothing of one machine. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doors } from "../../scripts/doors.ts";
import { repositoryFiles } from "../../scripts/files.ts";
import { filesOf, importsOf, isTest, nodesOf, placeOf, root, textOf } from "./sources.ts";

/** Files that hold one long idea. */
const LONG: Readonly<Record<string, string>> = {
  "src/table/embedding.ts": "the whole answer to “what can I ask of vectors”, mostly docstrings",
};
const MOST_LINES = 400;
/** Tests are lists of cases, and may be longer. */
const MOST_TEST_LINES = 600;

const committed = repositoryFiles();
const scripts = committed.filter(
  (file) => file.endsWith(".ts") && !file.includes("/fixtures/") && !file.startsWith("api/"),
);
const texts = committed.filter(
  (file) => /\.(ts|md|json|sh|py|c|yml)$|^\.ci\/run$/.test(file) && file !== "package-lock.json",
);

test("every source file begins by saying what it is", () => {
  // A test file is named after the file it tests, and its tests say the rest.
  for (const file of scripts.filter((file) => !isTest(file)))
    assert.match(textOf(file), /^(#!.*\n)?\/\*\*/, `${file} begins without a header comment.`);
});

test("files are of one idea: longer ones say why", () => {
  for (const file of scripts) {
    const lines = textOf(file).split("\n").length;
    assert.ok(
      lines <= (isTest(file) ? MOST_TEST_LINES : MOST_LINES) || file in LONG,
      `${file} has ${lines} lines. Split it, or give a reason in LONG.`,
    );
  }
});

test("nothing is left to do without saying where that is kept", () => {
  for (const file of texts.filter((file) => file !== "test/house/tidy.test.ts")) {
    const bare = /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/.exec(textOf(file));
    assert.equal(bare, null, `${file} holds a bare ${bare?.[0]}. Do it, or write ${bare?.[0]}(#issue).`);
  }
});

test("no test is left out or run alone without a reason", () => {
  for (const file of scripts.filter((file) => isTest(file) || file.startsWith("test/"))) {
    for (const { node } of nodesOf(file)) {
      if (
        node.type === "MemberExpression" &&
        ["test", "it", "describe", "suite"].includes(String((node.object as { name?: string }).name))
      ) {
        const name = String((node.property as { name?: string }).name);
        assert.ok(!["only", "skip", "todo"].includes(name), `${placeOf(file, node.start)} uses .${name}.`);
      }
      if (node.type !== "Property") continue;
      const [key, value] = [(node.key as { name?: string }).name, node.value as { value?: unknown }];
      if (key === "only" || key === "todo")
        assert.notEqual(value.value, true, `${placeOf(file, node.start)} is run alone.`);
      if (key === "skip")
        assert.notEqual(value.value, true, `${placeOf(file, node.start)} skips without a reason: give it as text.`);
    }
  }
});

test("types say what they are: no any, no ignored errors", () => {
  for (const file of scripts.filter((file) => !file.includes("/assembly/"))) {
    const lines = textOf(file).split("\n");
    for (const { node } of nodesOf(file)) {
      if (node.type !== "TSAnyKeyword") continue;
      const line = placeOf(file, node.start);
      const above = lines[Number(line.split(":")[1]) - 2] ?? "";
      assert.match(above, /no-explicit-any -- \S/, `${line} says any. Say what it is, or why that cannot be said.`);
    }
    // The decorators of AssemblyScript need it, also where a script writes them.
    assert.doesNotMatch(textOf(file), /\/\/ *@ts-(ignore(?!: decorator)|nocheck)/, `${file} ignores the compiler.`);
  }
});

test("nothing large is committed", () => {
  for (const file of committed) {
    assert.ok(statSync(join(root, file)).size <= 2 ** 20, `${file} is over 1 MiB. Make it in the test, or fetch it.`);
  }
});

test("nothing names the machine it was written on", () => {
  for (const file of texts) {
    const path = /(?<![\w.])\/(?:home|Users|work|root|tmp\/\w)[\w./-]*/.exec(textOf(file));
    assert.ok(
      !path || file === "test/house/tidy.test.ts",
      `${file} names ${path?.[0]}. Make the path from where the file lies.`,
    );
  }
});

test("every source file is used", () => {
  const sources = filesOf("src/**/*.ts").filter((file) => !isTest(file));
  const testing = (file: string): boolean => isTest(file) || file.endsWith("/testing.ts"); // helpers of a room's tests
  const used = new Set(
    scripts.flatMap((file) => (testing(file) ? [] : importsOf(file).flatMap(({ target }) => target ?? []))),
  );
  const within = new Set(doors().map(({ source }) => source));
  const entries = new Set(["src/cli/main.ts", "src/kernels/assembly/index.ts", "src/kernels/assembly/search/index.ts"]);
  for (const file of sources) {
    const entry =
      entries.has(file) ||
      within.has(file) ||
      testing(file) ||
      file.endsWith(".worker.ts") ||
      /^src\/\w+\/index\.ts$/.test(file);
    assert.ok(entry || used.has(file), `${file} is imported by nothing that ships.`);
  }
});
