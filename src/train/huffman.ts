/**
 * The Huffman tree of a vocabulary, for hierarchical softmax.
 *
 * Frequent words get short paths, so that a token costs about as many inner nodes as its bits of surprise
 * (Huffman 1952; used so by Mikolov et al. 2013). Words must come by falling count, as vocabularies of
 * corpora do: then building is one walk over two sorted queues.
 */

/** Paths from the root, one after another: entry = inner node · 2 + choice (1 = right). */
export interface HuffmanPaths {
  /** words + 1 offsets into `steps`. */
  readonly starts: Uint32Array;
  readonly steps: Uint32Array;
  /** The longest path. */
  readonly depth: number;
}

/** Inner nodes are numbered 0 … words − 2 as they were made, the root last. Needs two words or more. */
export function huffmanPaths(counts: ArrayLike<number>): HuffmanPaths {
  const words = counts.length;
  const parent = new Uint32Array(2 * words - 1);
  const right = new Uint8Array(2 * words - 1);
  joinPairs(counts, parent, right);
  const starts = new Uint32Array(words + 1);
  const root = 2 * words - 2;
  for (let word = 0; word < words; word++) {
    let length = 0;
    for (let node = word; node !== root; node = parent[node]!) length++;
    starts[word + 1] = starts[word]! + length;
  }
  const steps = new Uint32Array(starts[words]!);
  let depth = 0;
  for (let word = 0; word < words; word++) {
    let at = starts[word + 1]!;
    depth = Math.max(depth, at - starts[word]!);
    for (let node = word; node !== root; node = parent[node]!) steps[--at] = (parent[node]! - words) * 2 + right[node]!;
  }
  return { starts, steps, depth };
}

/** Joins the two rarest nodes until one is left. Nodes: words first, then inner nodes in order of making. */
function joinPairs(counts: ArrayLike<number>, parent: Uint32Array, right: Uint8Array): void {
  const words = counts.length;
  const weight = Float64Array.from(parent, (_, node) => (node < words ? counts[node]! : Infinity));
  let word = words - 1; // the rarest word left
  let inner = words; // the lightest inner node left
  const take = (): number => (word >= 0 && weight[word]! <= weight[inner]! ? word-- : inner++);
  for (let made = words; made < 2 * words - 1; made++) {
    const first = take();
    const second = take();
    weight[made] = weight[first]! + weight[second]!;
    parent[first] = made;
    parent[second] = made;
    right[second] = 1;
  }
}
