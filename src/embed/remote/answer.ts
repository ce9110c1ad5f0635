/** The vectors in a server's answer, believed only as far as they are checked. */
import { LociError, fromBase64 } from "../../core/index.ts";
import type { Secrets } from "./address.ts";

interface Item {
  readonly index?: unknown;
  readonly embedding?: unknown;
}

/** The vectors of `count` texts, in their order. Throws `network`, or `dim-mismatch` where they are not `dim` wide. */
export function readVectors(text: string, count: number, dim: number | undefined, secrets: Secrets): Float32Array[] {
  const bad = (what: string) =>
    new LociError(
      "network",
      secrets.hide(
        `Expected an answer with ${count} embeddings, got ${what}. Does the server speak OpenAI's /v1/embeddings?`,
      ),
    );
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw bad(`what is no JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
  const data = (answer as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw bad(`no list "data" in ${JSON.stringify(text.slice(0, 80))}`);
  if (data.length !== count) throw bad(`${data.length}`);
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count }, () => undefined);
  (data as (Item | null)[]).forEach((item, i) => {
    const { index = i, embedding } = item ?? {};
    if (typeof index !== "number" || !(index in vectors) || vectors[index])
      throw bad(`the number ${String(index)} in place ${i}`);
    const vector = typeof embedding === "string" ? fromFloats(embedding) : fromList(embedding);
    if (!vector || vector.length === 0 || !vector.every(Number.isFinite))
      throw bad(`no vector of finite numbers for text ${index}`);
    if (vector.length !== (dim ?? vectors.find(Boolean)?.length ?? vector.length)) {
      throw new LociError(
        "dim-mismatch",
        `Expected vectors of ${dim ?? "one"} dimensions, the server sent ${vector.length}. Is it another model, or does it not know \`dimensions\`?`,
      );
    }
    vectors[index] = vector;
  });
  return vectors as Float32Array[];
}

function fromList(list: unknown): Float32Array | undefined {
  if (!Array.isArray(list) || !list.every((value) => typeof value === "number")) return undefined;
  return Float32Array.from(list);
}

/** Base64 of little-endian float32. */
function fromFloats(text: string): Float32Array | undefined {
  const bytes = fromBase64(text);
  if (!bytes || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
