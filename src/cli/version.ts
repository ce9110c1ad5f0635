/** The version of this package, read when it is asked for. */
import { readFileSync } from "node:fs";

/**
 * The nearest package.json above this file that is Loci's own: sources lie two folders deep (src/cli), and so does
 * the bundle (dist/cli).
 */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}
