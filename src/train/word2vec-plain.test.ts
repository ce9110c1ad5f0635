/** Training where WebAssembly may not run: the reference does the work on this thread. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { smallCorpus } from "../../test/conformance/small-corpus.ts";

// A strict Content-Security-Policy answers so; it must stand before the kernels are first asked for.
mock.method(WebAssembly, "Module", function refuse() {
  throw new WebAssembly.CompileError("Refused to compile: Content-Security-Policy");
});
const { trainFastText, trainWord2vec } = await import("./index.ts");

const tokens = smallCorpus(700);
const options = { dim: 16, epochs: 3, minCount: 1, subsample: 0, learningRate: 0.1 } as const;

for (const [name, train] of [
  ["word2vec", () => trainWord2vec({ tokens }, options)],
  ["CBOW", () => trainWord2vec({ tokens }, { ...options, architecture: "cbow", objective: "hierarchical-softmax" })],
  ["fastText", () => trainFastText({ tokens }, { ...options, buckets: 500 })],
] as const) {
  test(`${name} learns without WebAssembly, slower and right`, async () => {
    const words = await train();
    assert.ok(words.similarity("cat", "dog") > words.similarity("cat", "truck") + 0.1);
  });
}

test("whoever asked for several workers is told once that there is one", async () => {
  const notes = async (workers: number): Promise<string[]> => {
    const told: string[] = [];
    await trainWord2vec(
      { tokens },
      { ...options, workers, onStep: ({ note }) => note !== undefined && told.push(note) },
    );
    return told;
  };
  const told = await notes(3);
  assert.equal(told.length, 1);
  assert.match(told[0]!, /one worker trains instead of 3, to the same result/);
  assert.deepEqual(await notes(1), []);
});
