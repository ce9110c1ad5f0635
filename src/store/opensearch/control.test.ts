import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError } from "../../core/index.ts";
import { Client, type Fetch, type Json } from "./client.ts";
import { Control, readState } from "./control.ts";
import { Names } from "./layout.ts";

/** One index of documents that are replaced by sequence number, behind a line that can lose a request or its answer. */
class FakeCluster {
  readonly #documents = new Map<string, { source: Json; seqNo: number }>();
  #seqNo = 0;
  /** What befalls the next requests of a method: lost on the way there, or on the way back. */
  readonly fate: { method: string; lost: "request" | "answer" }[] = [];
  dead = false;

  readonly fetch: Fetch = async (url, { method, body }) => {
    if (this.dead) throw new Error("cut off");
    const fate = this.fate[0]?.method === method ? this.fate.shift() : undefined;
    if (fate?.lost === "request") throw new Error("lost on the way");
    const [status, said] = this.#answer(new URL(url), method, body);
    if (fate?.lost === "answer") throw new Error("the answer was lost");
    return { status, json: async () => said };
  };

  #answer({ pathname, searchParams }: URL, method: string, body: string | undefined): [number, Json] {
    const id = decodeURIComponent(pathname.split("/").at(-1)!);
    const there = this.#documents.get(id);
    if (method === "GET")
      return there ? [200, { _source: there.source, _seq_no: there.seqNo, _primary_term: 1 }] : [404, { found: false }];
    const expected = searchParams.get("if_seq_no");
    const fits = expected === null ? there === undefined : there?.seqNo === Number(expected);
    if (!fits) return [409, { error: { reason: "version conflict" } }];
    this.#documents.set(id, { source: JSON.parse(body!) as Json, seqNo: this.#seqNo });
    return [200, { _seq_no: this.#seqNo++, _primary_term: 1 }];
  }

  client(patienceMs = 2000): Client {
    return new Client({ urls: ["http://fake"], fetch: this.fetch, headers: {}, timeoutMs: 1000, patienceMs });
  }
}

const names = new Names("test");
const isCode = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;

async function opened(cluster: FakeCluster, patienceMs = 2000): Promise<Control> {
  const control = new Control(cluster.client(patienceMs), names, 300);
  await control.open();
  return control;
}

test("a replacement happens once, whether its request or its answer gets lost", async () => {
  for (const lost of ["request", "answer"] as const) {
    const cluster = new FakeCluster();
    const control = await opened(cluster);
    cluster.fate.push({ method: "PUT", lost });
    assert.equal((await control.replace({ version: 7 })).version, 7);
    assert.equal((await control.replace({ version: 8 })).version, 8);
    assert.equal((await readState(cluster.client(), names)).value.version, 8);
    await control.close();
  }
});

test("without any answer the outcome is unknown until it is settled, and then it is known", async () => {
  for (const lost of ["request", "answer"] as const) {
    const cluster = new FakeCluster();
    const control = await opened(cluster, 50);
    cluster.fate.push({ method: "PUT", lost });
    const trying = control.replace({ version: 3 });
    cluster.dead = true; // the first request has left; no other will
    await assert.rejects(trying, isCode("network"));
    cluster.dead = false;
    assert.equal((await control.settle()).version, lost === "answer" ? 3 : 0, lost);
    assert.equal((await control.replace({ chunks: 5 })).chunks, 5);
    const { value } = await readState(cluster.client(), names);
    assert.deepEqual([value.version, value.chunks], [lost === "answer" ? 3 : 0, 5]);
    await control.close();
  }
});

test("a second writer is refused while the first gives signs of life", async () => {
  const cluster = new FakeCluster();
  const first = await opened(cluster);
  await assert.rejects(opened(cluster), isCode("store-locked"));
  await first.close();
  const second = await opened(cluster);
  await second.close();
});

test("who was taken over from can write no more, and does not give back the other's lease", async () => {
  const cluster = new FakeCluster();
  const first = await opened(cluster, 200);
  cluster.dead = true;
  await first.close().catch(() => undefined); // its signs of life end, its lease stays
  cluster.dead = false;
  const second = await opened(cluster);
  await assert.rejects(first.replace({ version: 1 }), isCode("store-locked"));
  await first.close();
  await assert.rejects(opened(cluster), isCode("store-locked"));
  assert.equal((await second.replace({ version: 2 })).version, 2);
  await second.close();
});
