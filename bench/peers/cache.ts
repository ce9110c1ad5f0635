/**
 * Kept figures: one JSON file a finished run, under the work folder.
 *
 * The whole comparison takes hours and machines are taken away, so each run is written down the moment it ends, under a
 * name that says all of its settings. A file is written aside and renamed: half a result is never found.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Places } from "./places.ts";

const pathOf = (places: Places, key: string): string => join(places.work, "results", `${key}.json`);

/** What was kept under a key; the caller names its type, as it does when it keeps it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a cast at each of the callers would say no more
export function kept<T>(places: Places, key: string): T | undefined {
  const path = pathOf(places, key);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
}

export function keep<T>(places: Places, key: string, value: T): T {
  const path = pathOf(places, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, `${JSON.stringify(value, undefined, 1)}\n`);
  renameSync(`${path}.part`, path);
  return value;
}

/** Forgets everything kept under a prefix such as "speed". */
export const forget = (places: Places, prefix: string): void =>
  rmSync(join(places.work, "results", prefix), { recursive: true, force: true });
