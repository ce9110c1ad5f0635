/**
 * What the house tests read: the files of the repository, parsed.
 *
 * oxc-parser rather than the compiler, since TypeScript 7 has no interface for programs. It reads AssemblyScript
 * too, but for its decorators. A file it cannot read fails the test, for an empty tree would pass all of them.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

export const root = join(import.meta.dirname, "../..");

/** The text of a file, by its path from the root. */
export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** Files that match, as sorted paths from the root, without what is generated. */
export function filesOf(pattern: string): string[] {
  return globSync(pattern, { cwd: root })
    .filter((file) => !file.split("/").includes("generated"))
    .sort();
}

export const isTest = (file: string): boolean => file.endsWith(".test.ts");

/** The rooms: folders of src. */
export const rooms: readonly string[] = [...new Set(filesOf("src/*/**/*.ts").map((file) => file.split("/")[1]!))];

/** A part of a syntax tree: its kind, where it starts, and whatever belongs to the kind. */
export type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;

/** A node and the one it stands in. */
export interface Place {
  readonly node: Node;
  readonly parent: Node | undefined;
}

const parsed = new Map<string, readonly Place[]>();

/** Every node of a file's tree, with its parent, in the order in which they stand. Each file is parsed once. */
export function nodesOf(file: string): readonly Place[] {
  const known = parsed.get(file);
  if (known) return known;
  const found: Place[] = [];
  const walk = (value: unknown, parent: Node | undefined): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, parent);
    else if (typeof value === "object" && value !== null) {
      const node = "type" in value ? (value as Node) : undefined;
      if (node) found.push({ node, parent });
      for (const child of Object.values(value)) walk(child, node ?? parent);
    }
  };
  const { program, errors } = parseSync(file, readable(file));
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]!.message}`);
  walk(program, undefined);
  parsed.set(file, found);
  return found;
}

/** AssemblyScript's decorators of functions and constants are no TypeScript: blanked, so that places stay what they are. */
function readable(file: string): string {
  return textOf(file).replace(/^@\w+/gm, (decorator) => " ".repeat(decorator.length));
}

/** One import or re-export of a file. */
export interface Import {
  /** As it is written; "(computed)" for an `import()` of something that only running can tell. */
  readonly specifier: string;
  /** Whether it vanishes when the code runs. */
  readonly typeOnly: boolean;
  /** Whether it is an `import()`, which happens when that line runs. */
  readonly later: boolean;
  /** The file it names, from the root; undefined for packages and built-in modules. */
  readonly target: string | undefined;
}

/** Whatever a file imports or re-exports, types and `import()` included. */
export function importsOf(file: string): Import[] {
  const found: Import[] = [];
  for (const { node } of nodesOf(file)) {
    if (!/^Import(Declaration|Expression)$|^Export(All|Named)Declaration$|^TSImportType$/.test(node.type)) continue;
    const { value } = (node.source ?? {}) as { value?: unknown };
    if (value === undefined && node.type !== "ImportExpression") continue;
    const specifier = typeof value === "string" ? value : "(computed)";
    const typeOnly = node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type";
    const later = node.type === "ImportExpression";
    found.push({
      specifier,
      typeOnly,
      later,
      target: specifier.startsWith(".") ? targetOf(file, specifier) : undefined,
    });
  }
  return found;
}

/** AssemblyScript leaves the ending out; all else writes it. */
function targetOf(file: string, specifier: string): string {
  const path = join(dirname(file), specifier);
  return existsSync(join(root, `${path}.ts`)) ? `${path}.ts` : path;
}

/** "file:line" of a place in a file. */
export function placeOf(file: string, start: number): string {
  return `${file}:${textOf(file).slice(0, start).split("\n").length}`;
}
