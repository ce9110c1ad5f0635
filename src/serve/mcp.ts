/**
 * A collection as tools of the Model Context Protocol: `search` and `stats`.
 *
 * The protocol itself is `@modelcontextprotocol/sdk`'s, an optional peer. Tools only read.
 */
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { LociError } from "../core/index.ts";
import type { Filter } from "../store/index.ts";
import { MODES, type Searchable } from "./search.ts";

export interface McpOptions {
  readonly collection: Searchable;
  /** What the collection holds, in a sentence: the model that calls decides by it. Default: "documents". */
  readonly about?: string;
  readonly version?: string;
  /** Where messages come from and go to: a `Transport` of the SDK. Default: standard input and output. */
  readonly transport?: object;
}

/** A connection that serves. */
export interface McpConnection {
  /** Resolves when the other side is gone, or after `close`. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves a collection's tools until the connection is closed or the other side is gone.
 * Throws `peer-missing` where `@modelcontextprotocol/sdk` is not installed.
 */
export async function connectMcp({
  collection,
  about = "documents",
  version = "0",
  transport,
}: McpOptions): Promise<McpConnection> {
  const { server: sdk, types, stdio } = await loadSdk();
  const server = new sdk.Server({ name: "loci", version }, { capabilities: { tools: {} } });
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({ tools: toolsFor(about) }));
  server.setRequestHandler(types.CallToolRequestSchema, async ({ params }, { signal }) => {
    try {
      const value = await call(collection, params.name, params.arguments ?? {}, signal);
      return { content: [{ type: "text" as const, text: JSON.stringify(value) }] };
    } catch (error) {
      // The protocol wants a tool's failure as an answer, so that the model can read it and try otherwise.
      return {
        content: [{ type: "text" as const, text: error instanceof Error ? error.message : String(error) }],
        isError: true,
      };
    }
  });
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  await server.connect((transport as Transport | undefined) ?? new stdio.StdioServerTransport());
  return { ended, close: () => server.close() };
}

async function loadSdk() {
  try {
    const [server, types, stdio] = await Promise.all([
      import("@modelcontextprotocol/sdk/server/index.js"),
      import("@modelcontextprotocol/sdk/types.js"),
      import("@modelcontextprotocol/sdk/server/stdio.js"),
    ]);
    return { server, types, stdio };
  } catch (cause) {
    throw new LociError(
      "peer-missing",
      "The Model Context Protocol needs @modelcontextprotocol/sdk, which is not installed. Run: npm install @modelcontextprotocol/sdk",
      { cause },
    );
  }
}

const toolsFor = (about: string) => [
  {
    name: "search",
    description: `Finds passages by meaning and by words in ${about}. Returns passages with their document, place and score.`,
    inputSchema: {
      type: "object" as const,
      properties: {
        query: { type: "string", description: "What to look for, in plain words" },
        k: { type: "integer", minimum: 1, maximum: 100, description: "How many passages (default 8)" },
        mode: {
          type: "string",
          enum: [...MODES],
          description: "Default: meaning and words together, where there are vectors",
        },
        filter: { type: "object", description: 'Conditions on metadata, such as {"lang":"en","year":{"gte":2020}}' },
      },
      required: ["query"],
    },
  },
  {
    name: "stats",
    description: `How many documents there are in ${about}.`,
    inputSchema: { type: "object" as const, properties: {} },
  },
];

async function call(
  collection: Searchable,
  name: string,
  { query, k = 8, mode, filter }: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<unknown> {
  if (name === "stats") return { documents: await collection.count() };
  if (name !== "search")
    throw new LociError("unknown-key", `There is no tool "${name}"; there is "search" and "stats".`);
  if (typeof query !== "string") throw new LociError("bad-argument", "Expected `query` to be a text.");
  if (!Number.isInteger(k) || (k as number) < 1 || (k as number) > 100)
    throw new LociError("bad-argument", "Expected `k` to be a whole number from 1 to 100.");
  if (mode !== undefined && !MODES.includes(mode as never))
    throw new LociError("bad-argument", `Expected \`mode\` to be one of ${MODES.join(", ")}.`);
  const options = {
    k: k as number,
    ...(mode !== undefined && { mode: mode as (typeof MODES)[number] }),
    ...(filter !== undefined && { filter: filter as Filter }),
    signal,
  };
  return collection.search(query, options);
}
