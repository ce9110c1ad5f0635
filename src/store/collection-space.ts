/** The space that an encoder, or whoever brings vectors, speaks of. */
import type { Encoder } from "../embed/index.ts";
import type { IndexMetric } from "../index/index.ts";
import type { OwnSpace } from "./collection-types.ts";
import type { Space } from "./store.ts";

/** The space of an encoder's vectors, compared by `metric`. */
export const spaceOfEncoder = ({ name, dim, fingerprint }: Encoder, metric: IndexMetric): Space => ({
  name,
  dim,
  fingerprint,
  metric,
});

/** The space of vectors made elsewhere: it is told apart by its name where it has no fingerprint. */
export const spaceOfOwn = ({ name, dim, fingerprint = name }: OwnSpace, metric: IndexMetric): Space => ({
  name,
  dim,
  fingerprint,
  metric,
});
