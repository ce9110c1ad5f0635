import assert from "node:assert/strict";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { encoderCases } from "../../../test/conformance/encoder.ts";
import { type Network, platform } from "../../core/index.ts";
import { HashingEncoder } from "../index.ts";
import { RemoteEncoder, type RemoteEncoderOptions } from "./index.ts";

/** What a request said, and a way to answer it. */
interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: {
    model: string;
    input: string[];
    encoding_format?: string;
    dimensions?: number;
    [more: string]: unknown;
  };
  readonly reply: ServerResponse;
}
type Answer = (asked: Asked) => unknown;

const model = new HashingEncoder({ dim: 8 });
const closings: (() => void)[] = [];
after(() => closings.forEach((close) => close()));

/** A real server on this machine; `answer` returns what goes out as JSON, or answers by itself and returns undefined. */
async function serving(answer: Answer): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, reply) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", async () => {
      const one: Asked = {
        path: request.url!,
        headers: request.headers,
        body: JSON.parse(text) as Asked["body"],
        reply,
      };
      asked.push(one);
      const out = await answer(one);
      if (out !== undefined) reply.setHeader("content-type", "application/json").end(JSON.stringify(out));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** As a sound server answers: here in reverse order, which the protocol allows. */
async function sound({ body }: Asked, encoder = model) {
  const rows = await encoder.embed(body.input);
  const data = body.input.map((_, index) => {
    const row = rows.row(index);
    const base64 = Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString("base64");
    return { object: "embedding", index, embedding: body.encoding_format === "base64" ? base64 : [...row] };
  });
  return { object: "list", model: body.model, data: data.toReversed(), usage: { prompt_tokens: 1, total_tokens: 1 } };
}

const failing =
  (status: number, error: unknown, headers: Record<string, string> = {}): Answer =>
  ({ reply }) =>
    void reply.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify({ error }));

/** Answers by these, one after another, then soundly. */
const first = (...answers: Answer[]): Answer => {
  let next = 0;
  return (asked) => (answers[next++] ?? sound)(asked);
};

/** A network whose pauses take no time and are written down. */
function hurried(): Network & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return { ...platform.network, pauses, sleep: async (ms) => void pauses.push(ms) };
}

const encoder = (url: string, more: Partial<RemoteEncoderOptions> = {}) =>
  new RemoteEncoder({ url, model: "m", dim: 8, network: hurried(), ...more });

for (const encoding of ["base64", "float"] as const) {
  const { url } = await serving((asked) => sound(asked));
  const open = () =>
    RemoteEncoder.open({
      url,
      model: "hashing",
      encoding,
      countTokens: (text) => text.split(" ").filter(Boolean).length,
    });
  for (const one of encoderCases(open)) test(`remote, ${encoding}: ${one.name}`, () => one.run());
}

test("rows are those of the model to the bit, whatever the order and size of batches", async () => {
  const { url, asked } = await serving((asked) => sound(asked));
  const texts = Array.from({ length: 50 }, (_, i) => `text number ${i}`);
  const rows = await encoder(url, { batchTexts: 7, concurrency: 3 }).embed(texts);
  assert.deepEqual(rows.data, (await model.embed(texts)).data);
  assert.equal(asked.length, 8);
  assert.ok(asked.every(({ body }) => body.input.length <= 7));
});

test("batches are cut by tokens too, and a text larger than a batch goes alone", async () => {
  const { url, asked } = await serving((asked) => sound(asked));
  await encoder(url, { batchTokens: 30, concurrency: 1 }).embed([
    "a".repeat(60),
    "b".repeat(60),
    "c".repeat(400),
    "日".repeat(20),
    "d",
  ]);
  assert.deepEqual(
    asked.map(({ body }) => body.input.map((text) => text[0])),
    [["a"], ["b"], ["c"], ["日", "d"]],
  );
});

test("empty texts are not sent and are rows of zeros", async () => {
  const { url, asked } = await serving((asked) => sound(asked));
  const rows = await encoder(url).embed(["", "word", " \n"]);
  assert.deepEqual(asked[0]!.body.input, ["word"]);
  assert.deepEqual([...rows.row(0), ...rows.row(2)], Array(16).fill(0));
  await encoder(url).embed([" "]);
  assert.equal(asked.length, 1);
});

test("the request is OpenAI's: path, key, model, encoding, dimensions, prefixes and more fields", async () => {
  const { url, asked } = await serving((asked) => sound(asked));
  const one = new RemoteEncoder({
    url: `${url}/`,
    model: "text-embedding-3-small",
    dimensions: 8,
    apiKey: "sk-secret",
    prefixes: { query: "query: " },
    extraBody: (purpose) => ({ input_type: purpose }),
  });
  await one.embed(["hello"], { purpose: "query" });
  const [{ path, headers, body }] = asked as [Asked];
  assert.deepEqual([path, headers.authorization], ["/v1/embeddings", "Bearer sk-secret"]);
  assert.deepEqual(body, {
    model: "text-embedding-3-small",
    input: ["query: hello"],
    encoding_format: "base64",
    dimensions: 8,
    input_type: "query",
  });
});

for (const [given, path] of [
  ["", "/v1/embeddings"],
  ["/v1/", "/v1/embeddings"],
  ["/api/v2", "/api/v2/embeddings"],
  ["/openai", "/openai/v1/embeddings"],
  ["/deployments/x/embeddings", "/deployments/x/embeddings"],
] as const) {
  test(`an address that ends in “${given}” is asked at ${path}`, () =>
    assert.equal(encoder(`https://host${given}`).fingerprint, `remote https://host${path} m 8`));
}

test("the width is learnt from the server where it is not given", async () => {
  const { url } = await serving((asked) => sound(asked));
  assert.equal((await RemoteEncoder.open({ url, model: "m" })).dim, 8);
  assert.throws(() => new RemoteEncoder({ url, model: "m" }), /RemoteEncoder.open/);
  assert.throws(() => new RemoteEncoder({ url, model: "m", dim: 8, dimensions: 4 }), /dimensions/);
});

test("a failure of the moment is tried again, later each time, with chance from the seed", async () => {
  const pausesOf = async (seed: number) => {
    const { url, asked } = await serving(
      first(
        failing(500, "x"),
        failing(429, { message: "slow" }),
        failing(503, "y"),
        ({ reply }) => void reply.destroy(),
      ),
    );
    const network = hurried();
    const rows = await encoder(url, { network, seed, backoffMs: 100 }).embed(["hello"]);
    assert.deepEqual(rows.data, (await model.embed(["hello"])).data);
    assert.equal(asked.length, 5);
    return network.pauses;
  };
  const pauses = await pausesOf(1);
  pauses.forEach((pause, i) => assert.ok(pause > 50 * 2 ** i && pause <= 100 * 2 ** i, `pause ${i}: ${pause}`));
  assert.deepEqual(await pausesOf(1), pauses);
  assert.notDeepEqual(await pausesOf(2), pauses);
});

test("Retry-After is honoured, in seconds, milliseconds or as an hour", async () => {
  const hour = new Date(Date.now() + 30_000).toUTCString();
  const { url } = await serving(
    first(
      failing(429, "", { "retry-after": "7" }),
      failing(503, "", { "retry-after-ms": "120" }),
      failing(429, "", { "retry-after": hour }),
    ),
  );
  const network = hurried();
  await encoder(url, { network }).embed(["hello"]);
  assert.deepEqual(network.pauses.slice(0, 2), [7000, 120]);
  assert.ok(network.pauses[2]! > 20_000 && network.pauses[2]! <= 30_000);
});

test("a server that asks for an hour's pause is not waited for", async () => {
  const { url, asked } = await serving(failing(429, "", { "retry-after": "3600" }));
  await assert.rejects(encoder(url).embed(["x"]), { code: "network", message: /asks to wait 3600 s/ });
  assert.equal(asked.length, 1);
});

const KEY = "sk-very-secret-0123";
for (const [status, error, expected, tries] of [
  [401, { message: `Incorrect API key provided: ${KEY}.` }, /401: Incorrect API key provided: •••\. Check `apiKey`/, 1],
  [403, "no", /403: no\. Check `apiKey`/, 1],
  [404, { message: "The model `m` does not exist" }, /model "m"\) answered 404.*Check `url` and `model`/, 1],
  [400, { message: "maximum context length is 8192 tokens" }, /8192 tokens\. Is a text longer/, 1],
  [429, { code: "insufficient_quota", message: "You exceeded your quota" }, /quota\. The account is used up/, 1],
  [429, { message: "Rate limit reached" }, /429: Rate limit reached after 3 tries\. .*requestsPerMinute/, 3],
  [500, "boom", /500: boom after 3 tries/, 3],
] as const) {
  test(`${status} ${JSON.stringify(error).slice(0, 40)} ends after ${tries} requests, with a sentence that helps and no key`, async () => {
    const { url, asked } = await serving(failing(status, error));
    const failure = await encoder(url, { apiKey: KEY, retries: 2 })
      .embed(["x"])
      .catch((reason: unknown) => reason as Error);
    assert.match((failure as Error).message, expected);
    assert.equal(asked.length, tries);
    assert.ok(!inspectable(failure).includes(KEY), "the key is told");
  });
}

const inspectable = (error: unknown): string =>
  `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack} ${String((error as Error).cause)}`;

for (const [what, answer, expected] of [
  ["no JSON", ({ reply }: Asked) => void reply.end("<html>hello"), /no JSON: "<html>hello"/],
  ["no data", () => ({ ok: true }), /no list "data"/],
  ["null", ({ reply }: Asked) => void reply.end("null"), /no list "data"/],
  ["too few", async (asked: Asked) => ({ data: (await sound(asked)).data.slice(1) }), /with 2 embeddings, got 1/],
  [
    "one twice",
    async (asked: Asked) => ({ data: (await sound(asked)).data.map((item) => ({ ...item, index: 0 })) }),
    /number 0 in place 1/,
  ],
  [
    "an index out of range",
    async (asked: Asked) => ({ data: (await sound(asked)).data.map((item) => ({ ...item, index: item.index + 1 })) }),
    /number 2 in place 0/,
  ],
  ["broken base64", () => ({ data: [{ embedding: "%%%" }, { embedding: "%%%" }] }), /no vector of finite numbers/],
  ["NaN", () => ({ data: [{ embedding: "AADAfw==" }, { embedding: "AADAfw==" }] }), /no vector of finite numbers/],
  ["no numbers", () => ({ data: [{ embedding: ["a"] }, {}] }), /no vector of finite numbers/],
] as const) {
  test(`an answer with ${what} is refused`, async () => {
    const { url } = await serving(answer);
    await assert.rejects(encoder(url).embed(["a", "b"]), { code: "network", message: expected });
  });
}

test("vectors of another width are refused", async () => {
  const { url } = await serving((asked) => sound(asked, new HashingEncoder({ dim: 4 })));
  await assert.rejects(encoder(url).embed(["a"]), {
    code: "dim-mismatch",
    message: /of 8 dimensions, the server sent 4/,
  });
});

test("an answer without index is taken in its order", async () => {
  const { url } = await serving(async (asked) => ({
    data: (await sound(asked)).data.toReversed().map(({ embedding }) => ({ embedding })),
  }));
  assert.deepEqual((await encoder(url).embed(["a", "b"])).data, (await model.embed(["a", "b"])).data);
});

test("a server that never answers is given up after the time allowed", async () => {
  const { url } = await serving(() => undefined);
  await assert.rejects(
    encoder(url, { timeoutMs: 40, retries: 1 }).embed(["x"]),
    /did not answer within 40 ms after 2 tries/,
  );
});

test("a server that is not there is named, with why", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const work = encoder(`http://127.0.0.1:${port}`, { retries: 0 }).embed(["x"]);
  await assert.rejects(work, { code: "network", message: /could not be reached \(ECONNREFUSED\)/ });
});

test("an abort ends requests that are under way and pauses, with the reason given", async () => {
  for (const answer of [() => undefined, failing(500, "x", { "retry-after": "50" })]) {
    const { url, asked } = await serving(answer);
    const stop = new AbortController();
    const work = encoder(url, { network: platform.network }).embed(["a"], { signal: stop.signal });
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const reason = new Error("enough");
    setTimeout(() => stop.abort(reason), 20);
    await assert.rejects(work, (error) => error === reason);
  }
});

test("one failed batch ends the others", async () => {
  const { url, asked } = await serving((one) => (one.body.input[0] === "bad" ? failing(400, "no")(one) : undefined));
  await assert.rejects(encoder(url, { batchTexts: 1, concurrency: 2 }).embed(["slow", "bad", "never", "sent"]), /400/);
  assert.equal(asked.length, 2);
});

test("no more requests start in a minute than may", async () => {
  const { url } = await serving((asked) => sound(asked));
  let now = 0;
  const network: Network = { ...platform.network, wallClock: () => now, sleep: async (ms) => void (now += ms) };
  await encoder(url, { network, batchTexts: 1, concurrency: 1, requestsPerMinute: 30 }).embed(["a", "b", "c", "d"]);
  assert.equal(now, 3 * 2000);
});

test("addresses with passwords and keys with line ends are refused, and not repeated", () => {
  for (const options of [
    { url: "https://me:hidden@host" },
    { url: "https://host?key=hidden" },
    { url: "hidden" },
    { apiKey: "hidden\n" },
    { headers: { "x-key": "hidden\u0000" } },
  ]) {
    assert.throws(
      () => new RemoteEncoder({ url: "https://host", model: "m", dim: 8, ...options }),
      (error: Error) => !error.message.includes("hidden"),
    );
  }
});
