/**
 * A name for a space: 128 bits of hash over keys and numbers.
 *
 * Two embeddings with one fingerprint hold the same keys in the same order with the same vectors, bit for bit, on
 * whatever machine it is computed. It guards against mixing vectors of different models by mistake, not
 * against forgers. Four lanes of 32 bits take one word each in turn; multiplying by odd constants and turning the
 * bits spreads each word upward and back, and a last round mixes the lanes into each other.
 */
import type { Matrix, Vocabulary } from "../core/index.ts";
import { reference } from "../kernels/index.ts";

const { mix } = reference;
const VERSION = 1; // of this hash; a change of the scheme changes every fingerprint

/** The fingerprint of keys and their vectors, 32 hexadecimal digits. Counts do not matter. */
export function fingerprintOf(vocabulary: Vocabulary, matrix: Matrix): string {
  const lanes = Uint32Array.of(VERSION, vocabulary.size, matrix.dim, 0x4c6f6369).map(mix);
  const encoder = new TextEncoder();
  for (const key of vocabulary.keys) absorbBytes(lanes, encoder.encode(key));
  const { buffer, byteOffset, length } = matrix.data;
  absorbWords(lanes, new Uint32Array(buffer, byteOffset, length));
  return finish(lanes);
}

/** The bytes of one key, after their number, so that "ab" + "c" is not "a" + "bc". */
function absorbBytes(lanes: Uint32Array, bytes: Uint8Array): void {
  const words = new Uint32Array(1 + Math.ceil(bytes.length / 4));
  words[0] = bytes.length;
  for (let i = 0; i < bytes.length; i++) words[1 + (i >> 2)]! |= bytes[i]! << (8 * (i & 3));
  absorbWords(lanes, words);
}

function absorbWords(lanes: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d] = lanes as unknown as [number, number, number, number];
  for (let i = 0; i < words.length; i++) {
    // The lanes change places with each word, so a word's place counts.
    const next = absorb(a ^ d, words[i]!);
    a = b;
    b = c;
    c = d;
    d = next;
  }
  lanes.set([a, b, c, d]);
}

function absorb(lane: number, word: number): number {
  const spread = Math.imul(word, 0x9e3779b1);
  const turned = lane ^ ((spread << 15) | (spread >>> 17));
  return (Math.imul((turned << 13) | (turned >>> 19), 0x85ebca6b) + 0x27d4eb2f) | 0;
}

function finish(lanes: Uint32Array): string {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) lanes[i] = mix(lanes[i]! ^ lanes[(i + 3) & 3]!);
  }
  return [...lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
}
