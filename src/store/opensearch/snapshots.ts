/** Derived files (indexes) kept in OpenSearch: pieces under numbers of their own, and a head that says which of them count. */
import { type ByteSource, LociError, base64, fromBase64 } from "../../core/index.ts";
import { evenPieces, piecewiseSource } from "../pieces.ts";
import type { Client } from "./client.ts";
import { type Control, readDocument } from "./control.ts";
import type { Names } from "./layout.ts";
import { deleteWhere, indexLine } from "./write.ts";

interface Head {
  readonly version: number;
  readonly bytes: number;
  readonly generation: number;
}

/** The place of a named document in the state index. Throws `bad-argument` for names that are too long for one. */
export function idOf(kind: "snapshot" | "setting", name: string): string {
  const id = `${kind}:${encodeURIComponent(name.toWellFormed())}`;
  if (id.length <= 500) return id;
  throw new LociError(
    "bad-argument",
    `The name of a ${kind} must be shorter: "${name.slice(0, 40)}…" has ${name.length} characters.`,
  );
}

/** Writes the pieces, then the head, then removes the pieces of the one before. */
export async function writeSnapshot(
  client: Client,
  names: Names,
  control: Control,
  name: string,
  version: number,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const id = idOf("snapshot", name);
  const generation = control.state.nextFile;
  await control.replace({ nextFile: generation + 1 });
  let [count, bytes] = [0, 0];
  try {
    for await (const piece of evenPieces(pieces)) {
      const row = { kind: "piece", generation, piece: count, data: base64(piece) };
      await client.bulk([[indexLine(names.state, pieceId(generation, count++)), row]]);
      bytes += piece.length;
    }
  } catch (error) {
    await deletePieces(client, names, generation);
    throw error;
  }
  const old = await readDocument<Head>(client, names.state, id);
  const head = { kind: "snapshot", version, bytes, generation };
  await client.bulk([[indexLine(names.state, id), head]]);
  if (old) await deletePieces(client, names, old.value.generation);
}

const pieceId = (generation: number, piece: number): string => `piece:${generation}:${piece}`;

async function deletePieces(client: Client, names: Names, generation: number): Promise<void> {
  await client.request("POST", `/${names.state}/_refresh`);
  await deleteWhere(client, names.state, { bool: { filter: [{ term: { kind: "piece" } }, { term: { generation } }] } });
}

/** Removes a snapshot, if there is one. */
export async function deleteSnapshot(client: Client, names: Names, name: string): Promise<void> {
  const id = idOf("snapshot", name);
  const old = await readDocument<Head>(client, names.state, id);
  if (!old) return;
  await client.bulk([[{ delete: { _index: names.state, _id: id } }]]);
  await deletePieces(client, names, old.value.generation);
}

/** The snapshot of a name, read piece by piece as it is asked for. */
export async function openSnapshot(
  client: Client,
  names: Names,
  name: string,
): Promise<{ version: number; source: ByteSource } | undefined> {
  const head = await readDocument<Head>(client, names.state, idOf("snapshot", name));
  if (!head) return undefined;
  const { version, bytes, generation } = head.value;
  const piece = async (number: number): Promise<Uint8Array> => {
    const row = await readDocument<{ data: string }>(client, names.state, pieceId(generation, number));
    if (!row) throw new LociError("not-found", `The snapshot "${name}" was replaced while it was read. Open it again.`);
    const bytes = fromBase64(row.value.data);
    if (!bytes)
      throw new LociError(
        "bad-file",
        `Piece ${number} of the snapshot "${name}" is damaged. Remove it; it can be made again.`,
      );
    return bytes;
  };
  return { version, source: piecewiseSource(`${names.base}, snapshot ${name}`, bytes, piece) };
}
