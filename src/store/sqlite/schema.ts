/**
 * The tables of a collection's file, and how older files become newer ones.
 *
 * docs/formats/collection-file.md describes them one by one. A file says by `user_version` which schema it has and by
 * `application_id` that it is Loci's. Each migration takes a file one schema further; a new file walks the same way from 0,
 * so that there is one way and it is tested by everything. All of it is one transaction: a process that dies in the middle
 * leaves the old file.
 */
import { LociError } from "../../core/index.ts";
import type { Connection } from "./database.ts";

/** "Loci" in ASCII. */
const APPLICATION_ID = 0x4c6f6369;

/** 16 MB of pages kept; and a file is a stranger's until it is read: its schema runs nothing, its pages are looked at twice. */
const CAREFUL = "PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";

/** Takes a file from the schema of its place in the list to the next one. */
export type SchemaMigration = (connection: Connection) => void;

/**
 * Why these: few and large rows, since a row costs far more in OPFS than on a disk. A document's chunks are numbered without
 * gaps, so its row holds their first number, their count and their ranges, and there is no table of chunks. Metadata is kept
 * whole for answers and by member for filters: 100,000 documents, one path found by index in 0.02 ms, by json_extract in 34.
 */
function firstSchema(connection: Connection): void {
  connection.exec(`
    CREATE TABLE state (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
    INSERT INTO state VALUES ('version', 0), ('next', 1), ('documents', 0), ('chunks', 0), ('space', 0), ('migration', 0), ('forgotten', 0), ('buried', 0), ('merging', 0);
    CREATE TABLE spaces (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, dim REAL NOT NULL, fingerprint TEXT NOT NULL, metric TEXT NOT NULL);
    CREATE TABLE documents (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, meta TEXT NOT NULL,
      first INTEGER, count INTEGER NOT NULL, ranges BLOB NOT NULL
    );
    CREATE UNIQUE INDEX documents_first ON documents (first) WHERE count > 0;
    CREATE TABLE texts (document INTEGER NOT NULL, start INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE UNIQUE INDEX texts_place ON texts (document, start);
    CREATE TABLE fields (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE members (field INTEGER, type INTEGER, value, document INTEGER, PRIMARY KEY (field, type, value, document)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (terms, content='', tokenize='ascii');
    CREATE TABLE vectors (number INTEGER PRIMARY KEY, space INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, chunks BLOB NOT NULL, data BLOB NOT NULL);
    CREATE UNIQUE INDEX vectors_place ON vectors (space, first, last);
    CREATE TABLE commits (version INTEGER PRIMARY KEY, next REAL NOT NULL, removed BLOB NOT NULL);
    CREATE TABLE snapshots (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version REAL NOT NULL, bytes REAL NOT NULL, whole INTEGER NOT NULL);
    CREATE TABLE pieces (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `);
}

/** In order; schema n is what the first n leave behind. */
export const MIGRATIONS: readonly SchemaMigration[] = [firstSchema];

/**
 * Prepares a connection that writes, and brings its file to the newest schema. Throws `bad-file` where the file is another
 * program's, or of a newer Loci.
 */
export function openForWriting(connection: Connection, migrations: readonly SchemaMigration[] = MIGRATIONS): void {
  connection.exec(CAREFUL);
  const schema = checkedSchema(connection, migrations.length);
  // What a new file is to be. Large pages, since most of a collection is blobs: they are read and written up to twice as
  // fast as with 4 KB. Freed pages are given back bit by bit.
  if (schema === 0) connection.exec("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL");
  // What is deleted is overwritten with zeros; a commit is on the disk before it is told.
  connection.exec("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216");
  connection.all("PRAGMA journal_mode = WAL");
  if (schema === migrations.length) return;
  connection.transaction("IMMEDIATE", () => {
    for (const migrate of migrations.slice(schema)) migrate(connection);
    connection.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`);
  });
}

/** Checks that a connection that only reads can do so. */
export function openForReading(connection: Connection, known: number = MIGRATIONS.length): void {
  connection.exec(CAREFUL);
  const schema = checkedSchema(connection, known);
  const { name } = connection;
  if (schema === 0) throw new LociError("not-found", `"${name}" holds no collection yet. Open it for writing first.`);
  if (schema < known)
    throw new LociError(
      "read-only",
      `The collection "${name}" has the older schema ${schema}; this Loci reads ${known}. Open it once for writing, which brings it up to date.`,
    );
}

/** The schema of a file; 0 where it is empty. Throws `bad-file` where it is another program's, or newer than what is known. */
function checkedSchema(connection: Connection, known: number): number {
  const { name } = connection;
  const [owner, schema, tables] = [
    "PRAGMA application_id",
    "PRAGMA user_version",
    "SELECT count(*) FROM sqlite_schema",
  ].map((sql) => connection.number(sql)) as [number, number, number];
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0))
    throw new LociError(
      "bad-file",
      `"${name}" is a SQLite database of another program. Name a file that Loci made, or a new one.`,
    );
  if (schema > known)
    throw new LociError(
      "bad-file",
      `The collection "${name}" has schema ${schema}; this Loci knows ${known} at most. Update Loci.`,
    );
  return schema;
}
