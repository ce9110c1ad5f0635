import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { IgnoreRules } from "../documents/index.ts";
import { type Encoder, HashingEncoder } from "../embed/index.ts";
import {
  Collection,
  indexPaths,
  indexPathsSteps,
  type IndexPathsOptions,
  type IndexStep,
  MemoryStore,
  watchPaths,
} from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "loci-folders-"));
after(() => rmSync(base, { recursive: true }));
let folders = 0;

/** A folder of files, long settled, whose paths start with it. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(base, String(folders++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) put(join(folder, name), content);
  return folder;
}

let minute = 0;
function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  settle(path);
}

/** Gives a file a time of change of its own, well in the past. */
function settle(path: string): void {
  utimesSync(path, 1_700_000_000, 1_700_000_000 + 60 * minute++);
}

/** An encoder that says how many texts it was given. */
class CountingEncoder extends HashingEncoder {
  texts = 0;
  override embed(...args: Parameters<Encoder["embed"]>): ReturnType<Encoder["embed"]> {
    this.texts += args[0].length;
    return super.embed(...args);
  }
}

async function opened(): Promise<{ collection: Collection; encoder: CountingEncoder }> {
  const encoder = new CountingEncoder({ dim: 16 });
  return { collection: await Collection.open({ store: new MemoryStore(), encoder }), encoder };
}

async function idsOf(collection: Collection, folder: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of collection.list()) ids.push(id.startsWith(folder) ? id.slice(folder.length + 1) : id);
  return ids;
}

test("a folder is indexed with what is known of each file", async () => {
  const folder = folderOf({
    "a.md": "# Title\n\nSome text.\n",
    "sub/b.ts": "export const b = 1;\n",
    "c.jsonl": '{"text":"one","year":1999,"path":"mine"}\n{"text":"two"}\n',
    "empty.txt": "",
    "d.bin": Uint8Array.of(1, 0, 2),
  });
  const { collection } = await opened();
  const result = await indexPaths(collection, folder);
  assert.deepEqual(await idsOf(collection, folder), ["a.md", "c.jsonl#1", "c.jsonl#2", "sub/b.ts"]);
  assert.deepEqual([result.files, result.documents, result.chunks, result.removed, result.unchanged], [5, 4, 4, 0, 0]);
  assert.deepEqual(
    result.skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason.slice(0, 11)]),
    [
      ["d.bin", "not text: i"],
      ["empty.txt", "it is empty"],
    ],
  );
  const { meta } = (await collection.get(`${folder}/a.md`))!;
  assert.deepEqual([meta.kind, meta.title, meta.bytes], ["markdown", "Title", 20]);
  assert.equal((meta.modified as Date).getTime() % 60_000, 1_700_000_000_000 % 60_000);
  const row = (await collection.get(`${folder}/c.jsonl#1`))!.meta;
  assert.deepEqual([row.row, row.line, row.year, row["row.path"], row.path], [1, 1, 1999, "mine", `${folder}/c.jsonl`]);
  const { hits } = await collection.search("two", { mode: "keyword", filter: { kind: "jsonl" } });
  assert.equal(hits[0]!.id, `${folder}/c.jsonl#2`);
});

test("a second run reads nothing and embeds nothing", async () => {
  const folder = folderOf({ "a.md": "Alpha.", "b.csv": "x,y\n1,2\n3,4\n", "c.bin": Uint8Array.of(0) });
  const { collection, encoder } = await opened();
  const first = await indexPaths(collection, folder);
  encoder.texts = 0;
  const second = await indexPaths(collection, folder);
  assert.deepEqual([second.bytes, second.unchanged, second.documents, encoder.texts], [0, 2, 0, 0]);
  assert.deepEqual(second.skipped, first.skipped);
  const looked = await indexPaths(collection, folder, { full: true });
  assert.deepEqual([looked.bytes > 0, looked.unchanged, looked.documents, encoder.texts], [true, 2, 0, 0]);
});

test("a file that was only touched is read again, and not embedded", async () => {
  const folder = folderOf({ "a.md": "Alpha." });
  const { collection, encoder } = await opened();
  await indexPaths(collection, folder);
  settle(join(folder, "a.md"));
  encoder.texts = 0;
  const result = await indexPaths(collection, folder);
  assert.deepEqual([result.bytes, result.unchanged, encoder.texts], [6, 1, 0]);
});

test("a change in the same second and of the same length is seen", async () => {
  const folder = folderOf({});
  const { collection } = await opened();
  writeFileSync(join(folder, "a.txt"), "one");
  await indexPaths(collection, folder);
  writeFileSync(join(folder, "a.txt"), "two");
  assert.equal((await indexPaths(collection, folder)).documents, 1);
  assert.equal((await collection.get(`${folder}/a.txt`))!.text, "two");
});

test("only the rows of a table that changed are embedded, and rows that are gone go", async () => {
  const folder = folderOf({ "t.jsonl": '{"text":"one"}\n{"text":"two"}\n{"text":"three"}\n' });
  const { collection, encoder } = await opened();
  await indexPaths(collection, folder);
  encoder.texts = 0;
  put(join(folder, "t.jsonl"), '{"text":"one"}\n{"text":"TWO"}\n');
  const result = await indexPaths(collection, folder);
  assert.deepEqual([result.documents, result.removed, encoder.texts], [1, 1, 1]);
});

test("a renamed file keeps its vectors, a deleted one is gone", async () => {
  const folder = folderOf({ "a.md": "Alpha one.", "b.md": "Beta two." });
  const { collection, encoder } = await opened();
  await indexPaths(collection, folder);
  encoder.texts = 0;
  renameSync(join(folder, "a.md"), join(folder, "z.md"));
  rmSync(join(folder, "b.md"));
  const result = await indexPaths(collection, folder);
  assert.deepEqual([result.documents, result.renamed, result.removed, encoder.texts], [1, 1, 2, 0]);
  assert.deepEqual(await idsOf(collection, folder), ["z.md"]);
  const { hits } = await collection.search("Alpha one.", { mode: "vector" });
  assert.equal(hits[0]!.id, `${folder}/z.md`);
});

test("a collection that gets its encoder later knows its files still", async () => {
  const folder = folderOf({ "a.md": "Alpha one.", "b.md": "Beta two." });
  const collection = await Collection.open({ store: new MemoryStore() });
  await indexPaths(collection, folder);
  await collection.migrate(new HashingEncoder({ dim: 16 }), { samples: 0 });
  const result = await indexPaths(collection, folder);
  assert.deepEqual([result.unchanged, result.bytes], [2, 0]);
});

test("other options read everything anew", async () => {
  const folder = folderOf({ "a.md": "One two three. Four five six." });
  const { collection } = await opened();
  await indexPaths(collection, folder);
  const result = await indexPaths(collection, folder, { chunk: { size: 3 } });
  assert.deepEqual([result.documents, result.chunks], [1, 2]);
});

test("documents that others put into the collection are left alone, and those they took out come back", async () => {
  const folder = folderOf({ "a.md": "Alpha." });
  const { collection } = await opened();
  await collection.add([
    { id: `${folder}/mine`, text: "Mine." },
    { id: "other", text: "Other.", meta: { path: "elsewhere/x" } },
  ]);
  await indexPaths(collection, folder);
  await collection.remove([`${folder}/a.md`]);
  assert.equal((await indexPaths(collection, folder)).documents, 1);
  assert.equal(await collection.count(), 3);
});

test("two folders in one collection do not know of each other", async () => {
  const one = folderOf({ "a.md": "Alpha." });
  const two = folderOf({ "b.md": "Beta." });
  const { collection } = await opened();
  await indexPaths(collection, [one, two]);
  rmSync(join(one, "a.md"));
  rmSync(join(two, "b.md"));
  assert.equal((await indexPaths(collection, one)).removed, 1);
  assert.equal(await collection.count(), 1);
});

test("a pattern takes what it matches, and what it no longer matches stays while it exists", async () => {
  const folder = folderOf({ "a.md": "Alpha.", "b.txt": "Beta.", "node_modules/c.md": "Gamma." });
  const { collection } = await opened();
  await indexPaths(collection, `${folder}/*.md`);
  await indexPaths(collection, `${folder}/*.txt`);
  assert.deepEqual(await idsOf(collection, folder), ["a.md", "b.txt"]);
  rmSync(join(folder, "a.md"));
  assert.equal((await indexPaths(collection, `${folder}/*.txt`)).removed, 1);
});

test("folders that are no work of people, hidden ones and those of .gitignore are left out", async () => {
  const folder = folderOf({
    ".gitignore": "*.log\n/build/\n!keep.log\n",
    "a.md": "a",
    "x.log": "x",
    "keep.log": "k",
    "build/out.md": "o",
    "sub/build/in.md": "i",
    "sub/.gitignore": "in.md",
    ".hidden/h.md": "h",
    "node_modules/m.md": "m",
    "package-lock.json": "{}",
  });
  symlinkSync(folder, join(folder, "loop"));
  const names = async (options: IndexPathsOptions): Promise<string[]> => {
    const { collection } = await opened();
    await indexPaths(collection, folder, options);
    return idsOf(collection, folder);
  };
  assert.deepEqual(await names({}), ["a.md", "keep.log"]);
  assert.deepEqual(await names({ gitignore: false, exclude: ["!package-lock.json", "sub"] }), [
    "a.md",
    "build/out.md",
    "keep.log",
    "package-lock.json",
    "x.log",
  ]);
  assert.ok((await names({ hidden: true })).includes(".hidden/h.md"));
});

test("ignore rules are git's", () => {
  for (const [rule, path, folder, expected] of [
    ["*.md", "a/b.md", false, true],
    ["/*.md", "a/b.md", false, undefined],
    ["a/b", "a/b", false, true],
    ["a/b", "x/a/b", false, undefined],
    ["b/", "a/b", false, undefined],
    ["b/", "a/b", true, true],
    ["**/c", "a/b/c", false, true],
    ["a/**", "a/b/c", false, true],
    ["a/**/d", "a/d", false, true],
    ["a/**/d", "a/b/c/d", false, true],
    ["[a-c]?.t*t", "bx.text", false, true],
    ["[!a]", "a", false, undefined],
    ["\\#x", "#x", false, true],
    ["# x", "# x", false, undefined],
    ["!a", "a", false, false],
  ] as const)
    assert.equal(new IgnoreRules([rule]).excludes(path, folder), expected, `${rule} of ${path}`);
  const hostile = new IgnoreRules([`${"*a".repeat(50)}b`, `${"**/a/".repeat(50)}b`]);
  assert.equal(hostile.excludes("a".repeat(250), false), undefined);
  assert.equal(hostile.excludes("a/".repeat(200).slice(0, -1), false), undefined);
});

test("any sequence of changes to a folder leaves the collection as a fresh one would be", async () => {
  const name = fc.constantFrom("a.md", "b.txt", "c.jsonl", "d/e.md", "d/f.csv");
  const content = fc.constantFrom(
    "",
    "One.",
    "Two.\n\nThree.",
    '{"text":"r"}\n{"text":"s"}\n',
    '{"text":"s"}\n',
    "x,y\n1,2\n",
  );
  const change = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), name, content }),
    fc.record({ kind: fc.constant("remove" as const), name, content }),
    fc.record({ kind: fc.constant("run" as const), name, content }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 14 }), async (program) => {
      const folder = folderOf({});
      const { collection } = await opened();
      for (const { kind, name, content } of program) {
        if (kind === "put") put(join(folder, name), content);
        else if (kind === "remove") rmSync(join(folder, name), { force: true });
        else await indexPaths(collection, folder);
      }
      await indexPaths(collection, folder);
      const { collection: fresh } = await opened();
      await indexPaths(fresh, folder);
      const all = async (of: Collection): Promise<unknown[]> => {
        const found: unknown[] = [];
        for await (const { id, hash } of of.list())
          found.push([
            id,
            hash,
            (await of.get(id))!.text,
            (await of.chunksOf(id)).map(({ start, end }) => [start, end]),
          ]);
        return found;
      };
      assert.deepEqual(await all(collection), await all(fresh));
    }),
    { seed: 7, numRuns: 40 },
  );
});

test("a run that is stopped goes on where it was", async () => {
  const folder = folderOf(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}.md`, `Text number ${i}.`])));
  const { collection, encoder } = await opened();
  const controller = new AbortController();
  const steps = indexPathsSteps(collection, folder, { signal: controller.signal });
  await assert.rejects(
    (async () => {
      for await (const { documents } of steps) if (documents > 0) controller.abort();
    })(),
    { name: "AbortError" },
  );
  const written = await collection.count();
  assert.ok(written > 0 && written < 600);
  encoder.texts = 0;
  const result = await indexPaths(collection, folder);
  assert.equal(await collection.count(), 600);
  assert.equal(encoder.texts, 600 - written);
  assert.equal(result.unchanged, written);
});

test("steps say how far it is, in bytes", async () => {
  const folder = folderOf({ "a.md": "Alpha.", "b.md": "Beta." });
  const { collection } = await opened();
  const seen: IndexStep[] = [];
  await indexPaths(collection, folder, { onStep: (step) => seen.push(step) });
  const last = seen.at(-1)!;
  assert.deepEqual([last.phase, last.done, last.total, last.documents], ["index", 11, 11, 2]);
});

test("a broken file among others is skipped with its reason, and its old documents go", async () => {
  const folder = folderOf({ "a.jsonl": '{"text":"one"}\n', "b.md": "Beta." });
  const { collection } = await opened();
  await indexPaths(collection, folder);
  put(join(folder, "a.jsonl"), '{"text":"one"}\n{broken\n');
  const { skipped, removed } = await indexPaths(collection, folder);
  assert.equal(removed, 1);
  assert.match(skipped[0]!.reason, /^line 2: expected JSON/);
  assert.deepEqual(await idsOf(collection, folder), ["b.md"]);
});

test("a path that is nothing is refused by name; one that was something is let go", async () => {
  const folder = folderOf({ "a.md": "Alpha." });
  const { collection } = await opened();
  await assert.rejects(indexPaths(collection, join(folder, "no.md")), { code: "not-found" });
  await assert.rejects(indexPaths(collection, join(folder, "*.pdf")), { code: "not-found" });
  await indexPaths(collection, join(folder, "a.md"));
  rmSync(join(folder, "a.md"));
  assert.equal((await indexPaths(collection, join(folder, "a.md"))).removed, 1);
});

test("what changes while it is watched is indexed", async () => {
  const folder = folderOf({ "a.md": "Alpha." });
  const { collection } = await opened();
  const controller = new AbortController();
  const results: number[] = [];
  await assert.rejects(
    (async () => {
      for await (const { documents, removed } of watchPaths(collection, folder, {
        quietMs: 20,
        signal: controller.signal,
      })) {
        results.push(documents);
        if (results.length === 1) writeFileSync(join(folder, "b.md"), "Beta.");
        else if (removed > 0) controller.abort();
        else if (documents > 0) rmSync(join(folder, "a.md"));
      }
    })(),
    { name: "AbortError" },
  );
  assert.deepEqual(await idsOf(collection, folder), ["b.md"]);
  assert.equal(results[0], 1);
});
