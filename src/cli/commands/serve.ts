/** `loci serve`: models and collections for other programs. */
import { type CommonFlags, defineCommand, switchFlag, text, textFlag, wholeFlag } from "../command.ts";
import { modelFlag } from "../collection-flags.ts";

export interface ServeFlags extends CommonFlags {
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly model?: string;
  readonly mcp: boolean;
  readonly about?: string;
}

export const serve = defineCommand<ServeFlags, [string]>({
  brief: "Answer other programs: embeddings in OpenAI's form, search over HTTP, MCP",
  usage: "FILE|MODEL [--port 8080]",
  details: [
    "With a collection: search at /v1/search and embeddings with its model at /v1/embeddings. With a model: embeddings. Only this " +
      "machine is let in, unless --host says otherwise, and then a token is needed. --mcp speaks the Model Context Protocol over " +
      "standard input and output instead, for assistants that start their tools themselves; it needs @modelcontextprotocol/sdk.",
  ],
  examples: [
    { command: "loci serve docs.db --port 8080", says: "then: curl 'localhost:8080/v1/search?q=leap+year'" },
    { command: "loci serve words --port 8080", says: "base URL http://127.0.0.1:8080/v1 for OpenAI's clients" },
    { command: 'loci serve docs.db --mcp --about "our handbook"', says: "as a tool of an assistant" },
  ],
  positional: {
    kind: "tuple",
    parameters: [{ brief: "A collection, a model folder, or a file of vectors", placeholder: "FILE", parse: text }],
  },
  flags: {
    port: wholeFlag("The port (default 0: any free one, which is printed)"),
    host: textFlag("The address to listen on (default 127.0.0.1)", "ADDRESS"),
    token: textFlag("What requests must show as “Authorization: Bearer …”; also from the variable LOCI_TOKEN", "TOKEN"),
    model: modelFlag,
    mcp: switchFlag("Speak the Model Context Protocol over standard input and output"),
    about: textFlag("With --mcp: what the collection holds, in a few words", "TEXT"),
  },
  load: () => import("./serve.run.ts"),
});
