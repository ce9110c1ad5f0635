/** What every index does with what goes in: originals, keys, replacing, removing, refusals, and random operations against a plain Map. */
import { Matrix, Rng, bytesSource } from "../../src/core/index.ts";
import type { IndexMetric, Key } from "../../src/index/index.ts";
import { expectFailure, expectSame, expectSameNumbers } from "./case.ts";
import {
  type IndexVariant,
  METRICS,
  PlainIndex,
  sameHits,
  keysOf,
  hitsOf,
  numbered,
  randomRows,
  bytesOf,
  aKey,
} from "./index-oracle.ts";

export async function keepsOriginals({ open }: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    await using index = open({ dim: 3, metric });
    const given = Matrix.of([
      [3, -4, 0.1],
      [1e-30, 2e30, -7],
      [0, -0, 0],
    ]);
    await index.add(["a", "b", "c"], given);
    given.data.fill(9);
    expectSameNumbers(index.get("a")!, [3, -4, Math.fround(0.1)], `${metric}: a`);
    expectSameNumbers(index.get("b")!, [1e-30, 2e30, -7].map(Math.fround), `${metric}: b`);
    expectSameNumbers(index.get("c")!, [0, -0, 0], `${metric}: c`);
    index.get("a")!.fill(1);
    expectSameNumbers(index.get("a")!, [3, -4, Math.fround(0.1)], `${metric}: a copy was written to`);
    expectSame(index.get("d"), undefined, "a key that is not there");
    expectSame([index.dim, index.count, index.metric], [3, 3, metric], "dim, count, metric");
  }
}

export async function tellsKeysApart({ open, reopen }: IndexVariant): Promise<void> {
  const keys: Key[] = [1, 1n, "1", "", "\ud800", "ü😀", -2.5, 2 ** 53, -(2n ** 80n), "constructor"];
  await using first = open({ dim: 2, metric: "euclidean" });
  await first.add(keys, Matrix.of(keys.map((_, i) => [i, 1])));
  await using again = await reopen(bytesSource("index", await bytesOf(first)));
  for (const index of [first, again]) {
    expectSame(index.count, keys.length, "count");
    for (const [i, key] of keys.entries()) {
      expectSameNumbers(index.get(key)!, [i, 1], `key ${String(key)}`);
      const { hits } = await index.search([i, 1], { k: 1, exact: true });
      expectSame(hits[0]!.key === key, true, `the nearest of key ${String(key)}`);
    }
    const listed = [...index.keys()];
    expectSame(listed.length, keys.length, "listed keys");
    listed.forEach((key, i) => expectSame(key === keys[i], true, `key ${i} in the order of slots`));
  }
}

export async function replaces({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 2, metric: "euclidean" });
  await index.add(["a", "b"], Matrix.of([[0, 0], [5, 5]])); // prettier-ignore
  await index.add(["a"], Matrix.of([[9, 9]]));
  expectSame([index.count, index.slots <= 4], [2, true], "count and slots");
  expectSame(keysOf(await index.search([0, 0], { exact: true })), ["b", "a"], "the order from the old place");
  expectSame(keysOf(await index.search([9, 9], { k: 1, exact: true })), ["a"], "the nearest of the new place");
}

export async function removes({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 4, metric: "euclidean" });
  const rng = new Rng(3);
  await index.add(numbered(0, 50), randomRows(rng, 50, 4));
  const before = index.slots;
  for (let round = 1; round <= 30; round++) {
    const gone = numbered(50 * (round - 1), 25);
    expectSame(await index.remove([...gone, "never there"]), 25, "how many were there");
    expectSame(await index.remove(gone), 0, "removed twice");
    expectSame(index.has(gone[0]!), false, "has");
    expectSame(index.slotOf(gone[0]!), undefined, "slotOf");
    const { hits } = await index.search([0, 0, 0, 0], { k: 100 });
    expectSame(hits.length, 25, "hits after removal");
    expectSame(hits.filter(({ key }) => gone.some((one) => one === key)).length, 0, "ghosts");
    const rest = numbered(50 * (round - 1) + 25, 25);
    await index.remove(rest);
    await index.add(numbered(50 * round, 50), randomRows(rng, 50, 4));
  }
  expectSame(index.count, 50, "count");
  expectSame(index.slots <= 2 * before, true, `slots after 1,500 removals: ${index.slots}`);
}

export async function refusesWhole({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 2, metric: "cosine" });
  await index.add(["a"], Matrix.of([[1, 2]]));
  const refused = async (keys: Key[], rows: number[][], code: string, ...words: string[]) => {
    const error = await expectFailure(() => index.add(keys, Matrix.of(rows)), `adding ${keys.map(String).join()}`);
    expectSame(error.code, code, error.message);
    for (const word of words) expectSame(error.message.includes(word), true, `"${word}" in "${error.message}"`);
    expectSame([index.count, index.slots, index.has("new")], [1, 1, false], "the index afterwards");
    expectSameNumbers(index.get("a")!, [1, 2], "what was there");
  };
  await refused(["new", "bad"], [[1, 1], [1, NaN]], "bad-argument", "Row 1", '"bad"', "NaN", "position 1"); // prettier-ignore
  await refused(["new", 7], [[1, 1], [-Infinity, 1]], "bad-argument", "Row 1", "7", "-Infinity"); // prettier-ignore
  await refused(["new", "a", "new"], [[1, 1], [3, 3], [2, 2]], "bad-argument", '"new"', "twice"); // prettier-ignore
  await refused(["new", "b"], [[1, 1]], "bad-argument", "2 keys", "1 row");
  await refused(["new"], [[1, 1, 1]], "dim-mismatch", "2", "3");
  await refused(["new", NaN], [[1, 1], [1, 1]], "bad-argument", "NaN"); // prettier-ignore
}

export async function refusesQuestions({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 2, metric: "dot" });
  await index.add(["a"], Matrix.of([[1, 2]]));
  const asked: readonly [string, () => Promise<unknown>, string][] = [
    ["a wide query", () => index.search([1, 2, 3]), "dim-mismatch"],
    ["a query with NaN", () => index.search([1, NaN]), "bad-argument"],
    ["a query past float32", () => index.search([1e39, 0]), "bad-argument"],
    ["k of 0", () => index.search([1, 2], { k: 0 }), "bad-argument"],
    ["k of 1.5", () => index.searchMany(Matrix.of([[1, 2]]), { k: 1.5 }), "bad-argument"],
    ["a recall of 2", () => index.search([1, 2], { recall: 2 }), "bad-argument"],
    ["wide queries", () => index.searchMany(Matrix.of([[1, 2, 3]])), "dim-mismatch"],
    ["an infinite query of many", () => index.searchMany(Matrix.of([[1, 2], [Infinity, 1]])), "bad-argument"], // prettier-ignore
    ["a bound of NaN", () => index.searchWithin([1, 2], NaN), "bad-argument"],
  ];
  for (const [what, ask, code] of asked) expectSame((await expectFailure(ask, what)).code, code, what);
}

export async function zeroVectors({ open }: IndexVariant): Promise<void> {
  await using index = open({ dim: 2, metric: "cosine" });
  await index.add(["east", "zero", "west"], Matrix.of([[2, 0], [0, 0], [-3, 0]])); // prettier-ignore
  const scores = async (query: number[]) => hitsOf(await index.search(query, { exact: true }));
  expectSame(await scores([5, 0]), [["east", 1], ["zero", 0], ["west", -1]], "from the east"); // prettier-ignore
  expectSame(await scores([0, 0]), [["east", 0], ["zero", 0], ["west", 0]], "from nowhere"); // prettier-ignore
  expectSame(hitsOf(await index.searchWithin([1, 0], 0)), [["east", 1], ["zero", 0]], "within 0"); // prettier-ignore
  const [answer] = await index.searchMany(Matrix.of([[0, 0]]), { k: 2 });
  expectSame(
    answer!.hits.map(({ score }) => score),
    [0, 0],
    "many, from nowhere",
  );
}

export async function ties({ open }: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    await using index = open({ dim: 2, metric });
    // More equals than any search keeps candidates, and none in the order of its slot.
    await index.add(numbered(0, 100), Matrix.of(numbered(0, 100).map(() => [1, 1])));
    await index.remove(numbered(0, 50));
    await index.add(numbered(200, 50), Matrix.of(numbered(200, 50).map(() => [1, 1])));
    await index.add([120, 60], Matrix.of([[1, 1], [1, 1]])); // prettier-ignore
    const expected = [...numbered(50, 50), ...numbered(200, 50), 120];
    for (const k of [1, 10, 60, 101]) {
      expectSame(keysOf(await index.search([1, 1], { k, exact: true })), expected.slice(0, k), `${metric}, k ${k}`);
    }
    expectSame(keysOf(await index.searchWithin([1, 1], -10)), expected, `${metric}, within`);
  }
}

export async function smallIndexes({ open, reopen }: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    await using index = open({ dim: 2, metric });
    expectSame((await index.search([1, 1])).hits, [], "an empty index");
    expectSame((await index.searchMany(Matrix.of([[1, 1]])))[0]!.hits, [], "an empty index, many");
    expectSame(await index.searchMany(new Matrix(new Float32Array(0), 2)), [], "no queries");
    expectSame((await index.searchWithin([1, 1], -1)).hits, [], "an empty index, within");
    await using again = await reopen(bytesSource("empty", await bytesOf(index)));
    expectSame([again.count, again.dim, again.metric], [0, 2, metric], "an empty index, reopened");
    await index.add([], new Matrix(new Float32Array(0), 2));
    await index.add(["a", "b"], Matrix.of([[1, 1], [2, 2]])); // prettier-ignore
    expectSame((await index.search([1, 1], { k: 1000 })).hits.length, 2, "k past the end");
    await index.remove(["a", "b"]);
    expectSame((await index.search([1, 1])).hits, [], "an emptied index");
  }
}

export async function randomOperations(variant: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    for (let seed = 0; seed < 6; seed++) await randomWalk(variant, metric, new Rng(seed, METRICS.indexOf(metric)));
  }
}

/** Coarse coordinates, so that equal vectors and equal scores are common; few keys, so that replacing and removing are. */
async function randomWalk(variant: IndexVariant, metric: IndexMetric, rng: Rng): Promise<void> {
  const dim = 1 + rng.nextBelow(9);
  const plain = new PlainIndex(metric);
  let index = variant.open({ dim, metric });
  const draw = () => rng.nextBelow(5) - 2;
  const where = `${metric}, seed ${rng.seed}`;
  for (let step = 0; step < 60; step++) {
    const chance = rng.nextBelow(10);
    if (chance < 5) {
      const keys = [...new Set(Array.from({ length: 1 + rng.nextBelow(12) }, () => aKey(rng)))];
      const rows = Matrix.of(keys.map(() => Array.from({ length: dim }, draw)));
      await index.add(keys, rows);
      keys.forEach((key, r) => plain.vectors.set(key, rows.row(r)));
    } else if (chance < 8) {
      const keys = Array.from({ length: rng.nextBelow(12) }, () => aKey(rng));
      const there = keys.filter((key) => plain.vectors.delete(key)).length;
      expectSame(await index.remove(keys), there, `${where}, step ${step}: removed`);
    } else if (chance === 8) {
      const bytes = await bytesOf(index);
      await index.close();
      index = await variant.reopen(bytesSource("index", bytes));
    }
    expectSame(index.count, plain.vectors.size, `${where}, step ${step}: count`);
    const query = Array.from({ length: dim }, draw);
    const k = 1 + rng.nextBelow(20);
    const admits = rng.nextBelow(2) ? (key: Key) => typeof key === "string" : undefined;
    const expected = plain.ranked(query, admits);
    const options = { k, exact: true, ...(admits && { filter: admits }) };
    sameHits(await index.search(query, options), expected.slice(0, k), `${where}, step ${step}`);
    const bar = expected[rng.nextBelow(Math.max(1, expected.length))]?.score ?? 0;
    const found = await index.searchWithin(query, bar, admits ? { filter: admits } : {});
    sameHits(found, expected.filter(({ score }) => score >= bar), `${where}, step ${step}, within ${bar}`); // prettier-ignore
  }
  for (const [key, vector] of plain.vectors) expectSameNumbers(index.get(key)!, vector, `${where}: ${String(key)}`);
  await index.close();
}
