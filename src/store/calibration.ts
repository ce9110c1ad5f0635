/**
 * What scores are worth in a collection: a sample of its vectors, and how close they are to each other.
 *
 * Kept as a setting with the version it was made at (the numbers of the sampled chunks and the thinned scores of their pairs; the
 * vectors are read again), so that every process gives the same percentiles, and made anew when the collection has doubled
 * or halved, or when a quarter of the sample is gone.
 */
import { Matrix } from "../core/index.ts";
import { norm } from "../math/index.ts";
import { scoreBetween } from "./metric.ts";
import { type PairScores, sampleOf, scorePairs } from "./percentile.ts";
import type { Space, Store } from "./store.ts";

export interface Calibration {
  readonly fingerprint: string;
  /** Of the store, when it was made. */
  readonly version: number;
  /** How many vectors there were. */
  readonly count: number;
  /** The sampled chunks. */
  readonly chunks: readonly number[];
  readonly pairs: PairScores;
  /** Of the sampled chunks that are still there. */
  readonly vectors: readonly Float32Array[];
}

/** Where vectors and the numbers of all chunks come from. */
export interface VectorSource {
  /** Ascending. */
  chunks(): Promise<ArrayLike<number>>;
  vectorsOf(chunks: readonly number[]): Promise<readonly (Float32Array | undefined)[]>;
}

/** The part of a store that keeps a calibration. */
export type Settings = Pick<Store, "setting" | "setSetting">;

const SETTING = "calibration";
const SAMPLE = 400; // 79,800 pairs; the floor of a question is then its 0.25 % quantile
const SEED = 1;

/** Whether a calibration still speaks of a collection of `count` vectors of this space. */
export function stillFits(known: Calibration | undefined, { fingerprint }: Space, count: number): known is Calibration {
  return (
    known !== undefined &&
    known.fingerprint === fingerprint &&
    count < 2 * known.count &&
    2 * count > known.count &&
    4 * known.vectors.length >= 3 * known.chunks.length
  );
}

/** The calibration that was kept, where it still fits; else undefined. */
export async function keptCalibration(
  store: Settings,
  space: Space,
  count: number,
  source: VectorSource,
): Promise<Calibration | undefined> {
  const kept = (await store.setting(SETTING)) as Omit<Calibration, "vectors"> | undefined;
  if (!kept || kept.fingerprint !== space.fingerprint) return undefined;
  const known = { ...kept, vectors: (await source.vectorsOf(kept.chunks)).filter((vector) => vector !== undefined) };
  return stillFits(known, space, count) ? known : undefined;
}

/** Samples and scores; undefined with fewer than 2 vectors that point anywhere. `keep` writes it into the store. */
export async function calibrate(
  store: Settings,
  space: Space,
  { keep, ...at }: { readonly version: number; readonly count: number; readonly keep: boolean },
  source: VectorSource,
): Promise<Calibration | undefined> {
  const all = await source.chunks();
  const drawn = sampleOf(all.length, SAMPLE, SEED).map((i) => all[i]!);
  const chunks: number[] = [];
  const vectors: Float32Array[] = [];
  (await source.vectorsOf(drawn)).forEach((vector, i) => {
    // A text in which the model found nothing has no place: its pairs say nothing about pairs.
    if (!vector || norm(vector) === 0) return;
    chunks.push(drawn[i]!);
    vectors.push(vector);
  });
  if (vectors.length < 2) return undefined;
  const made = { fingerprint: space.fingerprint, ...at, chunks, pairs: scorePairs(Matrix.of(vectors), space.metric) };
  if (keep) await store.setSetting(SETTING, made);
  return { ...made, vectors };
}

/** The lowest score of a question with the sample: what "not close at all" is for it. 0 without a sample. */
export function floorOf(query: Float32Array, known: Calibration | undefined, { metric }: Space): number {
  if (!known) return 0;
  const score = scoreBetween(metric);
  return known.vectors.reduce((lowest, vector) => Math.min(lowest, score(query, vector)), Infinity);
}

/** Forgets what is kept: it speaks of another space. */
export const dropCalibration = (store: Settings): Promise<void> => store.setSetting(SETTING, undefined);
