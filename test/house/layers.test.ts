/**
 * The floors of the house: imports only go down, and through doors.
 *
 * docs/decisions/0001-floors.md says why these floors. Tests stand outside: a room's tests may ask any room
 * through its door (an oracle may live upstairs), since nothing that ships imports a test.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doors, packageFile } from "../../scripts/doors.ts";
import { type Node, type Place, filesOf, importsOf, isTest, nodesOf, placeOf, root, rooms } from "./sources.ts";

/** Lowest first. Only rooms that exist; those on one floor do not see each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["kernels"],
  ["core"],
  ["text", "math", "formats"],
  ["table"],
  ["net"],
  ["train", "embed", "index", "documents"],
  ["store", "evaluate"],
  ["adapters", "serve"],
  ["cli"],
];

/** Names that reach for the machine: only `core/platform*` and `cli` may, so that all else runs anywhere, the same each time. */
const MACHINE = new Set(
  "globalThis Date performance process navigator console window document fetch setTimeout setInterval Worker XMLHttpRequest localStorage crypto require Buffer eval Function".split(
    " ",
  ),
);

/** Math's functions whose last bit each engine chooses for itself (docs/decisions/0004-own-elementary-functions.md). */
const INEXACT = new Set(
  "exp expm1 log log1p log2 log10 pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot".split(
    " ",
  ),
);

/** Where results need not be the same bits everywhere. */
const INEXACT_ALLOWED: Readonly<Record<string, string>> = {
  "src/table/directions.ts": "an angle between two vectors, for people: nothing is computed from it",
};

const floorOf = (room: string): number => FLOORS.findIndex((floor) => floor.includes(room));
const doorFiles = new Set(doors().map(({ source }) => source));
/** A room's `index.ts`, or a door of the package further inside it. */
const isDoor = (file: string): boolean => /^src\/\w+\/index\.ts$/.test(file) || doorFiles.has(file);
const roomOf = (file: string): string => file.split("/")[1]!;
const sources = filesOf("src/**/*.ts");
const shipped = sources.filter((file) => !isTest(file));
const inRooms = shipped.filter((file) => file.split("/").length > 2);
/** The command line, core's platform, and files that say in their name on which machine they run: `….node.ts`, `….web.ts`. */
const reachesMachine = (file: string): boolean =>
  file.startsWith("src/cli/") || /^src\/core\/platform[.\w]*\.ts$/.test(file) || /\.(node|web)\.ts$/.test(file);

/** Packages that whoever wants what needs them installs; loaded where they are used, never at import. */
const peers: readonly string[] = Object.keys(packageFile().peerDependencies ?? {});
const peerOf = (specifier: string): string | undefined =>
  peers.find((peer) => specifier === peer || specifier.startsWith(`${peer}/`));

test("the floors list the rooms that exist, and no others", () => {
  assert.deepEqual(
    FLOORS.flat().sort(),
    [...rooms].sort(),
    "Put a new room on its floor in FLOORS (and in ARCHITECTURE.md).",
  );
});

for (const room of rooms) {
  test(`${room} imports only from lower floors, and through doors`, () => {
    for (const file of inRooms.filter((file) => roomOf(file) === room)) {
      for (const target of targetsOf(file)) {
        assert.ok(existsSync(join(root, target)), `${file} imports ${target}, which does not exist.`);
        assert.ok(target.startsWith("src/"), `${file} imports ${target}, which is outside src.`);
        assert.ok(!isTest(target), `${file} imports a test: ${target}.`);
        const used = roomOf(target);
        if (used === room) continue;
        assert.ok(floorOf(used) < floorOf(room), `${file} imports ${used}, which is above or beside ${room}.`);
        assert.ok(isDoor(target), `${file} reaches past the door of ${used}: ${target}.`);
      }
    }
  });
}

test("tests enter other rooms through their doors", () => {
  for (const file of sources.filter(isTest)) {
    for (const target of targetsOf(file).filter(
      (target) => target.startsWith("src/") && roomOf(target) !== roomOf(file),
    )) {
      assert.ok(isDoor(target), `${file} reaches past a door: ${target}.`);
    }
  }
});

test("the root door opens only rooms' doors", () => {
  for (const target of targetsOf("src/index.ts")) assert.match(target, /^src\/\w+\/index\.ts$/);
});

test("no file imports itself by way of others", () => {
  // Types vanish when the code runs: an interface may stand beside what picks its implementation.
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    assert.equal(at, -1, `Import cycle: ${[...path.slice(at), file].join(" → ")}`);
    if (done.has(file)) return;
    for (const { target, typeOnly } of importsOf(file)) if (target && !typeOnly) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of shipped) visit(file, []);
});

test("node: and packages are imported only by the command line; optional peers when they are used", () => {
  for (const file of shipped) {
    for (const { specifier, typeOnly, later } of importsOf(file).filter(({ target }) => target === undefined)) {
      assert.ok(
        (typeOnly && reachesMachine(file)) ||
          ((typeOnly || later) && peerOf(specifier)) ||
          (file.startsWith("src/adapters/") && peerOf(specifier)) ||
          (file.startsWith("src/cli/") && (specifier.startsWith("node:") || specifier === "@stricli/core")),
        `${file} imports ${specifier}. Ask \`platform\` of core for what the machine offers; a package may only be an optional peer.`,
      );
    }
  }
});

test("only core/platform and the command line reach for the machine: clock, console, threads, network", () => {
  for (const file of shipped.filter((file) => !reachesMachine(file) && !file.includes("/assembly/"))) {
    const own = new Set(
      nodesOf(file)
        .filter(isBinding)
        .map(({ node }) => node.name),
    );
    for (const { node, parent } of nodesOf(file)) {
      if (node.type !== "Identifier" || !MACHINE.has(node.name as string) || own.has(node.name)) continue;
      if (!isReference(node, parent)) continue;
      assert.fail(
        `${placeOf(file, node.start)} uses ${String(node.name)}. Ask \`platform\` of core, or take it as an argument.`,
      );
    }
  }
});

test("chance comes from an Rng with a seed, and elementary functions from the kernels", () => {
  for (const file of shipped.filter((file) => !file.startsWith("src/cli/"))) {
    for (const name of mathNames(file)) {
      assert.notEqual(name, "random", `${file} uses Math.random. Take an Rng with a seed.`);
      if (file in INEXACT_ALLOWED) continue;
      assert.ok(
        !INEXACT.has(name),
        `${file} uses Math.${name}, which differs between engines. Use \`reference.${name}\` of kernels.`,
      );
    }
  }
});

test("every exception from the rule about elementary functions is still needed", () => {
  for (const file of Object.keys(INEXACT_ALLOWED)) {
    assert.ok(
      shipped.includes(file) && mathNames(file).some((name) => INEXACT.has(name)),
      `${file} needs no exception any more.`,
    );
  }
});

const targetsOf = (file: string): string[] => importsOf(file).flatMap(({ target }) => target ?? []);

/** The functions of Math that a file uses, `Math.exp` and `const { exp } = Math` alike; `**` counts as pow where it may round. */
function mathNames(file: string): string[] {
  const names: string[] = [];
  for (const { node } of nodesOf(file)) {
    if (node.type === "MemberExpression" && (node.object as Node).name === "Math") {
      const property = node.property as Node;
      names.push(String(property.name ?? property.value));
    }
    if (node.type === "VariableDeclarator" && (node.init as Node | null)?.name === "Math") {
      const { properties = [] } = node.id as { properties?: { key: { name: string } }[] };
      names.push(...properties.map(({ key }) => key.name));
    }
    if (node.type === "BinaryExpression" && node.operator === "**" && !isExactPower(node)) names.push("pow");
  }
  return names;
}

/** Powers that every engine gets right: 2 ** n and 1024 ** n by their exponent bits, x ** 2 as one product, big integers. */
function isExactPower(node: Node): boolean {
  const base = (node.left as Node).value;
  return base === 2 || base === 1024 || typeof base === "bigint" || (node.right as Node).value === 2;
}

/** Whether an identifier gives a name of the file's own: a variable, a parameter, a function, something imported. */
function isBinding({ node, parent }: Place): boolean {
  if (node.type !== "Identifier" || !parent) return false;
  if (parent.type === "VariableDeclarator" || parent.type === "FunctionDeclaration")
    return parent.id === node || isIn(parent.params, node);
  if (parent.type === "Property") return parent.value === node && parent.kind === "init" && parent.shorthand === true;
  if (/^Import\w*Specifier$/.test(parent.type)) return parent.local === node;
  return isIn(parent.params, node) || (parent.type === "ArrayPattern" && isIn(parent.elements, node));
}

const isIn = (list: unknown, node: Node): boolean => Array.isArray(list) && list.includes(node);

/** Whether an identifier stands for the global of that name, and not for a property, a type or a name of the file's own. */
function isReference(node: Node, parent: Node | undefined): boolean {
  if (!parent) return true;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed === true;
  if (/^(Property|PropertyDefinition|MethodDefinition|TSPropertySignature|TSMethodSignature)$/.test(parent.type))
    return parent.key !== node;
  return !/^(TS|Import|Export|Function|Arrow|Class)/.test(parent.type);
}
