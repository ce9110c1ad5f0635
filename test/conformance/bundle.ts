/** A script with all it imports as one text, for workers and pages of the tests. */
import { join } from "node:path";
import { build } from "esbuild";

export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, "../.."),
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    external: ["node:*"],
  });
  return outputFiles[0]!.text;
}
