/**
 * SQLite as this room uses it: a few calls that Node's build and the WebAssembly build both have.
 *
 * Everything above a driver is plain SQL and runs on whatever SQLite the machine offers. Calls are synchronous, as SQLite
 * is; the threads they run on are the store's business (sqlite-store.ts).
 */
import { LociError, type LociErrorCode } from "../../core/index.ts";

/** What goes into a statement and comes out of a row. Numbers are float64: whole ones are exact up to 2⁵³. */
export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = readonly SqlValue[];

/** A statement that was prepared. */
export interface SqliteStatement {
  run(values: SqlRow): void;
  /** All rows. A blob belongs to whoever gets it. */
  all(values: SqlRow): SqlRow[];
  /** Gives its memory back. */
  free(): void;
}

/** What a driver offers: one open connection. */
export interface SqliteDriver {
  prepare(sql: string): SqliteStatement;
  /** Statements without values or rows. */
  exec(sql: string): void;
  /** The file's bytes, where the driver can tell them. */
  fileBytes(): Uint8Array;
  /** SQLite's result code of an error that this driver threw; undefined for other errors. */
  codeOf(error: unknown): number | undefined;
  close(): void;
}

/** How many prepared statements are kept: more than this room has fixed ones; filters make new ones all the time. */
const MOST_STATEMENTS = 128;

/** One connection, with its statements kept prepared and SQLite's errors told as Loci's. */
export class Connection {
  /** The file, for messages. */
  readonly name: string;
  readonly #driver: SqliteDriver;
  /** In order of use, the longest unused first. */
  readonly #statements = new Map<string, SqliteStatement>();
  #inTransaction = false;

  constructor(driver: SqliteDriver, name: string) {
    this.#driver = driver;
    this.name = name;
  }

  exec(sql: string): void {
    this.#told(() => this.#driver.exec(sql));
  }

  run(sql: string, ...values: SqlRow): void {
    this.#told(() => this.#prepared(sql).run(values));
  }

  all(sql: string, ...values: SqlRow): SqlRow[] {
    return this.#told(() => this.#prepared(sql).all(values));
  }

  /** The first row. */
  get(sql: string, ...values: SqlRow): SqlRow | undefined {
    return this.all(sql, ...values)[0];
  }

  /** A number of the first row. */
  number(sql: string, ...values: SqlRow): number {
    return this.get(sql, ...values)?.[0] as number;
  }

  /** Runs `work` in one transaction: `IMMEDIATE` to write, `DEFERRED` to read one and the same state throughout. */
  transaction<T>(kind: "IMMEDIATE" | "DEFERRED", work: () => T): T {
    if (this.#inTransaction) return work();
    this.begin(kind);
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  begin(kind: "IMMEDIATE" | "DEFERRED"): void {
    this.exec(`BEGIN ${kind}`);
    this.#inTransaction = true;
  }

  commit(): void {
    this.exec("COMMIT");
    this.#inTransaction = false;
  }

  /** Leaves the transaction, if there is one, with nothing done. */
  rollback(): void {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    try {
      this.#driver.exec("ROLLBACK");
    } catch (error) {
      // After some failures (disk full, out of memory) SQLite has rolled back by itself: then there is none to leave.
      if (this.#driver.codeOf(error) !== SQLITE_ERROR) throw error;
    }
  }

  /** The file as it is, whole. Throws `not-supported` where that is not the driver's to give. */
  fileBytes(): Uint8Array {
    return this.#driver.fileBytes();
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
    this.#driver.close();
  }

  #prepared(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement) this.#statements.delete(sql);
    else statement = this.#driver.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > MOST_STATEMENTS) {
      const [oldest, unused] = this.#statements.entries().next().value!;
      this.#statements.delete(oldest);
      unused.free();
    }
    return statement;
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toldOf(error, this.#driver.codeOf(error), this.name);
    }
  }
}

const SQLITE_ERROR = 1;

/** SQLite's result codes that have a meaning for whoever uses a store. */
const MEANINGS: Readonly<Record<number, readonly [LociErrorCode, string]>> = {
  5: ["store-locked", "is being used by another process. Try again when that one is done"],
  6: ["store-locked", "is being used by this process. Try again when that is done"],
  7: ["out-of-memory", "needs more memory than the machine gave"],
  8: ["read-only", "cannot be written: the file or its folder is read-only"],
  10: ["cannot-write", "could not be read or written by the system. Check the disk"],
  11: ["bad-file", "is damaged. Restore it from a copy, or index anew"],
  13: ["cannot-write", "could not be written: the disk is full"],
  14: ["cannot-write", "cannot be opened. Check that its folder exists and that you may write there"],
  26: ["bad-file", "is no SQLite database. Name a file that Loci made, or a new one"],
};

/** An error of SQLite as one of Loci; other errors, and those that only a mistake in this room can cause, as they are. */
export function toldOf(error: unknown, code: number | undefined, name: string): unknown {
  const meaning = code === undefined ? undefined : MEANINGS[code & 0xff];
  if (!meaning) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new LociError(meaning[0], `The collection "${name}" ${meaning[1]} (SQLite: ${why}).`, { cause: error });
}
