/**
 * OpenSearch over HTTP: JSON in and out, several nodes, patience.
 *
 * A cluster that loses a node answers again after a moment, from another node. So a request that got no answer, or one that
 * says "not now" (429, 502, 503, 504), is made again, to the next address, until patience ends. That is safe because every
 * request made here may be made twice: documents are written whole under numbers of their own, and what must not happen
 * twice carries the sequence number that it expects (`Conflict` when that is gone).
 */
import { LociError, platform } from "../../core/index.ts";
import { wait } from "./machine.web.ts";

/** The part of `fetch` that is used here. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<{ status: number; json(): Promise<unknown> }>;

/** How to reach the cluster. */
export interface Connection {
  readonly urls: readonly string[];
  readonly fetch: Fetch;
  readonly headers: Readonly<Record<string, string>>;
  /** One request, at most. */
  readonly timeoutMs: number;
  /** All tries of a request together. */
  readonly patienceMs: number;
}

/** Something is no longer as the request expected it: another was faster. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** There is no such index or document. */
export class Missing extends Error {
  override readonly name = "Missing";
}

export type Json = Record<string, unknown>;

const NOT_NOW = new Set([408, 429, 502, 503, 504]);
/** What a node answers, with status 500, when one that it needed has just gone. */
const NODE_GONE = /node_(disconnected|not_connected|closed)|connect_transport|receive_timeout|no_shard_available/;

/** Whether an answer means: ask again. */
function isNotNow(status: number, error: unknown): boolean {
  return NOT_NOW.has(status) || (status === 500 && NODE_GONE.test(JSON.stringify(error) ?? ""));
}

/** A line to a cluster. */
export class Client {
  readonly #connection: Connection;
  #at = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Makes a request until it is answered. `body` is JSON, or lines of JSON that stand ready. */
  async request(method: string, path: string, body?: Json | string): Promise<Json> {
    const { patienceMs } = this.#connection;
    const until = platform.now() + patienceMs / 1000;
    for (let pause = 50; ; pause = Math.min(2 * pause, 2000)) {
      const { answer, failure } = await this.once(method, path, body);
      if (answer) return answer;
      if (platform.now() > until)
        throw new LociError(
          "network",
          `OpenSearch did not answer ${method} ${path} for ${patienceMs / 1000} s (${failure}). Check the addresses and the cluster's health.`,
        );
      await wait(pause);
    }
  }

  /** One try: the answer, or why there is none. Throws what trying again cannot mend. */
  async once(method: string, path: string, body?: Json | string): Promise<{ answer?: Json; failure?: string }> {
    const { urls, fetch, headers, timeoutMs } = this.#connection;
    const url = urls[this.#at % urls.length]!.replace(/\/+$/, "");
    let status: number;
    let said: Json;
    try {
      const response = await fetch(url + path, {
        method,
        headers: { "content-type": typeof body === "string" ? "application/x-ndjson" : "application/json", ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      said = (await response.json()) as Json;
    } catch (error) {
      this.#at++; // the next node may be there
      const cause = (error as { cause?: { message?: string } }).cause?.message;
      return { failure: `${url}: ${cause ?? (error instanceof Error ? error.message : String(error))}` };
    }
    if (status < 300) return { answer: said };
    const why = reasonOf(said);
    if (status === 409) throw new Conflict(why);
    if (status === 404) throw new Missing(why);
    if (isNotNow(status, said["error"])) {
      this.#at++;
      return { failure: `${url}: ${status}, ${why}` };
    }
    if (status === 401 || status === 403)
      throw new LociError(
        "network",
        `OpenSearch does not let us ${method} ${path} (${status}: ${why}). Give \`headers\` with a right to.`,
      );
    throw new LociError("network", `OpenSearch refused ${method} ${path} (${status}): ${why}.`);
  }

  /**
   * Writes documents, each as a pair of lines (what to do, the document). Those that the cluster has no room for just now are
   * written again; a document that cannot be kept is an error.
   */
  async bulk(pairs: readonly (readonly [Json, Json?])[]): Promise<void> {
    let left = pairs;
    for (let pause = 50; left.length > 0; pause = Math.min(2 * pause, 2000)) {
      const lines = left.flatMap(([action, document]) => [action, ...(document ? [document] : [])]);
      const body = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
      const { items } = (await this.request("POST", "/_bulk", body)) as { items: Record<string, BulkItem>[] };
      left = left.filter((_, i) => {
        const { status, error } = Object.values(items[i]!)[0]!;
        if (status < 300 || status === 404) return false; // 404: deleted already
        if (isNotNow(status, error)) return true;
        throw new LociError(
          "network",
          `OpenSearch does not keep a document: ${error?.reason ?? status} ${error?.caused_by?.reason ?? ""}`.trim(),
        );
      });
      if (left.length > 0) await wait(pause);
    }
  }
}

interface BulkItem {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

function reasonOf(said: Json): string {
  const { error, found } = said as {
    error?: { reason?: string; root_cause?: { reason?: string }[] } | string;
    found?: boolean;
  };
  if (found === false) return "no such document";
  if (typeof error === "string") return error;
  return error?.root_cause?.[0]?.reason ?? error?.reason ?? "no reason given";
}
