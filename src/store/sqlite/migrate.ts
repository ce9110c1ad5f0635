/** Moving to another space: a second set of vectors that grows beside the first until it takes its place. */
import type { Committed, Migration, Space, StoredChunk } from "../store.ts";
import { sameSpace } from "../space.ts";
import type { Connection } from "./database.ts";
import { numbersWithVectors, putVectors } from "./packs.ts";
import { chunksAt } from "./read.ts";
import { addSpace, setState, spaceOf, stateOf } from "./state.ts";

export function migrationOf(connection: Connection): Migration | undefined {
  return connection.transaction("DEFERRED", () => {
    const found = spaceOf(connection, "migration");
    if (!found) return undefined;
    const written = connection.number(
      "SELECT coalesce(sum(length(chunks)) / 4, 0) FROM vectors WHERE space = ?",
      found.number,
    );
    return { space: found.space, written, missing: stateOf(connection, "chunks") - written };
  });
}

export function beginMigrationTo(connection: Connection, space: Space): void {
  connection.transaction("IMMEDIATE", () => {
    const found = spaceOf(connection, "migration");
    if (!found || !sameSpace(found.space, space)) addSpace(connection, "migration", space);
  });
}

/** The next chunks without a new vector. `after`: below it all have one. */
export function unmigratedChunks(
  connection: Connection,
  { limit, after }: { limit: number; after: number },
): StoredChunk[] | undefined {
  return connection.transaction("DEFERRED", () => {
    const found = spaceOf(connection, "migration");
    if (!found) return undefined;
    const missing: number[] = [];
    for (let from = after + 1; missing.length < limit;) {
      const documents = connection.all(
        "SELECT first, count FROM documents WHERE count > 0 AND first + count > ? AND first >= coalesce((SELECT max(first) FROM documents WHERE count > 0 AND first <= ?), 0) ORDER BY first LIMIT 256",
        from,
        from,
      ) as unknown as [number, number][];
      if (documents.length === 0) break;
      const last = documents.at(-1)![0] + documents.at(-1)![1] - 1;
      const written = numbersWithVectors(connection, found.number, from, last);
      for (const [first, count] of documents)
        for (let chunk = Math.max(first, from); chunk < first + count && missing.length < limit; chunk++)
          if (!written.has(chunk)) missing.push(chunk);
      from = last + 1;
    }
    return chunksAt(connection, missing) as StoredChunk[];
  });
}

/** Writes new vectors, row i for numbers[i]; of chunks that are gone, none. False where no migration is under way. */
export function writeMigratedVectors(
  connection: Connection,
  { numbers, data }: { numbers: readonly number[]; data: Float32Array },
): boolean {
  return connection.transaction("IMMEDIATE", () => {
    const found = spaceOf(connection, "migration");
    if (!found) return false;
    const { dim } = found.space;
    const alive = numbers.map((chunk, i) => ({ chunk, i })).filter(({ chunk }) => lives(connection, chunk));
    const places = [...new Map(alive.map(({ chunk, i }) => [chunk, i]))].sort(([a], [b]) => a - b);
    const rows = new Float32Array(places.length * dim);
    places.forEach(([, i], to) => rows.set(data.subarray(i * dim, (i + 1) * dim), to * dim));
    putVectors(
      connection,
      found.number,
      dim,
      places.map(([chunk]) => chunk),
      rows,
    );
    return true;
  });
}

function lives(connection: Connection, chunk: number): boolean {
  const row = connection.get(
    "SELECT ?1 < first + count FROM documents WHERE count > 0 AND first <= ?1 ORDER BY first DESC LIMIT 1",
    chunk,
  );
  return row?.[0] === 1;
}

/** Makes the new space the store's: its version then, or how many chunks are missing; undefined where none is under way. */
export function switchSpace(connection: Connection): Pick<Committed, "version"> | { missing: number } | undefined {
  return connection.transaction("IMMEDIATE", () => {
    const migration = migrationOf(connection);
    if (!migration) return undefined;
    if (migration.missing > 0) return { missing: migration.missing };
    const version = stateOf(connection, "version") + 1;
    setState(connection, "space", stateOf(connection, "migration"));
    setState(connection, "migration", 0);
    setState(connection, "version", version);
    // Whoever is behind has an index of the other space: there is nothing to catch up from.
    connection.run("DELETE FROM commits");
    setState(connection, "forgotten", version);
    return { version };
  });
}
