/**
 * An encoder at the other end of a line: OpenAI's `/v1/embeddings`, which most servers and vendors speak.
 *
 * Texts go out in batches, several at a time, and come back in order. What fails for a moment (429, 5xx, a broken line, no
 * answer in time) is tried again, later each time, as long as the server asks or by doubling with some chance in it, so that
 * many clients do not come back at once; what will not get better (a wrong key, no such model) fails at once. Empty texts
 * are not sent (servers refuse them): they are rows of zeros, as everywhere in Loci.
 */
import {
  LociError,
  Matrix,
  Rng,
  type LongOptions,
  type Network,
  type Step,
  checkNumber,
  checkWhole,
  drain,
  phaseClock,
  platform,
} from "../../core/index.ts";
import type { EmbedOptions, Encoder } from "../encoder.ts";
import { type Batch, batchesOf } from "./batches.ts";
import { Pace } from "./pace.ts";
import { Secrets, endpointOf } from "./address.ts";
import { type Failure, failureOf, unanswered } from "./failures.ts";
import { readVectors } from "./answer.ts";

/** What one request may hold, and how fast they may follow. */
export interface RemoteLimits {
  /** Most texts in a request. Default 256; OpenAI takes 2,048. */
  readonly batchTexts?: number;
  /** Most tokens in a request, as far as can be told from outside (four ASCII characters a token, others one each). Default 60,000. */
  readonly batchTokens?: number;
  /** Most requests under way at once. Default 4. */
  readonly concurrency?: number;
  /** Requests are spread so that no minute has more. Default: no limit. */
  readonly requestsPerMinute?: number;
  /** How often a request is tried again. Default 5. */
  readonly retries?: number;
  /** The pause before the first retry, doubled each time, of which chance takes up to half. Default 500. */
  readonly backoffMs?: number;
  /** The longest pause, also where the server asks for a longer one: then we give up at once and say so. Default 60,000. */
  readonly mostBackoffMs?: number;
  /** How long a request may take, its answer included. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface RemoteEncoderOptions extends RemoteLimits {
  /** Where the server is: "https://api.openai.com", "http://localhost:11434/v1"; or the whole address, ending in /embeddings. */
  readonly url: string;
  /** The model, as the server calls it. */
  readonly model: string;
  /** Sent as `Authorization: Bearer …`. Never part of a message, a name or a fingerprint. */
  readonly apiKey?: string;
  /** More headers; taken for secrets like the key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The width of the model's vectors, where it is known. `RemoteEncoder.open` asks otherwise. */
  readonly dim?: number;
  /** Asks the server for vectors cut to so many numbers (models that were trained for it). */
  readonly dimensions?: number;
  /** How numbers travel: "base64" (default: exact, a third of the bytes) or "float". Either is understood in the answer. */
  readonly encoding?: "base64" | "float";
  /** What some models want before a text: `{ query: "query: ", document: "passage: " }`. They are part of the fingerprint. */
  readonly prefixes?: { readonly query?: string; readonly document?: string };
  /** More fields of the request, such as a vendor's `input_type`. */
  readonly extraBody?: (purpose: "document" | "query") => Readonly<Record<string, unknown>>;
  /** Longer texts are refused or cut by the server: told to whoever cuts texts into chunks. */
  readonly maxTokens?: number;
  /** Counts tokens as the model does, where the user has its tokenizer. */
  readonly countTokens?: (text: string) => number;
  /** Of the chance in the pauses. Default 1. */
  readonly seed?: number;
  /** How to reach the machine. Default: the platform's. */
  readonly network?: Network;
}

/** Texts to vectors by a server. */
export class RemoteEncoder implements Encoder {
  readonly name: string;
  readonly dim: number;
  /** Address, model, width and prefixes: what decides the space, as far as a client can know. */
  readonly fingerprint: string;
  readonly maxTokens?: number;
  readonly countTokens?: (text: string) => number;
  readonly #endpoint: string;
  readonly #options: RemoteEncoderOptions;
  readonly #limits: Required<Omit<RemoteLimits, "requestsPerMinute">>;
  readonly #network: Network;
  readonly #secrets: Secrets;
  readonly #pace: Pace;
  readonly #rng: Rng;

  /** Takes a `dim` or `dimensions`; without, use `RemoteEncoder.open`. Asks nothing of the server. */
  constructor(options: RemoteEncoderOptions) {
    const { model, prefixes = {}, maxTokens, countTokens, requestsPerMinute = Infinity } = options;
    this.#secrets = new Secrets(options);
    this.#endpoint = endpointOf(options.url);
    this.#options = options;
    this.#network = options.network ?? platform.network;
    this.#limits = checkedLimits(options);
    if (requestsPerMinute !== Infinity) checkNumber("requestsPerMinute", requestsPerMinute, Number.MIN_VALUE);
    this.#pace = new Pace(60_000 / requestsPerMinute);
    this.#rng = new Rng(options.seed ?? 1);
    if (typeof model !== "string" || model === "")
      throw new LociError("bad-argument", "Expected `model` to be the name of a model, as the server calls it.");
    this.dim = checkedDim(options);
    this.name = model;
    const told = [
      this.#endpoint,
      model,
      this.dim,
      ...(prefixes.query || prefixes.document ? [JSON.stringify(prefixes)] : []),
    ];
    this.fingerprint = `remote ${told.join(" ")}`;
    if (maxTokens !== undefined) this.maxTokens = maxTokens;
    if (countTokens) this.countTokens = countTokens;
  }

  /** An encoder whose width is learnt from the server by embedding one word, unless it is given. */
  static async open(options: RemoteEncoderOptions & LongOptions): Promise<RemoteEncoder> {
    if (options.dim !== undefined || options.dimensions !== undefined) return new RemoteEncoder(options);
    const probe = new RemoteEncoder({ ...options, dim: 1 });
    const batch: Batch = { texts: ["hello"], places: [0] };
    const [vector] = await probe.#ask(batch, "document", undefined, options.signal);
    return new RemoteEncoder({ ...options, dim: vector!.length });
  }

  /**
   * One row a text, in order. Throws `network` where the server does not answer as it should, and `dim-mismatch` where its
   * vectors have another width.
   */
  embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Matrix> {
    return drain(this.embedSteps(texts, options), options);
  }

  /** The same in steps, one a batch. Leaving the generator early ends the requests that are under way. */
  async *embedSteps(
    texts: readonly string[],
    options: Pick<EmbedOptions, "purpose" | "signal"> = {},
  ): AsyncGenerator<Step, Matrix, void> {
    const { purpose = "document", signal } = options;
    signal?.throwIfAborted();
    const rows = Matrix.zeros(texts.length, this.dim);
    const batches = batchesOf(texts, this.#options.prefixes?.[purpose] ?? "", this.#limits);
    const step = phaseClock("embed", texts.length);
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const running = new Map<Batch, Promise<Batch>>();
    const start = (): void => {
      while (running.size < this.#limits.concurrency) {
        const { value: batch, done } = batches.next();
        if (done) return;
        running.set(batch, this.#fill(batch, purpose, rows, either));
      }
    };
    let done = 0;
    try {
      for (start(); running.size > 0; start()) {
        const batch = await Promise.race(running.values());
        running.delete(batch);
        done += batch.texts.length;
        yield step(done);
        signal?.throwIfAborted();
      }
      return rows;
    } finally {
      stop.abort(new LociError("network", "Given up, since another request failed."));
      await Promise.allSettled(running.values());
    }
  }

  async #fill(batch: Batch, purpose: "document" | "query", rows: Matrix, signal: AbortSignal): Promise<Batch> {
    const vectors = await this.#ask(batch, purpose, this.dim, signal);
    vectors.forEach((vector, i) => rows.row(batch.places[i]!).set(vector));
    return batch;
  }

  /** Sends one batch until it is answered, or until that is hopeless. `dim` undefined takes any width. */
  async #ask(
    batch: Batch,
    purpose: "document" | "query",
    dim: number | undefined,
    signal?: AbortSignal,
  ): Promise<Float32Array[]> {
    const { model, dimensions, encoding = "base64", extraBody } = this.#options;
    const body = JSON.stringify({
      model,
      input: batch.texts,
      encoding_format: encoding,
      ...(dimensions !== undefined && { dimensions }),
      ...extraBody?.(purpose),
    });
    for (let attempt = 0; ; attempt++) {
      await this.#pace.turn(this.#network, signal);
      const came = await this.#send(body, signal);
      if (typeof came === "string") return readVectors(came, batch.texts.length, dim, this.#secrets);
      if (!came.again || attempt === this.#limits.retries) throw this.#errorOf(came, attempt);
      await this.#network.sleep(this.#pauseAfter(came, attempt), signal);
    }
  }

  /** One request: the text of its answer, or what went wrong. Rejects only when it was aborted. */
  async #send(body: string, signal?: AbortSignal): Promise<string | Failure> {
    const { timeoutMs } = this.#limits;
    const inTime = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.#network.fetch(this.#endpoint, {
        method: "POST",
        headers: { ...this.#options.headers, "content-type": "application/json", ...this.#secrets.authorization() },
        body,
        signal: signal ? AbortSignal.any([signal, inTime]) : inTime,
      });
      const text = await response.text();
      return response.ok ? text : failureOf(response, text, this.#network.wallClock());
    } catch (cause) {
      signal?.throwIfAborted();
      return unanswered(cause, inTime.aborted ? timeoutMs : undefined);
    }
  }

  #pauseAfter({ retryAfterMs }: Failure, attempt: number): number {
    const { backoffMs, mostBackoffMs } = this.#limits;
    if (retryAfterMs === undefined)
      return Math.min(mostBackoffMs, backoffMs * 2 ** attempt) * (1 - this.#rng.next() / 2);
    if (retryAfterMs <= mostBackoffMs) return retryAfterMs;
    throw new LociError(
      "network",
      `The server at ${this.#endpoint} asks to wait ${Math.ceil(retryAfterMs / 1000)} s, longer than \`mostBackoffMs\` (${mostBackoffMs} ms). Come back later, or raise it.`,
    );
  }

  #errorOf({ says, remedy }: Failure, retries: number): LociError {
    const tried = retries === 0 ? "" : ` after ${retries + 1} tries`;
    const { model } = this.#options;
    // No cause is kept: it may hold headers.
    return new LociError(
      "network",
      this.#secrets.hide(`${this.#endpoint} (model "${model}") ${says}${tried}. ${remedy}`),
    );
  }
}

function checkedDim({ dim, dimensions }: RemoteEncoderOptions): number {
  if (dim !== undefined) checkWhole("dim", dim, 1);
  if (dimensions !== undefined) checkWhole("dimensions", dimensions, 1);
  if (dim !== undefined && dimensions !== undefined && dim !== dimensions)
    throw new LociError(
      "bad-argument",
      `Asking for ${dimensions} dimensions gives vectors of that width, not of \`dim\` ${dim}. Leave \`dim\` out.`,
    );
  const width = dimensions ?? dim;
  if (width !== undefined) return width;
  throw new LociError(
    "bad-argument",
    "Expected `dim`, the width of the model's vectors. RemoteEncoder.open asks the server for it.",
  );
}

function checkedLimits(options: RemoteLimits): Required<Omit<RemoteLimits, "requestsPerMinute">> {
  const { batchTexts = 256, batchTokens = 60_000, concurrency = 4, retries = 5 } = options;
  const { backoffMs = 500, mostBackoffMs = 60_000, timeoutMs = 60_000 } = options;
  checkWhole("batchTexts", batchTexts, 1);
  checkWhole("batchTokens", batchTokens, 1);
  checkWhole("concurrency", concurrency, 1, 256);
  checkWhole("retries", retries, 0, 100);
  checkNumber("backoffMs", backoffMs, 0);
  checkNumber("mostBackoffMs", mostBackoffMs, 0);
  checkWhole("timeoutMs", timeoutMs, 1, 2 ** 31 - 1);
  return { batchTexts, batchTokens, concurrency, retries, backoffMs, mostBackoffMs, timeoutMs };
}
