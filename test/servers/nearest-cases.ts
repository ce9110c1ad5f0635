/** What the vector search of a server's store must do: FlatIndex is the oracle, with the same scores to the bit. */
import { Matrix, Rng } from "../../src/core/index.ts";
import { FlatIndex, type IndexMetric } from "../../src/index/index.ts";
import {
  type Filter,
  type Meta,
  type PutDocument,
  type ScoredChunk,
  type Store,
  passes,
} from "../../src/store/index.ts";
import { type Case, expectFailure, expectSame } from "../conformance/case.ts";

const DIM = 16;
const K = 10;

function randomVector(rng: Rng): Float32Array {
  return Float32Array.from({ length: DIM }, () => rng.nextNormal());
}

/** So many documents of one chunk each, in clusters, the `zeroEvery`th a vector of zeros; document i becomes chunk i + 1. */
function documents(count: number, zeroEvery: number): { put: PutDocument[]; vectors: Matrix } {
  const rng = new Rng(3);
  const centres = Array.from({ length: 40 }, () => randomVector(rng));
  const vectors = Matrix.zeros(count, DIM);
  const put = Array.from({ length: count }, (_, i): PutDocument => {
    const centre = centres[rng.nextBelow(40)]!;
    if ((i + 1) % zeroEvery !== 0) vectors.row(i).set(centre.map((number) => number + 0.5 * rng.nextNormal()));
    const meta = {
      half: i % 2,
      tenth: i % 10,
      hundredth: i % 100,
      thousandth: i % 1000,
      when: new Date(1e12 + i * 1000),
    };
    const vector = new Matrix(vectors.row(i), DIM);
    return { id: `d${i}`, text: "x", hash: "", meta, chunks: [{ start: 0, end: 1 }], vectors: vector };
  });
  return { put, vectors };
}

async function oracle(metric: IndexMetric, vectors: Matrix): Promise<FlatIndex> {
  const flat = new FlatIndex({ dim: DIM, metric });
  await flat.add(
    Array.from({ length: vectors.rows }, (_, i) => i + 1),
    vectors,
  );
  return flat;
}

const plain = (hits: readonly ScoredChunk[]): [number, number][] => hits.map(({ chunk, score }) => [chunk, score]);

/** The cases; `open` gives an empty store. */
export function nearestCases(open: () => Promise<Store>): Case[] {
  const filled = async (metric: IndexMetric, put: readonly PutDocument[], run: (store: Store) => Promise<void>) => {
    const store = await open();
    try {
      await store.setSpace({ name: "random", dim: DIM, fingerprint: "a".repeat(32), metric });
      for (let at = 0; at < put.length; at += 1000) await store.write({ put: put.slice(at, at + 1000) });
      await run(store);
    } finally {
      await store.close();
    }
  };
  const exact = (metric: IndexMetric): Case => ({
    name: `exact: true gives the hits and scores of a plain scan, zero vectors and zero queries too: ${metric}`,
    run: async () => {
      const { put, vectors } = documents(300, 20);
      const flat = await oracle(metric, vectors);
      await filled(metric, put, async (store) => {
        const rng = new Rng(4);
        const queries = [...Array.from({ length: 8 }, () => randomVector(rng)), vectors.row(7), new Float32Array(DIM)];
        for (const query of queries) {
          for (const k of [1, K, 290, 1000]) {
            const right = (await flat.search(query, { k })).hits.map(({ key, score }): [number, number] => [
              Number(key),
              score,
            ]);
            expectSame(plain(await store.nearest!(query, { k, exact: true })), right, `exact, k ${k}`);
            expectSame((await store.nearest!(query, { k })).length, right.length, `through the index, k ${k}`);
          }
        }
        const all = await store.nearest!(vectors.row(3), { k: 5, filter: { tenth: 3 }, exact: true });
        expectSame(all[0]!.chunk, 4, "a vector is nearest to itself");
      });
    },
  });
  return [
    ...(["cosine", "dot", "euclidean"] as const).map(exact),
    {
      name: "filters never come up short, at any selectivity and against the query, and find what is nearest",
      run: async () => {
        const count = 3000;
        const { put, vectors } = documents(count, 1e9);
        const flat = await oracle("cosine", vectors);
        const metas: readonly Meta[] = put.map(({ meta }) => meta);
        await filled("cosine", put, async (store) => {
          const rng = new Rng(6);
          const filters: Filter[] = [
            { half: 1 },
            { tenth: { gte: 8, lt: 9 } },
            { hundredth: { in: [17, "17"] } },
            { thousandth: 500 },
            { when: { lt: new Date(1e12 + 4500) } },
            { not: { half: { exists: true } } },
          ];
          for (const filter of filters) {
            const allowed = new Set(metas.flatMap((meta, i) => (passes(meta, filter) ? [i + 1] : [])));
            let [found, asked] = [0, 0];
            for (let q = 0; q < 10; q++) {
              // Half of the queries are vectors that do not pass themselves.
              const query = q % 2 === 0 ? randomVector(rng) : vectors.row(rng.nextBelow(count));
              const right = (await flat.search(query, { k: K, filter: allowed as ReadonlySet<number> })).hits;
              const hits = await store.nearest!(query, { k: K, filter });
              expectSame(hits.length, Math.min(K, allowed.size), `hits under ${JSON.stringify(filter)}`);
              expectSame(
                hits.every(({ chunk }) => allowed.has(chunk)),
                true,
                "all of them pass",
              );
              const keys = new Set(hits.map(({ chunk }) => chunk));
              found += right.filter(({ key }) => keys.has(Number(key))).length;
              asked += right.length;
              expectSame(
                plain(await store.nearest!(query, { k: K, filter, exact: true })),
                right.map(({ key, score }) => [Number(key), score]),
                `exact under ${JSON.stringify(filter)}`,
              );
            }
            if (found < 0.95 * asked) throw new Error(`recall ${found / asked} under ${JSON.stringify(filter)}`);
          }
        });
      },
    },
    {
      name: "what was removed or replaced is no neighbour any more",
      run: async () => {
        const { put, vectors } = documents(60, 1e9);
        await filled("euclidean", put, async (store) => {
          await store.write({ remove: put.slice(0, 20).map(({ id }) => id), put: put.slice(20, 30) });
          const hits = await store.nearest!(vectors.row(5), { k: 100 });
          expectSame(
            hits.map(({ chunk }) => chunk).sort((a, b) => a - b),
            Array.from({ length: 40 }, (_, i) => i + 31),
            "hits",
          );
        });
      },
    },
    {
      name: "a query of another width, or with NaN, is refused",
      run: () =>
        filled("cosine", documents(3, 1e9).put, async (store) => {
          const wide = await expectFailure(() => store.nearest!(new Float32Array(DIM + 1), { k: 1 }), "wide");
          expectSame(wide.code, "dim-mismatch", wide.message);
          const nan = await expectFailure(() => store.nearest!(new Float32Array(DIM).fill(NaN), { k: 1 }), "NaN");
          expectSame(nan.code, "bad-argument", nan.message);
        }),
    },
  ];
}
