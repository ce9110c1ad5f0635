/**
 * The loading part: a gigabyte of word2vec text and a gigabyte of fastText's .bin, opened by one command each.
 *
 * What is timed is the whole command, its start included: that is what somebody waits for. The files are made here, the
 * text from a few hundred rows that repeat under new keys (a reader cannot tell), the .bin by fastText itself with many
 * buckets and no epoch. They are left in the page cache, as a file is that was just downloaded.
 */
import { createWriteStream, existsSync, renameSync, statSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { keep, kept } from "./cache.ts";
import { corpus } from "./corpora.ts";
import { fastTextCommand } from "./fasttext.ts";
import { openWithLoci } from "./loci.ts";
import { type Cost, lastLine, measured } from "./measure.ts";
import { megabytes } from "./memory.ts";
import { asksFor, type Places } from "./places.ts";
import type { TableRow } from "./table.ts";

const dim = 300;
const rows = 350_000;
const buckets = 2_480_000;
const bucketDim = 100;

/** The keys of the text file are w0, w1, … */
async function textFile(places: Places): Promise<string> {
  const path = join(places.work, "models", "loading.vec");
  if (existsSync(path)) return path;
  const out = createWriteStream(`${path}.part`, { encoding: "latin1" });
  out.write(`${rows} ${dim}\n`);
  // A small multiplicative generator: the digits only have to look like numbers.
  let state = 12345;
  const number = () => {
    state = (state * 48271) % 2147483647;
    return ((state / 2147483647 - 0.5) * 2).toFixed(6);
  };
  const bodies = Array.from({ length: 256 }, () => Array.from({ length: dim }, number).join(" "));
  for (let row = 0; row < rows; row++)
    if (!out.write(`w${row} ${bodies[row % bodies.length]}\n`)) await once(out, "drain");
  out.end();
  await once(out, "finish");
  renameSync(`${path}.part`, path);
  return path;
}

async function binFile(places: Places): Promise<string> {
  const path = join(places.work, "models", "loading.bin");
  if (existsSync(path)) return path;
  const { path: text } = await corpus(places, "text8style-1000k");
  const made = join(places.work, "scratch", "loading");
  const recipe = { corpus: text, architecture: "skipgram", dim: bucketDim, epochs: 0, learningRate: 0.05 } as const;
  await measured(places, fastTextCommand(places, { ...recipe, seed: 1, buckets }, text, made));
  renameSync(`${made}.bin`, path);
  return path;
}

interface Opened extends Cost {
  readonly bytes: number;
}

const sides = ["loci", "peer"] as const;
const files = {
  text: { make: textFile, keys: ["w7", "w349999"], matrixBytes: rows * dim * 4 },
  bin: { make: binFile, keys: ["the", "unseenword"], matrixBytes: (buckets + 17_500) * bucketDim * 4 },
} as const;

const keyOf = (file: string, side: string) => join("loading", `${file} ${side}`);

export async function runLoading(places: Places): Promise<string[]> {
  const failures: string[] = [];
  const formats = join(import.meta.dirname, "drivers", "formats.py");
  for (const [name, { make, keys }] of Object.entries(files))
    for (const side of sides) {
      if (kept(places, keyOf(name, side)) || !asksFor(places, side === "loci" ? "loci" : "gensim")) continue;
      try {
        const path = await make(places);
        const { output, ...cost } =
          side === "loci"
            ? await openWithLoci(places, path, keys[0], keys[1])
            : await measured(places, [join(places.tools, "bin", "python"), formats, "load", path]);
        // The peers' own clock leaves their start out: Python's imports are not what is compared.
        const wallSeconds = side === "loci" ? cost.wallSeconds : (lastLine(output) as { seconds: number }).seconds;
        keep<Opened>(places, keyOf(name, side), { ...cost, wallSeconds, bytes: statSync(path).size });
      } catch (error) {
        failures.push(`loading, ${name}, ${side}: ${String(error).slice(0, 600)}`);
        console.error(failures.at(-1));
      }
    }
  return failures;
}

export function loadingRows(places: Places): TableRow[] {
  const part = "Loading";
  const read = (file: string, side: string) => kept<Opened>(places, keyOf(file, side));
  const rate = (opened: Opened | undefined) =>
    opened
      ? `${(opened.bytes / 1e6 / opened.wallSeconds).toFixed(0)} MB/s (${opened.wallSeconds.toFixed(1)} s; process ${opened.cpuSeconds.toFixed(1)} CPU s)`
      : "not run";
  const times = (loci: Opened | undefined, peer: Opened | undefined) =>
    loci && peer ? `${(peer.wallSeconds / loci.wallSeconds).toFixed(1)}×` : "";
  const peak = (opened: Opened | undefined) => (opened ? megabytes(opened.peakBytes) : "not run");
  const share = (opened: Opened | undefined, matrixBytes: number) =>
    opened ? `${(opened.peakBytes / matrixBytes).toFixed(2)}× its matrix` : "";
  const result: TableRow[] = [];
  for (const [name, { matrixBytes }] of Object.entries(files)) {
    const [loci, peer] = [read(name, "loci"), read(name, "peer")];
    const text = name === "text";
    const size = loci ? `${(loci.bytes / 1e9).toFixed(2)} GB` : "1 GB";
    const what = text
      ? `${size} of word2vec text, d=${dim}, gensim`
      : `${size} fastText .bin, d=${bucketDim}, fastText`;
    const fast = loci && (text ? loci.bytes / 1e6 / loci.wallSeconds >= 100 : loci.wallSeconds < 2);
    result.push(
      {
        part,
        what: `open ${what}`,
        loci: rate(loci),
        peer: rate(peer),
        ratio: times(loci, peer),
        target: text ? "≥ 100 MB/s" : "< 2 s",
        met: fast,
      },
      {
        part,
        what: `peak resident size of that (${megabytes(matrixBytes)} of matrix)`,
        loci: peak(loci),
        peer: peak(peer),
        ratio: share(loci, matrixBytes),
        target: text ? "≤ 1.3× its matrix" : "",
        met: text && loci ? loci.peakBytes <= 1.3 * matrixBytes : undefined,
      },
    );
  }
  return result;
}
