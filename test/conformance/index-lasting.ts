/** What lasts: files, damaged files, aborted calls, and searches beside writes. */
import { Matrix, Rng, bytesSource } from "../../src/core/index.ts";
import type { IndexSearchOptions } from "../../src/index/index.ts";
import { expectFailure, expectSame, expectSameNumbers } from "./case.ts";
import { type IndexVariant, PlainIndex, numbered, randomRows, clusters, bytesOf } from "./index-oracle.ts";

export async function files({ open, reopen }: IndexVariant): Promise<void> {
  const build = async () => {
    const rng = new Rng(37);
    const index = open({ dim: 10, metric: "dot" });
    await index.add(numbered(0, 800), clusters(rng, 800, 10));
    await index.remove(numbered(300, 100));
    await index.add(["x", "y"], clusters(rng, 2, 10));
    return index;
  };
  await using index = await build();
  await using twin = await build();
  const bytes = await bytesOf(index);
  expectSameNumbers(await bytesOf(twin), bytes, "the bytes of the same operations");
  await using again = await reopen(bytesSource("index", bytes));
  expectSame([...again.keys()], [...index.keys()], "keys");
  expectSame(again.slotOf("y"), index.slotOf("y"), "a slot");
  const queries = clusters(new Rng(41), 20, 10);
  for (const options of [{}, { exact: true }] as IndexSearchOptions[]) {
    expectSame(await again.searchMany(queries, options), await index.searchMany(queries, options), "answers");
  }
  expectSameNumbers(again.get("x")!, index.get("x")!, "a vector");
  // It goes on as the first would have.
  for (const one of [index, again]) await one.add(["z", 3], Matrix.of([queries.row(0), queries.row(1)]));
  expectSameNumbers(await bytesOf(again), await bytesOf(index), "the bytes after the same addition");
}

export async function damagedFiles({ open, reopen }: IndexVariant): Promise<void> {
  await using index = open({ dim: 6, metric: "euclidean" });
  await index.add(numbered(0, 300), randomRows(new Rng(43), 300, 6));
  const bytes = await bytesOf(index);
  const refused = async (source: Uint8Array, what: string) =>
    expectSame((await expectFailure(() => reopen(bytesSource("index", source)), what)).code, "bad-file", what);
  for (const length of [0, 1, 24, 63, 64, 1000, bytes.length - 25, bytes.length - 1]) {
    await refused(bytes.slice(0, length), `the first ${length} bytes`);
  }
  const rng = new Rng(47);
  let unseen = 0;
  for (let i = 0; i < 60; i++) {
    const at = rng.nextBelow(bytes.length);
    const changed = bytes.slice();
    changed[at]! ^= 1 << rng.nextBelow(8);
    // Bytes that only fill gaps may differ; then nothing else may.
    const opened = await reopen(bytesSource("index", changed)).catch((error: { code?: string }) => {
      expectSame(error.code, "bad-file", `byte ${at} changed`);
    });
    if (!opened) continue;
    unseen++;
    expectSameNumbers(await bytesOf(opened), bytes, `byte ${at} changed and not noticed`);
    await opened.close();
  }
  expectSame(unseen < 20, true, `${unseen} of 60 changes made no difference`);
}

export async function aborts({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 4, metric: "cosine" });
  const rows = randomRows(new Rng(53), 2000, 4);
  await index.add(numbered(0, 100), new Matrix(rows.data.subarray(0, 400), 4));
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  const calls: readonly [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ["add", (signal) => index.add(numbered(50, 2000), rows, { signal })],
    ["remove", (signal) => index.remove(numbered(0, 100), { signal })],
    ["search", (signal) => index.search(rows.row(0), { signal })],
    ["searchMany", (signal) => index.searchMany(rows, { signal })],
    ["searchWithin", (signal) => index.searchWithin(rows.row(0), 0, { signal })],
  ];
  for (const [name, call] of calls) {
    expectSame((await expectFailure(() => call(aborted), name)) === reason, true, `${name} rejects with the reason`);
    expectSame(index.count, 100, `count after ${name}`);
  }
  const controller = new AbortController();
  const stop = { signal: controller.signal, onStep: () => controller.abort(reason) };
  const late = await expectFailure(
    () => index.add(numbered(50, 2000), rows, stop),
    "an add that is aborted on its way",
  );
  expectSame(late === reason, true, "the late reason");
  expectSame([index.count, index.has(1500)], [100, false], "count after the late abort");
  expectSameNumbers(index.get(99)!, rows.row(99), "a vector that was to be replaced");
  await index.add(numbered(50, 2000), rows);
  expectSame(index.count, 2050, "count at last");
}

export async function concurrency({ open }: IndexVariant): Promise<void> {
  const rng = new Rng(59);
  await using index = open({ dim: 8, metric: "euclidean" });
  await index.add(numbered(0, 2000), randomRows(rng, 2000, 8));
  const query = new Float32Array(8);
  const moves = numbered(0, 20).map((round) => [
    index.search(query, { k: 5, exact: true }),
    index.add(numbered(2000 + 200 * round, 200), randomRows(rng, 200, 8)),
    index.searchMany(randomRows(rng, 20, 8), { k: 3 }),
    index.remove(numbered(100 * round, 100)),
    index.searchWithin(query, -2),
  ]);
  await Promise.all(moves.flat());
  expectSame(index.count, 4000, "count");
  const plain = new PlainIndex("euclidean");
  for (const key of index.keys()) plain.vectors.set(key, index.get(key)!);
  const scores = plain.ranked(query).map(({ score }) => score);
  const { hits } = await index.search(query, { k: 50, exact: true });
  expectSame(hits.map(({ score }) => score), scores.slice(0, 50), "scores afterwards"); // prettier-ignore
}
