/** What every index answers: exactness, many at once, ranges, filters, recall, and all of it after churn. */
import { Matrix, Rng } from "../../src/core/index.ts";
import type { Key, KeyFilter, VectorIndex } from "../../src/index/index.ts";
import { expectSame } from "./case.ts";
import {
  type IndexVariant,
  METRICS,
  PlainIndex,
  sameHits,
  shared,
  numbered,
  randomRows,
  clusters,
  HARD,
} from "./index-oracle.ts";

export async function exactAnswers({ open }: IndexVariant): Promise<void> {
  for (const [kind, make] of Object.entries(HARD)) {
    for (const metric of METRICS) {
      const rng = new Rng(11);
      const dim = 20;
      const rows = make(rng, 700, dim);
      await using index = open({ dim, metric });
      const plain = new PlainIndex(metric);
      await index.add(numbered(0, 700), rows);
      for (let r = 0; r < 700; r++) plain.vectors.set(r, rows.row(r));
      const queries = [...Array(4).keys()].map((i) => rows.row(i)).concat([make(rng, 1, dim).row(0)]);
      for (const [q, query] of queries.entries()) {
        const answer = await index.search(query, { k: 10, exact: true });
        expectSame([answer.exact, answer.recall], [true, 1], `${kind}, ${metric}: what the answer says of itself`);
        sameHits(answer, plain.ranked(query).slice(0, 10), `${kind}, ${metric}, query ${q}`);
      }
    }
  }
}

export async function searchesMany({ open }: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    const rng = new Rng(13);
    await using index = open({ dim: 17, metric });
    await index.add(numbered(0, 900), clusters(rng, 900, 17));
    await index.remove(numbered(100, 30));
    const queries = clusters(rng, 37, 17);
    for (const options of [{ exact: true }, { k: 3, recall: 0.9 }, { filter: (key: Key) => Number(key) % 7 === 0 }]) {
      const many = await index.searchMany(queries, options);
      expectSame(many.length, 37, "answers");
      for (let q = 0; q < 37; q++) {
        const one = await index.search(queries.row(q), options);
        expectSame(many[q], one, `${metric}, query ${q}`);
      }
    }
  }
}

export async function within({ open }: IndexVariant): Promise<void> {
  for (const metric of METRICS) {
    const rng = new Rng(17);
    const rows = clusters(rng, 1200, 12);
    await using index = open({ dim: 12, metric });
    const plain = new PlainIndex(metric);
    await index.add(numbered(0, 1200), rows);
    for (let r = 0; r < 1200; r++) plain.vectors.set(r, rows.row(r));
    for (let q = 0; q < 5; q++) {
      const query = rows.row(q * 7);
      const ranked = plain.ranked(query);
      // At a score that a key has, just above it, below all, above all.
      const bars = [ranked[30]!.score, ranked[200]!.score + 1e-9, -Infinity, Infinity];
      for (const bar of bars) {
        const answer = await index.searchWithin(query, bar);
        expectSame([answer.exact, answer.recall], [true, 1], "what the answer says of itself");
        const expected = ranked.filter(({ score }) => score >= bar);
        sameHits(answer, expected, `${metric}, query ${q}, within ${bar}`);
      }
    }
  }
}

export async function filters(variant: IndexVariant): Promise<void> {
  const rng = new Rng(19);
  const n = 10_000;
  const rows = clusters(rng, n, 16);
  await using index = variant.open({ dim: 16, metric: "euclidean" });
  const plain = new PlainIndex("euclidean");
  await index.add(numbered(0, n), rows);
  for (let r = 0; r < n; r++) plain.vectors.set(r, rows.row(r));
  for (const share of [0.5, 0.1, 0.01, 0.001, 0.0001, 0]) {
    const passing = new Set<Key>(rng.shuffle(numbered(0, n)).slice(0, Math.round(share * n)));
    let [found, wanted] = [0, 0];
    for (let q = 0; q < 12; q++) {
      const query = rows.row(rng.nextBelow(n));
      const expected = plain.ranked(query, (key) => passing.has(key)).slice(0, 10);
      for (const filter of kindsOf(index, passing)) {
        const answer = await index.search(query, { filter });
        expectSame(answer.hits.length, Math.min(10, passing.size), `hits at ${100 * share} %`);
        for (const { key } of answer.hits) expectSame(passing.has(key), true, `${String(key)} passes the filter`);
        wanted += expected.length;
        found += shared(answer, expected);
        sameHits(await index.search(query, { filter, exact: true }), expected, `exactly, at ${100 * share} %`);
      }
    }
    expectSame(found >= (variant.exact ? wanted : 0.95 * wanted), true, `${found} of ${wanted} at ${100 * share} %`);
  }
}

function kindsOf(index: VectorIndex, passing: ReadonlySet<Key>): KeyFilter[] {
  const slots = new Uint32Array(Math.ceil(index.slots / 32));
  for (const key of passing) slots[index.slotOf(key)! >>> 5]! |= 1 << (index.slotOf(key)! & 31);
  return [(key: Key) => passing.has(key), passing, { slots }];
}

/** Only the far cluster may answer: a graph that walks towards the query never gets there. */
export async function hostileFilter({ open }: IndexVariant): Promise<void> {
  const rng = new Rng(23);
  await using index = open({ dim: 8, metric: "euclidean" });
  const rows = randomRows(rng, 3000, 8);
  for (let r = 2950; r < 3000; r++) for (let i = 0; i < 8; i++) rows.row(r)[i] = rows.row(r)[i]! + 100;
  await index.add(numbered(0, 3000), rows);
  const filter = (key: Key) => Number(key) >= 2950;
  for (let q = 0; q < 20; q++) {
    const answer = await index.search(rows.row(q), { k: 60, filter });
    expectSame(answer.hits.length, 50, `hits of query ${q}`);
  }
}

export async function recall(variant: IndexVariant): Promise<void> {
  const rng = new Rng(29);
  for (const metric of METRICS) {
    const rows = clusters(rng, 6000, 24);
    await using index = variant.open({ dim: 24, metric });
    await index.add(numbered(0, 6000), rows);
    const queries = clusters(rng, 60, 24);
    const exact = await index.searchMany(queries, { exact: true });
    for (const target of [0.9, 0.99]) {
      const answers = await index.searchMany(queries, { recall: target });
      const shares = answers.map((answer, q) => shared(answer, exact[q]!.hits) / 10);
      for (const [q, answer] of answers.entries()) {
        expectSame(answer.recall > 0 && answer.recall <= 1, true, `an estimate of ${answer.recall}`);
        if (variant.exact) expectSame(answer, exact[q], `${metric}, query ${q}`);
      }
      // Queries differ, so the chance of 60 of them is told by how much they do: three standard errors.
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const spread = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
      const margin = 3 * Math.max(0.002, spread / Math.sqrt(60));
      expectSame(mean >= target - margin, true, `${metric}: recall ${mean}, asked for ${target}`);
    }
  }
}

export async function churn(variant: IndexVariant): Promise<void> {
  const rng = new Rng(31);
  const n = 2000;
  await using index = variant.open({ dim: 16, metric: "cosine" });
  await index.add(numbered(0, n), clusters(rng, n, 16));
  for (let step = 0; step < 20; step++) {
    const gone = numbered(step * 50, 50);
    await index.remove(gone);
    await index.add(numbered(n + step * 50, 50), clusters(rng, 50, 16));
  }
  expectSame(index.count, n, "count");
  await using fresh = variant.open({ dim: 16, metric: "cosine" });
  const keys = [...index.keys()];
  await fresh.add(keys, Matrix.of(keys.map((key) => index.get(key)!)));
  const queries = clusters(rng, 100, 16);
  const truth = await fresh.searchMany(queries, { exact: true });
  const shareOf = async (one: VectorIndex) =>
    (await one.searchMany(queries, { recall: 0.95 })).reduce((sum, answer, q) => sum + shared(answer, truth[q]!.hits), 0) / 1000; // prettier-ignore
  const [churned, anew] = [await shareOf(index), await shareOf(fresh)];
  // Each of two shares of 1,000 near 0.95 has a standard deviation of 0.007.
  expectSame(churned >= Math.min(0.95, anew) - 0.021, true, `recall ${churned} after churn, ${anew} built anew`);
}
