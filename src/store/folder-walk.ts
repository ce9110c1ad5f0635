/**
 * Which files a list of paths means: files as named, folders to the bottom, patterns.
 *
 * In a folder, what tools write is left out, and what `.gitignore` files name, each for its own folder and those below, as git has it; what
 * is hidden is left out too. A file that is named, or matched by a pattern, is taken whatever its name.
 */
import { type Files, LociError, platform } from "../core/index.ts";
import { DEFAULT_EXCLUDES, IgnoreRules } from "../documents/index.ts";

export interface WalkOptions {
  /**
   * Patterns as in `.gitignore`, for every folder walked, beside `DEFAULT_EXCLUDES` of `loci/documents`; `!package-lock.json`
   * takes one of those back.
   */
  readonly exclude?: readonly string[];
  /** Whether `.gitignore` files in the folders are obeyed. Default true. */
  readonly gitignore?: boolean;
  /** Whether names that start with a dot are taken. Default false. */
  readonly hidden?: boolean;
}

/** A file that was found. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** One of the paths, and what belongs to it. */
export interface Root {
  readonly path: string;
  readonly kind: "file" | "folder" | "pattern" | "missing";
  /** Every path under it starts so. */
  readonly prefix: string;
  /** Whether a path is one that walking this root could give, whether or not there is such a file now. */
  covers(path: string): boolean;
}

const PATTERN = /[*?[\]{}]/;

/** The files of this machine; throws `not-supported` where there are none. */
export function machineFiles(): Files {
  if (platform.files) return platform.files;
  throw new LociError(
    "not-supported",
    "There are no files by path here. Read the bytes yourself and use readDocuments.",
  );
}

/** What a path means. */
export async function rootOf(path: string): Promise<Root> {
  const files = machineFiles();
  const found = await files.stat(path);
  if (!found && PATTERN.test(path)) {
    const fixed = tidy(path.slice(0, path.search(PATTERN)).replace(/[^/]*$/, ""));
    const prefix = fixed === "." ? "" : fixed === "/" ? "/" : `${fixed}/`;
    return { path, kind: "pattern", prefix, covers: (other) => isUnder(other, prefix) };
  }
  const own = tidy(path);
  if (!found?.folder)
    return { path: own, kind: found ? "file" : "missing", prefix: own, covers: (other) => other === own };
  const prefix = own === "." ? "" : own.endsWith("/") ? own : `${own}/`;
  return { path: own, kind: "folder", prefix, covers: (other) => isUnder(other, prefix) };
}

/** Everything under "" is what neither starts at the root nor leaves the present folder. */
const isUnder = (path: string, prefix: string): boolean =>
  prefix === "" ? !/^(?:\/|\.\.(?:\/|$)|[A-Za-z]:)/.test(path) : path.startsWith(prefix);

/** "./a//b/" → "a/b", "a/../b" → "b": one name for one file, as it is seen from the present folder. */
export function tidy(path: string): string {
  const slashed = path.includes("/") || !/^[A-Za-z]:\\|^[^\\]+\\[^\\]/.test(path) ? path : path.replaceAll("\\", "/");
  const start = slashed.startsWith("/") ? "/" : "";
  const names: string[] = [];
  for (const name of slashed.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (name !== ".." || start === "") names.push(name);
  }
  const joined = start + names.join("/");
  return joined === "" ? "." : joined;
}

/** The files of a root, folder by folder, in sorted order. */
export async function* walk(root: Root, options: WalkOptions): AsyncGenerator<readonly FoundFile[], void, void> {
  const files = machineFiles();
  if (root.kind === "folder") {
    const rules = new IgnoreRules([...DEFAULT_EXCLUDES, ...(options.exclude ?? [])]);
    yield* walkFolder(files, root.prefix, [{ rules, prefix: root.prefix }], options);
  } else if (root.kind !== "missing") {
    const paths = root.kind === "file" ? [root.path] : (await files.glob(root.path)).map(tidy);
    const found: FoundFile[] = [];
    for (const path of paths) {
      const stat = await files.stat(path);
      if (stat && !stat.folder) found.push({ path, bytes: stat.bytes, modified: stat.modified });
    }
    yield found;
  }
}

interface Ruled {
  readonly rules: IgnoreRules;
  readonly prefix: string;
}

async function* walkFolder(
  files: Files,
  prefix: string,
  inherited: readonly Ruled[],
  options: WalkOptions,
): AsyncGenerator<readonly FoundFile[], void, void> {
  const entries = await files.entries(prefix === "" ? "." : prefix);
  const own = entries.find(({ name, folder }) => name === ".gitignore" && !folder);
  const ruled = [...inherited];
  if (own && options.gitignore !== false) ruled.push({ rules: await readRules(files, prefix + own.name), prefix });
  const taken = entries.filter(
    ({ name, folder }) => (options.hidden || !name.startsWith(".")) && !isExcluded(ruled, prefix + name, folder),
  );
  yield taken.flatMap(({ name, folder, bytes, modified }) => (folder ? [] : { path: prefix + name, bytes, modified }));
  for (const { name, folder } of taken) if (folder) yield* walkFolder(files, `${prefix}${name}/`, ruled, options);
}

/** The innermost rules that say anything decide. */
function isExcluded(ruled: readonly Ruled[], path: string, folder: boolean): boolean {
  for (const { rules, prefix } of ruled.toReversed()) {
    const excluded = rules.excludes(path.slice(prefix.length), folder);
    if (excluded !== undefined) return excluded;
  }
  return false;
}

async function readRules(files: Files, path: string): Promise<IgnoreRules> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of files.read(path)) text += decoder.decode(piece, { stream: true });
  return IgnoreRules.parse(text + decoder.decode());
}

/** For a path that is nothing now and was nothing when the folder was indexed before. */
export function nothingAt(path: string): LociError {
  return new LociError(
    "not-found",
    `There is no file, folder or match at "${path}", and no document of one in the collection.`,
  );
}
