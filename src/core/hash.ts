/**
 * 128 bits that stand for words of 32 bits: what fingerprints of spaces and names of contents are made of.
 *
 * It guards against mistakes, not against forgers: among a billion inputs two different ones share a name with a chance of 10⁻²¹.
 * Four lanes of 32 bits take a word each in turn; multiplying by odd constants and turning the bits spreads each word upward and
 * back, and a last round mixes the lanes into each other. Whole numbers only: the same on every machine.
 */
import { reference } from "../kernels/index.ts";

const { mix } = reference;

/** One word into one lane; for a given word it is a bijection of the lane, so nothing is lost on the way. */
export function hashWord(lane: number, word: number): number {
  const spread = Math.imul(word, 0x9e3779b1);
  const turned = lane ^ ((spread << 15) | (spread >>> 17));
  return (Math.imul((turned << 13) | (turned >>> 19), 0x85ebca6b) + 0x27d4eb2f) | 0;
}

/** Words into four lanes, which change places with each word, so that a word's place counts. */
export function hashWords(lanes: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d] = lanes as unknown as [number, number, number, number];
  for (let i = 0; i < words.length; i++) {
    const next = hashWord(a ^ d, words[i]!);
    a = b;
    b = c;
    c = d;
    d = next;
  }
  lanes.set([a, b, c, d]);
}

/** Four lanes to begin with, of what tells one use of the hash from another. */
export function hashLanes(...seeds: readonly [number, number, number, number]): Uint32Array {
  return Uint32Array.of(...seeds).map(mix);
}

/** The lanes as 32 hexadecimal digits. They are used up. */
export function hashDigits(lanes: Uint32Array): string {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) lanes[i] = mix(lanes[i]! ^ lanes[(i + 3) & 3]!);
  }
  return [...lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
}
