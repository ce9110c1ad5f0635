/** Derived files (indexes) kept in PostgreSQL: pieces of one size, so that any byte is found by counting. */
import { type ByteSource, LociError } from "../../core/index.ts";
import { evenPieces, piecewiseSource } from "../pieces.ts";
import { type PostgresClient, type PostgresPool, rowsOf, withClient } from "./connection.ts";

/** Replaces the snapshot of a name. In a transaction of the caller's. */
export async function writeSnapshot(
  client: PostgresClient,
  schema: string,
  name: string,
  version: number,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  await deleteSnapshot(client, schema, name);
  const [row] = await rowsOf(client, `select nextval('${schema}.generations') as generation`);
  const generation = row!["generation"];
  let [count, bytes] = [0, 0];
  for await (const piece of evenPieces(pieces)) {
    await rowsOf(client, `insert into ${schema}.snapshot_pieces (generation, piece, bytes) values ($1, $2, $3)`, [
      generation,
      count++,
      piece,
    ]);
    bytes += piece.length;
  }
  await rowsOf(client, `insert into ${schema}.snapshots (name, version, bytes, generation) values ($1, $2, $3, $4)`, [
    name,
    version,
    bytes,
    generation,
  ]);
}

/** Removes the snapshot of a name, if there is one. In a transaction of the caller's. */
export async function deleteSnapshot(client: PostgresClient, schema: string, name: string): Promise<void> {
  const [gone] = await rowsOf(client, `delete from ${schema}.snapshots where name = $1 returning generation`, [name]);
  if (gone) await rowsOf(client, `delete from ${schema}.snapshot_pieces where generation = $1`, [gone["generation"]]);
}

/** The snapshot of a name, read piece by piece as it is asked for. */
export async function openSnapshot(
  pool: PostgresPool,
  schema: string,
  name: string,
): Promise<{ version: number; source: ByteSource } | undefined> {
  const [head] = await withClient(pool, (client) =>
    rowsOf(client, `select version, bytes, generation from ${schema}.snapshots where name = $1`, [name]),
  );
  if (!head) return undefined;
  const bytes = Number(head["bytes"]);
  const piece = async (number: number): Promise<Uint8Array> => {
    const [row] = await withClient(pool, (client) =>
      rowsOf(client, `select bytes from ${schema}.snapshot_pieces where generation = $1 and piece = $2`, [
        head["generation"],
        number,
      ]),
    );
    if (!row) throw new LociError("not-found", `The snapshot "${name}" was replaced while it was read. Open it again.`);
    return row["bytes"] as Uint8Array;
  };
  return { version: Number(head["version"]), source: piecewiseSource(`${schema}, snapshot ${name}`, bytes, piece) };
}
