/**
 * Three OpenSearch nodes, one of them killed while a collection is written to and read: nothing acknowledged is lost, answers are
 * right, and the figures are printed.
 *
 * Killed is the node that holds the first copy of the collection's state, the worst one to lose: every write has to go
 * through it. What was acknowledged is kept beside in a MemoryStore, which says what must be there.
 */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenSearchNode } from "../../scripts/servers/opensearch.ts";
import { FlatIndex } from "../../src/index/index.ts";
import { Matrix, Rng } from "../../src/core/index.ts";
import { MemoryStore, type PutDocument, type Space, type WriteBatch } from "../../src/store/index.ts";
import { OpenSearchStore } from "../../src/store/opensearch/index.ts";
import { openSearchHere } from "../servers/here.ts";

const DIM = 24;
const BATCHES = 40;
const KILL_AFTER = 12;
const SPACE: Space = { name: "random", dim: DIM, fingerprint: "c".repeat(32), metric: "cosine" };
const WORDS = "ant bee cat dog eel fox gnu hen ibis jay koi lynx mole newt owl pug".split(" ");

const server = await openSearchHere(3);
const cluster = server.server;
const skip = server.skip ?? (cluster ? false : "LOCI_OPENSEARCH is set: nodes that we did not start are not killed.");

function randomDocument(rng: Rng, id: string): PutDocument {
  const pieces = Array.from({ length: 1 + rng.nextBelow(3) }, () =>
    Array.from({ length: 4 + rng.nextBelow(8) }, () => WORDS[rng.nextBelow(WORDS.length)]!).join(" "),
  );
  let at = 0;
  const chunks = pieces.map((piece) => {
    const start = at;
    at += piece.length + 1;
    return { start, end: start + piece.length };
  });
  const vectors = Matrix.zeros(pieces.length, DIM);
  for (let i = 0; i < vectors.data.length; i++) vectors.data[i] = rng.next() - 0.5;
  return {
    id,
    text: pieces.join(" "),
    hash: `h${rng.nextBelow(1e9)}`,
    meta: { bucket: rng.nextBelow(5) },
    chunks,
    vectors,
  };
}

/** Mostly new documents, some old ones put again, some removed. */
function randomBatch(rng: Rng, there: readonly string[], number: number): WriteBatch {
  const put = Array.from({ length: 12 }, (_, i) => randomDocument(rng, `d${number}-${i}`));
  const touched = new Set<string>();
  for (let i = 0; i < 4 && there.length > 0; i++) touched.add(there[rng.nextBelow(there.length)]!);
  const [again, remove] = [[...touched].slice(0, 2), [...touched].slice(2)];
  return { put: [...put, ...again.map((id) => randomDocument(rng, id))], remove };
}

/** The node that holds the first copy of an index's first shard. */
async function holderOf(index: string): Promise<OpenSearchNode> {
  const asked = await fetch(`${cluster!.urls[0]}/_cat/shards/${index}?format=json`);
  const shards = (await asked.json()) as { prirep: string; node: string }[];
  const name = shards.find(({ prirep }) => prirep === "p")!.node;
  return cluster!.nodes.find((node) => node.name === name)!;
}

void suite("three OpenSearch nodes, one killed", { skip }, () => {
  after(() => server.remove());

  test("nothing acknowledged is lost, and answers are right", { timeout: 600_000 }, async (t) => {
    const options = { urls: cluster!.urls, name: "cluster", leaseMs: 6000, timeoutMs: 15_000, patienceMs: 90_000 };
    const store = await OpenSearchStore.open({ ...options, index: { shards: 2, replicas: 1 } });
    const reader = await OpenSearchStore.open({ ...options, readOnly: true });
    await store.setSpace(SPACE);
    const oracle = new MemoryStore();
    await oracle.setSpace(SPACE);
    const rng = new Rng(8);
    await fetch(`${cluster!.urls[0]}/_cluster/health/loci-cluster-*?wait_for_status=green&timeout=60s`);

    // Readers: whatever was acknowledged before a question is asked must be in the answer, unless a later batch touched it.
    const acknowledged = new Map<string, { text: string; since: number }>();
    let [batch, reads, wrong, slowestRead] = [0, 0, 0, 0];
    const written = new AbortController();
    const failures: string[] = [];
    const reading = (async () => {
      const chance = new Rng(9);
      while (!written.signal.aborted) {
        const known = [...acknowledged].filter(([, { since }]) => since < batch);
        if (known.length === 0) {
          await sleep(50);
          continue;
        }
        const [id, { text }] = known[chance.nextBelow(known.length)]!;
        const began = performance.now();
        let document, first;
        try {
          [document] = await reader.documents([id]);
          [first] = await reader.keyword(text, { k: 1 });
        } catch (error) {
          failures.push(String(error));
          continue;
        }
        slowestRead = Math.max(slowestRead, performance.now() - began);
        reads++;
        await sleep(100); // two cores have three nodes to run
        const now = acknowledged.get(id);
        if (now?.text === text && (document?.text !== text || first === undefined)) wrong++;
      }
    })();

    const times: number[] = [];
    let refused = 0;
    let killed = "";
    let dying: Promise<void> | undefined;
    for (; batch < BATCHES; batch++) {
      const there = [...acknowledged.keys()];
      const next = randomBatch(rng, there, batch);
      if (batch === KILL_AFTER) {
        const node = await holderOf("loci-cluster-state");
        killed = node.name;
        dying = sleep(30).then(() => node.kill()); // in the middle of the next write
      }
      // While a batch is on its way its old documents may or may not be there.
      for (const id of [...(next.remove ?? []), ...next.put!.map(({ id }) => id)]) acknowledged.delete(id);
      const began = performance.now();
      try {
        const { version, added } = await store.write(next);
        const expected = await oracle.write(next);
        assert.equal(version, expected.version);
        assert.equal(added.length, expected.added.length);
        for (const { id, text } of next.put!) acknowledged.set(id, { text, since: batch });
      } catch (error) {
        refused++;
        t.diagnostic(`batch ${batch} was refused: ${String(error)}`);
        const [some] = await store.documents([next.put![0]!.id]);
        assert.equal(some, undefined, "what was refused is not there");
      }
      times.push(performance.now() - began);
    }
    await dying;
    written.abort();
    await reading;

    // All of it, compared with what was acknowledged.
    const kept = new Map<string, string>();
    for await (const { id, hash } of store.list()) kept.set(id, hash);
    const expected = new Map<string, string>();
    for await (const { id, hash } of oracle.list()) expected.set(id, hash);
    const lost = [...expected].filter(([id, hash]) => kept.get(id) !== hash).length;
    assert.equal(lost, 0, "acknowledged documents are lost or stale");
    assert.equal(kept.size, expected.size, "there is something that nobody acknowledged");
    assert.deepEqual(await store.verify(), []);

    // Answers against a scan of what was acknowledged. Numbers of chunks differ where a write was tried twice: texts are compared.
    const flat = new FlatIndex({ dim: DIM, metric: "cosine" });
    for await (const { chunks, vectors } of oracle.vectors()) await flat.add(chunks, vectors);
    let [found, asked, exactRight, wordsRight] = [0, 0, 0, 0];
    const questions = 40;
    for (let q = 0; q < questions; q++) {
      const query = Float32Array.from({ length: DIM }, () => rng.next() - 0.5);
      const right = (await flat.search(query, { k: 10 })).hits.map(({ score }) => score.toFixed(9));
      const exact = (await reader.nearest(query, { k: 10, exact: true })).map(({ score }) => score.toFixed(9));
      const near = new Set((await reader.nearest(query, { k: 10 })).map(({ score }) => score.toFixed(9)));
      if (exact.join() === right.join()) exactRight++;
      found += right.filter((score) => near.has(score)).length;
      asked += right.length;
      const words = `${WORDS[q % WORDS.length]} ${WORDS[(3 * q + 1) % WORDS.length]}`;
      const search = { k: 10, filter: { bucket: { in: [q % 5, (q + 1) % 5] } } };
      const [here, there] = [await reader.keyword(words, search), await oracle.keyword(words, search)];
      if (here.map(({ score }) => score.toFixed(9)).join() === there.map(({ score }) => score.toFixed(9)).join())
        wordsRight++;
    }
    const sorted = times.toSorted((a, b) => a - b);
    const ms = (number: number): string => `${number.toFixed(0)} ms`;
    t.diagnostic(
      `killed ${killed} by SIGKILL during write ${KILL_AFTER + 1} of ${BATCHES}; ${refused} writes refused, ` +
        `${expected.size} documents acknowledged, ${lost} lost; writes: median ${ms(sorted[BATCHES >> 1]!)}, slowest ${ms(sorted.at(-1)!)}`,
    );
    t.diagnostic(
      `reads meanwhile: ${reads}, wrong ${wrong}, failed ${failures.length}${failures.map((failure) => ` (${failure})`).join("")}, slowest ${ms(slowestRead)}`,
    );
    t.diagnostic(
      `answers afterwards, two nodes left: exact ${exactRight}/${questions}, recall@10 of the index ${(found / asked).toFixed(3)}, keyword under a filter ${wordsRight}/${questions}`,
    );
    assert.deepEqual(failures, [], "a reader was refused");
    assert.equal(wrong, 0, "a reader missed what was acknowledged");
    assert.equal(exactRight, questions);
    assert.equal(wordsRight, questions);
    assert.ok(found / asked >= 0.95, `recall ${found / asked}`);
    await reader.close();
    await store.close();
  });
});
