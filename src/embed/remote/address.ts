/** Where a server is, and what must never be told about how we speak to it. */
import { LociError } from "../../core/index.ts";

/** The address requests go to. Throws `bad-argument` for what is no address of a web server, or holds a password. */
export function endpointOf(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new LociError(
      "bad-argument",
      'Expected `url` to be an address such as "https://api.openai.com", got something else.',
    );
  }
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:")
    throw new LociError(
      "bad-argument",
      `Expected \`url\` to begin with https:// or http://, got ${parsed.protocol}//.`,
    );
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "")
    throw new LociError(
      "bad-argument",
      "Expected `url` without user, password or query: it is stored with the vectors. Send secrets as `apiKey` or `headers`.",
    );
  const path = parsed.pathname.replace(/\/+$/, "");
  if (path.endsWith("/embeddings")) return parsed.origin + path;
  return `${parsed.origin}${/\/v\d+\w*$/.test(path) ? path : `${path}/v1`}/embeddings`;
}

/** The key and headers of an encoder, and their removal from whatever is told to people. */
export class Secrets {
  readonly #apiKey: string | undefined;
  readonly #values: readonly string[];

  /** Throws `bad-argument` for a key that cannot stand in a header, without repeating it. */
  constructor({
    apiKey,
    headers = {},
  }: {
    readonly apiKey?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }) {
    for (const [name, value] of Object.entries({ apiKey: apiKey ?? "x", ...headers })) {
      if (/^[\x20-\x7e\xa0-\xff]+$/.test(value) && value.trim() === value) continue;
      throw new LociError(
        "bad-argument",
        `Expected ${name} to hold printable characters only, without blanks or line ends around them. Was a line end read with it?`,
      );
    }
    this.#apiKey = apiKey;
    this.#values = [apiKey ?? "", ...Object.values(headers)]
      .filter((value) => value !== "")
      .sort((a, b) => b.length - a.length);
  }

  authorization(): Record<string, string> {
    return this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` };
  }

  /** A message without any of the secrets, which servers like to repeat. */
  hide(message: string): string {
    return this.#values.reduce((text, value) => text.replaceAll(value, "•••"), message);
  }
}
