/**
 * The listening end: sockets to plain requests, answers to JSON.
 *
 * All limits are here: how long a request may take to arrive, how large it may be, how many are worked on at once. A
 * request for a name that is not this machine's is refused while we listen on loopback, so that a web page cannot reach
 * the server by giving its own name this address (DNS rebinding).
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LociError } from "../core/index.ts";
import { Refusal, type ServeRequest, type ServeResponse } from "./message.ts";

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Requests must bear it; undefined lets everyone in who can reach the port. */
  readonly token: string | undefined;
  readonly maxBodyBytes: number;
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
}

/** A running server. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those that run end, then resolves. */
  close(): Promise<void>;
}

/** How long requests may go on after the server was told to close. */
const CLOSING_MS = 3000;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;

/** What is said where there is no request to answer. */
const BROKEN: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Listens, and answers each request with what `answer` makes of it. */
export async function listen(
  options: ListenOptions,
  answer: (request: ServeRequest) => Promise<ServeResponse>,
): Promise<Listening> {
  const { createServer } = process.getBuiltinModule("node:http");
  let running = 0;
  const { timeoutMs } = options;
  const timeouts = {
    requestTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    connectionsCheckingInterval: Math.min(timeoutMs, 5000), // how often Node looks for late ones
  };
  const server = createServer(timeouts, (came, reply) => {
    void (async () => {
      if (running >= options.maxConcurrent) {
        send(reply, {
          ...new Refusal(503, "Too many requests at once; try again.", "overloaded").response,
          headers: { "retry-after": "1" },
        });
        return;
      }
      running++;
      try {
        send(reply, await answered(came, reply, options, answer));
      } finally {
        running--;
      }
    })();
  });
  server.maxRequestsPerSocket = 1000;
  server.on("clientError", ({ code }: Error & { code?: string }, socket) => {
    if (socket.writable) socket.end(`HTTP/1.1 ${BROKEN[code ?? ""] ?? "400 Bad Request"}\r\nConnection: close\r\n\r\n`);
  });
  await started(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      // Who has not finished asking by then never will: Node stops looking for late requests once it closes.
      setTimeout(() => server.closeAllConnections(), CLOSING_MS).unref();
    });
  return { url: `http://${host}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

function started(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: Error & { code?: string }) => {
      const why =
        cause.code === "EADDRINUSE" ? `port ${port} is taken; choose another one, or 0 for any` : cause.message;
      reject(new LociError("network", `Cannot listen on ${host}: ${why}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function answered(
  came: IncomingMessage,
  reply: ServerResponse,
  options: ListenOptions,
  answer: (request: ServeRequest) => Promise<ServeResponse>,
): Promise<ServeResponse> {
  const gone = new AbortController();
  reply.once("close", () => {
    if (!reply.writableFinished) gone.abort(new Error("Whoever asked has gone."));
  });
  try {
    checkHost(came, options);
    checkToken(came, options.token);
    const url = new URL(came.url ?? "/", "http://here");
    const headers = Object.fromEntries(Object.entries(came.headers).map(([name, value]) => [name, String(value)]));
    const body = await bodyOf(came, options.maxBodyBytes);
    const { pathname: path, searchParams: query } = url;
    return await answer({ method: came.method ?? "GET", path, query, headers, body, signal: gone.signal });
  } catch (error) {
    return refused(error);
  }
}

/** What is the asker's fault is said; what is ours is not shown to strangers. */
function refused(error: unknown): ServeResponse {
  if (error instanceof Refusal) return error.response;
  if (error instanceof LociError && ["bad-argument", "dim-mismatch", "unknown-key"].includes(error.code))
    return new Refusal(400, error.message).response;
  if (error instanceof TypeError && /Invalid URL/.test(error.message))
    return new Refusal(400, "Expected a path.").response;
  return new Refusal(500, "The server failed at this request.", "server_error").response;
}

function checkHost({ headers }: IncomingMessage, { host }: ListenOptions): void {
  if (!LOOPBACK.test(host)) return; // bound to the world on purpose: any name may lead here
  const asked = (headers.host ?? "").replace(/:\d+$/, "");
  if (!LOOPBACK.test(asked))
    throw new Refusal(403, `This server answers only for this machine's own names.`, "forbidden");
}

function checkToken({ headers }: IncomingMessage, token: string | undefined): void {
  if (token === undefined) return;
  const [, given = ""] = /^Bearer +(.*)$/i.exec(headers.authorization ?? "") ?? [];
  const { createHash, timingSafeEqual } = process.getBuiltinModule("node:crypto");
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(token)))
    throw new Refusal(
      401,
      "Expected the header `Authorization: Bearer TOKEN` with this server's token.",
      "unauthorized",
    );
}

async function bodyOf(came: IncomingMessage, most: number): Promise<Uint8Array> {
  const tooLarge = () => new Refusal(413, `Expected a body of at most ${most} bytes. Send it in parts.`);
  if (Number(came.headers["content-length"] ?? 0) > most) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Left half-read, a stream would take the connection with it, and the refusal could not be sent.
  for await (const piece of came.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > most) throw tooLarge();
    pieces.push(piece);
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

function send(reply: ServerResponse, { status, body, headers = {} }: ServeResponse): void {
  if (reply.destroyed) return;
  const text = JSON.stringify(body);
  // A refused request may have left part of its body unread: the connection ends with it.
  const ends = status === 413 ? { connection: "close" } : {};
  reply.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...ends,
    ...headers,
  });
  reply.end(text);
}
