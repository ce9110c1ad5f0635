/** The contract of indexes, in Node. */
import { test } from "node:test";
import type { LongOptions, Matrix } from "../../src/core/index.ts";
import { FlatIndex, HnswIndex, type Key } from "../../src/index/index.ts";
import { type IndexVariant, indexCases } from "./index.ts";

/** Answers from codes however few vectors there are, made anew whenever some were added before there were any. */
class PreparedFlatIndex extends FlatIndex {
  override async add(keys: readonly Key[], vectors: Matrix, options?: LongOptions): Promise<void> {
    const first = this.count === 0;
    await super.add(keys, vectors, options);
    if (first) await this.prepare();
  }
}

/** A graph as soon as there is something to walk, on this thread; src/index/hnsw-index.test.ts has the workers. */
const GRAPH = { graphFrom: 500, efConstruction: 50, workers: 0 } as const;
const SMALL = "twelve rows are scanned, with codes and without";

const VARIANTS: Readonly<Record<string, IndexVariant>> = {
  flat: { open: (options) => new FlatIndex(options), reopen: (source) => FlatIndex.open(source), exact: true },
  "flat, from codes": {
    open: (options) => new PreparedFlatIndex(options),
    async reopen(source) {
      const index = await FlatIndex.open(source);
      await index.prepare();
      return index;
    },
    exact: true,
    skip: { "on unit vectors the three metrics rank alike, in 10,000 random sets": SMALL },
  },
  "flat, estimated": {
    open: (options) => new PreparedFlatIndex({ ...options, estimate: true }),
    async reopen(source) {
      const index = await FlatIndex.open(source, { estimate: true });
      await index.prepare();
      return index;
    },
    exact: false,
    skip: {
      "on unit vectors the three metrics rank alike, in 10,000 random sets": SMALL,
      "the same operations give the same bytes, and the bytes open to the same answers":
        "codes are not saved: an index that is opened makes them anew, of the vectors that it has by then",
    },
  },
  hnsw: {
    open: (options) => new HnswIndex({ ...options, ...GRAPH }),
    reopen: (source) => HnswIndex.open(source, { workers: 0 }),
    exact: false,
    skip: { "on unit vectors the three metrics rank alike, in 10,000 random sets": "twelve rows make no graph" },
  },
};

for (const [name, variant] of Object.entries(VARIANTS)) {
  for (const one of indexCases(variant)) test(`${name}: ${one.name}`, { skip: one.skip ?? false }, () => one.run());
}
