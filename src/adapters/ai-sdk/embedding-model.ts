/**
 * An encoder as an embedding model of the AI SDK, for `embed` and `embedMany`.
 *
 * Only types are taken from `@ai-sdk/provider`, so that nothing has to be installed but what calls this. Vectors leave as
 * arrays of numbers, since that is what the SDK's interface carries.
 */
import type { EmbeddingModelV4, EmbeddingModelV4CallOptions, EmbeddingModelV4Result } from "@ai-sdk/provider";
import { LociError } from "../../core/index.ts";
import type { Encoder } from "../../embed/index.ts";

/** One call may carry this many texts: enough for one pass of an encoder, few enough to be aborted soon. */
const MOST_TEXTS = 2048;

/**
 * The encoder as an embedding model: `embedMany({ model: embeddingModel(encoder), values })`.
 * Throws `bad-argument` where a call asks for another width than the encoder's.
 */
export function embeddingModel(encoder: Encoder): EmbeddingModelV4 {
  return {
    specificationVersion: "v4",
    provider: "loci",
    modelId: encoder.name,
    maxEmbeddingsPerCall: MOST_TEXTS,
    supportsParallelCalls: false, // one encoder is one thread's work: a second call would only wait
    doEmbed: (options) => embed(encoder, options),
  };
}

async function embed(
  encoder: Encoder,
  { values, dimensions, abortSignal }: EmbeddingModelV4CallOptions,
): Promise<EmbeddingModelV4Result> {
  if (dimensions !== undefined && dimensions !== encoder.dim) {
    throw new LociError(
      "bad-argument",
      `"${encoder.name}" makes vectors of ${encoder.dim} dimensions; ${dimensions} were asked for. Leave \`dimensions\` out.`,
    );
  }
  const vectors = await encoder.embed(values, abortSignal ? { signal: abortSignal } : {});
  const embeddings = values.map((_, row) => [...vectors.row(row)]);
  const counts = encoder.countTokens && values.map((text) => encoder.countTokens!(text));
  return {
    embeddings,
    warnings: [],
    ...(counts && { usage: { tokens: counts.reduce((sum, count) => sum + count, 0) } }),
  };
}

/** Several encoders under names, for a registry of the AI SDK: `embeddingProvider({ docs: encoder }).embeddingModel("docs")`. */
export function embeddingProvider(encoders: Readonly<Record<string, Encoder>>): {
  readonly specificationVersion: "v4";
  embeddingModel(name: string): EmbeddingModelV4;
} {
  return {
    specificationVersion: "v4",
    embeddingModel(name) {
      if (Object.hasOwn(encoders, name)) return embeddingModel(encoders[name]!);
      const known = Object.keys(encoders).map((key) => `"${key}"`);
      throw new LociError("unknown-key", `There is no encoder "${name}" here; there is ${known.join(", ") || "none"}.`);
    },
  };
}
