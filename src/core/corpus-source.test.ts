import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openCorpusSource, type CorpusSource } from "./corpus-source.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "loci-source-"));
  await mkdir(join(folder, "deep/er"), { recursive: true });
  await mkdir(join(folder, ".hidden"));
  await mkdir(join(folder, "node_modules"));
  await mkdir(join(folder, "pictures.txt"));
  const files: Record<string, string | Uint8Array> = {
    "b.txt": "b",
    "a.md": "a",
    README: "readme",
    "code.ts": "code",
    "data.json": "json",
    "deep/er/z.text": "z",
    "deep/m.txt.gz": gzipSync("m".repeat(100_000)),
    "deep/archive.tar.gz": gzipSync("tar"),
    ".hidden/h.txt": "h",
    ".dot.txt": "dot",
    "node_modules/n.md": "n",
    "odd[1].txt": "odd",
    "two.gz": Buffer.concat([gzipSync("first "), gzipSync("second")]),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await symlink(folder, join(folder, "deep/loop"));
});
after(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

async function textsOf(source: CorpusSource): Promise<string[]> {
  const texts: string[] = [];
  for await (const { bytes } of source.files()) {
    const decoder = new TextDecoder();
    let text = "";
    for await (const piece of bytes) text += decoder.decode(piece, { stream: true });
    texts.push(text);
  }
  return texts;
}

test("a folder is searched to the bottom for prose, sorted; code, data, hidden things and packages are left out", async () => {
  const source = await openCorpusSource(folder);
  assert.deepEqual(
    source.paths.map((path) => relative(folder, path)),
    ["README", "a.md", "b.txt", "deep/er/z.text", "deep/m.txt.gz", "odd[1].txt", "two.gz"],
  );
  assert.deepEqual(await textsOf(source), ["readme", "a", "b", "z", "m".repeat(100_000), "odd", "first second"]);
  assert.equal(source.bytesRead, source.totalBytes);
});

test("a pattern takes every file it matches, and a path that exists is no pattern", async () => {
  const matched = await openCorpusSource(at("**/*.{json,ts}"));
  assert.deepEqual(
    matched.paths.map((path) => relative(folder, path)),
    ["code.ts", "data.json"],
  );
  assert.deepEqual((await openCorpusSource(at("odd[1].txt"))).paths, [at("odd[1].txt")]);
});

test("several paths are read in the order given, and again if asked", async () => {
  const source = await openCorpusSource([at("b.txt"), at("a.md"), at("b.txt")]);
  assert.equal(source.totalBytes, 3);
  assert.deepEqual(await textsOf(source), ["b", "a", "b"]);
  assert.deepEqual(await textsOf(source), ["b", "a", "b"]);
  assert.equal(source.bytesRead, 3);
});

test("what names no file says so", async () => {
  await assert.rejects(openCorpusSource(at("none.txt")), { code: "not-found", message: /There is no file or folder/ });
  await assert.rejects(openCorpusSource(at("*.none")), { code: "not-found", message: /No file matches/ });
  await assert.rejects(openCorpusSource(at("pictures.txt")), {
    code: "not-found",
    message: /holds no text files.*pattern/,
  });
  await assert.rejects(openCorpusSource([]), { code: "not-found" });
});

test("files of other kinds are refused with advice, and damaged gzip with its place", async () => {
  const cases: [bytes: Uint8Array, message: RegExp][] = [
    [Buffer.from("BZh91AY&SY"), /bzcat/],
    [Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /xzcat/],
    [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), /zstdcat/],
    [Buffer.from("PK\u0003\u0004"), /zip/],
    [Uint8Array.of(0xff, 0xfe, 0x61, 0), /UTF-16.*iconv/],
    [gzipSync("x".repeat(1000)).subarray(0, 20), /expected sound gzip data to the end, but after \d+ bytes/],
  ];
  for (const [bytes, message] of cases) {
    await writeFile(at("foreign"), bytes);
    await assert.rejects(textsOf(await openCorpusSource(at("foreign"))), { code: "bad-file", message });
  }
  await rm(at("foreign"));
});

test("an empty file is an empty document", async () => {
  await writeFile(at("empty.log"), "");
  assert.deepEqual(await textsOf(await openCorpusSource(at("empty.log"))), [""]);
  await rm(at("empty.log"));
});
