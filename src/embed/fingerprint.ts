/**
 * A name for a space: 128 bits over everything that makes an encoder's vectors what they are.
 *
 * It guards against mixing vectors of two models by mistake, not against forgers.
 */
import { hashDigits, hashLanes, hashWords } from "../core/index.ts";

const VERSION = 1; // of this hash; a change of the scheme changes every fingerprint

/** What may go into a fingerprint: text, or numbers by their bits. */
export type FingerprintPart = string | Uint32Array | Float32Array | Float64Array;

/** 32 hexadecimal digits over the kind of the encoder and its parts, in their order. The same on every platform Loci runs on. */
export function fingerprintOf(kind: string, parts: Iterable<FingerprintPart>): string {
  const lanes = hashLanes(VERSION, 0x4c6f6369, 0x456d6265, 0x64646572);
  for (const part of [kind, ...parts]) {
    const words = wordsOf(part);
    hashWords(lanes, Uint32Array.of(words.length)); // so that "ab" + "c" is not "a" + "bc"
    hashWords(lanes, words);
  }
  return hashDigits(lanes);
}

/** The bits of a part. Typed arrays are little-endian wherever WebAssembly runs. */
function wordsOf(part: FingerprintPart): Uint32Array {
  if (typeof part === "string") return Uint32Array.from(part, (unit) => unit.codePointAt(0)!);
  return new Uint32Array(part.buffer, part.byteOffset, part.byteLength / 4);
}
