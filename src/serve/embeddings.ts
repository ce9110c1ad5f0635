/**
 * `/v1/embeddings` as OpenAI's clients speak it.
 *
 * They ask for base64 of little-endian float32 by default, which is a third of the bytes of decimal numbers and exact. Token ids
 * as input are refused: they would be ids of somebody else's tokenizer.
 */
import { base64 } from "../core/index.ts";
import type { Encoder } from "../embed/index.ts";
import { Refusal, type ServeRequest, type ServeResponse, jsonOf } from "./message.ts";

/** OpenAI's own bound on inputs of one request. */
const MOST_INPUTS = 2048;

/** Answers a request for embeddings with the encoder of that name. */
export async function embeddings(
  encoders: ReadonlyMap<string, Encoder>,
  request: ServeRequest,
): Promise<ServeResponse> {
  const { input, model, dimensions, encoding_format: format = "float" } = jsonOf(request);
  const encoder = encoderNamed(encoders, model);
  const texts = textsOf(input);
  if (dimensions !== undefined && dimensions !== encoder.dim)
    throw new Refusal(400, `"${encoder.name}" makes vectors of ${encoder.dim} dimensions; leave \`dimensions\` out.`);
  if (format !== "float" && format !== "base64")
    throw new Refusal(400, `Expected \`encoding_format\` to be "float" or "base64".`);
  const vectors = await encoder.embed(texts, { signal: request.signal });
  const data = texts.map((_, index) => ({
    object: "embedding",
    index,
    embedding: format === "float" ? [...vectors.row(index)] : base64Of(vectors.row(index)),
  }));
  const tokens = texts.reduce((sum, text) => sum + (encoder.countTokens?.(text) ?? 0), 0);
  return {
    status: 200,
    body: { object: "list", data, model: encoder.name, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  };
}

/** The list of models, for `GET /v1/models`. */
export function models(encoders: ReadonlyMap<string, Encoder>): ServeResponse {
  const data = [...encoders.keys()].map((id) => ({ id, object: "model", created: 0, owned_by: "loci" }));
  return { status: 200, body: { object: "list", data } };
}

function encoderNamed(encoders: ReadonlyMap<string, Encoder>, model: unknown): Encoder {
  if (typeof model !== "string") throw new Refusal(400, "Expected `model` to be the name of a model: see /v1/models.");
  const encoder = encoders.get(model);
  if (encoder) return encoder;
  const known = [...encoders.keys()].map((name) => `"${name}"`).join(", ") || "none";
  throw new Refusal(404, `There is no model "${model.slice(0, 80)}" here; there is ${known}.`, "model_not_found");
}

function textsOf(input: unknown): readonly string[] {
  const texts = typeof input === "string" ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0)
    throw new Refusal(400, "Expected `input` to be a text, or a list of at least one text.");
  if (texts.length > MOST_INPUTS)
    throw new Refusal(
      400,
      `Expected at most ${MOST_INPUTS} texts in \`input\`, got ${texts.length}. Send them in parts.`,
    );
  const wrong = texts.findIndex((text) => typeof text !== "string");
  if (wrong >= 0)
    throw new Refusal(
      400,
      `Expected texts in \`input\`; number ${wrong} is none. Token ids are not taken here: send the text.`,
    );
  return texts as string[];
}

/** Little-endian float32, as OpenAI's clients decode it. */
function base64Of(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  vector.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return base64(new Uint8Array(view.buffer));
}
