/** The store in OpenSearch: a collection spread over several machines. Needs no package, only `fetch`. */
export { OpenSearchStore } from "./opensearch-store.ts";
export type { OpenSearchOptions } from "./opensearch-store.ts";
export type { OpenSearchIndexOptions } from "./layout.ts";
export type { Fetch } from "./client.ts";
