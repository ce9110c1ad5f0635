/**
 * `npm run bench`: the benchmarks by name.
 *
 * A benchmark is a module with a `run(args)`, loaded only when it is asked for, so that one whose peers are not
 * installed does not stand in the way of the others. Benchmarks are never a gate: they print and record.
 */
interface Bench {
  readonly run: (args: string[]) => Promise<void>;
}

const benches: Record<string, { says: string; load: () => Promise<Bench> }> = {
  peers: {
    says: "words against gensim, fastText and GloVe's C program: speed, quality, memory, formats, loading",
    load: () => import("./peers/run.ts"),
  },
  search: {
    says: "indexes against hnswlib, usearch, faiss and numpy: build, queries a second at equal recall, exact search",
    load: () => import("./search/run.ts"),
  },
  retrieval: {
    says: "keyword, vector and hybrid search on judged collections (BEIR's layout)",
    load: () => import("./retrieval.ts"),
  },
};

const [name, ...args] = process.argv.slice(2);
const bench = name === undefined ? undefined : benches[name];
if (bench) await (await bench.load()).run(args);
else {
  if (name !== undefined) console.error(`There is no benchmark “${name}”.`);
  console.log("npm run bench -- NAME [options]      (NAME --help says which)\n");
  for (const [key, { says }] of Object.entries(benches)) console.log(`  ${key.padEnd(12)}${says}`);
  process.exitCode = name === undefined ? 0 : 2;
}
