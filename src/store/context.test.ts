import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { chunkMarkdown, countWords } from "../documents/index.ts";
import { Collection, contextFor, indexPaths, MemoryStore, placesOf } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-context-"));
after(() => rmSync(folder, { recursive: true }));

const GUIDE = `# Guide

## Install

Run the installer. It asks for a folder and copies the program there.

## Password

To reset a password open the login page. Follow the link there.

A mail with a code arrives. Type the code and choose a new password.
`;

/** A collection of the guide, whose chunks are its sections. */
async function opened(): Promise<Collection> {
  const collection = await Collection.open({ store: new MemoryStore() });
  const text = GUIDE;
  const chunks = chunkMarkdown(text, { size: 16 });
  await collection.add([{ id: "guide", text, meta: { path: "manual/guide.md", kind: "markdown" }, chunks }]);
  return collection;
}

test("the context has the passages with numbers, files, lines and headings", async () => {
  const { context, tokens, citations } = await contextFor(await opened(), "reset password", { k: 1 });
  assert.equal(
    context,
    "[1] manual/guide.md, lines 7-9: Guide > Password\n## Password\n\nTo reset a password open the login page. Follow the link there.",
  );
  assert.equal(tokens, countWords(context));
  const { n, id, path, lines, headings, range, score } = citations[0]!;
  assert.deepEqual(
    [n, id, path, lines, headings],
    [1, "guide", "manual/guide.md", { first: 7, last: 9 }, ["Guide", "Password"]],
  );
  assert.ok(score > 0 && context.endsWith(GUIDE.slice(range.start, range.end)));
});

test("neighbouring chunks become one passage", async () => {
  const { citations, context } = await contextFor(await opened(), "password code login");
  assert.equal(citations.length, 1);
  assert.deepEqual(citations[0]!.lines, { first: 7, last: 11 });
  assert.match(context, /login page[\s\S]*Type the code/);
});

test("the context never has more tokens than the budget, by any counter, and uses it for what fits", async () => {
  const words = fc.constantFrom("alpha", "beta", "gamma.", "delta\n\n", "日本", "👍🏽");
  const texts = fc.array(
    fc.array(words, { minLength: 1, maxLength: 40 }).map((some) => some.join(" ")),
    { minLength: 1, maxLength: 6 },
  );
  const counters = fc.constantFrom(
    countWords,
    (text: string) => text.length,
    (text: string) => Math.ceil(text.length / 3),
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 120 }), counters, async (texts, budget, countTokens) => {
      const collection = await Collection.open({ store: new MemoryStore() });
      await collection.add(texts.map((text, i) => ({ id: `d${i}`, text })));
      const { context, tokens, citations } = await contextFor(collection, "alpha gamma", { budget, countTokens });
      assert.ok(countTokens(context) <= budget);
      assert.equal(tokens, context === "" ? 0 : countTokens(context));
      for (const { id, range } of citations) {
        const part = (await collection.get(id))!.text.slice(range.start, range.end);
        assert.ok(part !== "" && context.includes(part));
      }
      assert.deepEqual(
        citations.map(({ n }) => n),
        citations.map((_, i) => i + 1),
      );
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("a first passage that does not fit is shortened to whole sentences", async () => {
  const collection = await Collection.open({ store: new MemoryStore() });
  await collection.add([{ id: "a", text: "Alpha one two three. Beta four five six. Gamma seven eight nine." }]);
  const { context } = await contextFor(collection, "alpha", { budget: 12 });
  assert.match(context, /\nAlpha one two three\.( Beta four five six\.)?$/);
});

test("what stands in two documents is given once", async () => {
  const collection = await Collection.open({ store: new MemoryStore() });
  const text = "The licence of this program is Apache. You may use it, change it and pass it on.";
  await collection.add([
    { id: "a", text },
    { id: "b", text: `${text.toUpperCase()}\n` },
    { id: "c", text: "Another program with a licence that says something else altogether." },
  ]);
  const { citations } = await contextFor(collection, "licence program");
  const ids = citations.map(({ id }) => id);
  assert.equal(ids.length, 2);
  assert.ok(ids.includes("c") && ids.includes("a") !== ids.includes("b"));
});

test("nothing found is an empty context; a question without words or a filter too narrow likewise", async () => {
  const collection = await opened();
  const empty = { context: "", tokens: 0, citations: [] };
  assert.deepEqual(await contextFor(collection, "zebra"), empty);
  assert.deepEqual(await contextFor(collection, "password", { filter: { path: "other" } }), empty);
  await assert.rejects(contextFor(collection, "  "), { code: "bad-argument" });
  await assert.rejects(contextFor(collection, "password", { budget: 0 }), { code: "bad-argument" });
});

test("passages of a PDF are cited by page, of a table and of a web page by the lines of the file", async () => {
  writeFileSync(join(folder, "b.csv"), 'name,about\nx,"a\nlong"\ny,volcano\n');
  writeFileSync(
    join(folder, "c.html"),
    "<html>\n<body>\n<h1>Birds</h1>\n<div>\n\n<p>The heron\nfishes.</p></div></body></html>\n",
  );
  const collection = await Collection.open({ store: new MemoryStore() });
  await indexPaths(collection, folder);
  const text = "Introduction to nothing.\fThe mitochondrion makes energy.";
  await collection.add([{ id: "p", text, meta: { path: "a.pdf", kind: "pdf" } }]);
  const cited = async (question: string) => (await contextFor(collection, question)).citations[0]!;
  const page = await cited("mitochondrion");
  assert.deepEqual([page.pages, page.lines], [{ first: 1, last: 2 }, undefined]);
  assert.deepEqual((await cited("volcano")).lines, { first: 4, last: 4 });
  const bird = await cited("heron");
  assert.deepEqual([bird.headings, bird.lines], [["Birds"], { first: 3, last: 6 }]);
  const { hits } = await collection.search("heron", { k: 1 });
  assert.deepEqual((await placesOf(collection, hits))[0]!.headings, ["Birds"]);
});
