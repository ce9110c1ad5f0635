/** Documents on their way into a collection: checked, cut into chunks, embedded, written. */
import { LociError, type LongOptions, Matrix, type Step, phaseClock } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import { checkBatch } from "./check-batch.ts";
import type { Chunker, NewDocument } from "./collection-types.ts";
import { contentHash } from "./content-hash.ts";
import type { CollectionState } from "./collection-state.ts";
import { relaySteps } from "./relay.ts";
import { sameSpace } from "./space.ts";
import type { ChunkRange, PutDocument, Space, Store } from "./store.ts";

/** Texts handed to the encoder at once: enough to keep a remote one busy, few enough to hear of progress. */
const TEXTS_AT_ONCE = 128;

/** Each text is one chunk; one without anything but white space is none. */
export const wholeText: Chunker = (text) => (text.trim() === "" ? [] : [{ start: 0, end: text.length }]);

/** The documents as a store takes them, without vectors but those that came with them. Throws what the store would throw. */
export async function prepared(
  documents: readonly NewDocument[],
  chunk: Chunker,
  space: Space | undefined,
): Promise<readonly PutDocument[]> {
  const put: PutDocument[] = [];
  for (const { id, text, meta = {}, hash, chunks, vectors } of documents) {
    if (typeof text !== "string")
      throw new LociError("bad-argument", `Expected the text of "${id}" to be a string, got ${typeof text}.`);
    const ranges: readonly ChunkRange[] = chunks ?? (await chunk(text));
    put.push({ id, text, meta, hash: hash ?? contentHash(text), chunks: ranges, vectors });
  }
  return checkBatch({ put }, space).put;
}

/** The same documents with a vector for each chunk, in steps; `known` gives vectors that need not be made again. */
export async function* embeddedSteps(
  documents: readonly PutDocument[],
  encoder: Encoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, PutDocument[], void> {
  const waiting = documents.map((document) =>
    document.vectors ? [] : document.chunks.map((range) => ({ document, range })),
  );
  const texts = waiting.flat().map(({ document, range }) => document.text.slice(range.start, range.end));
  const vectors = yield* embedSteps(texts, encoder, signal);
  let at = 0;
  return documents.map((document, d) => {
    if (document.vectors) return document;
    const rows = waiting[d]!.length;
    const own = new Matrix(vectors.data.subarray(at * vectors.dim, (at + rows) * vectors.dim), vectors.dim);
    at += rows;
    return { ...document, vectors: own };
  });
}

/** One row a text, some texts at a time; equal texts are embedded once. Throws `dim-mismatch` where the encoder gives other rows. */
export async function* embedSteps(
  texts: readonly string[],
  encoder: Encoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, Matrix, void> {
  const distinct = [...new Set(texts)];
  const place = new Map(distinct.map((text, i) => [text, i]));
  const rows = Matrix.zeros(distinct.length, encoder.dim);
  const step = phaseClock("embed", distinct.length);
  for (let at = 0; at < distinct.length; at += TEXTS_AT_ONCE) {
    const some = distinct.slice(at, at + TEXTS_AT_ONCE);
    const made = await encoder.embed(some, { purpose: "document", ...(signal && { signal }) });
    if (made.rows !== some.length || made.dim !== encoder.dim)
      throw new LociError(
        "dim-mismatch",
        `The encoder "${encoder.name}" says dim ${encoder.dim} and gave ${made.rows} × ${made.dim} for ${some.length} texts.`,
      );
    rows.data.set(made.data, at * encoder.dim);
    yield step(at + some.length);
  }
  if (distinct.length === texts.length) return rows;
  const all = Matrix.zeros(texts.length, encoder.dim);
  texts.forEach((text, i) => all.row(i).set(rows.row(place.get(text)!)));
  return all;
}

const GROUP_DOCUMENTS = 512;
const GROUP_CHARACTERS = 1 << 22;

/** What is written at once: an array whole, anything else as it comes, some hundred documents or some million characters at a time. */
export async function* groupsOf(
  documents: Iterable<NewDocument> | AsyncIterable<NewDocument>,
): AsyncGenerator<readonly NewDocument[], void, void> {
  if (Array.isArray(documents)) {
    if (documents.length > 0) yield documents as readonly NewDocument[];
    return;
  }
  let group: NewDocument[] = [];
  let characters = 0;
  for await (const document of documents) {
    group.push(document);
    characters += document.text?.length ?? 0;
    if (group.length < GROUP_DOCUMENTS && characters < GROUP_CHARACTERS) continue;
    yield group;
    [group, characters] = [[], 0];
  }
  if (group.length > 0) yield group;
}

/** Writes a group: all of it, or nothing. */
export async function* putSteps(
  state: CollectionState,
  group: readonly NewDocument[],
  replace: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, { readonly chunks: number; readonly version: number }, void> {
  const { options, writes } = state;
  for (;;) {
    const { encoder } = state;
    // A call that is refused must not settle the space of an empty store.
    if (!state.space) await prepared(group.map(withoutVectors), () => [], undefined);
    const space = await state.spaceToWrite();
    const checked = await prepared(group, options.chunk ?? wholeText, space);
    if (!replace) await refusePresent(state.store, checked);
    const ready = encoder ? yield* embeddedSteps(checked, encoder, signal) : withoutEncoder(checked, space);
    const written = yield* relaySteps(
      (long) => writes.take(() => write(state, ready, { replace, space, long })),
      signal,
    );
    if (written) return written;
  }
}

const withoutVectors = ({ id, text, meta = {} }: NewDocument): NewDocument => ({ id, text, meta });

interface Writing {
  readonly replace: boolean;
  /** The space that the vectors are of. */
  readonly space: Space | undefined;
  readonly long: LongOptions;
}

/** Writes what is embedded; undefined where the collection has moved to another space since: then it is to be embedded anew. */
async function write(state: CollectionState, put: readonly PutDocument[], { replace, space, long }: Writing) {
  await state.look();
  if (space && !(state.space && sameSpace(space, state.space))) return undefined;
  // Asked again, since others may have written while this was being embedded.
  if (!replace) await refusePresent(state.store, put);
  const committed = await state.store.write({ put }, long);
  await state.opened?.apply(
    committed,
    put.flatMap(({ vectors }) => vectors ?? []),
  );
  return { chunks: committed.added.length, version: committed.version };
}

/** Removes documents, in one transaction; returns how many of them were there. */
export function removeDocuments(state: CollectionState, ids: readonly string[], long: LongOptions): Promise<number> {
  const distinct = [...new Set(ids)];
  return state.writes.take(async () => {
    const there = await presentAmong(state.store, distinct);
    const committed = await state.store.write({ remove: distinct }, long);
    await state.opened?.apply(committed, []);
    return there.length;
  });
}

async function refusePresent(store: Store, documents: readonly PutDocument[]): Promise<void> {
  const [first, ...others] = await presentAmong(
    store,
    documents.map(({ id }) => id),
  );
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more are` : " is";
  throw new LociError(
    "bad-argument",
    `"${first}"${more} in this collection already. Nothing of these was added: use upsert to replace, or remove first.`,
  );
}

const IDS_AT_ONCE = 256;

/** Those of the ids that are there. */
async function presentAmong(store: Store, ids: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const found = await store.documents(ids.slice(at, at + IDS_AT_ONCE));
    for (const document of found) if (document) there.push(document.id);
  }
  return there;
}

/** Documents of a collection without an encoder: where there is a space, their vectors must have come with them. */
function withoutEncoder(documents: readonly PutDocument[], space: Space | undefined): readonly PutDocument[] {
  const bare = space && documents.find(({ chunks, vectors }) => chunks.length > 0 && !vectors);
  if (!bare) return documents;
  throw new LociError(
    "bad-argument",
    `This collection holds vectors of "${space.name}", and "${bare.id}" has none. Open it with that encoder, or give the document its \`vectors\`.`,
  );
}
