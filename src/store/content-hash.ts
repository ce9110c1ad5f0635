/**
 * A name for a content, so that what did not change need not be read, embedded or written again.
 *
 * 128 bits (core's hash). It guards against accidents, not against people who look for two contents with one name.
 */
import { hashDigits, hashWord } from "../core/index.ts";

/** 32 hexadecimal digits that stand for this text (its UTF-8 bytes) or these bytes, the same everywhere. */
export function contentHash(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~15;
  let [a, b, c, d] = [0x4c6f6369, 0x636f6e74, 0x656e7400, bytes.length | 0];
  for (let at = 0; at < whole; at += 16) {
    a = hashWord(a ^ d, view.getUint32(at, true));
    b = hashWord(b ^ a, view.getUint32(at + 4, true));
    c = hashWord(c ^ b, view.getUint32(at + 8, true));
    d = hashWord(d ^ c, view.getUint32(at + 12, true));
  }
  for (let at = whole; at < bytes.length; at++) {
    a = hashWord(a ^ d, bytes[at]!);
    [a, b, c, d] = [b, c, d, a];
  }
  return hashDigits(Uint32Array.of(a, b, c, d));
}
