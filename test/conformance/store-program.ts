/**
 * A program of writes that two processes can follow without speaking: step n of a seed is always the same.
 *
 * A child writes it to a store until it is killed; its parent, who heard which steps were acknowledged, replays them on a plain
 * Map and says what the store has to hold.
 */
import { Matrix, Rng } from "../../src/core/index.ts";
import type { PutDocument, Store } from "../../src/store/index.ts";
import { documentOf, SPACE } from "./store.ts";

/** What the parent keeps of a document. */
export interface Expected {
  readonly text: string;
  readonly hash: string;
  readonly vectors: readonly number[];
}

/** Everything that a store of this program should hold. */
export interface Model {
  readonly documents: Map<string, Expected>;
  readonly setting: number | undefined;
  readonly snapshot: number | undefined;
}

type StepOf =
  | { readonly kind: "write"; readonly put: PutDocument[]; readonly remove: string[] }
  | { readonly kind: "setting"; readonly value: number }
  | { readonly kind: "snapshot"; readonly version: number }
  | { readonly kind: "compact" };

const IDS = 40;

function stepOf(seed: number, n: number): StepOf {
  const rng = new Rng(seed * 100_003 + n);
  const chance = rng.nextBelow(100);
  if (chance < 4) return { kind: "setting", value: n };
  if (chance < 8) return { kind: "snapshot", version: n };
  if (chance < 10) return { kind: "compact" };
  const ids = new Set(Array.from({ length: 1 + rng.nextBelow(4) }, () => `d${rng.nextBelow(IDS)}`));
  const put = [...ids].map((id) => randomDocument(rng, id, n));
  const remove = [`d${rng.nextBelow(IDS)}`].filter((id) => !ids.has(id) && rng.nextBelow(2) === 0);
  return { kind: "write", put, remove };
}

function randomDocument(rng: Rng, id: string, n: number): PutDocument {
  // Most are short; some take long enough to be killed in the middle.
  const sentences = rng.nextBelow(12) === 0 ? 400 : 1 + rng.nextBelow(5);
  const words = Array.from({ length: sentences }, (_, i) => `step${n} sentence${i} word${rng.nextBelow(500)} of ${id}`);
  const vectors = Matrix.of(words.map((_, i) => [n, i, rng.nextBelow(1000)]));
  return documentOf(id, words, { hash: `${n}`, meta: { n, id, tags: ["a", n % 2 === 0] }, vectors });
}

/** Pieces of a derived file in which every byte tells its version. */
async function* snapshotPieces(version: number): AsyncGenerator<Uint8Array, void, void> {
  for (let i = 0; i < 3; i++) yield new Uint8Array(700_000).fill(version % 251);
}

/** Does step n. */
export async function doStep(store: Store, seed: number, n: number): Promise<void> {
  const step = stepOf(seed, n);
  if (step.kind === "write") await store.write(step);
  else if (step.kind === "setting") await store.setSetting("n", step.value);
  else if (step.kind === "snapshot") await store.saveSnapshot("index", step.version, snapshotPieces(step.version));
  else await store.compact();
}

/** What holds after step n, if `model` held before. */
export function after(model: Model, seed: number, n: number): Model {
  const step = stepOf(seed, n);
  if (step.kind === "setting") return { ...model, setting: step.value };
  if (step.kind === "snapshot") return { ...model, snapshot: step.version };
  if (step.kind === "compact") return model;
  const documents = new Map(model.documents);
  for (const id of step.remove) documents.delete(id);
  for (const { id, text, hash, vectors } of step.put) documents.set(id, { text, hash, vectors: [...vectors!.data] });
  return { ...model, documents };
}

/** Where the store differs from a model; undefined if nowhere. Looks at documents, texts, vectors, words, settings, snapshots. */
export async function difference(store: Store, model: Model): Promise<string | undefined> {
  const listed = new Map<string, string>();
  for await (const { id, hash } of store.list()) listed.set(id, hash);
  if (listed.size !== model.documents.size) return `${listed.size} documents, not ${model.documents.size}`;
  for (const [id, { text, hash, vectors }] of model.documents) {
    if (listed.get(id) !== hash) return `${id} is of step ${listed.get(id)}, not ${hash}`;
    const [document] = await store.documents([id]);
    if (document?.text !== text) return `${id} has another text`;
    const chunks = await store.chunksOf(id);
    const there = await store.vectorsOf(chunks.map(({ chunk }) => chunk));
    if (there.data.length !== vectors.length || !vectors.every((x, i) => x === there.data[i]))
      return `${id} has other vectors`;
    const [hit] = await store.keyword(`sentence0 step${hash}`, { k: 1, filter: { id } });
    if (hit?.chunk !== chunks[0]!.chunk) return `${id} is not found by its words`;
  }
  const setting = (await store.setting("n")) as number | undefined;
  if (setting !== model.setting) return `the setting is ${setting}, not ${model.setting}`;
  const snapshot = await store.snapshot("index");
  if (snapshot?.version !== model.snapshot)
    return `the snapshot is of step ${snapshot?.version}, not ${model.snapshot}`;
  if (snapshot) {
    const bytes = new Uint8Array(snapshot.source.bytes! + 1);
    const got = await snapshot.source.readAt(0, bytes);
    if (got !== 2_100_000 || !bytes.subarray(0, got).every((byte) => byte === model.snapshot! % 251))
      return "the snapshot has other bytes";
  }
  return undefined;
}

/** What a store holds before the first step. */
export const NOTHING: Model = { documents: new Map(), setting: undefined, snapshot: undefined };

/** Makes a new store ready for the program. */
export async function prepare(store: Store): Promise<void> {
  await store.setSpace(SPACE);
}
