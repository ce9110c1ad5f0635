/** Reading documents, chunks, vectors and changes. Each call sees one state of the file, whatever is written meanwhile. */
import { type Changes, netChanges } from "../change-log.ts";
import { type Condition } from "../condition.ts";
import { metaFromJson } from "../meta.ts";
import type { Meta } from "../filter.ts";
import type { StoredChunk, StoredDocument } from "../store.ts";
import type { Connection, SqlRow } from "./database.ts";
import { documentSet } from "./filter-sql.ts";
import { type Pack, packsAfter, vectorsAt } from "./packs.ts";
import { spaceOf, stateOf } from "./state.ts";
import { wholeText } from "./write.ts";

/** An entry of a list. */
export interface ListedDocument {
  readonly id: string;
  readonly hash: string;
  readonly meta: Meta;
}

export function documentsOf(connection: Connection, ids: readonly string[]): (StoredDocument | undefined)[] {
  return connection.transaction("DEFERRED", () =>
    ids.map((id) => {
      const row = connection.get("SELECT number, hash, meta FROM documents WHERE id = ?", id);
      if (!row) return undefined;
      const [number, hash, meta] = row as [number, string, string];
      return { id, text: wholeText(connection, number), hash, meta: metaFromJson(meta) };
    }),
  );
}

/** A page of the list: ids after `after` (from `prefix` on), in order. */
export function listPage(
  connection: Connection,
  {
    condition,
    prefix,
    after,
    limit,
  }: { condition: Condition | undefined; prefix: string; after: string; limit: number },
): ListedDocument[] {
  const set = condition && documentSet(condition);
  const rows = connection.all(
    `SELECT id, hash, meta FROM documents WHERE id > ? AND id >= ? ${set ? `AND number IN (${set.sql})` : ""} ORDER BY id LIMIT ?`,
    after,
    prefix,
    ...(set?.values ?? []),
    limit,
  );
  return rows.map(([id, hash, meta]) => ({
    id: id as string,
    hash: hash as string,
    meta: metaFromJson(meta as string),
  }));
}

export function countOf(connection: Connection, condition: Condition): number {
  const { sql, values } = documentSet(condition);
  return connection.number(`SELECT count(DISTINCT document) FROM (${sql})`, ...values);
}

/** First numbers and counts of the documents that meet a condition, ascending. */
export function rangesMatching(connection: Connection, condition: Condition): SqlRow[] {
  const { sql, values } = documentSet(condition);
  return connection.all(
    `SELECT first, count FROM documents WHERE count > 0 AND number IN (${sql}) ORDER BY first`,
    ...values,
  );
}

/** The numbers of chunks whose documents meet a condition, ascending. */
export function matchingChunks(connection: Connection, condition: Condition): Float64Array {
  const ranges = rangesMatching(connection, condition) as unknown as [number, number][];
  const numbers = new Float64Array(ranges.reduce((sum, [, count]) => sum + count, 0));
  let at = 0;
  for (const [first, count] of ranges) for (let i = 0; i < count; i++) numbers[at++] = first + i;
  return numbers;
}

export function chunksOfDocument(connection: Connection, id: string): StoredChunk[] {
  return connection.transaction("DEFERRED", () => {
    const row = connection.get("SELECT number, meta, first, count, ranges FROM documents WHERE id = ?", id);
    if (!row) return [];
    const [number, json, first, count, ranges] = row as [number, string, number, number, Uint8Array];
    const text = wholeText(connection, number);
    const meta = metaFromJson(json);
    const places = new Uint32Array(ranges.slice().buffer);
    return Array.from({ length: count }, (_, i) => {
      const [start, end] = [places[2 * i]!, places[2 * i + 1]!];
      return { chunk: first + i, document: id, start, end, text: text.slice(start, end), meta };
    });
  });
}

export function chunksAt(connection: Connection, numbers: readonly number[]): (StoredChunk | undefined)[] {
  return connection.transaction("DEFERRED", () => numbers.map((chunk) => chunkAt(connection, chunk)));
}

function chunkAt(connection: Connection, chunk: number): StoredChunk | undefined {
  const row = connection.get(
    `SELECT number, id, meta, substr(ranges, 8 * (?1 - first) + 1, 8) FROM documents
      WHERE count > 0 AND first = (SELECT max(first) FROM documents WHERE count > 0 AND first <= ?1) AND ?1 < first + count`,
    chunk,
  );
  if (!row) return undefined;
  const [document, id, json, range] = row as [number, string, string, Uint8Array];
  const [start, end] = new Uint32Array(range.slice().buffer);
  return {
    chunk,
    document: id,
    start: start!,
    end: end!,
    text: textBetween(connection, document, start!, end!),
    meta: metaFromJson(json),
  };
}

/** Units start … end of a text, of which only the parts they lie in are read. */
function textBetween(connection: Connection, document: number, start: number, end: number): string {
  if (start === end) return "";
  const parts = connection.all(
    `SELECT start, text FROM texts WHERE document = ?1 AND start < ?3
       AND start >= (SELECT max(start) FROM texts WHERE document = ?1 AND start <= ?2) ORDER BY start`,
    document,
    start,
    end,
  );
  const from = parts[0]![0] as number;
  return parts
    .map(([, text]) => text as string)
    .join("")
    .slice(start - from, end - from);
}

/** The next vectors of chunks above `after`, at least `rows` if there are so many. Undefined without such a space. */
export function vectorsAfter(
  connection: Connection,
  { which, after, rows }: { which: "space" | "migration"; after: number; rows: number },
): (Pack & { dim: number }) | undefined {
  return connection.transaction("DEFERRED", () => {
    const found = spaceOf(connection, which);
    return found && { ...packsAfter(connection, found.number, found.space.dim, after, rows), dim: found.space.dim };
  });
}

/** Vectors of some chunks. Undefined without such a space. */
export function vectorsOfChunks(
  connection: Connection,
  { which, numbers }: { which: "space" | "migration"; numbers: readonly number[] },
): { data: Float32Array; dim: number } | undefined {
  return connection.transaction("DEFERRED", () => {
    const found = spaceOf(connection, which);
    return found && { data: vectorsAt(connection, found.number, found.space.dim, numbers), dim: found.space.dim };
  });
}

export function changesSince(connection: Connection, since: number): Changes | undefined {
  return connection.transaction("DEFERRED", () => {
    const version = stateOf(connection, "version");
    if (since < stateOf(connection, "forgotten") || since > version) return undefined;
    const entries = connection
      .all("SELECT next, removed FROM commits WHERE version > ? ORDER BY version", since)
      .map(([next, removed]) => ({
        next: next as number,
        removed: [...new Float64Array((removed as Uint8Array).slice().buffer)],
      }));
    return netChanges(version, entries, (from) =>
      (
        connection.all(
          "SELECT first, count FROM documents WHERE count > 0 AND first >= ? ORDER BY first",
          from,
        ) as unknown as [number, number][]
      ).flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i)),
    );
  });
}

export function settingOf(connection: Connection, name: string): string | undefined {
  return connection.get("SELECT value FROM settings WHERE name = ?", name)?.[0] as string | undefined;
}
