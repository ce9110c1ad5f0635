/**
 * The servers that the tests of this folder talk to: named by the environment, or started here, or said to be missing.
 *
 * Where a machine cannot start them the tests are skipped, each with the reason, and the reason is printed besides, loudly: a
 * run that tested nothing must not look like one that did. With `LOCI_SERVERS_REQUIRED` set it is a failure.
 */
import { CannotServe } from "../../scripts/servers/child.ts";
import { type OpenSearchCluster, startOpenSearch } from "../../scripts/servers/opensearch.ts";
import { startPostgres } from "../../scripts/servers/postgres.ts";

/** A server, or the reason why there is none. */
export interface ServerHere<S> {
  readonly url: string | undefined;
  /** Undefined where the server was there already. */
  readonly server: S | undefined;
  readonly skip: string | undefined;
  remove(): Promise<void>;
}

async function here<S extends { remove(): Promise<void> }>(
  what: string,
  named: string | undefined,
  start: () => Promise<S>,
  urlOf: (server: S) => string,
): Promise<ServerHere<S>> {
  if (named) return { url: named, server: undefined, skip: undefined, remove: async () => undefined };
  try {
    const server = await start();
    return { url: urlOf(server), server, skip: undefined, remove: () => server.remove() };
  } catch (error) {
    if (!(error instanceof CannotServe) || process.env["LOCI_SERVERS_REQUIRED"]) throw error;
    console.error(`\n*** ${what} IS NOT TESTED HERE: ${error.message}\n`);
    return { url: undefined, server: undefined, skip: error.message, remove: async () => undefined };
  }
}

/** PostgreSQL with pgvector. */
export const postgresHere = (): Promise<ServerHere<Awaited<ReturnType<typeof startPostgres>>>> =>
  here("POSTGRESQL", process.env["LOCI_POSTGRES"], startPostgres, ({ url }) => url);

/** OpenSearch, so many nodes; `url` is their addresses with commas. */
export const openSearchHere = (nodes: number): Promise<ServerHere<OpenSearchCluster>> =>
  here(
    "OPENSEARCH",
    process.env["LOCI_OPENSEARCH"],
    () => startOpenSearch({ nodes }),
    ({ urls }) => urls.join(),
  );
