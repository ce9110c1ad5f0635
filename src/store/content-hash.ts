/**
 * A name for a content, so that what did not change need not be read, embedded or written again.
 *
 * 128 bits: among a billion contents two different ones share a name with a chance of 10⁻²¹. It guards against accidents, not
 * against people who look for two contents with one name. Four lanes of 32 bits take a word each in turn; multiplying by odd
 * constants and turning the bits spreads each word upward and back, and a last round mixes the lanes into each other.
 */
import { reference } from "../kernels/index.ts";

const { mix } = reference;

/** 32 hexadecimal digits that stand for this text (its UTF-8 bytes) or these bytes, the same everywhere. */
export function contentHash(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~15;
  let [a, b, c, d] = [0x4c6f6369, 0x636f6e74, 0x656e7400, bytes.length | 0];
  for (let at = 0; at < whole; at += 16) {
    a = absorb(a ^ d, view.getUint32(at, true));
    b = absorb(b ^ a, view.getUint32(at + 4, true));
    c = absorb(c ^ b, view.getUint32(at + 8, true));
    d = absorb(d ^ c, view.getUint32(at + 12, true));
  }
  for (let at = whole; at < bytes.length; at++) {
    a = absorb(a ^ d, bytes[at]!);
    [a, b, c, d] = [b, c, d, a];
  }
  const lanes = Uint32Array.of(a, b, c, d);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) lanes[i] = mix(lanes[i]! ^ lanes[(i + 3) & 3]!);
  }
  return [...lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
}

/** One word into one lane; for a given word it is a bijection of the lane, so nothing is lost on the way. */
function absorb(lane: number, word: number): number {
  const spread = Math.imul(word, 0x9e3779b1);
  const mixed = lane ^ ((spread << 15) | (spread >>> 17));
  return (Math.imul((mixed << 13) | (mixed >>> 19), 0x85ebca6b) + 0x27d4eb2f) | 0;
}
