/** The weights of hybrid search that a collection remembers. */
import { DEFAULT_WEIGHTS, type FusionWeights } from "./fusion.ts";
import type { Space, Store } from "./store.ts";

const SETTING = "weights";

interface KeptWeights extends FusionWeights {
  /** They were fitted to vectors of this space and mean nothing in another. */
  readonly fingerprint: string;
}

/** The weights that were fitted in this space, else the default. */
export async function keptWeights(store: Store, space: Space | undefined): Promise<FusionWeights> {
  const kept = (await store.setting(SETTING)) as KeptWeights | undefined;
  if (!kept || kept.fingerprint !== space?.fingerprint) return DEFAULT_WEIGHTS;
  return { keyword: kept.keyword, vector: kept.vector };
}

/** Remembers weights for vectors of this space; undefined forgets them. */
export async function keepWeights(
  store: Store,
  { fingerprint }: Space,
  weights: FusionWeights | undefined,
): Promise<void> {
  await store.setSetting(SETTING, weights && ({ ...weights, fingerprint } satisfies KeptWeights));
}
