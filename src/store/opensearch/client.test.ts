import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError } from "../../core/index.ts";
import { Client, Conflict, type Fetch, type Json, Missing } from "./client.ts";

/** A client of three nodes whose answers are made here; `asked` is what was asked of whom. */
function clientOf(answer: (url: string, body: string | undefined) => [number, Json] | Error, patienceMs = 5000) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, { body }) => {
    asked.push(url);
    const given = answer(url, body);
    if (given instanceof Error) throw given;
    return { status: given[0], json: async () => given[1] };
  };
  const urls = ["http://a", "http://b/", "http://c"];
  return { asked, client: new Client({ urls, fetch, headers: {}, timeoutMs: 1000, patienceMs }) };
}

test("a node that does not answer is passed over, and the next one keeps being asked", async () => {
  const { asked, client } = clientOf((url) =>
    url.startsWith("http://a") ? new Error("refused") : [200, { ok: true }],
  );
  assert.deepEqual(await client.request("GET", "/x"), { ok: true });
  await client.request("GET", "/y");
  assert.deepEqual(asked, ["http://a/x", "http://b/x", "http://b/y"]);
});

test("“not now” is asked again, “no” is not", async () => {
  let busy = 2;
  const { asked, client } = clientOf((url) => {
    if (url.endsWith("/busy")) return busy-- > 0 ? [503, { error: { reason: "no primary" } }] : [200, {}];
    return url.endsWith("/bad") ? [400, { error: { root_cause: [{ reason: "no such field" }] } }] : [409, {}];
  });
  await client.request("PUT", "/busy");
  assert.equal(asked.length, 3);
  await assert.rejects(
    client.request("PUT", "/bad"),
    (error: unknown) =>
      error instanceof LociError && error.code === "network" && error.message.includes("no such field"),
  );
  await assert.rejects(client.request("PUT", "/taken"), Conflict);
  assert.equal(asked.length, 5);
});

test("a node that could not reach another is asked again, a broken request is not", async () => {
  let failures = 1;
  const { asked, client } = clientOf((url) => {
    if (!url.endsWith("/lost")) return [500, { error: { type: "null_pointer_exception", reason: "broken" } }];
    return failures-- > 0 ? [500, { error: { root_cause: [{ type: "node_disconnected_exception" }] } }] : [200, {}];
  });
  await client.request("POST", "/lost");
  assert.deepEqual(asked, ["http://a/lost", "http://b/lost"]);
  await assert.rejects(client.request("POST", "/broken"), /broken/);
});

test("what is not there is said as such", async () => {
  const { client } = clientOf(() => [404, { found: false }]);
  await assert.rejects(client.request("GET", "/x"), Missing);
});

test("patience ends, with the last failure in the message", async () => {
  const { client } = clientOf(() => new Error("connect ECONNREFUSED"), 100);
  await assert.rejects(
    client.request("GET", "/x"),
    (error: unknown) =>
      error instanceof LociError && error.code === "network" && error.message.includes("ECONNREFUSED"),
  );
});

test("of a bulk only what had no room is written again", async () => {
  const bodies: string[] = [];
  const { client } = clientOf((_, body) => {
    bodies.push(body!);
    const ids = body!.split("\n").flatMap((line) => /"_id":"(\w)"/.exec(line)?.[1] ?? []);
    const items = ids.map((id) => ({ index: { status: id === "b" && bodies.length === 1 ? 429 : 201 } }));
    return [200, { items }];
  });
  const row = (id: string): [Json, Json] => [{ index: { _id: id } }, { value: id }];
  await client.bulk([row("a"), row("b"), row("c")]);
  assert.deepEqual(
    bodies.map((body) => body.match(/"_id":"\w"/g)?.length),
    [3, 1],
  );
});

test("a document that cannot be kept is an error that says why", async () => {
  const { client } = clientOf(() => [
    200,
    { items: [{ index: { status: 400, error: { reason: "mapper", caused_by: { reason: "too wide" } } } }] },
  ]);
  await assert.rejects(client.bulk([[{ index: {} }, {}]]), /too wide/);
});
