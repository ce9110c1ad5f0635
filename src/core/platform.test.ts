import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { platform, type Scratch } from "./index.ts";
import { MemoryScratch } from "./platform.web.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-platform-"));
after(() => rmSync(folder, { recursive: true }));

const files = platform.files!;
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const textAt = (path: string): string => readFileSync(path, "utf8");
let fresh = 0;
const newFolder = (): string => {
  const path = join(folder, String(fresh++));
  mkdirSync(path);
  return path;
};

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

for (const [name, open] of [
  ["a file", () => platform.openScratch()],
  ["memory", () => new MemoryScratch()],
] as [string, () => Scratch][]) {
  test(`scratch in ${name} does what a plain array does, under any program`, () => {
    const chunk = fc.uint8Array({ maxLength: 40 });
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    const command = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), chunk }),
      fc.record({ kind: fc.constant("write" as const), chunk, place }),
      fc.record({ kind: fc.constant("read" as const), chunk, place }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (program) => {
        const scratch = open();
        const plain: number[] = [];
        for (const step of program) {
          if (step.kind === "append") {
            scratch.append(step.chunk);
            plain.push(...step.chunk);
          } else {
            const position = Math.floor(step.place * Math.max(0, plain.length - step.chunk.length + 1));
            const fits = position + step.chunk.length <= plain.length;
            const into = new Uint8Array(step.chunk.length);
            const act = () =>
              step.kind === "write" ? scratch.write(position, step.chunk) : scratch.read(position, into);
            if (!fits) assert.throws(act, { code: "bad-argument" });
            else act();
            if (fits && step.kind === "write") plain.splice(position, step.chunk.length, ...step.chunk);
            if (fits && step.kind === "read")
              assert.deepEqual([...into], plain.slice(position, position + into.length));
          }
          assert.equal(scratch.bytes, plain.length);
        }
        scratch.close();
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test(`scratch in ${name} holds more than one block, across its edges`, () => {
    const scratch = open();
    const block = 1 << 22;
    for (let i = 0; i < 3; i++) scratch.append(new Uint8Array(block - 1).fill(i + 1));
    const into = new Uint8Array(4);
    scratch.read(block - 3, into);
    assert.deepEqual([...into], [1, 1, 2, 2]);
    scratch.write(2 * block - 2, Uint8Array.of(9, 9, 9, 9));
    scratch.read(2 * block - 2, into);
    assert.deepEqual([...into], [9, 9, 9, 9]);
    assert.throws(() => scratch.read(-1, into), { code: "bad-argument" });
    scratch.close();
  });
}

test("scratch files have no name that could be left behind", () => {
  const ours = (): string[] => readdirSync(tmpdir()).filter((name) => /^loci-\w{6}$/.test(name));
  const before = ours();
  const scratch = platform.openScratch();
  scratch.append(Uint8Array.of(1));
  if (process.platform !== "win32")
    assert.deepEqual(
      ours().filter((name) => !before.includes(name)),
      [],
    );
  scratch.close();
});

test("a written file is whole, its folders are made, and nothing lies beside it", async () => {
  const at = newFolder();
  const path = join(at, "a/b/new.txt");
  await files.write(path, [encoded("one "), encoded("two")]);
  assert.equal(textAt(path), "one two");
  await files.write(
    path,
    (async function* () {
      yield encoded("three");
    })(),
  );
  assert.equal(textAt(path), "three");
  assert.deepEqual(readdirSync(join(at, "a/b")), ["new.txt"]);
});

test("a write that fails leaves the old file and nothing else", async () => {
  const at = newFolder();
  const path = join(at, "kept.txt");
  await files.write(path, [encoded("old")]);
  const failing = function* () {
    yield encoded("new, but");
    throw new RangeError("no more");
  };
  await assert.rejects(files.write(path, failing()), { name: "RangeError" });
  assert.equal(textAt(path), "old");
  assert.deepEqual(readdirSync(at), ["kept.txt"]);
});

test("a folder is replaced as one: the new files, and none of the old", async () => {
  const at = newFolder();
  const path = join(at, "model");
  await files.writeFolder(path, { "a.txt": [encoded("1")], "old.txt": [encoded("x")] });
  await files.writeFolder(path, { "a.txt": [encoded("2")], "b.txt": [] });
  assert.deepEqual(readdirSync(path), ["a.txt", "b.txt"]);
  assert.equal(textAt(join(path, "a.txt")), "2");
  assert.deepEqual(readdirSync(at), ["model"]);
});

test("a folder that cannot be written whole is not written at all", async () => {
  const at = newFolder();
  const path = join(at, "model");
  await files.writeFolder(path, { "a.txt": [encoded("1")] });
  const failing = function* (): Generator<Uint8Array> {
    yield encoded("half of it");
    throw new RangeError("no more");
  };
  await assert.rejects(files.writeFolder(path, { "a.txt": [encoded("2")], "b.txt": failing() }), {
    name: "RangeError",
  });
  assert.deepEqual([readdirSync(at), readdirSync(path), textAt(join(path, "a.txt"))], [["model"], ["a.txt"], "1"]);
});

test("a process killed in the middle of a write leaves the old file as it was", async () => {
  const at = newFolder();
  const path = join(at, "model.bin");
  const folderPath = join(at, "model");
  writeFileSync(path, "old");
  await files.writeFolder(folderPath, { "a.txt": [encoded("old")] });
  for (const call of ["files.write(path, pieces())", "files.writeFolder(folder, { 'a.txt': pieces() })"]) {
    const script = `
      import { platform } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      const [files, path, folder] = [platform.files, ${JSON.stringify(path)}, ${JSON.stringify(folderPath)}];
      async function* pieces() {
        for (let i = 0; ; i++) {
          yield new Uint8Array(1 << 16);
          if (i === 4) console.log("writing");
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
      await ${call};`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  assert.deepEqual([textAt(path), textAt(join(folderPath, "a.txt"))], ["old", "old"]);
  // What the dead wrote lies under hidden names, and stands in nobody's way.
  assert.deepEqual(
    readdirSync(at).filter((name) => !name.startsWith(".")),
    ["model", "model.bin"],
  );
  await files.write(path, [encoded("new")]);
  assert.equal(textAt(path), "new");
});

test("two writers of one file each write whole: the last one stays", async () => {
  const path = join(newFolder(), "shared.txt");
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000));
  await Promise.all(texts.map((text) => files.write(path, [encoded(text)])));
  assert.ok(texts.includes(textAt(path)));
});

test("files are read from any place, and stat tells what is there", async () => {
  const path = join(newFolder(), "long.txt");
  const text = "0123456789".repeat(250_000);
  writeFileSync(path, text);
  assert.equal(await textOf(files.read(path)), text);
  assert.equal(await textOf(files.read(path, 2_499_995)), "56789");
  const into = new Uint8Array(6);
  assert.deepEqual([await files.readAt(path, 3, into), new TextDecoder().decode(into)], [6, "345678"]);
  assert.equal(await files.readAt(path, 2_499_998, into), 2, "fewer at the end");
  const { modified, ...stat } = (await files.stat(path))!;
  assert.deepEqual(stat, { bytes: 2_500_000, folder: false });
  assert.ok(Math.abs(platform.network.wallClock() - modified) < 60_000);
  assert.equal((await files.stat(folder))?.folder, true);
  assert.equal(await files.stat(join(folder, "nowhere")), undefined);
});

test("list and glob are sorted, and glob gives files only", async () => {
  const at = newFolder();
  for (const name of ["b.txt", "a.txt", "sub/c.txt", "sub.txt/d.md"]) await files.write(join(at, name), []);
  assert.deepEqual(await files.list(at), ["a.txt", "b.txt", "sub.txt/", "sub/"]);
  assert.deepEqual(
    await files.glob(join(at, "**/*.txt")),
    ["a.txt", "b.txt", "sub/c.txt"].map((name) => join(at, name)),
  );
});

test("gunzip gives back what was zipped, and damage is an error", async () => {
  const zipped = gzipSync("so much text ".repeat(10_000));
  const inPieces = async function* (bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  };
  assert.equal(await textOf(platform.gunzip(inPieces(zipped))), "so much text ".repeat(10_000));
  await assert.rejects(textOf(platform.gunzip(inPieces(zipped.subarray(0, zipped.length - 9)))));
  const flipped = Uint8Array.from(zipped);
  flipped[20]! ^= 0xff;
  await assert.rejects(textOf(platform.gunzip(inPieces(flipped))));
});

test("a pause ends in time, or with the reason of the signal", async () => {
  const { network } = platform;
  const start = platform.now();
  await network.sleep(15);
  assert.ok(platform.now() - start >= 0.014);
  const [stop, reason] = [new AbortController(), new Error("enough")];
  const pause = network.sleep(60_000, stop.signal);
  stop.abort(reason);
  await assert.rejects(pause, (error) => error === reason);
  await assert.rejects(network.sleep(60_000, stop.signal), (error) => error === reason);
  assert.ok(Math.abs(network.wallClock() - Date.now()) < 1000);
});

test("a folder is listed with what is known of each entry; links to files are followed, to folders and nowhere not", async () => {
  const path = newFolder();
  mkdirSync(join(path, "sub"));
  writeFileSync(join(path, "b.txt"), "four");
  symlinkSync(join(path, "b.txt"), join(path, "a.link"));
  symlinkSync(path, join(path, "loop"));
  symlinkSync(join(path, "nothing"), join(path, "broken"));
  utimesSync(join(path, "b.txt"), 1_700_000_000, 1_700_000_000);
  assert.deepEqual(await files.entries(path), [
    { name: "a.link", folder: false, bytes: 4, modified: 1_700_000_000_000 },
    { name: "b.txt", folder: false, bytes: 4, modified: 1_700_000_000_000 },
    { name: "sub", folder: true, bytes: 0, modified: 0 },
  ]);
  assert.equal((await files.stat(join(path, "b.txt")))!.modified, 1_700_000_000_000);
});

test("watching names what changed, once it is quiet, until it is aborted", async () => {
  const path = newFolder();
  const controller = new AbortController();
  const batches = files.watch(path, { quietMs: 20, signal: controller.signal })[Symbol.asyncIterator]();
  const first = batches.next();
  writeFileSync(join(path, "a.txt"), "1");
  writeFileSync(join(path, "b.txt"), "2");
  const seen = new Set(((await first).value as readonly string[]).map((name) => name.slice(path.length + 1)));
  if (seen.size < 2)
    for (const name of (await batches.next()).value as readonly string[]) seen.add(name.slice(path.length + 1));
  assert.deepEqual([...seen].sort(), ["a.txt", "b.txt"]);
  const last = batches.next();
  controller.abort();
  assert.equal((await last).done, true);
});

test("a single file is watched also when another takes its place", async () => {
  const path = join(newFolder(), "a.txt");
  writeFileSync(path, "1");
  const controller = new AbortController();
  const batches = files.watch(path, { quietMs: 20, signal: controller.signal })[Symbol.asyncIterator]();
  const first = batches.next();
  writeFileSync(`${path}.new`, "2");
  renameSync(`${path}.new`, path);
  assert.deepEqual((await first).value, [path]);
  controller.abort();
  await batches.return?.();
});
