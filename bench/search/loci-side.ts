/**
 * Loci as one side of the search comparison: the same requests as side.py, on one worker.
 *
 * CPU seconds are the whole process', so that what the main thread does to hand questions over and to make answers of what
 * comes back is counted as well.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Matrix } from "../../src/core/index.ts";
import { FlatIndex, HnswIndex, type IndexAnswer, type IndexMetric } from "../../src/index/index.ts";

interface Request {
  readonly do: "build" | "search" | "codes" | "scan" | "certified" | "estimated" | "batch";
  readonly queries?: number;
  readonly ef?: number;
  readonly rerank?: number;
}

const [folder, name, width, metric, options] = process.argv.slice(2) as [string, string, string, IndexMetric, string];
const dim = Number(width);

function floats(kind: string): Float32Array {
  const { buffer, byteOffset, length } = readFileSync(join(folder, `${name}.${kind}`));
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
}

const base = new Matrix(floats("base.f32"), dim);
const queries = new Matrix(floats("query.f32"), dim);
const truth = new Int32Array(floats("gt.i32").buffer);
const keys = Array.from({ length: base.rows }, (_, id) => id);
const index = new HnswIndex({ dim, metric, workers: 1, ...(JSON.parse(options) as object) });
const flat = new FlatIndex({ dim, metric, estimate: true });
/** Answers by the scan alone. */
const plain = new FlatIndex({ dim, metric, codes: false });

function recallOf(answers: readonly IndexAnswer[]): number {
  let found = 0;
  answers.forEach(({ hits }, query) => {
    const right = new Set(truth.subarray(query * 100, query * 100 + 10));
    for (const { key } of hits) if (right.has(key as number)) found++;
  });
  return found / (10 * answers.length);
}

const firstOf = (count: number): Matrix => new Matrix(queries.data.subarray(0, count * dim), dim);

/** One after the other, each waited for. */
async function oneByOne(asked: Matrix, ask: (query: Float32Array) => Promise<IndexAnswer>): Promise<IndexAnswer[]> {
  const answers: IndexAnswer[] = [];
  for (let r = 0; r < asked.rows; r++) answers.push(await ask(asked.row(r)));
  return answers;
}

async function work(request: Request): Promise<IndexAnswer[] | undefined> {
  const asked = firstOf(request.queries ?? 1000);
  switch (request.do) {
    case "build":
      await index.add(keys, base);
      return undefined;
    case "search":
      return index.searchMany(asked, { k: 10, efSearch: request.ef!, rerank: request.rerank! });
    case "codes":
      await plain.add(keys, base);
      await flat.add(keys, base);
      await flat.prepare();
      return undefined;
    case "scan":
      return oneByOne(asked, (query) => plain.search(query, { k: 10 }));
    case "certified":
      return oneByOne(asked, (query) => flat.search(query, { k: 10, exact: true }));
    case "estimated":
      return oneByOne(asked, (query) => flat.search(query, { k: 10, recall: 1 }));
    case "batch":
      return flat.searchMany(asked, { k: 10, recall: 1 });
    default:
      throw new Error(`There is no request ${JSON.stringify(request)}.`);
  }
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const started = cpuSeconds();
  const answers = await work(request);
  const seconds = cpuSeconds() - started;
  console.log(JSON.stringify({ seconds, recall: answers ? recallOf(answers) : null }));
}
