import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Rng } from "../../core/index.ts";
import { Embedding } from "../../table/index.ts";
import { Interrupted } from "../terminal.ts";
import { runCaught } from "../testing.ts";

/** Sentences of one topic each: words of a topic keep each other's company. */
function topics(sentences: number): string {
  const rng = new Rng(7);
  const words = ["apple pear plum cherry grape melon", "iron copper zinc gold silver lead"].map((row) =>
    row.split(" "),
  );
  const sentence = () => {
    const topic = words[rng.nextBelow(2)]!;
    return Array.from({ length: 8 }, () => topic[rng.nextBelow(topic.length)]).join(" ");
  };
  return Array.from({ length: sentences }, sentence).join("\n");
}

let folder: string;
const at = (name: string) => join(folder, name);
before(() => {
  folder = mkdtempSync(join(tmpdir(), "loci-train-"));
  writeFileSync(at("corpus.txt"), topics(2000));
});
after(() => rmSync(folder, { recursive: true }));

const SMALL = ["--dim", "16", "--epochs", "3", "--workers", "1", "--json"];

test("train words learns, saves, and reports the figures of its contract", async () => {
  const { code, stdout, stderr } = await runCaught([
    "train",
    "words",
    at("corpus.txt"),
    "--out",
    at("model"),
    ...SMALL,
  ]);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual(Object.keys(result), ["tokens", "vocabulary", "seconds", "cpuSeconds", "tokensPerSecond", "hash"]);
  assert.equal(result.tokens, 3 * 2000 * 8);
  assert.equal(result.vocabulary, 12);
  assert.ok(result.seconds > 0 && result.cpuSeconds > 0);
  assert.equal(result.tokensPerSecond, result.tokens / result.cpuSeconds);
  const saved = await Embedding.open(at("model"));
  const { buffer, byteOffset, byteLength } = saved.matrix.data;
  assert.equal(
    result.hash,
    createHash("sha256")
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest("hex"),
  );
  assert.deepEqual(saved.provenance["corpus"], [at("corpus.txt")]);
  const metals = saved.neighbors("gold", { k: 5 }).map(({ key }) => key);
  assert.deepEqual(new Set(metals), new Set(["iron", "copper", "zinc", "silver", "lead"]));
});

test("the same seed gives the same hash, another seed another", async () => {
  const hashOf = async (...more: string[]) =>
    JSON.parse((await runCaught(["train", "words", at("corpus.txt"), "--out", at("again"), ...SMALL, ...more])).stdout)
      .hash;
  const first = await hashOf("--seed", "5");
  assert.equal(await hashOf("--seed", "5"), first);
  assert.notEqual(await hashOf("--seed", "6"), first);
});

test("subwords, CBOW, GloVe and other formats train by their options", async () => {
  const subwords = await runCaught([
    "train",
    "words",
    at("corpus.txt"),
    "--out",
    at("sub"),
    "--subwords",
    "--buckets",
    "500",
    ...SMALL,
  ]);
  assert.equal(subwords.code, 0, subwords.stderr);
  assert.equal((await runCaught(["near", at("sub"), "goldd", "-k", "1"])).code, 0);
  for (const more of [
    ["--architecture", "cbow"],
    ["--architecture", "glove"],
    ["--loss", "hierarchical-softmax"],
    ["--preset", "fast"],
  ]) {
    const { code, stderr } = await runCaught([
      "train",
      "words",
      at("corpus.txt"),
      "--out",
      at("out.vec"),
      ...more,
      ...SMALL,
    ]);
    assert.equal(code, 0, `${more.join(" ")}: ${stderr}`);
    assert.equal((await Embedding.open(at("out.vec"))).size, 12);
  }
});

test("options out of range are usage errors in the words of the command line, before anything is read", async () => {
  const { code, stderr } = await runCaught([
    "train",
    "words",
    at("corpus.txt"),
    "--out",
    at("x"),
    "--learning-rate",
    "7",
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /--learning-rate/);
  assert.ok(!existsSync(at("x")));
});

test("an empty corpus, and one whose words are all too rare, say so and leave nothing", async () => {
  writeFileSync(at("empty.txt"), "");
  writeFileSync(at("rare.txt"), "each word once");
  for (const [name, says] of [
    ["empty.txt", /holds no words/],
    ["rare.txt", /minCount|min-count/],
  ] as const) {
    const { code, stderr } = await runCaught(["train", "words", at(name), "--out", at("nothing")]);
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
  assert.ok(!existsSync(at("nothing")));
});

test("interrupted training ends with 130 and leaves nothing behind", async () => {
  const controller = new AbortController();
  const before = readdirSync(folder);
  const running = runCaught(
    ["train", "words", at("corpus.txt"), "--out", at("stopped"), "--epochs", "100000", "--dim", "16"],
    {
      signal: controller.signal,
    },
  );
  setTimeout(() => controller.abort(new Interrupted()), 300);
  const { code, stdout, stderr } = await running;
  assert.equal(code, 130);
  assert.equal(stdout, "");
  assert.equal(stderr, "loci: interrupted; nothing was left half-written\n");
  assert.deepEqual(readdirSync(folder), before);
});

test("progress is a bar on terminals, JSON lines when asked, and nothing for short runs elsewhere", async () => {
  const train = (options: { terminal?: boolean }, ...more: string[]) =>
    runCaught(
      ["train", "words", at("corpus.txt"), "--out", at("progress"), "--dim", "16", "--epochs", "2", ...more],
      options,
    );
  const bar = await train({ terminal: true });
  assert.match(bar.stderr, /training █*░* +\d+ %/);
  assert.match(bar.stderr, /words\/s/);
  assert.match(bar.stderr, /Next: loci near/);
  const lines = await train({}, "--progress", "json");
  const steps = lines.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.ok(steps.some(({ phase, done, total }) => phase === "train" && done > 0 && total > 0));
  assert.equal((await train({})).stderr, "");
  assert.equal((await train({ terminal: true }, "--progress", "none", "--json")).stderr, "");
});

test("--dmi is a slip of --dim, and --checkpoint-minutes needs a --checkpoint to be about", async () => {
  const slip = await runCaught(["train", "words", at("corpus.txt"), "--out", at("x"), "--dmi", "5"]);
  assert.equal(slip.code, 2);
  assert.match(slip.stderr, /no option --dmi\. Did you mean --dim/);
  for (const [more, says] of [
    [["--checkpoint-minutes", "5"], /goes with --checkpoint FILE/],
    [["--checkpoint", at("c"), "--checkpoint-minutes", "-1"], /--checkpoint-minutes to be a finite number >= 0/],
  ] as const) {
    const { code, stderr } = await runCaught(["train", "words", at("corpus.txt"), "--out", at("x"), ...more]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
  const saved = ["--checkpoint", at("saved.ckpt"), "--checkpoint-minutes", "0"];
  const first = await runCaught(["train", "words", at("corpus.txt"), "--out", at("kept"), ...SMALL, ...saved]);
  assert.equal(first.code, 0, first.stderr);
  const again = await runCaught(["train", "words", at("corpus.txt"), "--out", at("kept"), ...SMALL, ...saved]);
  assert.equal(JSON.parse(again.stdout).hash, JSON.parse(first.stdout).hash);
});
