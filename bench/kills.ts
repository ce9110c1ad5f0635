/**
 * Kills a process that writes to a collection, at random moments, and checks each time that nothing it acknowledged is lost
 * and that the file is sound.
 *
 *     node bench/kills.ts [KILLS, default 1000] [SEED, default 1]
 *
 * Half of the kills hit writers whose SQLite runs on threads, half writers on one thread.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killWriters } from "../test/conformance/store-kills.ts";

const kills = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), "loci-kills-"));
const start = performance.now();
const report = [];
try {
  for (const here of [false, true]) {
    const path = join(folder, `${here}.db`);
    const figures = await killWriters(path, { kills: Math.ceil(kills / 2), seed, here }, ({ kills }) => {
      if (kills % 25 === 0) console.error(`${here ? "one thread" : "threads"}: ${kills} kills`);
    });
    report.push({
      writer: here ? "one thread" : "threads",
      ...figures,
      megabytes: statSync(path).size / 1e6,
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.error("Nothing acknowledged was lost and no file was damaged: either would have ended this with an error.");
console.log(JSON.stringify({ kills, seed, seconds: Math.round((performance.now() - start) / 1000), report }, null, 2));
