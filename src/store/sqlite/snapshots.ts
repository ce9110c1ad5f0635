/**
 * Derived files (indexes) in pieces, and the sweeping up of what is no longer referred to.
 *
 * An index may be larger than what one transaction should hold, so its pieces are written in many, under a number that
 * nobody knows yet; one last transaction makes it the snapshot of its name. A process that dies before leaves pieces of
 * nothing, which the next writer sweeps up. Old vectors of a space that was left go the same way.
 */
import { LociError } from "../../core/index.ts";
import type { Connection } from "./database.ts";
import { setState, stateOf } from "./state.ts";

/** Bytes in a piece. */
export const PIECE_BYTES = 1 << 20;
/** A piece's number is its snapshot's times this, plus its place: 16 TB a snapshot. */
const PLACES = 2 ** 24;
/** How much one sweep deletes, about, so that other work has its turn. */
const SWEPT_BYTES = 1 << 23;

export function beginSnapshot(connection: Connection, { name, version }: { name: string; version: number }): number {
  return connection.transaction("IMMEDIATE", () => {
    connection.run("INSERT INTO snapshots (name, version, bytes, whole) VALUES (?, ?, 0, 0)", name, version);
    return connection.number("SELECT max(number) FROM snapshots");
  });
}

/** Writes the bytes from `position` on (a multiple of PIECE_BYTES) of a snapshot. */
export function writePieces(
  connection: Connection,
  { snapshot, position, bytes }: { snapshot: number; position: number; bytes: Uint8Array },
): void {
  const place = position / PIECE_BYTES;
  connection.transaction("IMMEDIATE", () => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      connection.run(
        "INSERT INTO pieces VALUES (?, ?)",
        snapshot * PLACES + place + at / PIECE_BYTES,
        bytes.subarray(at, at + PIECE_BYTES),
      );
  });
}

/** Makes a snapshot the one of its name. */
export function endSnapshot(connection: Connection, { snapshot, bytes }: { snapshot: number; bytes: number }): void {
  connection.transaction("IMMEDIATE", () => {
    connection.run(
      "DELETE FROM snapshots WHERE whole = 1 AND name = (SELECT name FROM snapshots WHERE number = ?)",
      snapshot,
    );
    connection.run("UPDATE snapshots SET whole = 1, bytes = ? WHERE number = ?", bytes, snapshot);
  });
}

/** Drops a snapshot by name, or (a number) one that was not finished. */
export function dropSnapshot(connection: Connection, which: string | number): void {
  const column = typeof which === "string" ? "name" : "number";
  connection.transaction("IMMEDIATE", () => connection.run(`DELETE FROM snapshots WHERE ${column} = ?`, which));
}

/** Drops snapshots that were never finished: when a writer opens, whoever began them is gone. */
export function dropUnfinished(connection: Connection): void {
  if (connection.number("SELECT count(*) FROM snapshots WHERE whole = 0") === 0) return;
  connection.transaction("IMMEDIATE", () => connection.run("DELETE FROM snapshots WHERE whole = 0"));
}

export function snapshotNamed(
  connection: Connection,
  name: string,
): { snapshot: number; version: number; bytes: number } | undefined {
  const row = connection.get("SELECT number, version, bytes FROM snapshots WHERE name = ? AND whole = 1", name);
  return row && { snapshot: row[0] as number, version: row[1] as number, bytes: row[2] as number };
}

/**
 * Bytes position … position + length of a snapshot, in `into` where that is given (memory that threads share); undefined where
 * the snapshot has gone.
 */
export function snapshotBytes(
  connection: Connection,
  {
    snapshot,
    position,
    length,
    into,
  }: { snapshot: number; position: number; length: number; into: Uint8Array | undefined },
): Uint8Array | undefined {
  return connection.transaction("DEFERRED", () => {
    if (!connection.get("SELECT 1 FROM snapshots WHERE number = ?", snapshot)) return undefined;
    const out = into ?? new Uint8Array(length);
    for (let at = 0; at < length;) {
      const bytes = pieceBytes(connection, snapshot, position + at, length - at);
      if (bytes.length === length && !into) return bytes;
      out.set(bytes, at);
      at += bytes.length;
    }
    return out;
  });
}

/** What of one piece is asked for. A whole one is read as it is: `substr` would copy it once more. */
function pieceBytes(connection: Connection, snapshot: number, position: number, length: number): Uint8Array {
  const number = snapshot * PLACES + Math.floor(position / PIECE_BYTES);
  const from = position % PIECE_BYTES;
  const row =
    from === 0 && length >= PIECE_BYTES
      ? connection.get("SELECT data FROM pieces WHERE number = ?", number)
      : connection.get(
          "SELECT substr(data, ?, ?) FROM pieces WHERE number = ?",
          from + 1,
          Math.min(length, PIECE_BYTES - from),
          number,
        );
  const bytes = row?.[0] as Uint8Array | undefined;
  if (bytes && bytes.length > 0) return bytes;
  throw new LociError(
    "bad-file",
    `The collection "${connection.name}" lacks a piece of a snapshot it lists. Verify it, and index anew.`,
  );
}

/** Deletes some of what nothing refers to; whether there is more. */
export function sweep(connection: Connection): boolean {
  return connection.transaction("IMMEDIATE", () => sweepPieces(connection) || sweepVectors(connection));
}

function sweepPieces(connection: Connection): boolean {
  const alive = new Set(connection.all("SELECT number FROM snapshots").map(([number]) => number as number));
  // Numbers of snapshots are few: from one to the next through the pieces, without reading them.
  for (let from = 0; ;) {
    const piece = connection.number("SELECT min(number) FROM pieces WHERE number >= ?", from) as number | null;
    if (piece === null) return false;
    const snapshot = Math.floor(piece / PLACES);
    if (alive.has(snapshot)) {
      from = (snapshot + 1) * PLACES;
      continue;
    }
    connection.run(
      "DELETE FROM pieces WHERE number IN (SELECT number FROM pieces WHERE number >= ? AND number < ? ORDER BY number LIMIT ?)",
      piece,
      (snapshot + 1) * PLACES,
      SWEPT_BYTES / PIECE_BYTES,
    );
    return true;
  }
}

function sweepVectors(connection: Connection): boolean {
  const [space, migration] = [stateOf(connection, "space"), stateOf(connection, "migration")];
  const left = connection.get("SELECT number FROM spaces WHERE number NOT IN (?, ?) LIMIT 1", space, migration);
  if (!left) return false;
  const packs = connection.all("SELECT number FROM vectors WHERE space = ? LIMIT 64", left[0]!);
  for (const [pack] of packs) connection.run("DELETE FROM vectors WHERE number = ?", pack!);
  if (packs.length === 0) connection.run("DELETE FROM spaces WHERE number = ?", left[0]!);
  return true;
}

/** Gives free pages back to the system, some at a time, once they are a quarter of the file; whether there is more to give. */
export function shrink(connection: Connection): boolean {
  const [pages, free] = [connection.number("PRAGMA page_count"), connection.number("PRAGMA freelist_count")];
  if (free < LEAST_PAGES || free < pages / 4) return false;
  connection.all(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
  return connection.number("PRAGMA freelist_count") < free;
}

/** Below 1 MB nobody misses the space; steps of 4 MB take some milliseconds. */
const LEAST_PAGES = 128;
const STEP_PAGES = 512;

/** Forgets the migration that is under way: its vectors are swept up. */
export function forgetMigration(connection: Connection): void {
  connection.transaction("IMMEDIATE", () => setState(connection, "migration", 0));
}
