/**
 * The doors of the package: the names under which its rooms can be imported.
 *
 * package.json's `exports` is the one list; everything that goes through the doors (the build, the house
 * tests, the pack test) reads it here.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "..");

export interface Door {
  /** What a user imports: "loci", "loci/table". */
  readonly specifier: string;
  /** Its room, or its place inside one ("store/postgres"); "" for the root. */
  readonly room: string;
  /** Its source, from the root of the repository. */
  readonly source: string;
  /** Its types, likewise. */
  readonly types: string;
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
  /** All of them optional. */
  readonly peerDependencies?: Record<string, string>;
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
}

export function packageFile(): PackageFile {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageFile;
}

/** The doors that are code, in the order of package.json. */
export function doors(): Door[] {
  const { name, exports } = packageFile();
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === "string") return [];
    const room = path === "." ? "" : path.slice(2);
    const source = target.types.replace(/^\.\/dist\//, "src/").replace(/\.d\.ts$/, ".ts");
    return [{ specifier: room === "" ? name : `${name}/${room}`, room, source, types: target.types.slice(2) }];
  });
}
