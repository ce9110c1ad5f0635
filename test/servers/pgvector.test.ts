/** PostgresStore against a real PostgreSQL with pgvector: the contract of all stores, and what only a server can show. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LociError, Rng } from "../../src/core/index.ts";
import type { Store } from "../../src/store/index.ts";
import { PostgresStore } from "../../src/store/postgres/index.ts";
import { SPACE, type StoreVariant, documentOf, storeCases } from "../conformance/store.ts";
import { postgresHere } from "./here.ts";
import { nearestCases } from "./nearest-cases.ts";

const here = await postgresHere();
const database = here.url!;
let made = 0;

/** The collection of each store that was opened; a case that fails leaves its stores open. */
const names = new Map<Store, string>();

async function open(name = `c${process.pid}_${++made}`, readOnly = false): Promise<PostgresStore> {
  const store = await PostgresStore.open({ database, name, readOnly });
  names.set(store, name);
  return store;
}

const variant: StoreVariant = {
  open: () => open(),
  reopen: (store, { readOnly }) => open(names.get(store), readOnly),
};

const codeOf = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;

void suite("pgvector", { skip: here.skip ?? false }, () => {
  after(async () => {
    for (const store of names.keys()) await store.close();
    if (!here.server) {
      // A server of somebody's own is left as it was.
      for (const name of new Set(names.values())) {
        const store = await PostgresStore.open({ database, name });
        await store.drop();
      }
    }
    await here.remove();
  });

  for (const one of [...storeCases(variant), ...nearestCases(() => open())])
    test(`postgres: ${one.name}`, { skip: one.skip ?? false }, () => one.run());

  test("a second writer is told that there is a first, and may write when that one has closed", async () => {
    const first = await open();
    const name = names.get(first)!;
    await assert.rejects(open(name), codeOf("store-locked"));
    await first.close();
    const second = await open(name);
    assert.equal((await second.write({ put: [documentOf("a", ["x"], { vectors: undefined })] })).version, 1);
    await second.close();
  });

  test("collections of one database do not see each other, and a dropped one is gone", async () => {
    const [one, other] = [await open(), await open()];
    await one.write({ put: [documentOf("a", ["only here"], { vectors: undefined })] });
    assert.deepEqual(await other.keyword("only", { k: 5 }), []);
    const name = names.get(one)!;
    await one.drop();
    await assert.rejects(open(name, true), codeOf("not-found"));
    assert.equal(await other.count(), 0);
    await other.close();
    await assert.rejects(PostgresStore.open({ database, name: 'x"; drop schema public; --' }), codeOf("bad-argument"));
  });

  test("a server that is not there is named, and so is what to do", async () => {
    await assert.rejects(
      PostgresStore.open({ database: "postgres://nobody@127.0.0.1:1/none" }),
      (error: unknown) => codeOf("network")(error) && String(error).includes("Check the address"),
    );
  });

  test(
    "a server killed at random moments loses nothing that was acknowledged, and the store goes on when it is back",
    { skip: here.server ? false : "the server is not ours to kill", timeout: 120_000 },
    async (t) => {
      const server = here.server!;
      const rng = new Rng(12);
      const store = await open();
      await store.setSpace(SPACE);
      const kept = new Map<string, string>();
      let [writes, refused, kills] = [0, 0, 0];
      for (; kills < 8; kills++) {
        const dying = sleep(50 + rng.nextBelow(150)).then(() => server.kill());
        for (let alive = true; alive; writes++) {
          const id = `d${rng.nextBelow(30)}`;
          const text = `text number ${writes}`;
          try {
            await store.write({ put: [documentOf(id, [text, "more"])] });
            kept.set(id, text);
          } catch (error) {
            assert.ok(codeOf("network")(error), String(error));
            [alive, refused] = [false, refused + 1];
            // It may have been committed just before the server died: then all of it is there. Looked at below.
            kept.set(id, `${kept.get(id) ?? ""}|${text}`);
          }
        }
        await dying;
        await server.start();
        for (const [id, texts] of kept) {
          const [document] = await store.documents([id]);
          const found = document?.text.replace(/ more$/, "") ?? "";
          assert.ok(texts.split("|").includes(found), `${id}: expected ${texts}, found ${found}`);
          if (document) kept.set(id, found);
          else kept.delete(id);
        }
      }
      assert.deepEqual(await store.verify(), []);
      await store.close();
      t.diagnostic(`${kills} kills, ${writes} writes, ${refused} not acknowledged, none lost`);
    },
  );

  test(
    "after compact() a removed text is in no table of the database",
    { skip: here.server ? false : "the files of the server are not ours to read" },
    async () => {
      const store = await open();
      await store.setSpace(SPACE);
      await store.write({ put: [documentOf("a", ["zanzibarsecret in here"], { meta: { note: "zanzibarmeta" } })] });
      await store.write({ put: [documentOf("b", ["stays"])], remove: ["a"] });
      await store.compact();
      const folder = join(here.server!.folder, "data/base");
      const files = readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file)));
      const found = files.filter((file) => statSync(file).isFile() && readFileSync(file).includes("zanzibar"));
      assert.deepEqual(found, []);
      await store.close();
    },
  );
});
