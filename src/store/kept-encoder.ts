/**
 * The encoder inside the collection, so that one file is all that a search needs.
 *
 * Kept by the fingerprint of its space, its files as snapshots, and written down as kept when all of them are: so a migration can bring
 * the next one in before the switch, and whoever opens the collection reads the one that goes with the vectors.
 */
import { type ByteSource, LociError } from "../core/index.ts";
import { type Encoder, StaticEncoder } from "../embed/index.ts";
import type { Space, Store } from "./store.ts";

const SETTING = "encoders";

/** The names of the files of each kept encoder, by fingerprint; `last` is the one that was kept last. */
interface Kept {
  readonly last: string;
  readonly files: Readonly<Record<string, readonly string[]>>;
}

const keptIn = async (store: Store): Promise<Kept | undefined> => (await store.setting(SETTING)) as Kept | undefined;

const snapshotOf = (fingerprint: string, file: string): string => `encoder-${fingerprint}/${file}`;

/** Keeps an encoder; nothing happens where it is kept already. Throws `not-supported` for one that is no `StaticEncoder`. */
export async function keepEncoder(store: Store, encoder: Encoder): Promise<void> {
  if (!(encoder instanceof StaticEncoder))
    throw new LociError(
      "not-supported",
      `Only a StaticEncoder can be kept in a collection; "${encoder.name}" is none. Give it each time the collection is opened.`,
    );
  const { fingerprint } = encoder;
  const kept = await keptIn(store);
  if (kept?.files[fingerprint]) return;
  const version = await store.version();
  const files = encoder.files();
  for (const [name, pieces] of Object.entries(files)) {
    await store.saveSnapshot(snapshotOf(fingerprint, name), version, asynchronous(pieces));
  }
  const all = { ...kept?.files, [fingerprint]: Object.keys(files) };
  await store.setSetting(SETTING, { last: fingerprint, files: all } satisfies Kept);
}

/** Whether the encoder of a space is kept. */
export async function isKept(store: Store, space: Space | undefined): Promise<boolean> {
  return space !== undefined && (await keptIn(store))?.files[space.fingerprint] !== undefined;
}

/** The encoder kept for the store's space, or for the first documents to come; undefined where none is kept. */
export async function keptEncoder(store: Store, space: Space | undefined): Promise<Encoder | undefined> {
  const kept = await keptIn(store);
  if (!kept) return undefined;
  const fingerprint = space?.fingerprint ?? kept.last;
  const sources: Record<string, ByteSource> = {};
  for (const name of kept.files[fingerprint] ?? []) {
    const snapshot = await store.snapshot(snapshotOf(fingerprint, name));
    if (!snapshot) return undefined; // removed since by a migration: the space is another one now
    sources[name] = snapshot.source;
  }
  return Object.keys(sources).length === 0 ? undefined : StaticEncoder.read(sources);
}

/** Lets go of all kept encoders but that of one space. */
export async function dropOtherEncoders(store: Store, { fingerprint }: Space): Promise<void> {
  const kept = await keptIn(store);
  if (!kept) return;
  const own = kept.files[fingerprint];
  await store.setSetting(
    SETTING,
    own ? ({ last: fingerprint, files: { [fingerprint]: own } } satisfies Kept) : undefined,
  );
  for (const [other, names] of Object.entries(kept.files)) {
    if (other === fingerprint) continue;
    for (const name of names) await store.removeSnapshot(snapshotOf(other, name));
  }
}

async function* asynchronous(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield* pieces;
}
