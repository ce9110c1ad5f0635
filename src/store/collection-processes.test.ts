/** One process writes, another reads: real processes, one file. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { HashingEncoder } from "../embed/index.ts";
import { Collection } from "./collection.ts";

/** Writes what it is told, a line each, and says when it is committed. */
const WRITER = `
import { createInterface } from "node:readline";
const { Collection } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
const { HashingEncoder } = await import(${JSON.stringify(new URL("../embed/index.ts", import.meta.url).href)});
const encoders = [new HashingEncoder({ seed: 1 }), new HashingEncoder({ seed: 2 })];
const docs = await Collection.open(process.argv[1], { encoder: encoders[0], index: { kind: process.argv[2], workers: 0, graphFrom: 64 } });
console.log("open");
for await (const line of createInterface(process.stdin)) {
  const { verb, given } = JSON.parse(line);
  const asked = verb === "migrate" ? [encoders[1], { samples: 0 }] : given;
  await docs[verb](...asked);
  console.log(verb);
}
await docs.close();
`;

interface Writer {
  readonly child: ChildProcess;
  readonly say: (verb: string, ...given: unknown[]) => Promise<void>;
}

async function startWriter(path: string, kind: string): Promise<Writer> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", WRITER, path, kind], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (expected: string): Promise<void> => {
    const { value, done } = await lines.next();
    assert.deepEqual([value, done], [expected, false]);
  };
  await answer("open");
  return {
    child,
    say: async (verb, ...given) => {
      child.stdin.write(`${JSON.stringify({ verb, given })}\n`);
      await answer(verb);
    },
  };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: `${from + i}`, text: `number${from + i} of many` }));

test("a reader in another process sees each commit; a migration that is killed goes on in the next process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loci-processes-"));
  const path = join(folder, "docs.db");
  const encoder = new HashingEncoder({ seed: 1 });
  const writer = await startWriter(path, "flat");
  try {
    await writer.say("add", numbered(0, 1100));
    const reader = await Collection.open(path, { encoder, readOnly: true });
    const first = async (number: number, docs = reader) => (await docs.search(`number${number}`, { k: 1 })).hits[0]?.id;
    assert.equal(await first(7), "7");
    await writer.say("add", numbered(1100, 1130));
    assert.equal(await first(1122), "1122");
    await writer.say("remove", ["1122"]);
    assert.notEqual(await first(1122), "1122");
    assert.equal(await reader.count(), 1129);
    await writer.say("upsert", [{ id: "7", text: "seven was renamed" }]);
    assert.equal((await reader.search("renamed", { k: 1 })).hits[0]!.id, "7");

    // Reads beside writes: whatever moment a search falls into, it is answered from one commit or the next.
    const writing = (async () => {
      for (let turn = 0; turn < 10; turn++) await writer.say("upsert", numbered(turn * 10, turn * 10 + 10));
    })();
    for (let turn = 0; turn < 20; turn++) assert.equal(await first(150), "150");
    await writing;
    await assert.rejects(Collection.open(path, { encoder }), { code: "store-locked" });

    // Killed once part of the new vectors is written; the reader sees how far it is.
    writer.child.stdin!.write(`${JSON.stringify({ verb: "migrate" })}\n`);
    while (((await reader.info()).migration?.written ?? 0) === 0) await setTimeout(1);
    writer.child.kill("SIGKILL");
    await once(writer.child, "exit");
    const other = new HashingEncoder({ seed: 2 });
    const docs = await Collection.open(path);
    const at = (await docs.info()).migration;
    if (at) {
      assert.equal(await first(150), "150"); // in the old space, all the while
      const counting = { name: other.name, dim: other.dim, fingerprint: other.fingerprint, embedded: 0 };
      const embed = (...given: Parameters<typeof other.embed>) => {
        counting.embedded += given[0].length;
        return other.embed(...given);
      };
      await docs.migrate({ ...counting, embed }, { samples: 0 });
      assert.equal(counting.embedded, at.missing);
    } // else it was quicker than the signal, and is whole
    await assert.rejects(reader.search("number150"), {
      code: "wrong-space",
      message: /"hashing-64-2".*"hashing-64-1"/s,
    });
    assert.equal(docs.space!.name, other.name);
    assert.deepEqual(await docs.verify(), []);
    await docs.close();
    const reopened = await Collection.open(path, { encoder: other });
    assert.equal(await first(150, reopened), "150");
    await reopened.close();
    await reader.close();
  } finally {
    writer.child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
