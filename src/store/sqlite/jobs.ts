/**
 * What a thread with a connection does when it is asked: the store's whole vocabulary, as jobs.
 *
 * The same table runs on a worker, in Node and in browsers, or on the caller's own thread. Everything that travels is plain
 * data.
 */
import type { JobContext } from "../../core/index.ts";
import type { Space } from "../store.ts";
import { Connection } from "./database.ts";
import { lockWriter, openNodeDriver } from "./database.node.ts";
import { openWebDriver, type WebSetup } from "./database.web.ts";
import { keywordSearch } from "./keyword.ts";
import {
  bytesOfFile,
  checkCounts,
  checkDocuments,
  checkFile,
  emptyLog,
  joinPacks,
  mergeWords,
  rewriteFile,
  unburyWords,
} from "./maintain.ts";
import { beginMigrationTo, migrationOf, switchSpace, unmigratedChunks, writeMigratedVectors } from "./migrate.ts";
import {
  changesSince,
  chunksAt,
  chunksOfDocument,
  countOf,
  documentsOf,
  listPage,
  matchingChunks,
  settingOf,
  vectorsAfter,
  vectorsOfChunks,
} from "./read.ts";
import { openForReading, openForWriting } from "./schema.ts";
import {
  beginSnapshot,
  dropSnapshot,
  dropUnfinished,
  endSnapshot,
  forgetMigration,
  shrink,
  snapshotBytes,
  snapshotNamed,
  sweep,
  writePieces,
} from "./snapshots.ts";
import { addSpace, infoOf, stateOf } from "./state.ts";
import { beginWrite, commitWrite, putDocuments, rollbackWrite } from "./write.ts";

/** What a connection is opened with. */
export interface ConnectionSetup {
  readonly path: string;
  readonly readOnly: boolean;
  /** In a browser: the file lies in OPFS. */
  readonly web: WebSetup | undefined;
}

type Operation = (connection: Connection, input: never) => unknown;

/** All that can be asked of an open connection. */
export const operations = {
  info: infoOf,
  version: (connection: Connection) => stateOf(connection, "version"),
  setSpace: (connection: Connection, space: Space) =>
    connection.transaction("IMMEDIATE", () => addSpace(connection, "space", space)),
  beginWrite,
  putDocuments,
  commitWrite,
  rollbackWrite,
  documents: documentsOf,
  list: listPage,
  chunksOf: chunksOfDocument,
  chunks: chunksAt,
  matching: matchingChunks,
  count: countOf,
  keyword: keywordSearch,
  vectorsAfter,
  vectorsOf: vectorsOfChunks,
  changes: changesSince,
  beginSnapshot,
  writePieces,
  endSnapshot,
  dropSnapshot,
  snapshot: snapshotNamed,
  snapshotBytes,
  sweep,
  shrink,
  migration: migrationOf,
  beginMigration: beginMigrationTo,
  unmigrated: unmigratedChunks,
  writeMigrated: writeMigratedVectors,
  switchSpace,
  forgetMigration,
  setting: settingOf,
  setSetting(connection: Connection, { name, json }: { name: string; json: string | undefined }): void {
    connection.transaction("IMMEDIATE", () => {
      if (json === undefined) connection.run("DELETE FROM settings WHERE name = ?", name);
      else
        connection.run(
          "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
          name,
          json,
        );
    });
  },
  bytes: bytesOfFile,
  fileBytes: (connection: Connection) => connection.fileBytes(),
  joinPacks,
  mergeWords,
  unburyWords,
  rewriteFile,
  emptyLog,
  checkFile,
  checkCounts,
  checkDocuments,
} satisfies Record<string, Operation>;

export type Operations = typeof operations;

interface Opened {
  readonly connection: Connection;
  readonly lock: { release(): void } | undefined;
}

const jobs = {
  /** Opens the connection of the setup; only then can anything else be asked. */
  async open(_: null, { setup, kept }: JobContext): Promise<void> {
    const { path, readOnly, web } = setup as ConnectionSetup;
    const lock = readOnly || web ? undefined : lockWriter(path);
    let connection: Connection | undefined;
    try {
      const driver = web ? await openWebDriver(path, web) : openNodeDriver(path, { readOnly });
      connection = new Connection(driver, path);
      if (readOnly) openForReading(connection);
      else {
        openForWriting(connection);
        dropUnfinished(connection);
      }
    } catch (error) {
      connection?.close();
      lock?.release();
      throw error;
    }
    kept.set("opened", { connection, lock } satisfies Opened);
  },
  close(_: null, { kept }: JobContext): void {
    const opened = kept.get("opened") as Opened | undefined;
    kept.delete("opened");
    opened?.connection.close();
    opened?.lock?.release();
  },
};

function onConnection<I, O>(operation: (connection: Connection, input: I) => O): (input: I, context: JobContext) => O {
  return (input, { kept }) => operation((kept.get("opened") as Opened).connection, input);
}

/** The jobs: open, close, and each operation on the connection that is open. */
export const sqliteJobs = {
  ...jobs,
  ...(Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      onConnection(operation as (connection: Connection, input: unknown) => unknown),
    ]),
  ) as { [N in keyof Operations]: (input: InputOf<Operations[N]>, context: JobContext) => ReturnType<Operations[N]> }),
};

type InputOf<O> = O extends (connection: Connection, input: infer I) => unknown
  ? unknown extends I
    ? null
    : I
  : never;
