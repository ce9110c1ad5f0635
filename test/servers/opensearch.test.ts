/** OpenSearchStore against a real OpenSearch node: the contract of all stores, and what only a server can show. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { LociError } from "../../src/core/index.ts";
import type { PutDocument, Store } from "../../src/store/index.ts";
import { type Fetch, OpenSearchStore } from "../../src/store/opensearch/index.ts";
import { type StoreVariant, documentOf, storeCases } from "../conformance/store.ts";
import { openSearchHere } from "./here.ts";
import { nearestCases } from "./nearest-cases.ts";

const here = await openSearchHere(1);
const index = { replicas: 0 };
let made = 0;

type Options = Parameters<typeof OpenSearchStore.open>[0];

/** The collection of each store that was opened; a case that fails leaves its stores open. */
const names = new Map<Store, string>();

async function open(name = `c${process.pid}_${++made}`, readOnly = false): Promise<OpenSearchStore> {
  return openWith({ name, readOnly });
}

async function openWith(options: Omit<Options, "urls"> & { readonly name: string }): Promise<OpenSearchStore> {
  const store = await OpenSearchStore.open({ urls: here.url!, index, leaseMs: 3000, ...options });
  names.set(store, options.name);
  return store;
}

const codeOf = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;
const wordsOf = (id: string, text: string): PutDocument => documentOf(id, [text], { vectors: undefined });

const variant: StoreVariant = {
  open: () => open(),
  reopen: (store, { readOnly }) => open(names.get(store), readOnly),
  filters: 60,
};

void suite("opensearch", { skip: here.skip ?? false }, () => {
  after(async () => {
    for (const store of names.keys()) await store.close();
    if (here.url)
      for (const name of new Set(names.values())) await fetch(`${here.url}/loci-${name}-*`, { method: "DELETE" });
    await here.remove();
  });
  for (const one of [...storeCases(variant), ...nearestCases(() => open())])
    test(`opensearch: ${one.name}`, { skip: one.skip ?? false }, () => one.run());

  test("a second writer is told that there is a first, and may write when that one has closed", async () => {
    const first = await open();
    const name = names.get(first)!;
    await assert.rejects(open(name), codeOf("store-locked"));
    await first.write({ put: [wordsOf("a", "one")] });
    await first.close();
    const second = await open(name);
    assert.equal((await second.write({ put: [wordsOf("b", "two")] })).version, 2);
    await second.close();
  });

  test("a writer that dies in the middle of a batch leaves nothing to be seen; the next one takes over, and it can write no more", async () => {
    const name = `c${process.pid}_${++made}`;
    let [armed, dead] = [false, false];
    // Cut off between the batch and its last step: everything is written, nothing is said.
    const failing: Fetch = async (url, init) => {
      dead ||= armed && url.endsWith("/_refresh");
      if (dead) throw new Error("this machine is cut off");
      return fetch(url, init);
    };
    const dying = await openWith({ name, fetch: failing, patienceMs: 1 });
    await dying.write({ put: [wordsOf("old", "standing text")] });
    const before = await open(name, true);
    armed = true;
    const writing = dying.write({ put: [wordsOf("old", "replaced"), wordsOf("new", "half written")] });
    await assert.rejects(writing);
    assert.equal((await before.documents(["old"]))[0]!.text, "standing text");
    assert.deepEqual(await before.keyword("half replaced", { k: 5 }), []);
    assert.equal(await before.count(), 1);

    const next = await open(name); // waits for the lease of the dead one to run out
    assert.deepEqual(await next.verify(), []);
    assert.equal((await next.write({ put: [wordsOf("other", "written after")] })).version, 2);
    [armed, dead] = [false, false]; // it comes back
    await assert.rejects(dying.write({ put: [wordsOf("ghost", "ghost")] }), codeOf("store-locked"));
    assert.deepEqual(
      (await before.documents(["old", "new", "other", "ghost"])).map((document) => document?.text),
      ["standing text", undefined, "written after", undefined],
    );
    assert.deepEqual(await next.verify(), []);
    await next.close();
    await before.close();
    await dying.close();
  });

  test("a write that is aborted half way was never there, and the next one is as if it had not been", async () => {
    const store = await open();
    await store.write({ put: [wordsOf("kept", "kept text")] });
    const stop = new AbortController();
    const put = Array.from({ length: 1200 }, (_, i) => wordsOf(`d${i}`, `aborted ${i}`));
    const options = { signal: stop.signal, onStep: () => stop.abort(new Error("enough")) };
    await assert.rejects(store.write({ put: [wordsOf("kept", "other"), ...put] }, options), /enough/);
    assert.deepEqual([await store.version(), await store.count()], [1, 1]);
    assert.deepEqual(await store.keyword("aborted other", { k: 5 }), []);
    assert.equal((await store.write({ put: [wordsOf("next", "next text")], remove: ["kept"] })).version, 2);
    assert.deepEqual(await store.changes(1), { version: 2, added: [1203], removed: [1] });
    await store.compact();
    assert.deepEqual(await store.verify(), []);
    assert.deepEqual([await store.version(), await store.count()], [2, 1]);
    await store.close();
  });

  test("a cluster that is not there is named, and so is what to do", async () => {
    await assert.rejects(
      OpenSearchStore.open({ urls: "http://127.0.0.1:1", patienceMs: 200 }),
      (error: unknown) => codeOf("network")(error) && String(error).includes("Check the addresses"),
    );
  });
});
