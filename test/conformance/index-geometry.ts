/** What the three metrics mean, on an index: worked examples and when they rank alike. */
import { Matrix, Rng } from "../../src/core/index.ts";
import type { VectorIndex } from "../../src/index/index.ts";
import { dot } from "../../src/math/index.ts";
import { expectNear, expectSame } from "./case.ts";
import { type IndexVariant, METRICS, keysOf, numbered, randomRows, toUnit } from "./index-oracle.ts";

export async function threeWinners({ open }: IndexVariant): Promise<void> {
  const winners = { cosine: "parallel", dot: "long", euclidean: "near" };
  for (const metric of METRICS) {
    await using index = open({ dim: 2, metric });
    await index.add(["parallel", "long", "near"], Matrix.of([[3, 3], [9, 2], [1, 0.8]])); // prettier-ignore
    expectSame(keysOf(await index.search([1, 1], { k: 1, exact: true })), [winners[metric]], metric);
  }
}

export async function scaleInvariance({ open }: IndexVariant): Promise<void> {
  const rng = new Rng(5);
  const rows = randomRows(rng, 40, 8);
  const longer = rows.copy();
  for (let r = 0; r < 40; r++) {
    const factor = 2 ** (rng.nextBelow(9) - 4); // powers of two scale without rounding
    for (let i = 0; i < 8; i++) longer.row(r)[i] = longer.row(r)[i]! * factor;
  }
  const query = randomRows(rng, 1, 8).data;
  for (const metric of METRICS) {
    await using index = open({ dim: 8, metric });
    await using scaled = open({ dim: 8, metric });
    await index.add(numbered(0, 40), rows);
    await scaled.add(numbered(0, 40), longer);
    const [a, b] = [await index.search(query, { exact: true }), await scaled.search(query, { exact: true })];
    expectSame(keysOf(a).join() === keysOf(b).join(), metric === "cosine", `${metric}: the same order`);
    const doubled = await index.search(query.map((x) => 2 * x), { exact: true }); // prettier-ignore
    expectSame(keysOf(a).join() === keysOf(doubled).join(), metric !== "euclidean", `${metric}: a longer query`);
  }
}

export async function unitDistances({ open }: IndexVariant): Promise<void> {
  for (const [cos, distance] of [
    [0.8, 0.6325],
    [0.3, 1.1832],
  ] as const) {
    // prettier-ignore
    const vector = [cos, Math.sqrt(1 - cos * cos)];
    const expected = { cosine: cos, dot: cos, euclidean: -distance };
    for (const metric of METRICS) {
      await using index = open({ dim: 2, metric });
      await index.add(["x"], Matrix.of([vector]));
      const { hits } = await index.search([1, 0], { exact: true });
      expectNear(hits[0]!.score, expected[metric], 5e-5, `${metric} at cosine ${cos}`);
    }
  }
}

/** D07. Each set is some of the rows, chosen by a bitmap. Scores nearer than rounding may change places: such sets are left out. */
export async function rankAlike({ open }: IndexVariant): Promise<void> {
  const rng = new Rng(7);
  const keys = numbered(0, 300);
  const raw = randomRows(rng, 300, 4);
  const units = raw.copy();
  for (const r of keys) toUnit(units.row(r));
  const [alike, unlike] = [METRICS, METRICS].map((metrics) => metrics.map((metric) => open({ dim: 4, metric })));
  for (const index of alike!) await index.add(keys, units);
  for (const index of unlike!) await index.add(keys, raw);
  const query = new Float32Array(4);
  let [sets, differing] = [0, 0];
  while (sets < 10_000) {
    const chosen = Array.from({ length: 12 }, () => rng.nextBelow(300));
    rng.fillNormal(query);
    if (sets % 10 === 0 && new Set(await orderings(unlike!, chosen, query)).size > 1) differing++;
    toUnit(query);
    const scores = [...new Set(chosen)].map((r) => dot(query, units.row(r))).sort((a, b) => a - b);
    if (scores.some((score, i) => i > 0 && score - scores[i - 1]! < 1e-6)) continue;
    const orders = await orderings(alike!, chosen, query);
    expectSame(orders, [orders[0], orders[0], orders[0]], `set ${sets}: orders by cosine, dot product and distance`);
    sets++;
  }
  expectSame(differing > 900, true, `${differing} of 1,000 sets of vectors that are not one long rank differently`);
  for (const index of [...alike!, ...unlike!]) await index.close();
}

async function orderings(indexes: VectorIndex[], keys: number[], query: Float32Array): Promise<string[]> {
  const orders: string[] = [];
  for (const index of indexes) {
    const slots = new Uint32Array(Math.ceil(index.slots / 32));
    for (const key of keys) slots[index.slotOf(key)! >>> 5]! |= 1 << (index.slotOf(key)! & 31);
    orders.push(keysOf(await index.search(query, { k: 12, exact: true, filter: { slots } })).join());
  }
  return orders;
}
