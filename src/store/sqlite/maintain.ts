/** Compacting and verifying, in steps of their own, so that the store can tell how far it is. */
import { LociError } from "../../core/index.ts";
import { membersOf, metaFromJson } from "../meta.ts";
import type { Connection } from "./database.ts";
import { TYPE_NUMBERS } from "./filter-sql.ts";
import { packAt, packRows, putVectors } from "./packs.ts";
import { setState, stateOf } from "./state.ts";
import { wholeText, termsOf } from "./write.ts";

/** Joins packs that together make no full one: small writes and removals leave such. */
export function joinPacks(connection: Connection): void {
  for (const [space, dim] of connection.all("SELECT number, dim FROM spaces") as unknown as [number, number][]) {
    const full = packRows(dim);
    const packs = connection.all(
      "SELECT number, length(data) / (4 * ?) FROM vectors WHERE space = ? ORDER BY first",
      dim,
      space,
    ) as unknown as [number, number][];
    let group: number[] = [];
    let rows = 0;
    const join = (): void => {
      if (group.length > 1) joinSome(connection, space, dim, group);
      [group, rows] = [[], 0];
    };
    for (const [pack, count] of packs) {
      if (rows + count > full) join();
      group.push(pack);
      rows += count;
    }
    join();
  }
}

function joinSome(connection: Connection, space: number, dim: number, rows: readonly number[]): void {
  connection.transaction("IMMEDIATE", () => {
    const packs = rows.map((row) => packAt(connection, row));
    for (const row of rows) connection.run("DELETE FROM vectors WHERE number = ?", row);
    const data = new Float32Array(packs.reduce((sum, pack) => sum + pack.data.length, 0));
    let at = 0;
    for (const pack of packs) {
      data.set(pack.data, at);
      at += pack.data.length;
    }
    putVectors(
      connection,
      space,
      dim,
      packs.flatMap(({ numbers }) => numbers),
      data,
    );
  });
}

/**
 * Removals leave marks in the keyword index, which go with what they mark when its segments are merged. Once there are as many
 * marks as there are chunks, all segments are merged, some pages a call; whether there is more to do.
 */
export function unburyWords(connection: Connection): boolean {
  return connection.transaction("IMMEDIATE", () => {
    const merging = stateOf(connection, "merging") === 1;
    if (!merging && stateOf(connection, "buried") <= stateOf(connection, "chunks") + LEAST_BURIED) return false;
    // A negative number of pages begins a merge of everything, a positive one goes on with it (FTS5's "merge").
    const before = connection.number("SELECT total_changes()");
    connection.run("INSERT INTO words (words, rank) VALUES ('merge', ?)", merging ? MERGED_PAGES : -MERGED_PAGES);
    const done = connection.number("SELECT total_changes()") - before < 2;
    setState(connection, "merging", done ? 0 : 1);
    if (!merging) setState(connection, "buried", 0);
    return !done;
  });
}

const LEAST_BURIED = 1000;
/** Some 2 MB of the index, in some tens of milliseconds. */
const MERGED_PAGES = 500;

/** Merges the keyword index into one segment, in which nothing that was removed is left, and forgets fields without members. */
export function mergeWords(connection: Connection): void {
  connection.transaction("IMMEDIATE", () => {
    connection.run("INSERT INTO words (words) VALUES ('optimize')");
    setState(connection, "buried", 0);
    setState(connection, "merging", 0);
    connection.run("DELETE FROM fields WHERE number NOT IN (SELECT DISTINCT field FROM members)");
  });
}

/**
 * Writes the whole file anew, without gaps, and empties the log beside it. What was deleted is zeros already (`secure_delete`);
 * here nothing is left either of how pages were before they were rearranged, nor in commits that wait in the log.
 */
export function rewriteFile(connection: Connection): void {
  connection.exec("VACUUM");
  emptyLog(connection);
}

/** Takes all commits from the log into the file. Throws `store-locked` where a reader needs the log as it is for too long. */
export function emptyLog(connection: Connection): void {
  const [busy] = connection.get("PRAGMA wal_checkpoint(TRUNCATE)")!;
  if (busy === 0) return;
  throw new LociError(
    "store-locked",
    `The collection "${connection.name}" is smaller now, but a reader still holds its older state, so what was removed is not gone from "${connection.name}-wal". Compact again when the reader is done.`,
  );
}

export function bytesOfFile(connection: Connection): number {
  return connection.number("PRAGMA page_count") * connection.number("PRAGMA page_size");
}

/** What SQLite itself finds, the keyword index's own check included. */
export function checkFile(connection: Connection): string[] {
  const found = connection.all("PRAGMA integrity_check").map(([line]) => String(line));
  return found.length === 1 && found[0] === "ok" ? [] : found.map((line) => `SQLite: ${line}`);
}

/** What is counted against what is there, and the vectors. */
export function checkCounts(connection: Connection): string[] {
  return connection.transaction("DEFERRED", () => {
    const found: string[] = [];
    const same = (what: string, told: string, there: string): void => {
      const [a, b] = [connection.number(`SELECT ${told}`), connection.number(`SELECT ${there}`)];
      if (a !== b) found.push(`${what}: ${a} by the one count, ${b} by the other.`);
    };
    const state = (name: string): string => `(SELECT value FROM state WHERE name = '${name}')`;
    same("documents", state("documents"), "count(*) FROM documents");
    same("chunks", state("chunks"), "coalesce(sum(count), 0) FROM documents");
    same("chunks in the keyword index", state("chunks"), "count(*) FROM words_docsize");
    same("texts without a document", "0", "count(*) FROM texts WHERE document NOT IN (SELECT number FROM documents)");
    same(
      "metadata without a document",
      "0",
      "count(*) FROM members WHERE document NOT IN (SELECT number FROM documents)",
    );
    same(
      "numbers of chunks that are yet to be given",
      "0",
      `count(*) FROM documents WHERE first + count > ${state("next")}`,
    );
    checkPacks(connection, found);
    return found;
  });
}

function checkPacks(connection: Connection, found: string[]): void {
  const ranges = connection.all("SELECT first, count FROM documents WHERE count > 0 ORDER BY first") as unknown as [
    number,
    number,
  ][];
  for (const [space, dim] of connection.all(
    "SELECT number, dim FROM spaces WHERE number IN (SELECT value FROM state WHERE name IN ('space', 'migration'))",
  ) as unknown as [number, number][]) {
    let [last, at] = [0, 0];
    for (const [row] of connection.all(
      "SELECT number FROM vectors WHERE space = ? ORDER BY first",
      space,
    ) as unknown as [number][]) {
      const { numbers, data } = packAt(connection, row);
      if (data.length !== numbers.length * dim)
        found.push(`vectors, pack ${row}: ${data.length} numbers for ${numbers.length} chunks of dim ${dim}.`);
      for (const chunk of numbers) {
        if (chunk <= last) found.push(`vectors, pack ${row}: chunk ${chunk} comes after ${last}.`);
        last = chunk;
        while (at < ranges.length && ranges[at]![0] + ranges[at]![1] <= chunk) at++;
        if (at === ranges.length || chunk < ranges[at]![0])
          found.push(`vectors, pack ${row}: chunk ${chunk} is of no document.`);
      }
      if (!data.every(Number.isFinite)) found.push(`vectors, pack ${row}: a number that is not finite.`);
    }
  }
}

/** Looks at some documents after `after`; what it found, and the number to go on from (undefined: that was the last). */
export function checkDocuments(
  connection: Connection,
  { after, limit }: { after: number; limit: number },
): { found: string[]; after: number | undefined } {
  return connection.transaction("DEFERRED", () => {
    const found: string[] = [];
    const rows = connection.all(
      "SELECT number, id, meta, first, count, ranges FROM documents WHERE number > ? ORDER BY number LIMIT ?",
      after,
      limit,
    );
    for (const [number, id, meta, first, count, ranges] of rows as unknown as [
      number,
      string,
      string,
      number,
      number,
      Uint8Array,
    ][]) {
      const wrong = (what: string): unknown => found.push(`document "${id}": ${what}`);
      const text = wholeText(connection, number);
      const places = new Uint32Array(ranges.slice().buffer);
      if (places.length !== 2 * count) wrong(`${places.length / 2} ranges for ${count} chunks.`);
      for (let i = 0; i < count; i++) {
        const [start, end] = [places[2 * i]!, places[2 * i + 1]!];
        if (!(start <= end && end <= text.length))
          wrong(`chunk ${first + i} is ${start} … ${end} of a text of ${text.length}.`);
        const terms = termsOf(text, start, end);
        const size = connection.get("SELECT sz FROM words_docsize WHERE id = ?", first + i)?.[0] as
          | Uint8Array
          | undefined;
        const counted = size && varint(size);
        const expected = terms === "" ? 0 : terms.split(" ").length;
        if (counted !== expected) wrong(`chunk ${first + i} has ${expected} terms, ${counted} in the keyword index.`);
      }
      for (const { field, scalar } of membersOf(metaFromJson(meta))) {
        const there = connection.get(
          "SELECT 1 FROM members WHERE field = (SELECT number FROM fields WHERE name = ?) AND type = ? AND value = ? AND document = ?",
          field,
          TYPE_NUMBERS[scalar.type],
          scalar.value,
          number,
        );
        if (!there) wrong(`its metadata field "${field}" is not found by filters.`);
      }
    }
    return { found, after: rows.length < limit ? undefined : (rows.at(-1)![0] as number) };
  });
}

/** The first of SQLite's numbers of variable length: seven bits a byte, high ones first. */
function varint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 127);
    if (byte < 128) break;
  }
  return value;
}
