/** The store in Chromium: SQLite's WebAssembly build over OPFS, the same cases as in Node, and the same file. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { SqliteStore } from "../../src/store/index.ts";
import { bundled } from "../conformance/bundle.ts";
import { documentOf, SPACE } from "../conformance/store.ts";
import { openChromium } from "./chromium.ts";
import { type PageServer, servePages } from "./server.ts";
import type { StorePage } from "./store-page.ts";

declare const loci: StorePage; // in the page

const folder = mkdtempSync(join(tmpdir(), "loci-browser-"));
let browser: Browser;
let server: PageServer;

before(async () => {
  browser = await openChromium();
  const sqlite = join(import.meta.dirname, "../../node_modules/@sqlite.org/sqlite-wasm/dist");
  server = await servePages(await bundled("test/browser/store-page.ts"), sqlite);
});
after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`${path}: ${error.stack}`));
  await page.goto(server.address + path);
  await page.waitForFunction("globalThis.loci !== undefined");
  return page;
}

for (const [path, which] of [
  ["/plain", () => true],
  ["/isolated", (name: string) => /^what goes in|^snapshots|^any text/.test(name)], // where memory may be shared, files are the same
] as const) {
  test(`page ${path}: the store's cases hold in OPFS`, async (t) => {
    const page = await openPage(path);
    for (const name of (await page.evaluate(() => loci.names())).filter(which))
      await t.test(name, async () => assert.equal(await page.evaluate((name) => loci.run(name), name), undefined));
    await page.close();
  });
}

test("one file in both: Node writes, the browser reads and adds, Node reads that", async () => {
  const path = join(folder, "here.db");
  const store = await SqliteStore.open(path, { here: true });
  await store.setSpace(SPACE);
  await store.write({
    put: [documentOf("a", ["from node", "zero\0in text"], { meta: { from: "node", n: 3, when: new Date(5) } })],
  });
  await store.close();
  const page = await openPage("/plain");
  const back = await page.evaluate((bytes) => loci.through(bytes), [...readFileSync(path)]);
  await page.close();
  assert.deepEqual([back.hits, back.wrong], [[1], []]);
  const returned = join(folder, "back.db");
  writeFileSync(returned, Uint8Array.from(back.bytes));
  const again = await SqliteStore.open(returned, { here: true });
  assert.deepEqual(
    (await again.keyword("from", { k: 9 })).map(({ chunk }) => chunk).sort((a, b) => a - b),
    [1, 3],
  );
  assert.equal((await again.chunks([2]))[0]!.text, "zero\0in text");
  assert.equal(await again.count({ n: 3, when: new Date(5) }), 1);
  assert.deepEqual([...(await again.vectorsOf([3])).data], [...documentOf("b", ["from the browser"]).vectors!.data]);
  assert.deepEqual(await again.verify(), []);
  await again.write({ remove: ["a", "b"] });
  await again.close();
});

test("a collection that is open is store-locked for whoever comes second; without the package it is peer-missing", async () => {
  const page = await openPage("/plain");
  assert.equal(await page.evaluate(() => loci.twice()), "store-locked");
  assert.equal(await page.evaluate(() => loci.missing()), "peer-missing");
  await page.close();
});

test("what was written is there at the next visit, also where nobody closed", async () => {
  const page = await openPage("/plain");
  await page.evaluate(() => loci.leave());
  await page.reload();
  await page.waitForFunction("globalThis.loci !== undefined");
  assert.equal(await page.evaluate(() => loci.visit()), 1);
  await page.close();
});
