/**
 * `npm run bench -- search`: indexes beside hnswlib, usearch, faiss and numpy, one command, one dated table.
 *
 * Everything is measured on one core with all sides in turn, so that a busy minute hits them alike. Losses are printed like
 * wins.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type TableRow, markdown } from "../peers/table.ts";
import { exactPlans, runExact } from "./exact.ts";
import { graphPlans, runGraph } from "./graph.ts";
import type { SearchPlaces } from "./sides.ts";

const usage = `npm run bench -- search --data DIR [options]

Compares Loci's indexes with hnswlib, usearch, faiss and numpy, and writes bench/results/DATE-search.md.
First: sh bench/search/setup.sh (installs them into bench/search/.venv), then bench/search/prepare.py, which makes the sets.

  --data DIR     the folder with mnist.* and sent.*
  --tools DIR    the folder given to setup.sh (default: bench/search/.venv)
  --work DIR     kept figures (default: bench/artefacts/search); a part that was not asked for keeps its last
  --out DIR      where the table goes (default: bench/results)
  --only PARTS   of graph-mnist, graph-sent, exact-mnist, exact-sent
  --core N       the core everything runs on (default 0)
`;

type Part = (places: SearchPlaces) => Promise<TableRow[]>;

const parts: Readonly<Record<string, Part>> = Object.fromEntries([
  ...graphPlans.map((plan) => [`graph-${plan.set.name}`, (places: SearchPlaces) => runGraph(plan, places)] as const),
  ...exactPlans.map((plan) => [`exact-${plan.set.name}`, (places: SearchPlaces) => runExact(plan, places)] as const),
]);

export async function run(args: string[]): Promise<void> {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      data: option,
      tools: option,
      work: option,
      out: option,
      only: option,
      core: option,
      help: { type: "boolean" },
    },
  });
  if (values.help || values.data === undefined) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const bench = resolve(import.meta.dirname, "..");
  const places: SearchPlaces = {
    data: resolve(values.data),
    tools: resolve(values.tools ?? join(import.meta.dirname, ".venv")),
    core: Number(values.core ?? 0),
  };
  const work = resolve(values.work ?? join(bench, "artefacts", "search"));
  mkdirSync(work, { recursive: true });
  const asked = values.only?.split(",") ?? Object.keys(parts);
  for (const name of asked) {
    const part = parts[name];
    if (!part) throw new Error(`There is no part “${name}”; there is ${Object.keys(parts).join(", ")}.`);
    const rows = await part(places);
    writeFileSync(join(work, `${name}.json`), JSON.stringify({ rows, load: loadavg()[0] }, undefined, 1));
  }
  const path = writeTable(work, resolve(values.out ?? join(bench, "results")), places);
  console.log(`wrote ${path}`);
}

function writeTable(work: string, out: string, { tools }: SearchPlaces): string {
  const kept = Object.keys(parts)
    .map((name) => join(work, `${name}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as { rows: TableRow[]; load: number });
  const rows = kept.flatMap((part) => part.rows);
  const judged = rows.filter(({ met }) => met !== undefined);
  const root = resolve(import.meta.dirname, "../..");
  const day = new Date().toISOString().slice(0, 10);
  const say =
    "import faiss, numpy, usearch; print(f'faiss {faiss.__version__}, usearch {usearch.__version__}, numpy {numpy.__version__}')";
  const text = [
    `# Search against the native peers, ${day}`,
    "",
    `- ${cpus()[0]!.model.trim()}, ${availableParallelism()} cores; load average at the end of the parts: ${kept.map(({ load }) => load.toFixed(1)).join(", ")}`,
    `- Node ${process.version}; ${execFileSync(join(tools, "bin", "python"), ["-c", say], { encoding: "utf8" }).trim()}; hnswlib 0.8.0 built with -O3 -march=native`,
    `- Loci at ${execFileSync("git", ["-C", root, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()}`,
    `- ${judged.filter(({ met }) => met).length} of ${judged.length} targets met`,
    "",
    "One thread a side, all on one core in turn; ratios are medians of the rounds' ratios, their range in brackets.",
    "`sh bench/search/setup.sh`, `bench/search/prepare.py`, then `npm run bench -- search --data DIR` takes it again.",
    markdown(rows),
  ].join("\n");
  mkdirSync(out, { recursive: true });
  const path = join(out, `${day}-search.md`);
  writeFileSync(path, text);
  return path;
}
