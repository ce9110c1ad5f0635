/**
 * The package as a stranger gets it: packed, installed into an empty folder with the network off, used.
 *
 * `npm run test:pack` builds first. LOCI_NODES (paths, separated by ":") names further Nodes to use it under.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { doors, packageFile, root } from "../../scripts/doors.ts";
import { TRAININGS, trainedHash } from "../conformance/training.ts";

const NODES = [process.execPath, ...(process.env.LOCI_NODES ?? "").split(":").filter((path) => path !== "")];
const folder = mkdtempSync(join(tmpdir(), "loci-pack-"));
const installed = join(folder, "user/node_modules/loci");
const user = join(folder, "user");
let tarball = "";

/** Where the system lets us, nothing in here has a network at all. */
const alone: readonly string[] =
  [
    ["unshare", "-n"],
    ["unshare", "-rn"],
  ].find(([name, flag]) => spawnSync(name!, [flag!, "true"]).status === 0) ?? [];

/** Adapters are made of the library they adapt to, which this user does not have. */
const openDoors = doors().filter(({ room }) => !room.startsWith("adapters/"));

/** Runs a program in the user's folder, without network where that can be had, with `node` as the Node in PATH. */
function run(node: string, command: readonly string[], cwd = user): string {
  const [program, ...args] = [...alone, ...command] as [string, ...string[]];
  const env = {
    ...process.env,
    PATH: dirname(node) + delimiter + process.env.PATH,
    npm_config_offline: "true",
    NODE_OPTIONS: "",
  };
  return execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

before(() => {
  mkdirSync(user);
  const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const described = JSON.parse(packed) as { filename: string }[] | Record<string, { filename: string }>;
  tarball = join(folder, Object.values(described)[0]!.filename);
  writeFileSync(join(user, "package.json"), '{ "name": "user", "private": true, "type": "module" }');
  run(process.execPath, ["npm", "install", "--offline", "--no-audit", "--no-fund", tarball]);
});
after(() => rmSync(folder, { recursive: true }));

function filesUnder(path: string, base = ""): string[] {
  return readdirSync(join(path, base), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(path, join(base, entry.name)) : [join(base, entry.name)],
  );
}

test("it depends on nothing, runs nothing when installed, and holds nothing native", () => {
  assert.deepEqual(
    readdirSync(join(user, "node_modules")).filter((name) => !name.startsWith(".")),
    ["loci"],
  );
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<string, unknown>;
  for (const field of ["dependencies", "optionalDependencies", "bundledDependencies"])
    assert.equal(manifest[field], undefined, field);
  const scripts = Object.keys(manifest.scripts ?? {});
  assert.deepEqual(
    scripts.filter((name) => /^(pre|post)?(install|prepare|publish)/.test(name)),
    [],
  );
  for (const file of filesUnder(installed)) assert.doesNotMatch(file, /\.(node|so|dll|dylib|wasm|exe)$/);
});

test("it holds what is used, its sources for debuggers and its licence, and no tests", () => {
  const files = filesUnder(installed);
  for (const file of ["LICENSE", "NOTICE", "dist/index.js", "dist/index.d.ts", "dist/cli/main.js", "src/index.ts"])
    assert.ok(files.includes(file), `${file} is missing`);
  for (const file of files) assert.doesNotMatch(file, /\.test\.|\btesting\.|\.stamp$/);
  for (const map of files.filter((file) => file.endsWith(".js.map"))) {
    const { sources } = JSON.parse(readFileSync(join(installed, map), "utf8")) as { sources: string[] };
    for (const source of sources)
      assert.ok(statSync(join(installed, dirname(map), source)).isFile(), `${map} names ${source}`);
  }
  assert.ok(statSync(tarball).size < 2 * 2 ** 20, `the package weighs ${statSync(tarball).size} bytes`);
});

test("publint finds nothing to say", async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true });
  assert.deepEqual(messages, []);
});

test("types stand on their own: a strict program compiles against every door without other types", () => {
  const lines = openDoors.map(
    ({ specifier }, i) =>
      `import * as door${i} from "${specifier}";\nexport const names${i}: readonly string[] = Object.keys(door${i});`,
  );
  writeFileSync(join(user, "all.ts"), lines.join("\n"));
  writeFileSync(
    join(user, "use.ts"),
    `
    import { Embedding, Matrix, Vocabulary } from "loci";
    const embedding = new Embedding({ vocabulary: new Vocabulary(["a", "b"]), matrix: Matrix.of([[1, 0], [0, 1]]) });
    const score: number = embedding.similarity("a", "b");
    // @ts-expect-error -- a key is text
    embedding.similarity(1, 2);
    export { score };`,
  );
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2023",
    types: [],
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  };
  writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["all.ts", "use.ts"] }));
  const { stdout, status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", user], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

/** The trainings of the conformance suite, as a program of the user's. */
async function trainingProgram(): Promise<string> {
  const path = join(user, "train.mjs");
  await build({
    stdin: {
      contents: `import { TRAININGS, trainedHash } from "./test/conformance/training.ts";
        const hashes = {};
        for (const name of Object.keys(TRAININGS)) hashes[name] = await trainedHash(name, 2);
        console.log(JSON.stringify(hashes));`,
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    target: "es2023",
    outfile: path,
    plugins: [
      {
        name: "doors",
        setup: (packing) =>
          packing.onResolve({ filter: /\/src\/\w+\/index\.ts$/ }, ({ path }) => ({
            path: `loci/${/(\w+)\/index\.ts$/.exec(path)![1]}`,
            external: true,
          })),
      },
    ],
  });
  return path;
}

for (const node of NODES) {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();

  test(`Node ${version}: every door opens, without a warning`, () => {
    const program = `
      process.on("warning", (warning) => { throw warning; });
      for (const door of ${JSON.stringify(openDoors.map(({ specifier }) => specifier))}) {
        const names = Object.keys(await import(door));
        if (names.length === 0) throw new Error(door + " opens on nothing");
      }`;
    run(node, [node, "--input-type=module", "-e", program]);
  });

  test(`Node ${version}: what has no door stays closed`, () => {
    const program = `await import("loci/kernels").then(() => process.exit(1), ({ code }) => process.exit(code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? 0 : 2));`;
    run(node, [node, "--input-type=module", "-e", program]);
  });

  test(`Node ${version}: an adapter without its library names it`, () => {
    const program = `await import("loci/adapters/langchain").then(() => process.exit(1), ({ message }) => console.log(message));`;
    assert.match(run(node, [node, "--input-type=module", "-e", program]), /'@langchain\/core'/);
  });

  test(`Node ${version}: files are indexed and searched`, () => {
    writeFileSync(join(user, "note.md"), "# Doors\n\nThe blue door opens on the garden.\n");
    const loci = join(user, "node_modules/.bin/loci");
    run(node, [loci, "index", "note.md", "--out", `${version}.db`, "--json"]);
    const { hits } = JSON.parse(run(node, [loci, "search", `${version}.db`, "garden", "--json"])) as {
      hits: { path: string; headings: string[] }[];
    };
    assert.deepEqual(
      hits.map(({ path, headings }) => [path, headings]),
      [["note.md", ["Doors"]]],
    );
    rmSync(join(user, "note.md"));
    run(node, [loci, "index", "note.md", "--out", `${version}.db`]);
    run(node, [loci, "compact", `${version}.db`]);
    assert.match(run(node, [loci, "verify", `${version}.db`]), /all is well with 0 documents/);
  });

  test(`Node ${version}: the command line answers`, () => {
    const loci = join(user, "node_modules/.bin/loci");
    assert.equal(run(node, [loci, "--version"]).trim(), packageFile().version);
    assert.match(run(node, [loci, "size", "50000", "768"]), /38,400,000 parameters[\s\S]*153\.6 MB[\s\S]*146\.5 MiB/);
    const spelled = spawnSync(node, [loci, "sise"], { encoding: "utf8" });
    assert.deepEqual([spelled.status, spelled.stdout], [2, ""]);
    assert.match(spelled.stderr, /size/);
  });

  test(`Node ${version}: trains the same bytes as the sources do`, async () => {
    const program = await trainingProgram();
    const hashes = JSON.parse(run(node, [node, program])) as Record<string, string>;
    for (const name of Object.keys(TRAININGS)) assert.equal(hashes[name], await trainedHash(name, 1), name);
  });

  test(`Node ${version}: learns words from a file, saves them, and is asked`, () => {
    const loci = join(user, "node_modules/.bin/loci");
    const text = Array.from(
      { length: 3000 },
      (_, i) => `the ${["cat", "dog"][i % 2]} ${["sleeps", "barks"][i % 2]} in the house of word${i % 50}`,
    ).join("\n");
    writeFileSync(join(user, "corpus.txt"), text);
    rmSync(join(user, "model"), { recursive: true, force: true });
    const trained = JSON.parse(
      run(node, [loci, "train", "words", "corpus.txt", "--out", "model", "--dim", "16", "--json"]),
    ) as { vocabulary: number };
    assert.equal(trained.vocabulary, 58);
    const near = JSON.parse(run(node, [loci, "near", "model", "cat", "-k", "3", "--json"])) as { key: string }[];
    assert.equal(near.length, 3);
  });
}
