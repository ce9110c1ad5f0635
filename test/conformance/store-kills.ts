/** Kills a writing process again and again, and looks each time at what it left behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Rng } from "../../src/core/index.ts";
import { SqliteStore } from "../../src/store/index.ts";
import { bundled } from "./bundle.ts";
import { after, difference, NOTHING, type Model } from "./store-program.ts";

export interface KillFigures {
  kills: number;
  /** Steps that the child told of, and that were found to be there although it could not tell of them any more. */
  acknowledged: number;
  unacknowledged: number;
  /** Kills before the child was ready: while it opened, recovered or swept up. */
  whileOpening: number;
}

/** Throws at the first thing that was lost or damaged. */
export async function killWriters(
  path: string,
  { kills, seed, here }: { readonly kills: number; readonly seed: number; readonly here: boolean },
  onKill: (figures: KillFigures) => void = () => {},
): Promise<KillFigures> {
  const rng = new Rng(seed);
  // One file that starts in no time, and stays what it is while sources are edited.
  const script = `${path}.child.mjs`;
  writeFileSync(script, await bundled("test/conformance/store-kills.child.ts"));
  const figures: KillFigures = { kills: 0, acknowledged: 0, unacknowledged: 0, whileOpening: 0 };
  let model: Model = NOTHING;
  let next = 0;
  while (figures.kills < kills) {
    const { ready, told } = await killedChild(
      [script, path, String(seed), String(next), here ? "here" : "threads"],
      rng,
    );
    figures.kills++;
    if (!ready) figures.whileOpening++;
    for (const n of told) {
      if (n !== next) throw new Error(`The child told of step ${n}; step ${next} was next.`);
      model = after(model, seed, next++);
      figures.acknowledged++;
    }
    const store = await SqliteStore.open(path, { here: true });
    try {
      const lost = await difference(store, model);
      if (lost !== undefined) {
        // The step that was under way may have been committed, though nobody was told.
        model = after(model, seed, next);
        const still = await difference(store, model);
        if (still !== undefined)
          throw new Error(
            `After kill ${figures.kills}, ${next} steps acknowledged: ${lost}; nor is step ${next} whole: ${still}.`,
          );
        next++;
        figures.unacknowledged++;
      }
      const wrong = await store.verify();
      if (wrong.length > 0) throw new Error(`After kill ${figures.kills}: ${wrong.join(" ")}`);
    } finally {
      await store.close();
    }
    onKill(figures);
  }
  return figures;
}

async function killedChild(args: readonly string[], rng: Rng): Promise<{ ready: boolean; told: number[] }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close");
  // One in eight dies at any moment from its start on, the others at any moment of their writing.
  const early = rng.nextBelow(8) === 0;
  if (!early) await Promise.race([once(child.stdout, "data"), ended]);
  const timer = setTimeout(() => child.kill("SIGKILL"), rng.nextBelow(early ? 250 : 200));
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (signal !== "SIGKILL") throw new Error(`The child ended by itself, with code ${code}.`);
  const lines = output.split("\n").slice(0, -1);
  return { ready: lines[0] === "ready", told: lines.slice(1).map(Number) };
}
