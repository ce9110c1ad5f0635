/**
 * A request and its answer as plain data, so that what the server says can be tested without a socket.
 */

/** What came: the path without its query, header names in lower case, the whole body. */
export interface ServeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Aborted when whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** What goes back: JSON. */
export interface ServeResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in the form in which OpenAI's clients expect it. `type` is for programs, `message` for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type = "invalid_request_error") {
    super(message);
    this.status = status;
    this.type = type;
  }

  get response(): ServeResponse {
    return {
      status: this.status,
      body: { error: { message: this.message, type: this.type, param: null, code: null } },
    };
  }
}

/** The body as a JSON object. Refuses what is none, and what names itself something else. */
export function jsonOf({ body, headers }: ServeRequest): Record<string, unknown> {
  const type = headers["content-type"];
  if (type !== undefined && !/^application\/json\b/i.test(type.trim()))
    throw new Refusal(415, `Expected a body of type application/json, got "${type.slice(0, 80)}".`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, "Expected the body to be JSON in UTF-8; it is not.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, "Expected the body to be a JSON object.");
  return value as Record<string, unknown>;
}
