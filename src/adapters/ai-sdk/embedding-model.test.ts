import assert from "node:assert/strict";
import { test } from "node:test";
import { createProviderRegistry, embed, embedMany } from "ai";
import { HashingEncoder } from "../../embed/index.ts";
import { embeddingModel, embeddingProvider } from "./index.ts";

const encoder = new HashingEncoder({ dim: 8 });

test("the AI SDK embeds one text and many with an encoder of Loci's", async () => {
  const texts = ["a cat", "a dog", "a submarine"];
  const expected = await encoder.embed(texts);
  const model = embeddingModel(encoder);
  const { embeddings } = await embedMany({ model, values: texts });
  assert.deepEqual(
    embeddings,
    texts.map((_, row) => [...expected.row(row)]),
  );
  const { embedding } = await embed({ model, value: "a dog" });
  assert.deepEqual(embedding, [...expected.row(1)]);
});

test("an aborted call stops with the reason of its signal", async () => {
  const reason = new Error("enough");
  await assert.rejects(
    embedMany({ model: embeddingModel(encoder), values: ["a"], abortSignal: AbortSignal.abort(reason), maxRetries: 0 }),
    reason,
  );
});

test("several encoders stand in a registry of the AI SDK under names", async () => {
  const registry = createProviderRegistry({ loci: embeddingProvider({ docs: encoder }) as never });
  const { embedding } = await embed({ model: registry.embeddingModel("loci:docs"), value: "a cat" });
  assert.equal(embedding.length, 8);
  assert.throws(() => embeddingProvider({ docs: encoder }).embeddingModel("dogs"), /no encoder "dogs".*"docs"/);
});
