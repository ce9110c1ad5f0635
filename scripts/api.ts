/**
 * The public face: what each door declares, kept in api/ so that a change of it shows in a diff.
 *
 * One file a door, made from the built declarations: every exported name with its declaration, by name, without
 * comments. Names that a declaration mentions but no door exports are not followed.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { type Door, doors, root } from "./doors.ts";

const FOLDER = join(root, "api");
const fileOf = ({ room }: Door): string => `${room === "" ? "loci" : room.replaceAll("/", "-")}.d.ts`;

/** Records the face as `dist` has it. */
export function recordFace(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  for (const door of doors()) writeFileSync(join(FOLDER, fileOf(door)), faceOf(door));
}

/** What is recorded of a door; "" for none. */
export function recordedFace(door: Door): string {
  const file = join(FOLDER, fileOf(door));
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** The files in api/ that are of no door. */
export function strayFaces(): string[] {
  const known = new Set(doors().map(fileOf));
  return readdirSync(FOLDER).filter((file) => !known.has(file));
}

/** The face of a door as `dist` has it. */
export function faceOf(door: Door): string {
  const face = [...exportedBy(door.types)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, declaration]) => declaration);
  return `// ${door.specifier}, as scripts/api.ts records it\n\n${face.join("\n\n")}\n`;
}

interface Statement {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly source: { readonly value: string } | null;
  readonly exported?: { readonly name: string } | null;
  readonly declaration?: {
    readonly id?: { readonly name: string };
    readonly declarations?: { readonly id: { readonly name: string } }[];
  } | null;
  readonly specifiers?: { readonly local: { readonly name: string }; readonly exported: { readonly name: string } }[];
}

/** Name → declaration of all that a declaration file exports, its re-exports followed. */
function exportedBy(file: string): Map<string, string> {
  const text = readFileSync(join(root, file), "utf8");
  const { program, comments } = parseSync(file, text);
  const plain = (from: number, to: number): string => withoutComments(text, comments, from, to);
  const found = new Map<string, string>();
  for (const statement of program.body as unknown as Statement[]) {
    if (!statement.type.startsWith("Export")) continue;
    const source = statement.source && join(dirname(file), statement.source.value.replace(/\.ts$/, ".d.ts"));
    if (statement.type === "ExportAllDeclaration") {
      assert.ok(source && statement.exported, `${file}: a door lists what it exports by name.`);
      found.set(
        statement.exported.name,
        `export * as ${statement.exported.name}; // ${[...exportedBy(source).keys()].sort().join(", ")}`,
      );
    } else if (source) {
      const there = exportedBy(source);
      for (const { local, exported } of statement.specifiers!) {
        const declaration = there.get(local.name);
        assert.ok(declaration !== undefined, `${file} exports ${local.name}, which ${source} does not declare.`);
        found.set(exported.name, declaration);
      }
    } else if (statement.declaration) {
      const { id, declarations } = statement.declaration;
      // Overloads share a name, and so their declarations are joined.
      for (const name of id ? [id.name] : declarations!.map((each) => each.id.name)) {
        const before = found.get(name);
        const own = plain(statement.start, statement.end);
        found.set(name, before === undefined ? own : `${before}\n${own}`);
      }
    }
  }
  return found;
}

function withoutComments(
  text: string,
  comments: readonly { start: number; end: number }[],
  from: number,
  to: number,
): string {
  let plain = "";
  let at = from;
  for (const comment of comments) {
    if (comment.start < at || comment.end > to) continue;
    plain += text.slice(at, comment.start);
    at = comment.end;
  }
  return (plain + text.slice(at, to)).replace(/^\s*\n/gm, "").trim();
}
