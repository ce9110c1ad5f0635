/**
 * Character n-grams as fastText cuts and hashes them (Bojanowski et al., 2017: "Enriching Word Vectors with
 * Subword Information"), so that vectors of its models are found under the same numbers.
 *
 * A word is framed, `<word>`; n counts characters (code points), the hash goes over their UTF-8 bytes. fastText's
 * hash is FNV-1a but for one slip that became its format: bytes are sign-extended before they are mixed in, so it
 * differs from the textbook's on everything that is not ASCII.
 */
import { checkWhole } from "../core/index.ts";

export interface SubwordOptions {
  /** Fewest characters of an n-gram. fastText: 3. */
  readonly minN: number;
  /** Most characters of an n-gram; 0 for none at all. fastText: 6. */
  readonly maxN: number;
}

export interface SubwordIdOptions extends SubwordOptions {
  /** How many buckets the n-grams share. fastText: 2,000,000. */
  readonly buckets: number;
}

/**
 * The buckets (0 … buckets − 1) of a word's n-grams: by where they start, then by length; repeated ones are kept.
 * A word's own row is not among them. fastText gives `</s>`, its mark for line ends, no n-grams: that is the caller's
 * to know.
 */
export function subwordIds(word: string, options: SubwordIdOptions): Uint32Array {
  checkWhole("buckets", options.buckets, 1, 2 ** 32);
  const bytes = new TextEncoder().encode(`<${word}>`);
  const found: number[] = [];
  visit(bytes, options, (_start, _end, hash) => void found.push(hash % options.buckets));
  return Uint32Array.from(found);
}

/** The n-grams themselves, in the order of `subwordIds`. */
export function subwordTexts(word: string, options: SubwordOptions): string[] {
  const bytes = new TextEncoder().encode(`<${word}>`);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const found: string[] = [];
  visit(bytes, options, (start, end) => void found.push(decoder.decode(bytes.subarray(start, end))));
  return found;
}

const continues = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Walks all n-grams; the hash of a longer one goes on from that of the shorter. */
function visit(
  bytes: Uint8Array,
  { minN, maxN }: SubwordOptions,
  found: (start: number, end: number, hash: number) => void,
): void {
  checkWhole("minN", minN, 0);
  checkWhole("maxN", maxN, 0);
  for (let start = 0; start < bytes.length; start++) {
    if (continues(bytes[start])) continue;
    let hash = 0x811c9dc5;
    let end = start;
    for (let n = 1; n <= maxN && end < bytes.length; n++) {
      do {
        hash = Math.imul(hash ^ ((bytes[end]! << 24) >> 24), 0x01000193);
        end++;
      } while (continues(bytes[end]));
      const frameAlone = n === 1 && (start === 0 || end === bytes.length);
      if (n >= minN && !frameAlone) found(start, end, hash >>> 0);
    }
  }
}
