/**
 * How much of the exact answer a server's vector search finds.
 *
 * Servers do not say. So it is measured, on sampled chunks as questions, against the server's own exact search; kept as a setting, and
 * believed until the collection has doubled or halved. Looking at everything costs a server seconds where it holds millions, so it is
 * done when a collection is prepared, not when somebody asks something.
 */
import { type Step, phaseClock } from "../core/index.ts";
import { sampleOf } from "./percentile.ts";
import type { Space, Store } from "./store.ts";

const SETTING = "recall";
const SAMPLE = 20;
const NEIGHBORS = 10;
const SEED = 3;

interface Kept {
  readonly fingerprint: string;
  readonly count: number;
  readonly recall: number;
}

/** The recall that was measured in this space at about this size; NaN where none was. */
export async function keptRecall(
  store: Pick<Store, "setting">,
  { fingerprint }: Space,
  count: number,
): Promise<number> {
  const kept = (await store.setting(SETTING)) as Kept | undefined;
  const fits = kept?.fingerprint === fingerprint && count < 2 * kept.count && 2 * count > kept.count;
  return fits ? kept.recall : NaN;
}

/** Measures the mean recall@10 of `nearest` and keeps it where the store can be written. A step a question. */
export async function* measureRecallSteps(
  store: Store,
  nearest: NonNullable<Store["nearest"]>,
  { fingerprint }: Space,
  keep: boolean,
): AsyncGenerator<Step, number, void> {
  const all = await store.matching({});
  const sampled = sampleOf(all.length, SAMPLE, SEED).map((i) => all[i]!);
  const step = phaseClock("measure recall", sampled.length);
  const vectors = await store.vectorsOf(sampled);
  let sum = 0;
  let questions = 0;
  for (let r = 0; r < sampled.length; r++) {
    const vector = vectors.row(r);
    if (Number.isNaN(vector[0])) continue;
    const exact = new Set((await nearest(vector, { k: NEIGHBORS, exact: true })).map(({ chunk }) => chunk));
    const found = await nearest(vector, { k: NEIGHBORS });
    sum += exact.size === 0 ? 1 : found.filter(({ chunk }) => exact.has(chunk)).length / exact.size;
    questions++;
    yield step(r + 1);
  }
  const recall = questions === 0 ? 1 : sum / questions;
  if (keep) await store.setSetting(SETTING, { fingerprint, count: all.length, recall } satisfies Kept);
  return recall;
}
