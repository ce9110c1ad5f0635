import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { LociError, Rng, bytesSource, fileSource } from "./index.ts";
import type { ByteSource } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-byte-source-"));
test.after(() => rmSync(folder, { recursive: true }));
const saved = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

async function all(source: ByteSource, start?: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read(start)) pieces.push(piece.slice());
  return new Uint8Array(Buffer.concat(pieces));
}

/** Several pieces long, and nowhere the same. */
const content = Uint8Array.from({ length: 3_500_000 }, (_, i) => (i * 2654435761) >>> 13);

for (const [what, open] of [
  ["a file", (bytes: Uint8Array) => fileSource(saved("plain", bytes))],
  ["bytes in memory", async (bytes: Uint8Array) => bytesSource("memory", bytes)],
] as const) {
  test(`${what} can be read whole, from a start, and anywhere`, async () => {
    const source = await open(content);
    assert.equal(source.bytes, content.length);
    assert.deepEqual(await all(source), content);
    assert.deepEqual(await all(source, 3_000_001), content.slice(3_000_001));
    const into = new Uint8Array(100);
    assert.equal(await source.readAt(1_234_567, into), 100);
    assert.deepEqual(into, content.slice(1_234_567, 1_234_667));
    assert.equal(await source.readAt(content.length - 7, into), 7);
    assert.equal(await source.readAt(content.length + 7, into), 0);
  });

  test(`${what} that is gzipped reads unzipped, whatever its name, and only from the start`, async () => {
    const source = await open(gzipSync(content));
    assert.equal(source.bytes, undefined);
    assert.deepEqual(await all(source), content);
    assert.deepEqual(await all(source), content, "and a second time");
    assert.deepEqual(await all(source, 2_000_001), content.slice(2_000_001));
    await assert.rejects(source.readAt(0, new Uint8Array(1)), (error) => {
      return error instanceof LociError && error.code === "not-supported" && /is gzipped/.test(error.message);
    });
  });

  test(`${what} that is gzipped and damaged or cut is refused in one sentence`, async () => {
    const packed = gzipSync(content);
    const flipped = packed.slice();
    flipped[packed.length >> 1]! ^= 255;
    for (const bytes of [packed.subarray(0, packed.length >> 1), flipped]) {
      await assert.rejects(all(await open(bytes)), (error) => {
        assert.ok(error instanceof LociError && error.code === "bad-file");
        assert.match(
          error.message,
          /expected sound gzip data to the end, but after \d+ bytes unzipping failed \(.+\)\./,
        );
        return true;
      });
    }
  });
}

const noProc = existsSync("/proc/self/fd") ? false : "this system does not list a process's open files";
test("a gzipped file that is left early is closed", { skip: noProc }, async () => {
  // Long and not to be compressed, so that reading ahead cannot have come to its end.
  const rng = new Rng(1);
  const long = Uint8Array.from({ length: 8 << 20 }, () => rng.nextBelow(256));
  const path = saved("early.gz", gzipSync(long, { level: 1 }));
  const open = (): string[] =>
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path ? [fd] : [];
      } catch {
        return []; // the descriptor with which the listing itself was read
      }
    });
  const source = await fileSource(path);
  for await (const piece of source.read()) {
    assert.ok(piece.length > 0 && open().length === 1);
    break;
  }
  assert.deepEqual(open(), []);
});

test("an empty file is no bytes, and a missing one or a folder is refused by name", async () => {
  const empty = await fileSource(saved("empty", new Uint8Array(0)));
  assert.equal(empty.bytes, 0);
  assert.equal((await all(empty)).length, 0);
  await assert.rejects(fileSource(join(folder, "nothing")), (error) => {
    return (
      error instanceof LociError && error.code === "not-found" && /There is no file ".*nothing"/.test(error.message)
    );
  });
  await assert.rejects(fileSource(folder), /is a folder; expected a file/);
});
