/** The few numbers a file keeps of itself, and its spaces. */
import type { Space, StoreInfo } from "../store.ts";
import type { Connection, SqlRow } from "./database.ts";

type StateName =
  | "version"
  | "next"
  | "documents"
  | "chunks"
  | "space"
  | "migration"
  | "forgotten"
  | "buried"
  | "merging";

/** One of the numbers that a file keeps of itself. */
export function stateOf(connection: Connection, name: StateName): number {
  return connection.number("SELECT value FROM state WHERE name = ?", name);
}

export function setState(connection: Connection, name: StateName, value: number): void {
  connection.run("UPDATE state SET value = ? WHERE name = ?", value, name);
}

/** A space with its number in the file. */
export interface NumberedSpace {
  readonly number: number;
  readonly space: Space;
}

/** The space the store is in, or the one it is moving to. */
export function spaceOf(connection: Connection, which: "space" | "migration"): NumberedSpace | undefined {
  const row = connection.get(
    "SELECT number, name, dim, fingerprint, metric FROM spaces WHERE number = (SELECT value FROM state WHERE name = ?)",
    which,
  );
  return row && { number: row[0] as number, space: spaceFrom(row) };
}

function spaceFrom([, name, dim, fingerprint, metric]: SqlRow): Space {
  return { name, dim, fingerprint, metric } as Space;
}

/** Writes a space down and makes it the store's, or the one it moves to. */
export function addSpace(connection: Connection, which: "space" | "migration", space: Space): void {
  const { name, dim, fingerprint, metric } = space;
  connection.run(
    "INSERT INTO spaces (name, dim, fingerprint, metric) VALUES (?, ?, ?, ?)",
    name,
    dim,
    fingerprint,
    metric,
  );
  setState(connection, which, connection.number("SELECT max(number) FROM spaces"));
}

/** What `Store.info` tells. */
export function infoOf(connection: Connection): StoreInfo {
  return connection.transaction("DEFERRED", () => {
    const pageBytes = connection.number("PRAGMA page_size");
    return {
      schema: connection.number("PRAGMA user_version"),
      version: stateOf(connection, "version"),
      space: spaceOf(connection, "space")?.space,
      documents: stateOf(connection, "documents"),
      chunks: stateOf(connection, "chunks"),
      bytes: connection.number("PRAGMA page_count") * pageBytes,
      deadBytes: connection.number("PRAGMA freelist_count") * pageBytes,
    };
  });
}
