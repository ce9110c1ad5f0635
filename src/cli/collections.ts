/** Opening collections and their models, for all commands. */
import { LociError, fileSource, platform } from "../core/index.ts";
import { type Encoder, StaticEncoder } from "../embed/index.ts";
import { Collection } from "../store/index.ts";
import type { Session } from "./session.ts";

export interface OpenCollectionOptions {
  /** The model, where the collection does not keep it. */
  readonly model?: string | undefined;
  /** Whether anything will be written. Default false. */
  readonly write?: boolean;
  /** Whether the command needs vectors of texts. Default true: the kept model is opened where there is one. */
  readonly encoder?: boolean;
}

/** Opens a collection that is there. Throws `not-found` where there is none, with what to do. */
export async function openCollection(
  path: string,
  session: Session,
  { model, write = false, encoder: wanted = true }: OpenCollectionOptions = {},
): Promise<Collection> {
  if (!(await platform.files!.stat(path)))
    throw new LociError(
      "not-found",
      `There is no collection "${path}". Make one of your files: loci index FOLDER --out ${path}`,
    );
  if (!(await isCollection(path)))
    throw new LociError("bad-file", `${path} is not a collection: it does not begin as SQLite's files do.`);
  const encoder = model === undefined ? undefined : await openEncoder(model, session);
  const keptEncoder = wanted && !encoder;
  return Collection.open(path, { readOnly: !write, keptEncoder, ...(encoder && { encoder }) });
}

/** Whether a file is a collection: it begins as SQLite's files do. */
export async function isCollection(path: string): Promise<boolean> {
  const found = await platform.files!.stat(path);
  if (!found || found.folder || found.bytes < 16) return false;
  const head = new Uint8Array(16);
  await (await fileSource(path)).readAt(0, head).catch((error: unknown) => {
    // A gzipped file has no middle to read from, and is no collection.
    if (!(error instanceof LociError) || error.code !== "not-supported") throw error;
  });
  return new TextDecoder("latin1").decode(head) === "SQLite format 3\0";
}

/** An encoder from a model folder, or made of a file of vectors. */
export function openEncoder(path: string, { signal, onStep }: Session): Promise<Encoder> {
  return StaticEncoder.open(path, { signal, onStep });
}
