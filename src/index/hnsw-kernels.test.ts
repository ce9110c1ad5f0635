/** The walk and the choice of neighbours, beside their plain twins, on a graph that the kernels built. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type JobContext, LociError, Rng } from "../core/index.ts";
import { searchReference } from "../kernels/index.ts";
import { trainCodec } from "./codec.ts";
import { CONTROL, batchSize, controlOf, nextSize, slice, type InsertTask } from "./hnsw-jobs.ts";
import { LEVELS, levelsOf } from "./hnsw-levels.ts";
import { Member } from "./hnsw-member.ts";
import { type HnswSpace, linkBytes, memberAreas, openSpace, upperBytes } from "./hnsw-space.ts";
import { Turn } from "./turn.ts";

const M = 8;
const DIM = 20;
const COUNT = 1200;

/** A graph of random vectors, built on this thread. Equal vectors are among them. */
async function builtGraph(): Promise<{ space: HnswSpace; member: Member; entry: number; top: number }> {
  const rows = new Float32Array(COUNT * DIM);
  new Rng(1).fillNormal(rows);
  for (let r = 0; r < 40; r++) rows.copyWithin((100 + r) * DIM, 0, DIM);
  const steps = trainCodec({ metric: "euclidean", dim: DIM, rows });
  let next = steps.next();
  while (!next.done) next = steps.next();
  const space = await openSpace({ dim: DIM, slots: COUNT, M, members: 1 }, next.value, 2, false, new Turn());
  const { views, setup } = space;
  views.rows.set(rows);
  const context: JobContext = { worker: 0, workers: 1, setup: undefined, kept: new Map() };
  const run = (count: number, first: number, task: InsertTask | { kind: "encode"; count: number }) => {
    for (let i = 0; i < count; i++) views.items[i] = first + i;
    slice({ setup, task, seconds: Infinity }, context);
  };
  run(COUNT, 0, { kind: "encode", count: COUNT });
  const task: InsertTask = { kind: "insert", count: COUNT - 1, before: 1, ef: 40, dead: false };
  const control = controlOf(setup, task);
  control.fill(0);
  control[CONTROL.top] = views.levels[0]!;
  control[CONTROL.size] = nextSize(control, task);
  run(COUNT - 1, 1, task);
  const member = new Member(setup, 0);
  return { space, member, entry: control[CONTROL.entry]!, top: control[CONTROL.top]! };
}

const graph = await builtGraph();

function linksOf(id: number, level: number): number[] {
  const { views } = graph.space;
  const [ground, above] = [linkBytes(M) / 4, upperBytes(M) / 4];
  const [all, start] =
    level === 0 ? [views.links, id * ground] : [views.upper, (views.upperAt[id]! + level - 1) * above];
  return [...all.subarray(start + 1, start + 1 + all[start]!)];
}

function codeOf(id: number): Uint8Array {
  const { stride } = graph.space.codec;
  return graph.space.views.codes.slice(id * stride, (id + 1) * stride);
}

test("a walk leaves in its pool what the plain walk leaves there, in the same order", () => {
  const { space, member, entry, top } = graph;
  const rng = new Rng(2);
  for (let q = 0; q < 30; q++) {
    const query = new Float32Array(DIM);
    rng.fillNormal(query);
    if (q === 0) query.set(space.views.rows.subarray(0, DIM)); // forty-one equal ones: all ties
    space.views.oneQuery.set(query);
    const code = searchReference.encodeQuery(space.codec, query).query;
    const keyOf = (id: number) => searchReference.keyOf(codeOf(id), code);
    const from = searchReference.descend(linksOf, keyOf, entry, top, 0);
    for (const ef of [1, 10, 60]) {
      const plain = searchReference.walk((id) => linksOf(id, 0), keyOf, from, ef);
      assert.deepEqual(
        [...member.pool(space.views.oneQuery.byteOffset, entry, top, ef)],
        plain.map(({ id }) => id),
      );
    }
  }
});

test("no row of links has a node twice, the node itself, one of another level, or more than fit", () => {
  const { levels } = graph.space.views;
  for (let id = 0; id < COUNT; id++) {
    for (let level = 0; level <= levels[id]!; level++) {
      const links = linksOf(id, level);
      assert.equal(new Set(links).size, links.length, `node ${id}, level ${level}`);
      assert.ok(links.every((other) => other !== id && other < COUNT && levels[other]! >= level));
      assert.ok(links.length <= (level === 0 ? linkBytes(M) : upperBytes(M)) / 4 - 1);
    }
  }
});

test("neighbours are chosen as the plain choice does", () => {
  const { space, member } = graph;
  const { chosen, list } = memberAreas(space.setup, 0);
  const entries = new BigInt64Array(space.views.memory.buffer, chosen, 200);
  const out = new Uint32Array(space.views.memory.buffer, list, 32);
  const distance = (a: number, b: number): number => {
    const { query, norm } = searchReference.rowAsQuery(codeOf(a));
    return searchReference.keyOf(codeOf(b), query) + norm;
  };
  const rng = new Rng(3);
  for (let round = 0; round < 60; round++) {
    const node = round < 10 ? 100 + round : rng.nextBelow(COUNT); // the first have copies
    const ids = new Set(Array.from({ length: 120 }, () => (round < 10 ? rng.nextBelow(150) : rng.nextBelow(COUNT))));
    ids.delete(node);
    const candidates = [...ids]
      .map((id) => ({ id, key: distance(node, id) }))
      .sort((a, b) => a.key - b.key || a.id - b.id);
    candidates.forEach(({ id, key }, i) => (entries[i] = (BigInt(key) << 32n) | (BigInt(id) << 1n)));
    const most = 1 + rng.nextBelow(16);
    const kept = member.kernels.select!(candidates.length, most, out.byteOffset);
    assert.deepEqual([...out.subarray(0, kept)], searchReference.select(candidates, distance, most), `round ${round}`);
  }
});

test("levels are a function of the slot: one node in M is above the ground, and more slots change none", async () => {
  const { levels, upperAt, upperRows } = await levelsOf(100_000, 16, new Turn());
  const above = levels.filter((level) => level > 0).length;
  assert.ok(Math.abs(above - 6250) < 4 * Math.sqrt(6250), `${above} of 100,000`);
  assert.ok(Math.max(...levels) <= LEVELS);
  assert.equal(upperRows, upperAt.at(-1)! + levels.at(-1)!);
  const fewer = await levelsOf(1000, 16, new Turn());
  assert.deepEqual([fewer.levels, fewer.upperAt], [levels.slice(0, 1000), upperAt.slice(0, 1000)]);
});

test("batches grow with the graph, to a hundredth of it at last", () => {
  assert.deepEqual(
    [1, 99, 100, 1000, 50_000].map((present) => batchSize(present, 1e6, 60_000)),
    [1, 1, 2, 20, 600],
  );
  assert.deepEqual([batchSize(900_000, 1e6, 1e6), batchSize(900_000, 7, 1e6)], [4096, 7]);
});

test("what does not fit into 4 GiB is refused before anything is made, and the message says what to do", async () => {
  const { codec } = graph.space;
  const refused = (error: unknown) =>
    error instanceof LociError &&
    error.code === "out-of-memory" &&
    /FlatIndex/.test(error.message) &&
    /20000 vectors/.test(error.message);
  await assert.rejects(openSpace({ dim: 65_536, slots: 20_000, M, members: 1 }, codec, 2, false, new Turn()), refused);
});
