/** What the learners of words promise, on a small language whose meanings are known. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { smallCorpus } from "../../test/conformance/small-corpus.ts";
import { LociError, Rng } from "../core/index.ts";
import type { Embedding } from "../table/index.ts";
import { trainFastText, trainFastTextSteps } from "./fasttext.ts";
import type { TrainStep, Word2vecOptions } from "./word2vec-options.ts";
import { trainWord2vec, trainWord2vecSteps } from "./word2vec.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-word2vec-"));
after(() => rmSync(folder, { recursive: true }));

const sentences = smallCorpus(4000);
const small = { dim: 24, epochs: 5, minCount: 1, subsample: 0, learningRate: 0.05, workers: 1 } as const;
const learn = (options: Word2vecOptions = {}, tokens = sentences): Promise<Embedding> =>
  trainWord2vec({ tokens }, { ...small, ...options });

const isTrainStep = (step: object): step is TrainStep => "loss" in step;
const bytesOf = ({ matrix: { data } }: Embedding): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const isError = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;

for (const [name, options] of [
  ["skip-gram", {}],
  ["CBOW", { architecture: "cbow", learningRate: 0.1 }],
  ["hierarchical softmax", { objective: "hierarchical-softmax" }],
  ["full softmax", { objective: "softmax", epochs: 2 }],
  ["the racy mode on one worker", { deterministic: false }],
  ["the fast preset", { preset: "fast" }],
] as [string, Word2vecOptions][]) {
  test(`${name} brings words together that keep the same company`, async () => {
    const words = await learn(options);
    const within = words.similarity("cat", "dog");
    const across = words.similarity("cat", "truck");
    assert.ok(within > 0.6, `cat and dog: ${within}`);
    assert.ok(within > across + 0.2, `cat and truck: ${across}`);
  });
}

test("cat and dog start as strangers and end as neighbours, step by step", async () => {
  const seen: number[] = [];
  const steps = trainWord2vecSteps({ tokens: sentences }, { ...small, watch: ["cat", "dog"] });
  for await (const step of steps) {
    if (!isTrainStep(step)) continue;
    const [cat, dog] = [step.watched!.subarray(0, 24), step.watched!.subarray(24)];
    let [dot, a, b] = [0, 0, 0];
    for (let i = 0; i < 24; i++) {
      dot += cat[i]! * dog[i]!;
      a += cat[i]! ** 2;
      b += dog[i]! ** 2;
    }
    seen.push(dot / Math.sqrt(a * b));
  }
  assert.ok(seen.at(-1)! > 0.6, `at last ${seen.at(-1)}`);
  const untrained = await learn({ epochs: 1, learningRate: 1e-4 });
  assert.ok(Math.abs(untrained.similarity("cat", "dog")) < 0.5, "chance alone does not make them alike");
});

test("meaning comes from order: the same words shuffled teach nothing", async () => {
  const bag = new Rng(5).shuffle(sentences.flat());
  let at = 0;
  const shuffled = sentences.map((sentence) => bag.slice(at, (at += sentence.length)));
  const animals = ["cat", "dog", "puppy", "kitten", "rabbit"];
  const vehicles = ["car", "truck", "bus", "tractor", "van"];
  const mean = (words: Embedding, left: string[], right: string[]): number => {
    const pairs = left.flatMap((a) => right.filter((b) => b !== a).map((b) => words.similarity(a, b)));
    return pairs.reduce((sum, score) => sum + score, 0) / pairs.length;
  };
  const margin = (words: Embedding): number => mean(words, animals, animals) - mean(words, animals, vehicles);
  const [real, chance] = [margin(await learn()), margin(await learn({}, shuffled))];
  assert.ok(real > 0.5, `in order ${real}`);
  assert.ok(Math.abs(chance) < 0.1, `shuffled ${chance}`);
});

test("the loss falls from epoch to epoch, and is the mean that the objective defines", async () => {
  const losses: number[] = [];
  await learn({
    objective: "softmax",
    epochs: 3,
    onStep: (step) => isTrainStep(step) && (losses[step.epoch] = step.epochLoss),
  });
  assert.equal(losses.length, 3);
  assert.ok(losses[0]! > losses[1]! && losses[1]! > losses[2]!, losses.join(" > "));
  // Full softmax starts at the logarithm of the vocabulary, since all outputs start at zero.
  const { vocabulary } = await learn({ epochs: 1 });
  const first: number[] = [];
  await learn({
    objective: "softmax",
    epochs: 1,
    learningRate: 1e-4,
    onStep: (step) => isTrainStep(step) && first.push(step.loss),
  });
  assert.ok(Math.abs(first[0]! - Math.log(vocabulary.size)) < 0.05, `${first[0]} is about ln ${vocabulary.size}`);
});

test("negative sampling starts at (1 + negatives) ln 2", async () => {
  const first: number[] = [];
  await learn({ epochs: 1, learningRate: 1e-4, onStep: (step) => isTrainStep(step) && first.push(step.loss) });
  assert.ok(Math.abs(first[0]! - 6 * Math.log(2)) < 0.01, `${first[0]}`);
});

// Long enough for eight shards, so that workers really share the work.
const longer = smallCorpus(12_000, 2);
for (const [name, train, options] of [
  ["skip-gram", trainWord2vec, {}],
  ["CBOW", trainWord2vec, { architecture: "cbow" }],
  ["hierarchical softmax", trainWord2vec, { objective: "hierarchical-softmax" }],
  ["fastText", trainFastText, { buckets: 3000 }],
  ["fastText's CBOW", trainFastText, { architecture: "cbow", buckets: 3000 }],
] as [string, typeof trainWord2vec, Word2vecOptions][]) {
  test(`${name}: one, two and four workers give the same bytes, and another seed others`, async () => {
    const run = (more: Word2vecOptions): Promise<Embedding> =>
      train({ tokens: longer }, { ...small, epochs: 1, ...options, ...more });
    const one = bytesOf(await run({ workers: 1 }));
    for (const workers of [2, 4]) assert.ok(one.equals(bytesOf(await run({ workers }))), `${workers} workers`);
    assert.ok(!one.equals(bytesOf(await run({ seed: 2 }))));
  });
}

test("training that was broken off goes on from its checkpoint to the same bytes", async () => {
  const path = join(folder, "broken-off");
  const options = { ...small, epochs: 2, seed: 3 } as const;
  const whole = await trainWord2vec({ tokens: longer }, options);
  let slices = 0;
  const broken = trainWord2vecSteps({ tokens: longer }, { ...options, checkpoint: { path, everySeconds: 0 } });
  for await (const step of broken) if (isTrainStep(step) && ++slices === 2) break;
  assert.ok(statSync(path).size > 1000, "the checkpoint is there");
  const seen: number[] = [];
  const resumed = await trainWord2vec(
    { tokens: longer },
    { ...options, checkpoint: { path }, onStep: (step) => isTrainStep(step) && seen.push(step.epoch) },
  );
  assert.ok(bytesOf(whole).equals(bytesOf(resumed)));
  assert.ok(seen.length > 0, "some of the work was left");
  const again = await trainWord2vec({ tokens: longer }, { ...options, checkpoint: { path } });
  assert.ok(bytesOf(whole).equals(bytesOf(again)), "a finished checkpoint is the result");
});

test("an abort leaves a checkpoint that training goes on from, however long ago the last one was", async () => {
  const path = join(folder, "aborted");
  const controller = new AbortController();
  const options = { ...small, epochs: 2, seed: 4 } as const;
  const stop = {
    signal: controller.signal,
    onStep: (step: object) => isTrainStep(step) && step.epoch === 1 && controller.abort(),
  };
  await assert.rejects(trainWord2vec({ tokens: longer }, { ...options, ...stop, checkpoint: { path } }));
  const epochs = new Set<number>();
  const onStep = (step: object): void => void (isTrainStep(step) && epochs.add(step.epoch));
  const resumed = await trainWord2vec({ tokens: longer }, { ...options, onStep, checkpoint: { path } });
  assert.deepEqual([...epochs], [1], "the first epoch was not trained again");
  assert.ok(bytesOf(await trainWord2vec({ tokens: longer }, options)).equals(bytesOf(resumed)));
});

test("a checkpoint that was damaged, or is of another version, is refused by name", async () => {
  const path = join(folder, "damaged");
  await learn({ epochs: 1, checkpoint: { path } });
  const whole = readFileSync(path);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 100]! ^= 1;
  writeFileSync(path, flipped);
  await assert.rejects(learn({ epochs: 1, checkpoint: { path } }), (error: LociError) => {
    return error.code === "bad-file" && /checksum differs.*Delete it/.test(error.message);
  });
  const older = Buffer.from(whole);
  older.set(Buffer.from(whole.subarray(0, 200).toString("latin1").replace('"version":2', '"version":1'), "latin1"));
  writeFileSync(path, older);
  await assert.rejects(learn({ epochs: 1, checkpoint: { path } }), (error: LociError) => {
    return error.code === "wrong-checkpoint" && /of version 1; this Loci reads version 2/.test(error.message);
  });
  writeFileSync(path, whole);
  assert.ok((await learn({ epochs: 1, checkpoint: { path } })).size > 0);
});

test("with 0 workers this thread trains, in slices that let others have their turn, to the same bytes", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for (const [train, options] of [
    [trainWord2vec, { dim: 24 }],
    [trainWord2vec, { dim: 22 }], // rows that have to move together
    [trainFastText, { buckets: 3000 }],
  ] as [typeof trainWord2vec, Word2vecOptions][]) {
    const run = (workers: number): Promise<Embedding> =>
      train({ tokens: longer }, { ...small, epochs: 1, ...options, workers });
    const [here, there] = [await run(0), await run(2)];
    assert.ok(bytesOf(here).equals(bytesOf(there)));
    assert.deepEqual(here.output!.data, there.output!.data);
  }
  clearInterval(timer);
  assert.ok(turns > 3, `${turns} turns`);
});

test("buckets that no n-gram falls into are where they started, and others have left it", async () => {
  const options = { ...small, epochs: 1, buckets: 20_000, workers: 0 };
  const trained = await trainFastText({ tokens: longer }, options);
  const barely = await trainFastText({ tokens: longer }, { ...options, learningRate: 1e-4, negatives: 1 });
  const used = new Set(trained.vocabulary.keys.flatMap((key) => trained.subwords!.rowsOf(key)));
  assert.ok(used.size > 100);
  const { dim } = trained;
  for (let bucket = 0; bucket < 20_000; bucket++) {
    const row = trained.subwords!.buckets.row(bucket);
    const same = row.every((value, i) => value === barely.subwords!.buckets.row(bucket)[i]);
    assert.equal(same, !used.has(bucket), `bucket ${bucket}`);
    if (same) assert.ok(row.some((value) => value !== 0) && row.every((value) => Math.abs(value) <= 1 / dim));
  }
});

test("a checkpoint of another corpus, of other options, or of something else is refused", async () => {
  const path = join(folder, "other");
  await learn({ epochs: 1, checkpoint: { path } });
  await assert.rejects(learn({ epochs: 1, dim: 12, checkpoint: { path } }), isError("wrong-checkpoint"));
  await assert.rejects(learn({ epochs: 1, checkpoint: { path } }, smallCorpus(400)), isError("wrong-checkpoint"));
  await assert.rejects(learn({ checkpoint: { path: import.meta.filename } }), isError("wrong-checkpoint"));
});

test("an abort is heard within one step and rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let after = 0;
  await assert.rejects(
    learn({
      epochs: 1000,
      signal: controller.signal,
      onStep: (step) => {
        if (!isTrainStep(step)) return;
        if (controller.signal.aborted) after++;
        controller.abort(reason);
      },
    }),
    (error) => error === reason,
  );
  assert.equal(after, 0, "no step comes after the abort");
});

test("vocabularies of one, two, three and two hundred words end in an error or in finite vectors, never in a hang", async () => {
  await assert.rejects(learn({}, [["alone", "alone", "alone"]]), isError("no-text"));
  await assert.rejects(learn({}, []), isError("no-text"));
  await assert.rejects(learn({ minCount: 100 }, [["a", "b"]]), isError("no-text"));
  for (const words of [2, 3, 200]) {
    const rng = new Rng(words);
    const tokens = Array.from({ length: 3000 }, () => Array.from({ length: 12 }, () => `w${rng.nextBelow(words)}`));
    for (const options of [
      {},
      { pool: 12 },
      { architecture: "cbow" },
      { objective: "hierarchical-softmax" },
    ] as Word2vecOptions[]) {
      const trained = await learn({ dim: 8, epochs: 4, subsample: 0, learningRate: 0.05, ...options }, tokens);
      assert.ok(trained.matrix.data.every(Number.isFinite), `${words} words, ${JSON.stringify(options)}`);
    }
  }
});

test("a corpus of one word a line teaches nothing and breaks nothing", async () => {
  const tokens = Array.from({ length: 200 }, (_, i) => [`w${i % 7}`]);
  for (const architecture of ["skipgram", "cbow"] as const) {
    const { matrix } = await learn({ architecture, dim: 8 }, tokens);
    assert.ok(matrix.data.every(Number.isFinite));
  }
});

for (const [options, name] of [
  [{ dim: 0 }, "dim"],
  [{ epochs: 0.5 }, "epochs"],
  [{ window: 61 }, "window"],
  [{ pool: 10 }, "pool"],
  [{ learningRate: Number.NaN }, "learningRate"],
  [{ seed: -1 }, "seed"],
  [{ workers: -1 }, "workers"],
  [{ architecture: "glove" as "cbow" }, "architecture"],
] as [Word2vecOptions, string][]) {
  test(`\`${name}\` out of its range is refused by name`, async () => {
    await assert.rejects(
      learn(options),
      (error) => error instanceof LociError && error.code === "bad-argument" && error.message.includes(`\`${name}\``),
    );
  });
}

test("the window, the minimum count, sub-sampling and epochs each do what they say", async () => {
  assert.equal((await learn({ epochs: 1, minCount: 1 })).size > (await learn({ epochs: 1, minCount: 400 })).size, true);
  const pairs = async (options: Word2vecOptions): Promise<Embedding> => learn({ epochs: 1, ...options });
  const base = bytesOf(await pairs({}));
  for (const options of [
    { window: 2 },
    { subsample: 1e-2 },
    { epochs: 2 },
    { negatives: 2 },
    { pool: 8 },
    { dim: 28 },
  ]) {
    assert.ok(!base.equals(bytesOf(await pairs(options))), JSON.stringify(options));
  }
});

test("input and output vectors are both kept, and say different things", async () => {
  const words = await learn();
  assert.equal(words.output?.rows, words.size);
  const cat = words.vocabulary.requireId("cat");
  const [input, output] = [words.matrix.row(cat), words.output.row(cat)];
  assert.ok(Math.abs(words.similarity(input, output) - 1) > 0.1);
});

test("fastText gives words never seen a vector near those they look like, and says so", async () => {
  const words = await trainFastText({ tokens: longer }, { ...small, epochs: 3, buckets: 20_000 });
  assert.equal(words.origin("princess"), "row");
  assert.equal(words.origin("princesses"), "subwords");
  const near = words.neighbors(words.vector("princesses"), { k: 3 }).map(({ key }) => key);
  assert.ok(near.includes("princess"), near.join(" "));
});

test("fastText chooses buckets by the n-grams there are", async () => {
  const words = await trainFastText({ tokens: sentences }, { ...small, epochs: 1 });
  const buckets = words.subwords!.bucketCount;
  assert.ok(buckets >= 1000 && buckets < 5000, `${buckets} for some 70 words`);
});

test("watched vectors are those that training ends with, of words and of sums of pieces", async () => {
  for (const [train, options] of [
    [trainWord2vecSteps, {}],
    [trainFastTextSteps, { buckets: 500 }],
  ] as const) {
    const steps = train({ tokens: sentences }, { ...small, ...options, epochs: 1, watch: ["cat"] });
    let last: TrainStep | undefined;
    for (;;) {
      const next = await steps.next();
      if (next.done) {
        const trained = next.value.vector("cat");
        assert.ok(last!.watched!.every((value, i) => Math.abs(value - trained[i]!) < 1e-6));
        break;
      }
      if (!isTrainStep(next.value)) continue;
      last = next.value;
      assert.ok(last.done > 0 && last.done <= last.total && last.loss > 0 && last.seconds > 0);
    }
  }
});

test("long words in wide windows keep their rows apart: any number of workers gives the same bytes", async () => {
  const rng = new Rng(9);
  const letters = (): string => Array.from({ length: 30 }, () => String.fromCharCode(97 + rng.nextBelow(26))).join("");
  const words = Array.from({ length: 2000 }, letters);
  const tokens = Array.from({ length: 400 }, () => Array.from({ length: 90 }, () => words[rng.nextBelow(2000)]!));
  const options = {
    ...small,
    dim: 4,
    epochs: 1,
    architecture: "cbow",
    window: 60,
    minN: 4,
    maxN: 20,
    buckets: 1 << 20,
  } as const;
  const one = bytesOf(await trainFastText({ tokens }, options));
  assert.ok(one.equals(bytesOf(await trainFastText({ tokens }, { ...options, workers: 2 }))));
});

test("the loss of a corpus of a few words is measured, not guessed", async () => {
  const tokens = [["one", "two", "three", "two", "one"]];
  const { provenance } = await learn({ epochs: 1 }, tokens);
  assert.ok(Math.abs(Number(provenance["loss"]) - 6 * Math.log(2)) < 0.01);
});
