/** The driver for the SQLite that is built into Node, and the lock that keeps a second writer out. */
import { LociError } from "../../core/index.ts";
import { type SqliteDriver, type SqliteStatement, type SqlRow, toldOf } from "./database.ts";

type DatabaseSync = import("node:sqlite").DatabaseSync;

/** How long a connection waits for another's short lock, such as the one at the end of a checkpoint. */
const WAIT_MS = 5000;

function sqlite(): typeof import("node:sqlite") {
  const found = globalThis.process?.getBuiltinModule?.("node:sqlite");
  if (found) return found;
  throw new LociError("not-supported", "SqliteStore by path needs Node 22.13 or newer. In a browser, open it in OPFS.");
}

/** Opens a file. Without `readOnly` it is made if it is not there. */
export function openNodeDriver(path: string, { readOnly }: { readonly readOnly: boolean }): SqliteDriver {
  const database = readOnly ? openToRead(path) : opened(path, path, { timeout: WAIT_MS });
  return {
    prepare: (sql) => statementOf(database, sql),
    exec: (sql) => database.exec(sql),
    fileBytes() {
      throw new LociError("not-supported", `The collection lies in the file "${path}": close it and copy that.`);
    },
    codeOf,
    close: () => database.close(),
  };
}

function opened(path: string, where: string | URL, options: import("node:sqlite").DatabaseSyncOptions): DatabaseSync {
  const { DatabaseSync } = sqlite();
  try {
    return new DatabaseSync(where, options);
  } catch (error) {
    throw toldOf(error, codeOf(error), path);
  }
}

/**
 * Readers of a log want to note beside the file that they are there. Where the folder lets them write nothing, and there is no
 * log, nobody can be writing either: then the file is read as one that does not change. A writer that comes later is not seen by
 * such a reader, which may then find the file changed under it: docs/stores.md says so.
 */
function openToRead(path: string): DatabaseSync {
  const { existsSync } = process.getBuiltinModule("node:fs");
  if (!existsSync(path)) throw new LociError("not-found", `There is no collection "${path}". Check the path.`);
  const options = { readOnly: true, timeout: WAIT_MS };
  const database = opened(path, path, options);
  try {
    database.exec("SELECT 1 FROM sqlite_schema");
    return database;
  } catch (error) {
    database.close();
    if (![SQLITE_READONLY, SQLITE_CANTOPEN].includes((codeOf(error) ?? 0) & 0xff) || existsSync(`${path}-wal`))
      throw toldOf(error, codeOf(error), path);
    const { href } = process.getBuiltinModule("node:url").pathToFileURL(path);
    return opened(path, new URL(`${href}?immutable=1`), options);
  }
}

const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;

function statementOf(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  const reading = statement.columns().length > 0;
  // `run` gives the last row's number back, which in FTS5's own tables is beyond 2⁵³ and would be an error as a number.
  if (!reading) statement.setReadBigInts(true);
  return {
    run: (values) => void statement.run(...(values as (string | number | null)[])),
    all: (values) => statement.all(...(values as (string | number | null)[])) as unknown as SqlRow[],
    free() {}, // Node frees it when nobody holds it any more
  };
}

function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === "number" ? errcode : undefined;
}

/**
 * Takes the one writer's place of a collection, or throws `store-locked`. The system gives it back when the process ends,
 * however it ends: the lock is SQLite's own on an empty file `PATH-lock`, never the file's being there.
 */
export function lockWriter(path: string): { release(): void } {
  const { DatabaseSync } = sqlite();
  const { existsSync, realpathSync } = process.getBuiltinModule("node:fs");
  // A link is another name of the same collection.
  const file = `${existsSync(path) ? realpathSync(path) : path}-lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const told = toldOf(error, codeOf(error), path);
    if (!(told instanceof LociError) || told.code !== "store-locked") throw told;
    throw new LociError(
      "store-locked",
      `Another writer has the collection "${path}" open. Close it there, or open it here with readOnly: true.`,
      { cause: error },
    );
  }
  return { release: () => database.close() };
}
