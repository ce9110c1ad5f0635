/** GloVe: counting against the plainest counting, the same bytes whatever the workers, sense in what is learnt. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LociError, Rng, drain, platform, type LociErrorCode } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import type { Embedding } from "../table/index.ts";
import { LINE_END, encodeCorpus, type Corpus } from "../text/index.ts";
import { pairBlocksSteps } from "./glove-blocks.ts";
import { countPairsSteps } from "./glove-count.ts";
import { Strips, unmix } from "./glove-strips.ts";
import type { GloveOptions } from "./glove-options.ts";
import { trainGlove, trainGloveSteps } from "./glove.ts";

const code = (expected: LociErrorCode) => (error: unknown) => error instanceof LociError && error.code === expected;

/** Sentences over two topics of 20 words each, with shared words between them. */
function topics(sentences: number, seed = 1): string[][] {
  const rng = new Rng(seed);
  return Array.from({ length: sentences }, () => {
    const topic = rng.nextBelow(2);
    return Array.from({ length: 12 }, () =>
      rng.nextBelow(3) === 0 ? `shared${rng.nextBelow(10)}` : `topic${topic}word${rng.nextBelow(20)}`,
    );
  });
}

const small: GloveOptions = { dim: 10, epochs: 4, window: 5, minCount: 1, workers: 1 };
const bytesOf = ({ matrix, output }: Embedding) => [...matrix.data, ...output!.data];

/** X as plain counting has it, a full matrix by "i j", in units of 1. */
function plainCounts(ids: Uint32Array, window: number): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (i: number, j: number, weight: number) =>
    counts.set(`${i} ${j}`, (counts.get(`${i} ${j}`) ?? 0) + weight);
  ids.forEach((id, p) => {
    if (id === LINE_END) return;
    for (let d = 1; d <= Math.min(window, p); d++) {
      if (ids[p - d] === LINE_END) break;
      add(id, ids[p - d]!, 1 / d);
      add(ids[p - d]!, id, 1 / d);
    }
  });
  return counts;
}

/** Every pair as counting has it: by "i j" in both orders, with log X and f(X); and all numbers in the order they come in. */
async function countedPairs(corpus: Corpus, options: { window: number; workers: number; memoryBytes: number }) {
  const strips = new Strips(corpus.vocabulary.size);
  const runs = await drain(countPairsSteps(corpus, strips, { ...options, seed: 3 }));
  const blocks = await drain(pairBlocksSteps(runs, strips, { xMax: 10, alpha: 0.75 }));
  const pairs = new Map<string, [number, number]>();
  const order: number[] = [];
  const into = new Uint32Array(3 * 2048);
  const numbers = new Float32Array(into.buffer);
  for (let b = 0; b < strips.count; b++) {
    for (let a = 0; a <= b; a++) {
      for (const page of blocks.pages[strips.blockOf(a, b)]!) {
        blocks.read(page, into);
        for (let p = 0; p < 3 * page.pairs; p += 3) {
          const [i, j] = [(into[p]! & 0xffff) * strips.count + a, (into[p]! >>> 16) * strips.count + b];
          pairs
            .set(`${i} ${j}`, [numbers[p + 1]!, numbers[p + 2]!])
            .set(`${j} ${i}`, [numbers[p + 1]!, numbers[p + 2]!]);
          order.push(into[p]!, numbers[p + 1]!, numbers[p + 2]!);
        }
      }
    }
  }
  blocks.close();
  return { pairs, order, blocks, records: runs.records };
}

test("co-occurrences are those of plain counting, weighed by 1/distance, within lines, diagonal included", async () => {
  const corpus = await encodeCorpus({ tokens: topics(300) }, { minCount: 1 });
  const ids = new Uint32Array(corpus.length);
  corpus.read(0, ids);
  for (const window of [1, 4, 20]) {
    const expected = plainCounts(ids, window);
    const { pairs, blocks } = await countedPairs(corpus, { window, workers: 1, memoryBytes: 1 << 20 });
    deepEqual([...pairs.keys()].sort(), [...expected.keys()].sort());
    equal(blocks.entries, expected.size);
    for (const [key, x] of expected) {
      const [log, weight] = pairs.get(key)!;
      ok(Math.abs(log - Math.log(x)) < 1e-5, `${key}: log ${x}, got ${log}`);
      ok(Math.abs(weight - Math.min(1, (x / 10) ** 0.75)) < 1e-5, `${key}: weight of ${x}, got ${weight}`);
    }
  }
  corpus.close();
});

test("what does not fit in memory is put away and merged: the same pairs in the same order", async () => {
  const rng = new Rng(5);
  const tokens = Array.from({ length: 80 }, () => Array.from({ length: 100 }, () => `w${rng.nextBelow(1500)}`));
  const corpus = await encodeCorpus({ tokens }, { minCount: 1 });
  const roomy = await countedPairs(corpus, { window: 10, workers: 1, memoryBytes: 64 << 20 });
  equal(roomy.records, roomy.blocks.pairs); // one run holds each pair once
  for (const workers of [1, 3]) {
    const tight = await countedPairs(corpus, { window: 10, workers, memoryBytes: 1 << 20 });
    ok(tight.records > roomy.records, "some pairs stand in several runs");
    deepEqual(tight.order, roomy.order);
  }
  corpus.close();
});

test("every word has a row of its own, and the mix of a key can be undone", () => {
  for (const size of [1, 7, 8, 1000, 20000]) {
    const strips = new Strips(size);
    const rows = Array.from({ length: size }, (_, id) => strips.rowOf(id));
    deepEqual(
      [...rows].sort((a, b) => a - b),
      Array.from({ length: size }, (_, row) => row),
    );
    for (let s = 0; s < strips.count; s++)
      equal(strips.start(s) + strips.size(s), s + 1 < strips.count ? strips.start(s + 1) : size);
  }
  for (const x of [0, 1, 77, 0x80000000, 0xffffffff, 123456789]) equal(unmix(reference.mix(x)), x);
});

test("any number of workers and any memory for counting give the same bytes", async () => {
  const tokens = topics(400);
  const one = bytesOf(await trainGlove({ tokens }, small));
  ok(one.every(Number.isFinite));
  for (const more of [{ workers: 2 }, { workers: 4 }, { memoryBytes: 1 << 20 }]) {
    deepEqual(bytesOf(await trainGlove({ tokens }, { ...small, ...more })), one);
  }
});

test("one thread with plain memory gives the same bytes, with WebAssembly or without", async () => {
  const tokens = topics(60);
  const expected = bytesOf(await trainGlove({ tokens }, small));
  const { Module } = WebAssembly;
  let refused = 0;
  const replace = (object: object, name: string, value: unknown) => Object.defineProperty(object, name, { value });
  try {
    replace(platform, "sharedMemory", false);
    // As under a Content-Security-Policy that forbids compiling. First, since compiled kernels are kept.
    replace(WebAssembly, "Module", function forbidden() {
      refused++;
      throw new WebAssembly.CompileError("forbidden");
    });
    deepEqual(bytesOf(await trainGlove({ tokens }, small)), expected);
    ok(refused > 0);
    replace(WebAssembly, "Module", Module);
    deepEqual(bytesOf(await trainGlove({ tokens }, small)), expected);
  } finally {
    replace(WebAssembly, "Module", Module);
    replace(platform, "sharedMemory", true);
  }
});

test("another seed gives other vectors", async () => {
  const tokens = topics(50);
  const [a, b] = [await trainGlove({ tokens }, small), await trainGlove({ tokens }, { ...small, seed: 2 })];
  ok(bytesOf(a).some((value, i) => value !== bytesOf(b)[i]));
});

test("words of one topic end up near each other, and the loss falls", async () => {
  const losses = new Map<number, number>();
  const options = { ...small, epochs: 25, xMax: 10 };
  const embedding = await trainGlove(
    { tokens: topics(1500) },
    { ...options, onStep: (step) => "epoch" in step && losses.set(step.epoch, step.epochLoss) },
  );
  const final = embedding.provenance["loss"] as number;
  const first = (await trainGlove({ tokens: topics(1500) }, { ...options, epochs: 1 })).provenance["loss"] as number;
  ok(final < first / 2, `${first} → ${final}`);
  for (const topic of [0, 1]) {
    const near = embedding.neighbors(`topic${topic}word3`, { k: 15 }).map(({ key }) => key);
    const own = near.filter((key) => key.startsWith(`topic${topic}`)).length;
    ok(own >= 13, `${own} of 15 neighbours are of topic ${topic}: ${near.join(" ")}`);
  }
});

test("the objective is reached as plain GloVe reaches it: float64, pairs shuffled, textbook AdaGrad", async () => {
  const tokens = topics(400);
  const settings = { dim: 8, epochs: 10, window: 5, minCount: 1, workers: 1, xMax: 20 };
  const ours = (await trainGlove({ tokens }, settings)).provenance["loss"] as number;
  const corpus = await encodeCorpus({ tokens }, { minCount: 1 });
  const ids = new Uint32Array(corpus.length);
  corpus.read(0, ids);
  const theirs = plainGlove(plainCounts(ids, 5), corpus.vocabulary.size, settings);
  corpus.close();
  ok(Math.abs(ours / theirs - 1) < 0.03, `mean loss of the last epoch: ${ours}, plainly ${theirs}`);
});

/** GloVe as the paper has it, as plainly as can be; the mean loss of the last epoch. */
function plainGlove(
  counts: Map<string, number>,
  words: number,
  { dim, epochs, xMax }: { dim: number; epochs: number; xMax: number },
): number {
  const rng = new Rng(9);
  const entries = [...counts].map(([key, x]) => [...key.split(" ").map(Number), x] as [number, number, number]);
  const side = () =>
    Array.from({ length: words }, () => Float64Array.from({ length: dim + 1 }, () => (rng.next() - 0.5) / (dim + 1)));
  const ones = () => Array.from({ length: words }, () => new Float64Array(dim + 1).fill(1));
  const [w, c, squaresW, squaresC] = [side(), side(), ones(), ones()];
  let loss = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    loss = 0;
    for (const [i, j, x] of rng.shuffle(entries)) {
      const [a, b] = [w[i]!, c[j]!];
      let difference = a[dim]! + b[dim]! - Math.log(x);
      for (let n = 0; n < dim; n++) difference += a[n]! * b[n]!;
      const pull = Math.min(1, (x / xMax) ** 0.75) * difference;
      loss += 0.5 * pull * difference;
      for (let n = 0; n <= dim; n++) {
        const [ga, gb] = n === dim ? [0.05 * pull, 0.05 * pull] : [0.05 * pull * b[n]!, 0.05 * pull * a[n]!];
        a[n]! -= ga / Math.sqrt(squaresW[i]![n]!);
        b[n]! -= gb / Math.sqrt(squaresC[j]![n]!);
        squaresW[i]![n]! += ga * ga;
        squaresC[j]![n]! += gb * gb;
      }
    }
  }
  return loss / entries.length;
}

test("steps tell phase, progress, losses and the vectors of watched keys", async () => {
  const phases = new Set<string>();
  let watched: Float32Array | undefined;
  let lastDone = 0;
  const watch = ["shared1", "topic0word2"];
  const steps = trainGloveSteps({ tokens: topics(3000) }, { ...small, dim: 40, epochs: 30, window: 10, watch });
  for (;;) {
    const next = await steps.next();
    if (next.done) break;
    phases.add(next.value.phase);
    if (!("epoch" in next.value)) continue;
    const { done, total, rate, secondsLeft, loss, epochLoss, epoch } = next.value;
    ok(done > lastDone && done <= total && rate > 0 && secondsLeft >= 0 && epoch < 30);
    ok(loss > 0 && epochLoss > 0 && loss < 10);
    lastDone = done;
    watched = next.value.watched!;
    equal(watched.length, 80);
  }
  ok(phases.has("train"));
  ok(watched!.some((value) => value !== 0));
  await rejects(trainGlove({ tokens: topics(5) }, { ...small, watch: ["nowhere"] }), code("unknown-key"));
});

test("a corpus in which no two words stand together is refused; the tiniest others give finite vectors", async () => {
  await rejects(trainGlove({ tokens: [] }, small), code("no-text"));
  await rejects(trainGlove({ tokens: [["a"], ["b"], ["a"]] }, small), code("no-text"));
  const rare = trainGlove({ tokens: [["a", "b"]] }, { ...small, minCount: 5 });
  await rejects(rare, code("no-text"));
  for (const line of ["a a", "a b", "a b c a b c", "a a a a a a b"]) {
    for (const learningRate of [0.05, 1]) {
      const embedding = await trainGlove({ tokens: [line.split(" ")] }, { ...small, epochs: 40, learningRate });
      ok(bytesOf(embedding).every(Number.isFinite), line);
      equal(embedding.size, new Set(line.split(" ")).size);
    }
  }
});

test("options out of range are refused by name", async () => {
  const bad: GloveOptions[] = [
    { dim: 0 },
    { epochs: 0 },
    { window: 0 },
    { window: 101 },
    { xMax: 0 },
    { alpha: -1 },
    { learningRate: 0 },
    { seed: -1 },
    { workers: -1 },
    { memoryBytes: 5 },
  ];
  for (const options of bad) {
    const named = (error: unknown) =>
      code("bad-argument")(error) && (error as Error).message.includes(Object.keys(options)[0]!);
    await rejects(trainGlove({ tokens: topics(5) }, { ...small, ...options }), named);
  }
});

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "loci-glove-"));
});
after(() => rm(folder, { recursive: true }));

test("training that was stopped goes on from its checkpoint to the same bytes, with other workers too", async () => {
  const tokens = topics(1500);
  const options = { ...small, dim: 20, epochs: 12, window: 10 };
  const whole = bytesOf(await trainGlove({ tokens }, options));
  const checkpoint = { path: join(folder, "stopped"), everySeconds: 0 };
  const controller = new AbortController();
  let epochs = 0;
  const stopped = trainGlove(
    { tokens },
    {
      ...options,
      checkpoint,
      signal: controller.signal,
      onStep: (step) => "epoch" in step && (epochs = step.epoch) >= 4 && controller.abort(new Error("enough")),
    },
  );
  await rejects(stopped, /enough/);
  ok(epochs >= 4 && epochs < 12 && (await stat(checkpoint.path)).size > 4096);
  const firstStep: number[] = [];
  const resumed = await trainGlove(
    { tokens },
    { ...options, checkpoint, workers: 2, onStep: (step) => "epoch" in step && firstStep.push(step.epoch) },
  );
  deepEqual(bytesOf(resumed), whole);
  ok(
    firstStep.every((epoch) => epoch >= 3),
    "what was done is not done again",
  );

  await rejects(trainGlove({ tokens }, { ...options, checkpoint, seed: 2 }), (error) => {
    return code("wrong-checkpoint")(error) && (error as Error).message.includes("seed 1, here 2");
  });
  await rejects(trainGlove({ tokens: topics(1500, 7) }, { ...options, checkpoint }), code("wrong-checkpoint"));
});

test("a file that is no checkpoint, or a cut one, is refused", async () => {
  const path = join(folder, "foreign");
  await writeFile(path, "a shopping list");
  await rejects(trainGlove({ tokens: topics(50) }, { ...small, checkpoint: { path } }), code("wrong-checkpoint"));
  const good = join(folder, "good");
  await trainGlove({ tokens: topics(50) }, { ...small, checkpoint: { path: good, everySeconds: 0 } });
  await writeFile(path, (await readFile(good)).subarray(0, 6000));
  await rejects(trainGlove({ tokens: topics(50) }, { ...small, checkpoint: { path } }), code("bad-file"));
});

test("an abort is heard in every phase and leaves no worker behind", async () => {
  const rng = new Rng(2);
  const tokens = Array.from({ length: 2000 }, () => Array.from({ length: 60 }, () => `w${rng.nextBelow(4000)}`));
  for (const phase of ["count", "merge", "train"]) {
    const controller = new AbortController();
    const seen: string[] = [];
    const aborted = trainGlove(
      { tokens },
      {
        ...small,
        epochs: 1000,
        signal: controller.signal,
        onStep: (step) => {
          seen.push(step.phase);
          if (step.phase === phase) controller.abort(new Error(`stopped in ${phase}`));
        },
      },
    );
    await rejects(aborted, new RegExp(`stopped in ${phase}`));
    equal(seen.at(-1), phase);
  }
});
