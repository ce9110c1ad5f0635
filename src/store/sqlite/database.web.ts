/**
 * The driver for SQLite's own WebAssembly build over OPFS, the files that a browser keeps for a site.
 *
 * The build (`@sqlite.org/sqlite-wasm`) is an optional peer. It cannot be inside our worker's text, nor be found from there by
 * name, so the page says at which address it serves the package's `dist/index.mjs`, and the worker's text begins with an import
 * of it. Files lie in a pool of access handles (SQLite's "opfs-sahpool": the fastest way, and one that needs no
 * cross-origin isolation), one pool a collection, since a pool belongs to whoever opened it first.
 */
import type { OpfsSAHPoolDatabase, PreparedStatement, SAHPoolUtil, Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { LociError } from "../../core/index.ts";
import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./database.ts";

/** What the worker needs to know in a browser. */
export interface WebSetup {
  /** The address of `sqlite3.wasm`, if it does not lie beside the module. */
  readonly wasm: string | undefined;
  /** A file of a collection to begin with, where there is none yet under this name. */
  readonly bytes: Uint8Array | undefined;
}

/** Under this name the worker's first line leaves SQLite for the driver. */
const LEFT = "lociSqlite";
/** The collection, inside its pool. */
const FILE = "/collection.db";
/** The file and its journal, and two to spare. */
const POOL_FILES = 4;

/** The first line of a worker that uses SQLite: it loads the module at `address`. */
export function importingSqlite(address: string): string {
  return `import sqlite from ${JSON.stringify(address)}; globalThis.${LEFT} = sqlite;`;
}

type Initialize = (options: { locateFile?: (name: string) => string }) => Promise<Sqlite3Static>;

/** Opens a collection in OPFS; it is made if it is not there. Throws `store-locked` where another page or worker has it open. */
export async function openWebDriver(name: string, { wasm, bytes }: WebSetup): Promise<SqliteDriver> {
  const initialize = (globalThis as unknown as Record<string, Initialize>)[LEFT]!;
  const sqlite = await initialize(wasm === undefined ? {} : { locateFile: () => wasm });
  const pool = await openPool(sqlite, name);
  if (bytes) await importFile(pool, name, bytes);
  let database: OpfsSAHPoolDatabase;
  try {
    database = new pool.OpfsSAHPoolDb(FILE);
  } catch (error) {
    pool.pauseVfs();
    throw error;
  }
  return {
    prepare: (sql) => statementOf(sqlite, database.prepare(sql)),
    exec: (sql) => void database.exec(sql),
    fileBytes: () => pool.exportFile(FILE),
    codeOf: (error) => (error instanceof sqlite.SQLite3Error ? error.resultCode : undefined),
    close() {
      database.close();
      pool.pauseVfs(); // gives the handles back, so that another page can open the collection
    },
  };
}

async function openPool(sqlite: Sqlite3Static, name: string): Promise<SAHPoolUtil> {
  try {
    return await sqlite.installOpfsSAHPoolVfs({
      name: `loci ${name}`,
      directory: `/loci/${encodeURIComponent(name)}`,
      initialCapacity: POOL_FILES,
    });
  } catch (cause) {
    if ((cause as Error).name === "NoModificationAllowedError")
      throw new LociError(
        "store-locked",
        `Another page or worker has the collection "${name}" open. Close it there first.`,
        { cause },
      );
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LociError(
      "not-supported",
      `This browser offers no files for the collection "${name}" (OPFS: ${why}). Use a MemoryStore.`,
      { cause },
    );
  }
}

async function importFile(pool: SAHPoolUtil, name: string, bytes: Uint8Array): Promise<void> {
  if (pool.getFileNames().includes(FILE)) {
    pool.pauseVfs();
    throw new LociError(
      "cannot-write",
      `There is a collection "${name}" already. Remove it first, or import under another name.`,
    );
  }
  try {
    await pool.importDb(FILE, bytes);
  } catch (cause) {
    pool.pauseVfs();
    throw new LociError("bad-file", `The bytes for the collection "${name}" are no SQLite database.`, { cause });
  }
}

function statementOf({ capi }: Sqlite3Static, statement: PreparedStatement): SqliteStatement {
  const utf8 = new TextDecoder();
  const bound = (values: SqlRow): PreparedStatement => {
    statement.clearBindings();
    values.forEach((value, i) => {
      // As float64, whatever its size: left to itself, 1e300 would be taken for a whole number and lose its upper bits.
      if (typeof value === "number") capi.sqlite3_bind_double(statement.pointer!, i + 1, value);
      else statement.bind(i + 1, value);
    });
    return statement;
  };
  const valueAt = (column: number): SqlValue => {
    const value = statement.get(column) as SqlValue;
    // Text ends here at a character U+0000; its bytes do not.
    return typeof value === "string"
      ? utf8.decode((statement.get(column, capi.SQLITE_BLOB) as Uint8Array | null) ?? new Uint8Array())
      : value;
  };
  return {
    run: (values) => void bound(values).stepReset(),
    all(values) {
      const rows: SqlValue[][] = [];
      try {
        bound(values);
        while (statement.step())
          rows.push(Array.from({ length: statement.columnCount }, (_, column) => valueAt(column)));
      } finally {
        statement.reset();
      }
      return rows;
    },
    free: () => void statement.finalize(),
  };
}
