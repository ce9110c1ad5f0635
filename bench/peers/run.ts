/**
 * `npm run bench -- peers`: Loci beside gensim, fastText and GloVe, one command, one dated table.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { forget, keep, kept } from "./cache.ts";
import { formatRows, runFormats } from "./formats.ts";
import { loadingRows, runLoading } from "./loading.ts";
import { sourcesFingerprint } from "./loci.ts";
import { memoryRows, runMemory } from "./memory.ts";
import { asksFor, type Part, parts, type Places, readPlaces, usage } from "./places.ts";
import { qualityNotes, qualityTable } from "./quality-rows.ts";
import { runQuality } from "./quality.ts";
import { runSpeed, speedRows } from "./speed.ts";
import { markdown } from "./table.ts";

const runners: Record<Part, (places: Places) => Promise<string[]>> = {
  quality: runQuality,
  memory: runMemory,
  formats: runFormats,
  loading: runLoading,
  speed: runSpeed,
};

export async function run(args: string[]): Promise<void> {
  let places: Places | "help";
  try {
    places = readPlaces(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
    return;
  }
  if (places === "help") {
    console.log(usage);
    return;
  }
  if (asksFor(places, "loci")) buildPackage();
  for (const part of places.parts) {
    // The peers' own training takes hours and does not age; Loci's is told stale by its sources.
    if (places.fresh && part !== "quality") forget(places, part);
    const failures = places.reportOnly
      ? (kept<string[]>(places, `failures-${part}`) ?? [])
      : await runners[part](places);
    keep(places, `failures-${part}`, failures);
  }
  // A queue that only trains peers must not write tables into the checkout.
  if (places.sides.length > 0 && !places.sides.includes("loci")) return;
  const path = await writeTable(places);
  console.log(`wrote ${path}`);
}

function buildPackage(): void {
  const root = resolve(import.meta.dirname, "../..");
  execFileSync(process.execPath, [join(root, "scripts", "build.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function version(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8" }).trim();
}

/** What the figures were taken on, and of which versions. */
function machine(places: Places): string[] {
  const python = join(places.tools, "bin", "python");
  const say =
    "import gensim, numpy, scipy; print(f'gensim {gensim.__version__}, numpy {numpy.__version__}, scipy {scipy.__version__}')";
  const root = resolve(import.meta.dirname, "../..");
  const changed = version("git", "-C", root, "status", "--porcelain", "src") === "" ? "" : ", with uncommitted changes";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    `${cpus()[0]!.model.trim()}, ${availableParallelism()} cores, ${memory}; load average ${loadavg()[0]!.toFixed(1)} when this was written`,
    `Node ${process.version}; ${version(python, "-c", say)}; fastText 0.9.3 and GloVe built with -O3 -march=native`,
    `Loci at ${version("git", "-C", root, "rev-parse", "--short", "HEAD")}${changed} (sources ${sourcesFingerprint()})`,
  ];
}

async function writeTable(places: Places): Promise<string> {
  const rows = [
    ...(await speedRows(places)),
    ...qualityTable(places),
    ...memoryRows(places),
    ...formatRows(places),
    ...loadingRows(places),
  ];
  const failures = parts.flatMap((part) => kept<string[]>(places, `failures-${part}`) ?? []);
  const judged = rows.filter((row) => row.met !== undefined);
  const met = judged.filter((row) => row.met).length;
  const now = new Date();
  const day = now.toISOString().slice(0, 10);
  const text = [
    `# Words against the native peers, ${day}`,
    "",
    ...[...machine(places), ...qualityNotes(places)].map((line) => `- ${line}`),
    `- ${met} of ${judged.length} targets met, ${judged.length - met} missed, ${rows.filter((row) => row.target !== "" && row.met === undefined).length} without both figures or with nothing to judge`,
    "",
    "Window 5, 5 negatives, sub-sampling 1e-3, words seen 5 times or more, lines of 1,000 words, on all sides. Speed: CPU",
    "seconds of training alone on one pinned core, all sides in turn; the ratio is the median of the repetitions' ratios,",
    "their range in brackets. Quality: Spearman × 100 and analogies in %, mean over seeds, their range in brackets, 5 epochs",
    "(GloVe 15), the same evaluator for all. `sh bench/peers/setup.sh`, then `npm run bench -- peers --data DIR` takes it again.",
    markdown(rows),
    ...(failures.length === 0
      ? []
      : ["## What did not run\n", ...failures.map((line) => `- ${line.replaceAll(/\s+/g, " ").slice(0, 300)}`), ""]),
  ].join("\n");
  mkdirSync(places.out, { recursive: true });
  const path = join(places.out, `${day}-words.md`);
  writeFileSync(path, text);
  return path;
}
