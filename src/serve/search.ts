/** `/v1/search`: a question over HTTP, hits as JSON. */
import type { Filter } from "../store/index.ts";
import { Refusal, type ServeRequest, type ServeResponse, jsonOf } from "./message.ts";

/** How a collection may be searched. */
export const MODES = ["hybrid", "vector", "keyword"] as const;

/** One hit, as a collection gives it. */
export interface ServedHit {
  readonly id: string;
  readonly score: number;
  readonly text: string;
}

/** The part of a `Collection` that is served. */
export interface Searchable {
  search(
    query: string,
    options: {
      readonly k?: number;
      readonly filter?: Filter;
      readonly mode?: (typeof MODES)[number];
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly hits: readonly ServedHit[]; readonly exact: boolean; readonly recall: number }>;
  count(): Promise<number>;
}

const MOST_HITS = 1000;
const MOST_CHARACTERS = 100_000;

/** Answers `GET /v1/search?q=…&k=…&mode=…` and `POST /v1/search` with `{ query, k, mode, filter }`. */
export async function search(collection: Searchable | undefined, request: ServeRequest): Promise<ServeResponse> {
  if (!collection) throw new Refusal(404, "There is no collection here: start `loci serve` with one.", "not_found");
  const asked = request.method === "GET" ? fromQuery(request.query) : jsonOf(request);
  const { query, k = 10, mode, filter } = asked;
  if (typeof query !== "string" || query.length > MOST_CHARACTERS)
    throw new Refusal(
      400,
      `Expected \`query\` (\`q\` in a link) to be a text of at most ${MOST_CHARACTERS} characters.`,
    );
  if (!Number.isInteger(k) || (k as number) < 1 || (k as number) > MOST_HITS)
    throw new Refusal(400, `Expected \`k\` to be a whole number from 1 to ${MOST_HITS}.`);
  if (mode !== undefined && !MODES.includes(mode as never))
    throw new Refusal(400, `Expected \`mode\` to be ${MODES.map((name) => `"${name}"`).join(" or ")}.`);
  if (filter !== undefined && (typeof filter !== "object" || filter === null || Array.isArray(filter)))
    throw new Refusal(400, 'Expected `filter` to be an object, such as { "lang": "en" }.');
  const body = await collection.search(query, {
    k: k as number,
    // Left to the collection where nothing was said: one without vectors goes by words.
    ...(mode !== undefined && { mode: mode as (typeof MODES)[number] }),
    ...(filter !== undefined && { filter: filter as Filter }),
    signal: request.signal,
  });
  return { status: 200, body };
}

function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const asked: Record<string, unknown> = { query: query.get("q") ?? query.get("query") };
  const k = query.get("k");
  if (k !== null) asked.k = Number(k);
  const mode = query.get("mode");
  if (mode !== null) asked.mode = mode;
  return asked;
}
