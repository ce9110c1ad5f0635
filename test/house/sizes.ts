/** What each door weighs in a browser: all of it, minified and gzipped. Run with --update, records that. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { doors, packageFile, root } from "../../scripts/doors.ts";

const TABLE = join(import.meta.dirname, "sizes.json");

const peers = Object.keys(packageFile().peerDependencies ?? {});

/** Bytes of each door as last recorded. */
export const recorded = (): Record<string, number> => JSON.parse(readFileSync(TABLE, "utf8")) as Record<string, number>;

/** Packs a source for browsers: its bytes, and what it would still import. */
export async function measure(source: string): Promise<{ bytes: number; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    metafile: true,
    external: ["node:*", ...peers],
    logLevel: "silent",
  });
  // Peers are loaded when they are used, by whoever installed them; adapters are made of them.
  const imports = Object.values(metafile.outputs)
    .flatMap((output) => output.imports.map(({ path }) => path))
    .filter((path) => !peers.some((peer) => path === peer || path.startsWith(`${peer}/`)));
  return { bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, imports };
}

if (import.meta.main && process.argv.includes("--update")) {
  const sizes: Record<string, number> = {};
  for (const { specifier, source } of doors()) sizes[specifier] = (await measure(source)).bytes;
  writeFileSync(TABLE, `${JSON.stringify(sizes, null, 2)}\n`);
}
