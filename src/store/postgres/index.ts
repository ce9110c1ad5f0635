/** The store in PostgreSQL with pgvector. Needs the package `pg`. */
export { PostgresStore } from "./postgres-store.ts";
export type { PostgresOptions } from "./postgres-store.ts";
export type { PostgresIndexOptions } from "./schema.ts";
export type { PostgresClient, PostgresPool } from "./connection.ts";
