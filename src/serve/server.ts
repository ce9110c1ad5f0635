/**
 * `loci serve`: encoders and a collection over HTTP.
 *
 * Four things can be asked: embeddings and the list of models in OpenAI's form, search, and whether all is well. Nothing
 * can be changed from outside: whoever reaches the port can read what the collection holds, and no more.
 */
import { checkWhole, LociError } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import { embeddings, models } from "./embeddings.ts";
import { type Listening, listen } from "./http.node.ts";
import { Refusal, type ServeRequest, type ServeResponse } from "./message.ts";
import { type Searchable, search } from "./search.ts";

export interface ServeOptions {
  /** Offered under their names at `/v1/embeddings`. */
  readonly encoders?: readonly Encoder[];
  /** Searched at `/v1/search`. */
  readonly collection?: Searchable;
  /** Default "127.0.0.1": this machine only. "0.0.0.0" lets the network in, and then a token is required. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** What `Authorization: Bearer …` must say. Default: no token is asked for. */
  readonly token?: string;
  /** Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** How many requests are worked on at once; more are told to try again. Default 32. */
  readonly maxConcurrent?: number;
  /** How long a request may take to arrive. Default 30,000. */
  readonly timeoutMs?: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/**
 * Starts serving. Throws `bad-argument` for a host beyond this machine without a token, and `network` where the port
 * cannot be had.
 */
export async function serve(options: ServeOptions): Promise<Listening> {
  const { host = "127.0.0.1", port = 0, token } = options;
  const { maxBodyBytes = 8 << 20, maxConcurrent = 32, timeoutMs = 30_000 } = options;
  checkWhole("port", port, 0, 65_535);
  checkWhole("maxBodyBytes", maxBodyBytes, 1);
  checkWhole("maxConcurrent", maxConcurrent, 1);
  checkWhole("timeoutMs", timeoutMs, 1);
  if (token === "") throw new LociError("bad-argument", "Expected a token of at least one character, got none.");
  if (!LOOPBACK.test(host) && token === undefined) {
    throw new LociError("bad-argument", `Listening on ${host} lets the network in: give a token for it to show.`);
  }
  const encoders = new Map((options.encoders ?? []).map((encoder) => [encoder.name, encoder]));
  const answer = (request: ServeRequest) => answerTo(request, encoders, options.collection);
  return listen({ host, port, token, maxBodyBytes, maxConcurrent, timeoutMs }, answer);
}

/** The answer to one request, without a socket. */
export async function answerTo(
  request: ServeRequest,
  encoders: ReadonlyMap<string, Encoder>,
  collection: Searchable | undefined,
): Promise<ServeResponse> {
  switch (`${request.method} ${request.path}`) {
    case "POST /v1/embeddings":
      return embeddings(encoders, request);
    case "GET /v1/models":
      return models(encoders);
    case "POST /v1/search":
    case "GET /v1/search":
      return search(collection, request);
    case "GET /health":
      return { status: 200, body: { ok: true } };
    default: {
      const known = ["/v1/embeddings", "/v1/models", "/v1/search", "/health"];
      if (known.includes(request.path))
        throw new Refusal(405, `${request.path} does not take ${request.method}.`, "method_not_allowed");
      throw new Refusal(404, `There is nothing here. There is: ${known.join(", ")}.`, "not_found");
    }
  }
}
