/** What can go wrong with a request, whether trying again may help, and what to tell people. */
import { timeOf } from "../../core/index.ts";

/** A request that failed. `says` follows the server's name, `remedy` is a sentence of its own. */
export interface Failure {
  readonly says: string;
  readonly remedy: string;
  /** Whether it may go better later. */
  readonly again: boolean;
  /** How long the server asks us to wait. */
  readonly retryAfterMs?: number;
}

/** A request without an answer: the line broke, or time ran out. */
export function unanswered(cause: unknown, timeoutMs?: number): Failure {
  if (timeoutMs !== undefined)
    return {
      says: `did not answer within ${timeoutMs} ms`,
      remedy: "Raise `timeoutMs`, or make batches smaller.",
      again: true,
    };
  // fetch says "fetch failed", and why in its cause: ECONNREFUSED, ENOTFOUND, a certificate, …
  const { code, message } = ((cause as Error | undefined)?.cause ?? {}) as { code?: string; message?: string };
  return {
    says: `could not be reached (${code ?? message ?? "no connection"})`,
    remedy: "Is the address right, and does the server run?",
    again: true,
  };
}

/** An answer that is no success. `now` is the time of day, for servers that name an hour. */
export function failureOf({ status, headers }: Response, text: string, now: number): Failure {
  const { message, code } = complaintOf(text);
  const says = `answered ${status}${message === "" ? "" : `: ${message}`}`;
  const retryAfterMs = askedToWait(headers, now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (code === "insufficient_quota")
    return { says, remedy: "The account is used up: see to its billing.", again: false };
  if (status === 429)
    return { says, remedy: "It limits how fast it is asked: set `requestsPerMinute`.", again: true, ...wait };
  if (status >= 500 || status === 408 || status === 425)
    return { says, remedy: "Try again later.", again: true, ...wait };
  return { says, remedy: REMEDIES.get(status) ?? "See what the server says.", again: false };
}

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [400, "Is a text longer than the model takes? Cut it, or lower `batchTokens`."],
  [401, "Check `apiKey`."],
  [403, "Check `apiKey`, and what it may be used for."],
  [404, "Check `url` and `model`."],
  [413, "Lower `batchTexts` or `batchTokens`."],
  [422, "See what the server says; not every one takes `dimensions`, or base64."],
]);

/** What the server says, in OpenAI's form or in others'; cut to a line. */
function complaintOf(text: string): { message: string; code?: unknown } {
  let message = text;
  let code: unknown;
  try {
    const { error, message: plain, detail } = JSON.parse(text) as Record<string, unknown>;
    const inner = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
    code = inner["code"];
    const said = [inner["message"], error, plain, detail].find((value): value is string => typeof value === "string");
    message = said ?? text;
  } catch {
    // no JSON: a proxy's page, perhaps; its beginning will do
  }
  const line = message.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
  return { message: line.length > 200 ? `${line.slice(0, 200)}…` : line, code };
}

/** `retry-after-ms`, or `Retry-After` in seconds or as an hour (RFC 9110, 10.2.3). */
function askedToWait(headers: Headers, now: number): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? NaN);
  if (ms >= 0) return ms;
  const written = headers.get("retry-after")?.trim();
  if (!written) return undefined;
  const seconds = Number(written);
  if (seconds >= 0) return seconds * 1000;
  const hour = timeOf(written);
  return Number.isNaN(hour) ? undefined : Math.max(0, hour - now);
}
