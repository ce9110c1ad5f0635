/** package.json's exports, the index.ts files and ARCHITECTURE.md name the same doors; each door lists and explains what it opens. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doors, packageFile } from "../../scripts/doors.ts";
import { nodesOf, root, rooms, textOf } from "./sources.ts";

/** Rooms that only Loci itself enters. */
const CLOSED: Readonly<Record<string, string>> = {
  kernels: "raw memory and byte offsets; `core` offers what is safe of it",
  cli: "a program, reached by its name",
};

test("every open room has a door in package.json, and every door a room", () => {
  const opened = doors()
    .map(({ room }) => room.split("/")[0]!)
    .filter((room) => room !== "");
  assert.deepEqual([...new Set(opened)].sort(), rooms.filter((room) => !(room in CLOSED)).sort());
  for (const { source } of doors()) assert.ok(existsSync(join(root, source)), `${source} is missing.`);
});

test("a door gives its types first and one default, and package.json itself can be read", () => {
  const { exports } = packageFile();
  assert.equal(exports["./package.json"], "./package.json");
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const folder = path === "." ? "./dist" : `./dist/${path.slice(2)}`;
    assert.deepEqual(Object.entries(target), [
      ["types", `${folder}/index.d.ts`],
      ["default", `${folder}/index.js`],
    ]);
  }
});

test("ARCHITECTURE.md has a row for every room, and no others", () => {
  const rows = [...textOf("ARCHITECTURE.md").matchAll(/^\| `(\w+)` \|/gm)].map(([, room]) => room!);
  assert.deepEqual([...rows].sort(), [...rooms].sort());
});

test("a door is a list: it re-exports by name and does nothing else", () => {
  for (const { source } of doors()) {
    const statements = nodesOf(source)
      .filter(({ parent }) => parent?.type === "Program")
      .map(({ node }) => node);
    for (const { type } of statements) assert.equal(type, "ExportNamedDeclaration", `${source} holds a ${type}.`);
    assert.ok(
      statements.every(({ source }) => source !== null),
      `${source} declares something itself.`,
    );
  }
});

test("what a door opens is explained where it is declared", () => {
  const silent: string[] = [];
  for (const { source, room } of doors().filter(({ room }) => room !== "")) {
    for (const { name, from } of namesAt(source)) {
      const file = join("src", room, from);
      const text = textOf(file);
      const declared = new RegExp(
        `(?:^|\\n)export (?:declare |abstract |async )*(?:function\\*?|class|const|interface|type) ${name}\\b`,
      ).exec(text);
      if (!declared) continue; // passed on from another room, which explains it
      if (/(Options|Result)$/.test(name)) continue; // each field says what it is
      const before = text
        .slice(0, declared.index)
        .trimEnd()
        .replace(/\n\/\/ oxlint-.*$/, "");
      const headed = before.endsWith("*/") && !isHeader(text, before.length);
      const first = /^\/\*\*[\s\S]*?\*\/\s*(import[^;]*;\s*)*$/.test(before);
      if (!headed && !first) silent.push(`${file}: ${name}`);
    }
  }
  assert.deepEqual(silent, [], "These are exported at a door without a word on what they are.");
});

/** Whether the comment that ends at `end` is the header of the file, with imports behind it. */
function isHeader(text: string, end: number): boolean {
  return text.startsWith("/**") && text.indexOf("*/") + 2 === end && /^\s*import/.test(text.slice(end));
}

function namesAt(source: string): { name: string; from: string }[] {
  return nodesOf(source).flatMap(({ node, parent }) =>
    node.type === "ExportSpecifier"
      ? [{ name: (node.local as { name: string }).name, from: (parent!.source as { value: string }).value }]
      : [],
  );
}

test("every peer is optional, and is tried here at the version it is pinned to", () => {
  const {
    peerDependencies = {},
    peerDependenciesMeta = {},
    devDependencies = {},
  } = JSON.parse(textOf("package.json")) as Record<string, Record<string, unknown>>;
  for (const peer of Object.keys(peerDependencies)) {
    assert.deepEqual(peerDependenciesMeta[peer], { optional: true }, peer);
    assert.ok(peer in devDependencies, `${peer} is promised but not tried.`);
  }
});
