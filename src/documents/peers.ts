/** Packages that a reader needs and the user installs. */
import { LociError } from "../core/index.ts";

/**
 * What `load` imports, or `peer-missing` with the line that installs it. Only a package that cannot be found counts as
 * missing; one that fails while loading says so itself.
 */
export async function peer<T>(what: string, packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    throw new LociError(
      "peer-missing",
      `${what} needs ${packages.replaceAll(" ", " and ")}, which cannot be found. Run: npm install ${packages}`,
      { cause },
    );
  }
}

/** Node says so by a code; browsers say that a bare specifier cannot be resolved, or that a module could not be fetched. */
function isNotFound(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return true;
  return (
    code === undefined && /resolve module specifier|bare specifier|dynamically imported module/i.test(error.message)
  );
}
