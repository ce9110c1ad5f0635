import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { connectMcp } from "./index.ts";
import type { Searchable } from "./search.ts";

const collection: Searchable = {
  search: async (query, { k, filter }) => ({
    hits: [{ id: "a", score: 0.5, text: `${query} ${k} ${JSON.stringify(filter)}` }],
    exact: true,
    recall: 1,
  }),
  count: async () => 42,
};

async function connected(): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await connectMcp({ collection, about: "the handbook", transport: ours });
  const client = new Client({ name: "test", version: "0" });
  await client.connect(theirs);
  return client;
}

const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]!.text;

test("a client of the Model Context Protocol finds the tools, and what the collection is about", async () => {
  const client = await connected();
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["search", "stats"],
  );
  assert.match(tools[0]!.description!, /the handbook/);
  await client.close();
});

test("a client searches, with a filter, and counts", async () => {
  const client = await connected();
  const found = await client.callTool({ name: "search", arguments: { query: "leave", k: 2, filter: { lang: "en" } } });
  assert.deepEqual(JSON.parse(textOf(found)), {
    hits: [{ id: "a", score: 0.5, text: 'leave 2 {"lang":"en"}' }],
    exact: true,
    recall: 1,
  });
  assert.deepEqual(JSON.parse(textOf(await client.callTool({ name: "stats", arguments: {} }))), { documents: 42 });
  await client.close();
});

test("a call that makes no sense is answered with a sentence the model can read", async () => {
  const client = await connected();
  for (const [name, args, says] of [
    ["search", {}, /`query`/],
    ["search", { query: "a", k: 0 }, /`k`/],
    ["search", { query: "a", mode: "magic" }, /`mode`/],
    ["drop", {}, /no tool "drop"/],
  ] as const) {
    const result = await client.callTool({ name, arguments: args });
    assert.equal(result.isError, true);
    assert.match(textOf(result), says);
  }
  await client.close();
});
