/** What is refused before vectors are compared, the same in all stores that search vectors themselves. */
import { LociError } from "../core/index.ts";
import type { Space } from "./store.ts";

/** Throws `dim-mismatch` for a query of another width, `bad-argument` for one that holds NaN or an infinity. */
export function checkQuery(query: Float32Array, space: Space): void {
  if (query.length !== space.dim)
    throw new LociError(
      "dim-mismatch",
      `The space "${space.name}" has dim ${space.dim}; the query has ${query.length}. Embed it with the same model.`,
    );
  const at = query.findIndex((number) => !Number.isFinite(number));
  if (at >= 0)
    throw new LociError("bad-argument", `Expected a query of finite numbers, got ${query[at]} at place ${at}.`);
}
