import assert from "node:assert/strict";
import { test } from "node:test";
import { runCaught } from "../testing.ts";

test('trace "I love Transformers" prints each stage with its shape', async () => {
  const { code, stdout, stderr } = await runCaught(["trace", "I love Transformers"]);
  assert.equal(code, 0, stderr);
  const headings = [...stdout.matchAll(/^(\d \S+) +([\d,]+(?: × [\d,]+)*)/gm)];
  assert.deepEqual(
    headings.map(([, name, shape]) => `${name} ${shape}`),
    ["1 text 19", "2 normalized 19", "3 tokens 3", "4 ids 3", "5 one-hot 3 × 3", "6 table 3 × 4", "7 vectors 3 × 4"],
  );
  assert.match(stdout, /transformers +7–19/);
  assert.match(stdout, /\[0 0 1\]/);
  assert.match(stdout, /one-hot × table = lookup, bit for bit/);
});

test("the stages as JSON hold ranges of the text, ids, and vectors that repeat with the seed", async () => {
  const trace = async (...argv: string[]) =>
    JSON.parse((await runCaught(["trace", "Cats  see cats.", ...argv, "--json"])).stdout);
  const { text, stages } = await trace();
  const byName = Object.fromEntries(stages.map((stage: { stage: string }) => [stage.stage, stage]));
  for (const { token, start, end } of byName.tokens.tokens) assert.equal(text.slice(start, end).toLowerCase(), token);
  assert.deepEqual(byName.ids.ids, [0, 1, 0]);
  assert.deepEqual(byName["one-hot"].shape, [3, 2]);
  assert.deepEqual(byName.vectors.vectors[0], byName.vectors.vectors[2]);
  assert.deepEqual(await trace(), { text, stages });
  assert.notDeepEqual((await trace("--seed", "2")).stages.at(-1).vectors, byName.vectors.vectors);
  assert.equal((await trace("--dim", "7")).stages.at(-1).shape[1], 7);
});

test("a text without a word cannot be traced, and says so", async () => {
  const { code, stderr } = await runCaught(["trace", "…"]);
  assert.equal(code, 1);
  assert.match(stderr, /no word in "…"/);
});

test("the tokenizer's options reach the trace", async () => {
  const { stdout } = await runCaught(["trace", "Ab-c 42", "--tokenizer", "space", "--json"]);
  const tokens = JSON.parse(stdout).stages[2].tokens.map(({ token }: { token: string }) => token);
  assert.deepEqual(tokens, ["Ab-c", "42"]);
});
