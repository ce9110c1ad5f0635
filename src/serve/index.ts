/** Encoders and collections for other programs: HTTP in OpenAI's form, and the Model Context Protocol. */
export { serve } from "./server.ts";
export type { ServeOptions } from "./server.ts";
export type { Listening } from "./http.node.ts";
export type { Searchable } from "./search.ts";
export { connectMcp } from "./mcp.ts";
export type { McpConnection, McpOptions } from "./mcp.ts";
