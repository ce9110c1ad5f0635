/** Writes the program's steps from a given one on, and tells each that was acknowledged, until somebody kills it. */
import { writeSync } from "node:fs";
import { SqliteStore } from "../../src/store/index.ts";
import { doStep, prepare } from "./store-program.ts";

const [path, seed, from, where] = process.argv.slice(2) as [string, string, string, string];
const store = await SqliteStore.open(path, { here: where === "here" });
await prepare(store);
writeSync(1, "ready\n");
for (let n = Number(from); ; n++) {
  await doStep(store, Number(seed), n);
  writeSync(1, `${n}\n`); // at once, not when there is time: what is told before the kill must arrive
}
