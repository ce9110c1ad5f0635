import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { Matrix, Rng } from "../../core/index.ts";
import type { PutDocument, Space } from "../store.ts";
import { Connection } from "./database.ts";
import { openNodeDriver } from "./database.node.ts";
import { MIGRATIONS, openForReading, openForWriting } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-sqlite-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => join(folder, `${files++}.db`);
const here = { here: true };
/** Bytes in a page of a collection. */
const PAGE = 8192;
const space: Space = { name: "wide", dim: 96, fingerprint: "a".repeat(32), metric: "dot" };

function documentOf(id: string, text: string, rng: Rng, parts = 1): PutDocument {
  const width = Math.ceil(text.length / parts);
  const chunks = Array.from({ length: parts }, (_, i) => ({
    start: i * width,
    end: Math.min(text.length, (i + 1) * width),
  }));
  const vectors = new Matrix(
    Float32Array.from({ length: parts * 96 }, () => rng.next()),
    96,
  );
  return { id, text, hash: id, meta: { id }, chunks, vectors };
}

/** The files of a database: itself, its log, and the log's index. */
const filesOf = (path: string): Buffer[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(basename(path)))
    .map((name) => readFileSync(join(folder, name)));

test("a second writer is told that another one is there; a reader is not kept out", async () => {
  const path = fresh();
  const first = await SqliteStore.open(path, here);
  await assert.rejects(SqliteStore.open(path, here), { code: "store-locked", message: /Another writer .* readOnly/ });
  await assert.rejects(SqliteStore.open(path), { code: "store-locked" });
  const reader = await SqliteStore.open(path, { readOnly: true });
  await reader.close();
  await first.close();
  await (await SqliteStore.open(path, here)).close();
});

test("two processes fighting over one file: one writes, the other gets one clear error, and a kill frees the place", async () => {
  const path = fresh();
  const script = `
    import { SqliteStore } from ${JSON.stringify(join(import.meta.dirname, "sqlite-store.ts"))};
    const store = await SqliteStore.open(${JSON.stringify(path)}).catch((error) => {
      console.log(error.code);
      process.exit();
    });
    console.log("open");
    setInterval(() => {}, 1000);`;
  const start = () =>
    spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const both = [start(), start()];
  const said = (
    await Promise.all(both.map(async ({ stdout }) => String((await once(stdout, "data"))[0]).trim()))
  ).sort();
  assert.deepEqual(said, ["open", "store-locked"]);
  await assert.rejects(SqliteStore.open(path, here), { code: "store-locked" });
  const ended = both.filter(({ exitCode }) => exitCode === null).map((child) => once(child, "exit"));
  for (const child of both) child.kill("SIGKILL");
  await Promise.all(ended);
  const store = await SqliteStore.open(path, here);
  assert.equal(await store.version(), 0);
  await store.close();
});

test("after compact no byte of what was deleted is in any file of the collection: text, words, metadata, vectors, snapshots", async () => {
  const path = fresh();
  const rng = new Rng(4);
  const letters = (): string => String.fromCharCode(...Array.from({ length: 12 }, () => 97 + rng.nextBelow(26)));
  const secrets = Array.from({ length: 60 }, letters);
  const kept = Array.from({ length: 60 }, letters);
  const textOf = (word: string, i: number): string =>
    `${"common words around it ".repeat(1 + (i % 40))}${word} and more`;
  const store = await SqliteStore.open(path, here);
  await store.setSpace(space);
  // Kept and secret side by side, so that pages hold both; removed and replaced in several ways.
  const documents = secrets.map((secret, i) => ({
    ...documentOf(`s${i}`, textOf(secret, i), rng),
    meta: { of: secret, [`field ${secret}`]: 1 },
  }));
  for (let i = 0; i < 60; i += 3) {
    const put = [i, i + 1, i + 2].flatMap((j) => [documents[j]!, documentOf(`k${j}`, textOf(kept[j]!, j), rng)]);
    await store.write({ put });
  }
  await store.saveSnapshot(
    "index",
    1,
    (async function* () {
      yield Buffer.from(secrets.join(" ").repeat(2000));
    })(),
  );
  await store.setSetting("secret", secrets[0]);
  const vectors = secrets.map((_, i) => Buffer.from(documents[i]!.vectors!.data.slice(0, 4).buffer));
  const all = filesOf(path);
  assert.ok(
    secrets.every((secret) => all.some((file) => file.includes(secret))),
    "the search finds what is there",
  );
  assert.ok(
    vectors.every((bytes) => all.some((file) => file.includes(bytes))),
    "also vectors",
  );

  await store.write({ remove: secrets.slice(0, 30).map((_, i) => `s${i}`) });
  for (let i = 30; i < 60; i++) await store.write({ put: [documentOf(`s${i}`, `nothing ${i}`, rng)] });
  await store.saveSnapshot(
    "index",
    2,
    (async function* () {
      yield Buffer.from("nothing");
    })(),
  );
  await store.setSetting("secret", undefined);
  await store.compact();
  const left = filesOf(path);
  assert.deepEqual(
    secrets.filter((secret) => left.some((file) => file.includes(secret))),
    [],
  );
  assert.equal(vectors.filter((bytes) => left.some((file) => file.includes(bytes))).length, 0);
  assert.ok(
    kept.every((word) => left.some((file) => file.includes(word))),
    "what is kept is still there",
  );
  for (const word of kept.slice(0, 5)) assert.equal((await store.keyword(word, { k: 1 })).length, 1);
  assert.deepEqual(await store.verify(), []);
  await store.close();
});

test("the file shrinks by itself when much is removed", async () => {
  const path = fresh();
  const rng = new Rng(5);
  const store = await SqliteStore.open(path, here);
  await store.setSpace(space);
  const text = (i: number): string => Array.from({ length: 120 }, () => `w${rng.nextBelow(3000)}`).join(` ${i} `);
  for (let i = 0; i < 800; i += 200)
    await store.write({ put: Array.from({ length: 200 }, (_, j) => documentOf(`d${i + j}`, text(i + j), rng, 4)) });
  const before = (await store.info()).bytes!;
  for (let i = 0; i < 720; i += 90) await store.write({ remove: Array.from({ length: 90 }, (_, j) => `d${i + j}`) });
  const { bytes, deadBytes } = await store.info();
  assert.ok(bytes! < before / 2, `${bytes} of ${before} bytes`);
  assert.ok(deadBytes! <= bytes! / 3, `${deadBytes} dead of ${bytes}`);
  assert.deepEqual(await store.verify(), []);
  await store.close();
  assert.ok(statSync(path).size < before / 2);
});

test("a write that fails in the middle leaves nothing, and the next one goes on", async () => {
  const store = await SqliteStore.open(fresh(), here);
  await store.setSpace(space);
  const rng = new Rng(6);
  const long = Array.from({ length: 40 }, (_, i) => documentOf(`d${i}`, "x ".repeat(40_000), rng));
  const controller = new AbortController();
  let steps = 0;
  const write = store.write(
    { put: long },
    { signal: controller.signal, onStep: () => ++steps === 2 && controller.abort(new Error("stop")) },
  );
  const next = store.write({ put: [documentOf("after", "word", rng)] });
  await assert.rejects(write, { message: "stop" });
  assert.deepEqual(await next, { version: 1, added: [1], removed: [] });
  assert.equal(await store.count(), 1);
  assert.deepEqual(await store.verify(), []);
  await store.close();
});

test("whoever reads meanwhile, here or in another process, sees a write whole or not at all", async () => {
  const path = fresh();
  const store = await SqliteStore.open(path);
  const reader = await SqliteStore.open(path, { readOnly: true, here: true });
  await store.setSpace(space);
  const rng = new Rng(9);
  const put = Array.from({ length: 60 }, (_, i) => documentOf(`d${i}`, `word ${i} `.repeat(3000), rng));
  const [counts, steps] = [new Set<number>(), new Set<number>()];
  const written = store.write({ put }, { onStep: ({ done }) => steps.add(done) });
  const asked = async (): Promise<boolean> => {
    for (const one of [store, reader]) counts.add(await one.count());
    return true;
  };
  while (await Promise.race([asked(), written.then(() => false)]));
  await written;
  assert.deepEqual(
    [...counts].filter((count) => count !== 0 && count !== 60),
    [],
  );
  assert.ok(steps.size > 1, "the write was in parts");
  assert.deepEqual([await store.count(), await reader.count()], [60, 60]);
  await reader.close();
  await store.close();
});

test("a vector view takes along only its own numbers, and shared memory is copied", async () => {
  const store = await SqliteStore.open(fresh());
  await store.setSpace({ ...space, dim: 2 });
  const large = new Float32Array(new SharedArrayBuffer(1 << 16)).fill(7);
  const put = [0, 2].map((at, i) => ({
    ...documentOf(`d${i}`, "a", new Rng(1)),
    vectors: new Matrix(large.subarray(at, at + 2), 2),
  }));
  const writing = store.write({ put });
  await writing;
  large.fill(8);
  assert.deepEqual([...(await store.vectorsOf([1, 2])).data], [7, 7, 7, 7]);
  await store.close();
});

test("a file of another program, a file that is no database and a file of a newer Loci are refused, untouched", async () => {
  const [foreign, text, newer] = [fresh(), fresh(), fresh()];
  const database = new DatabaseSync(foreign);
  database.exec("CREATE TABLE t (a)");
  database.close();
  writeFileSync(text, "This is no database at all. ".repeat(1000));
  await (await SqliteStore.open(newer, here)).close();
  const future = new DatabaseSync(newer);
  future.exec("PRAGMA user_version = 99");
  future.close();
  for (const [path, message] of [
    [foreign, /another program/],
    [text, /no SQLite database/],
    [newer, /schema 99/],
  ] as const) {
    const before = readFileSync(path);
    await assert.rejects(SqliteStore.open(path, here), { code: "bad-file", message });
    await assert.rejects(SqliteStore.open(path, { ...here, readOnly: true }), { code: "bad-file", message });
    assert.deepEqual(readFileSync(path), before);
  }
  await assert.rejects(SqliteStore.open(join(folder, "nowhere", "x.db"), here), { code: "cannot-write" });
  await assert.rejects(SqliteStore.open(fresh(), { ...here, readOnly: true }), { code: "not-found" });
});

test("a damaged file is found by verify or refused, never answered from in silence", async () => {
  const path = fresh();
  const store = await SqliteStore.open(path, here);
  await store.setSpace(space);
  const rng = new Rng(8);
  await store.write({
    put: Array.from({ length: 300 }, (_, i) => documentOf(`d${i}`, `word${i} ${"text ".repeat(200)}`, rng, 3)),
  });
  await store.compact();
  await store.close();
  const sound = readFileSync(path);
  let found = 0;
  for (let i = 0; i < 12; i++) {
    const damaged = Buffer.from(sound);
    // A whole page of noise, anywhere but in the first.
    const page = 1 + rng.nextBelow(Math.floor(sound.length / PAGE) - 1);
    for (let at = 0; at < PAGE; at++) damaged[page * PAGE + at] = rng.nextBelow(256);
    writeFileSync(path, damaged);
    try {
      const opened = await SqliteStore.open(path, { ...here, readOnly: true });
      try {
        if ((await opened.verify()).length > 0) found++;
      } finally {
        await opened.close();
      }
    } catch (error) {
      assert.equal((error as { code?: string }).code, "bad-file");
      found++;
    }
  }
  assert.equal(found, 12);
});

test("an older file is brought to the newest schema in one step, and one that fails stays as it was", () => {
  const path = fresh();
  const connect = (): Connection => new Connection(openNodeDriver(path, { readOnly: false }), path);
  const addTable = (connection: Connection): void =>
    connection.exec("CREATE TABLE added (a); INSERT INTO added VALUES (5)");
  const fail = (): never => {
    throw new RangeError("no");
  };
  let connection = connect();
  openForWriting(connection);
  connection.close();

  connection = connect();
  assert.throws(() => openForWriting(connection, [...MIGRATIONS, addTable, fail]), { name: "RangeError" });
  assert.deepEqual(
    [
      connection.number("PRAGMA user_version"),
      connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'added'"),
    ],
    [1, 0],
  );
  assert.throws(() => openForReading(connection, 2), { code: "read-only", message: /older schema 1/ });
  openForWriting(connection, [...MIGRATIONS, addTable]);
  assert.deepEqual([connection.number("PRAGMA user_version"), connection.number("SELECT a FROM added")], [2, 5]);
  openForWriting(connection, [...MIGRATIONS, addTable]);
  assert.equal(connection.number("SELECT count(*) FROM added"), 1, "a second opening changes nothing");
  assert.throws(() => openForWriting(connection), { code: "bad-file", message: /newer|Update/ });
  connection.close();
});

test("what the log forgot answers undefined, and the log keeps its bounds", async () => {
  const path = fresh();
  await (await SqliteStore.open(path, here)).close();
  // 4,095 writes as they would be after as many files' worth of waiting for the disk: each gave one number and removed one.
  const database = new DatabaseSync(path);
  database.exec(`BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4095)
      INSERT INTO commits SELECT i, i, zeroblob(8) FROM n;
    UPDATE state SET value = 4095 WHERE name = 'version'; UPDATE state SET value = 4096 WHERE name = 'next'; COMMIT`);
  database.close();
  const store = await SqliteStore.open(path, here);
  const one = (i: number): PutDocument => ({
    id: `d${i}`,
    text: "x",
    hash: "",
    meta: {},
    chunks: [{ start: 0, end: 1 }],
    vectors: undefined,
  });
  await store.write({ put: [one(0)] });
  assert.deepEqual((await store.changes(0))!.added, [4096]);
  await store.write({ put: [one(1)], remove: ["d0"] });
  assert.equal(await store.changes(0), undefined);
  assert.deepEqual(await store.changes(4096), { version: 4097, added: [4097], removed: [4096] });
  assert.equal((await store.changes(1))!.version, 4097);
  await store.close();
});

test("snapshots nobody finished are swept up when a writer opens", async () => {
  const path = fresh();
  const store = await SqliteStore.open(path, here);
  await store.saveSnapshot(
    "kept",
    1,
    (async function* () {
      yield new Uint8Array(10).fill(1);
    })(),
  );
  await store.close();
  const database = new DatabaseSync(path);
  database.exec(
    "INSERT INTO snapshots (name, version, bytes, whole) VALUES ('kept', 2, 0, 0); INSERT INTO pieces SELECT number * 16777216, zeroblob(1000000) FROM snapshots WHERE whole = 0",
  );
  database.close();
  const again = await SqliteStore.open(path, here);
  assert.equal((await again.snapshot("kept"))!.version, 1);
  await again.close();
  const after = new DatabaseSync(path);
  assert.deepEqual(
    after
      .prepare("SELECT (SELECT count(*) FROM pieces) AS pieces, (SELECT count(*) FROM snapshots) AS snapshots")
      .get(),
    Object.assign(Object.create(null), { pieces: 1, snapshots: 1 }),
  );
  after.close();
});
