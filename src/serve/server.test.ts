import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import OpenAI from "openai";
import { LociError } from "../core/index.ts";
import { HashingEncoder } from "../embed/index.ts";
import { type ServeOptions, serve } from "./index.ts";
import type { Searchable } from "./search.ts";

const encoder = new HashingEncoder({ dim: 16 });
const collection: Searchable = {
  search: async (query, { k, mode = "its own", filter }) => ({
    hits: [{ id: `${mode} ${k}`, score: 1, text: `${query} ${JSON.stringify(filter ?? null)}` }],
    exact: true,
    recall: 1,
  }),
  count: async () => 1,
};

async function served<T>(options: ServeOptions, use: (url: string, port: number) => Promise<T>): Promise<T> {
  await using server = await serve({ encoders: [encoder], collection, ...options });
  return await use(server.url, server.port);
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** Sends bytes as they are, and returns what comes back until the server closes. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.setEncoding("utf8").on("data", (text) => (answer += String(text)));
    socket.on("end", () => resolve(answer)).on("error", reject);
    socket.setTimeout(5000, () => socket.destroy(new Error(`no end after: ${answer}`)));
  });
}

test("OpenAI's own client gets the encoder's vectors, in base64 and as numbers", async () => {
  await served({}, async (url) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none" });
    const texts = ["one text", "another"];
    const expected = await encoder.embed(texts);
    for (const encoding of [undefined, "float", "base64"] as const) {
      const { data, model } = await client.embeddings.create({
        model: encoder.name,
        input: texts,
        ...(encoding && { encoding_format: encoding }),
      });
      assert.equal(model, encoder.name);
      assert.deepEqual(
        data.map(({ index }) => index),
        [0, 1],
      );
      data.forEach(({ embedding }, row) => {
        const vector =
          typeof embedding === "string"
            ? new Float32Array(Uint8Array.from(Buffer.from(embedding as string, "base64")).buffer)
            : Float32Array.from(embedding);
        assert.deepEqual(vector, expected.row(row).slice());
      });
    }
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    assert.deepEqual(names, [encoder.name]);
  });
});

test("a search is asked for by a link and by a body", async () => {
  await served({}, async (url) => {
    const byLink = (await (await fetch(`${url}/v1/search?q=caf%C3%A9&k=3&mode=vector`)).json()) as { hits: unknown[] };
    assert.deepEqual(byLink.hits, [{ id: "vector 3", score: 1, text: "café null" }]);
    const byBody = await post(`${url}/v1/search`, { query: "café", filter: { lang: "en" } });
    assert.deepEqual(((await byBody.json()) as { hits: unknown[] }).hits, [
      { id: "its own 10", score: 1, text: 'café {"lang":"en"}' },
    ]);
  });
});

test("a request that makes no sense is refused in one sentence, in OpenAI's form", async () => {
  const model = encoder.name;
  const refusals: [path: string, body: unknown, status: number, says: RegExp][] = [
    ["/v1/embeddings", "{", 400, /JSON/],
    ["/v1/embeddings", "[]", 400, /JSON object/],
    ["/v1/embeddings", `{"a":${"[".repeat(100_000)}`, 400, /JSON/],
    ["/v1/embeddings", {}, 400, /`model`/],
    ["/v1/embeddings", { model: "gpt", input: "a" }, 404, /no model "gpt"/],
    ["/v1/embeddings", { model: "__proto__", input: "a" }, 404, /no model/],
    ["/v1/embeddings", { model, input: [] }, 400, /at least one text/],
    ["/v1/embeddings", { model, input: [1, 2, 3] }, 400, /Token ids/],
    ["/v1/embeddings", { model, input: Array(3000).fill("a") }, 400, /at most 2048/],
    ["/v1/embeddings", { model, input: "a", dimensions: 8 }, 400, /16 dimensions/],
    ["/v1/embeddings", { model, input: "a", encoding_format: "hex" }, 400, /base64/],
    ["/v1/search", { query: 1 }, 400, /`query`/],
    ["/v1/search", { query: "a", k: 1e9 }, 400, /`k`/],
    ["/v1/search", { query: "a", k: -1 }, 400, /`k`/],
    ["/v1/search", { query: "a", mode: "magic" }, 400, /`mode`/],
    ["/v1/search", { query: "a", filter: [] }, 400, /`filter`/],
    ["/nowhere", {}, 404, /nothing here/],
    ["/v1/models", {}, 405, /POST/],
  ];
  await served({}, async (url) => {
    for (const [path, body, status, says] of refusals) {
      const answer = await post(url + path, body);
      const { error } = (await answer.json()) as { error: { message: string; type: string } };
      assert.equal(answer.status, status, `${path} ${JSON.stringify(body).slice(0, 60)}: ${error.message}`);
      assert.match(error.message, says);
    }
    const foreign = await post(`${url}/v1/embeddings`, "a=b", { "content-type": "application/x-www-form-urlencoded" });
    assert.equal(foreign.status, 415);
  });
});

test("a body beyond the bound is refused, announced or not, and the server goes on", async () => {
  await served({ maxBodyBytes: 1000 }, async (url, port) => {
    const body = JSON.stringify({ model: encoder.name, input: "a".repeat(2000) });
    assert.equal((await post(`${url}/v1/embeddings`, body)).status, 413);
    const chunk = `3e8\r\n${"a".repeat(1000)}\r\n`;
    const head = "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert.match(await raw(port, head + chunk + chunk), /^HTTP\/1\.1 413 /);
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });
});

test("bytes that are no HTTP, a body that never comes and a client that leaves do no harm", async () => {
  await served({ timeoutMs: 300 }, async (url, port) => {
    assert.match(await raw(port, "\0\x01\x02 nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.match(await raw(port, `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 4\d\d /);
    const never = "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    assert.match(await raw(port, never), /^HTTP\/1\.1 408 /);
    connect(port, "127.0.0.1", function (this: import("node:net").Socket) {
      this.write(never);
      this.destroy();
    });
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });
});

test("a token is asked for where one is set, and no part of it will do", async () => {
  await served({ token: "secret" }, async (url) => {
    const ask = async (authorization?: string) =>
      (await fetch(`${url}/v1/models`, { headers: authorization ? { authorization } : {} })).status;
    assert.equal(await ask(), 401);
    assert.equal(await ask("Bearer secre"), 401);
    assert.equal(await ask("Bearer secret2"), 401);
    assert.equal(await ask("Bearer secret"), 200);
  });
});

test("on loopback only this machine's own names are answered, so that no web page can borrow its address", async () => {
  await served({}, async (_url, port) => {
    const asked = (host: string) => raw(port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(await asked(`localhost:${port}`), /^HTTP\/1\.1 200 /);
    assert.match(await asked("evil.example"), /^HTTP\/1\.1 403 /);
  });
});

test("too many requests at once are told to try again", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow: Searchable = {
    ...collection,
    search: async (...asked) => {
      await gate;
      return collection.search(...asked);
    },
  };
  await served({ collection: slow, maxConcurrent: 1 }, async (url) => {
    const first = fetch(`${url}/v1/search?q=a`);
    let second = await fetch(`${url}/health`);
    // The first may arrive after the second: ask until it is there.
    while (second.status === 200) second = await fetch(`${url}/health`);
    assert.equal(second.status, 503);
    assert.equal(second.headers.get("retry-after"), "1");
    open();
    assert.equal((await first).status, 200);
  });
});

test("the network is let in only with a token, and a taken port is said", async () => {
  await assert.rejects(
    serve({ host: "0.0.0.0" }),
    (error) => error instanceof LociError && error.code === "bad-argument",
  );
  await served({}, async (_url, port) => {
    await assert.rejects(serve({ port }), (error) => error instanceof LociError && error.code === "network");
  });
});

test("what goes wrong inside is not told to strangers", async () => {
  const broken: Searchable = { ...collection, search: () => Promise.reject(new Error("secret.db is gone")) };
  await served({ collection: broken }, async (url) => {
    const answer = await fetch(`${url}/v1/search?q=a`);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /secret/);
  });
});
