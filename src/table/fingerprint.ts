/**
 * A name for a space: 128 bits of hash over keys and numbers.
 *
 * Two embeddings with one fingerprint hold the same keys in the same order with the same vectors, bit for bit, on
 * whatever machine it is computed. It guards against mixing vectors of different models by mistake, not
 * against forgers.
 */
import { type Matrix, type Vocabulary, hashDigits, hashLanes, hashWords } from "../core/index.ts";

const VERSION = 1; // of this hash; a change of the scheme changes every fingerprint

/** The fingerprint of keys and their vectors, 32 hexadecimal digits. Counts do not matter. */
export function fingerprintOf(vocabulary: Vocabulary, matrix: Matrix): string {
  const lanes = hashLanes(VERSION, vocabulary.size, matrix.dim, 0x4c6f6369);
  const encoder = new TextEncoder();
  for (const key of vocabulary.keys) absorbBytes(lanes, encoder.encode(key));
  const { buffer, byteOffset, length } = matrix.data;
  hashWords(lanes, new Uint32Array(buffer, byteOffset, length));
  return hashDigits(lanes);
}

/** The bytes of one key, after their number, so that "ab" + "c" is not "a" + "bc". */
function absorbBytes(lanes: Uint32Array, bytes: Uint8Array): void {
  const words = new Uint32Array(1 + Math.ceil(bytes.length / 4));
  words[0] = bytes.length;
  for (let i = 0; i < bytes.length; i++) words[1 + (i >> 2)]! |= bytes[i]! << (8 * (i & 3));
  hashWords(lanes, words);
}
