/**
 * Makes `dist/`, which is what npm publishes.
 *
 *     npm run build
 *     npm run build -- --update-api     also records the public face, which test/pack compares with api/
 *
 * The library is compiled file by file by tsc, so that bundlers see modules and people see sources. The
 * command line is bundled by esbuild with its one library inside, so that the package depends on nothing; each
 * command is a chunk of its own, loaded when it runs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { recordFace } from "./api.ts";
import { packageFile, root } from "./doors.ts";

const { values } = parseArgs({ options: { "update-api": { type: "boolean", default: false } } });

/** Optional peers of a few kilobytes, without which the command line could not read CSV and HTML. */
const LIGHT = ["papaparse", "htmlparser2"];

function runNode(...args: string[]): void {
  execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
}

runNode("scripts/generate.ts");
rmSync(join(root, "dist"), { recursive: true, force: true });
runNode("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir: "dist/cli",
  // Chunks lie beside main.js: the command line finds package.json two folders above itself.
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  legalComments: "inline",
  // Light readers come with the command line; heavy peers are the user's to install.
  external: ["node:*", ...Object.keys(packageFile().peerDependencies ?? {}).filter((peer) => !LIGHT.includes(peer))],
});
chmodSync(join(root, "dist/cli/main.js"), 0o755);
if (values["update-api"]) recordFace();
