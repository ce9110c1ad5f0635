/** The files of the repository: what git holds or would take; where there is no git, what is not ignored by name. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { root } from "./doors.ts";

/** Folders and endings of .gitignore, for a copy of the repository that came without git. */
const IGNORED = /(^|\/)(node_modules|dist|generated|coverage|artefacts|\.venv|\.git)(\/|$)|\.tgz$/;

let known: readonly string[] | undefined;

/** Sorted paths from the root. */
export function repositoryFiles(): readonly string[] {
  return (known ??= listed()
    .filter((file) => file !== "" && existsSync(join(root, file)))
    .sort());
}

function listed(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status === 0) return [...new Set(stdout.split("\n"))];
  return globSync(["**/*", ".*", ".ci/*"], {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => IGNORED.test(entry.name),
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !IGNORED.test(file));
}
