/**
 * A name for a space: 128 bits over everything that makes an encoder's vectors what they are.
 *
 * It guards against mixing vectors of two models by mistake, not against forgers. Four lanes of 32 bits take one word
 * each in turn and change places with every word, so that a word's place counts; a last round mixes them into each other.
 */
import { reference } from "../kernels/index.ts";

const { mix } = reference;
const VERSION = 1; // of this hash; a change of the scheme changes every fingerprint

/** What may go into a fingerprint: text, or numbers by their bits. */
export type FingerprintPart = string | Uint32Array | Float32Array | Float64Array;

/** 32 hexadecimal digits over the kind of the encoder and its parts, in their order. The same on every platform Loci runs on. */
export function fingerprintOf(kind: string, parts: Iterable<FingerprintPart>): string {
  const lanes = Uint32Array.of(VERSION, 0x4c6f6369, 0x456d6265, 0x64646572).map(mix);
  for (const part of [kind, ...parts]) {
    const words = wordsOf(part);
    absorb(lanes, Uint32Array.of(words.length)); // so that "ab" + "c" is not "a" + "bc"
    absorb(lanes, words);
  }
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) lanes[i] = mix(lanes[i]! ^ lanes[(i + 3) & 3]!);
  }
  return [...lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
}

/** The bits of a part. Typed arrays are little-endian wherever WebAssembly runs. */
function wordsOf(part: FingerprintPart): Uint32Array {
  if (typeof part === "string") return Uint32Array.from(part, (unit) => unit.codePointAt(0)!);
  return new Uint32Array(part.buffer, part.byteOffset, part.byteLength / 4);
}

function absorb(lanes: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d] = lanes as unknown as [number, number, number, number];
  for (let i = 0; i < words.length; i++) {
    const spread = Math.imul(words[i]!, 0x9e3779b1);
    const lane = a ^ d ^ ((spread << 15) | (spread >>> 17));
    const next = (Math.imul((lane << 13) | (lane >>> 19), 0x85ebca6b) + 0x27d4eb2f) | 0;
    a = b;
    b = c;
    c = d;
    d = next;
  }
  lanes.set([a, b, c, d]);
}
