/** The suite in Chromium: the same cases as in Node, and the same bytes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { bundled } from "../conformance/bundle.ts";
import { TRAININGS, trainedHash, trainedNumbers } from "../conformance/training.ts";
import { openChromium } from "./chromium.ts";
import type { TestPage } from "./page.ts";
import { type PageServer, servePages } from "./server.ts";

declare const loci: TestPage; // in the page

let browser: Browser;
let server: PageServer;

before(async () => {
  browser = await openChromium();
  server = await servePages(await packedPage());
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function packedPage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, "../.."),
    entryPoints: ["test/browser/page.ts"],
    bundle: true,
    format: "esm",
    platform: "browser", // no external modules: whatever needs Node fails here
    target: "es2023",
    write: false,
    define: { POOL_WORKER: JSON.stringify(await bundled("test/conformance/pool.worker.ts")) },
  });
  return outputFiles[0]!.text;
}

async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`${path}: ${error.stack}`));
  await page.goto(server.address + path);
  await page.waitForFunction("globalThis.loci !== undefined");
  return page;
}

for (const { path, facts, workers, trained } of [
  {
    path: "/isolated",
    facts: { name: "web", shared: true, files: false, kernels: "wasm" },
    workers: 2,
    trained: Object.keys(TRAININGS),
  },
  {
    path: "/plain",
    facts: { name: "web", shared: false, files: false, kernels: "wasm" },
    workers: 1,
    trained: Object.keys(TRAININGS),
  },
  {
    path: "/strict",
    facts: { name: "web", shared: false, files: false, kernels: "reference" },
    workers: 1,
    trained: ["glove"],
  },
] as const) {
  describe(`page ${path}`, () => {
    test("the platform knows what the page may do", async () => {
      const page = await openPage(path);
      assert.deepEqual(await page.evaluate(() => loci.facts()), facts);
      await page.close();
    });

    test("the shared cases hold", async (t) => {
      const page = await openPage(path);
      for (const [suiteName, names] of Object.entries(await page.evaluate(() => loci.names()))) {
        for (const name of names) {
          await t.test(`${suiteName}: ${name}`, async () => {
            const failure = await page.evaluate(([suiteName, name]) => loci.run(suiteName, name), [
              suiteName,
              name,
            ] as const);
            assert.equal(failure, undefined);
          });
        }
      }
      await page.close();
    });

    for (const name of trained) {
      test(`${name}: learns the bytes that Node learns`, async () => {
        const page = await openPage(path);
        const there = await page.evaluate(([name, workers]) => loci.trainedHash(name, workers), [
          name,
          workers,
        ] as const);
        assert.equal(there, await trainedHash(name, 1));
        await page.close();
      });
    }
  });
}

test("where a page's policy forbids WebAssembly, the plain learner learns the same vectors, but for rounding", async () => {
  const page = await openPage("/strict");
  for (const name of Object.keys(TRAININGS)) {
    const [there, here] = [
      await page.evaluate((name) => loci.trainedNumbers(name, 1), name),
      await trainedNumbers(name, 1),
    ];
    assert.equal(there.length, here.length);
    const off = Math.hypot(...there.map((x, i) => x - here[i]!)) / Math.hypot(...here);
    // Sums in another order differ by 2⁻²⁴ of their size each step; a wrong sign or a missed pair shows as 1e-2 and more.
    assert.ok(off < 1e-3, `${name}: ${off} of the length`);
  }
  await page.close();
});

test("a policy that allows 'wasm-unsafe-eval' allows the kernels", async () => {
  const page = await openPage("/allowed");
  assert.equal((await page.evaluate(() => loci.facts())).kernels, "wasm");
  await page.close();
});
