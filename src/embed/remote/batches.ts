/** Texts into requests: as many at once as the limits let, in order; empty ones stay at home. */

export interface Batch {
  readonly texts: readonly string[];
  /** Which text of the list each one is. */
  readonly places: readonly number[];
}

/** Cuts a list into batches. A text that alone has more tokens than a batch may is a batch of its own: the server decides. */
export function* batchesOf(
  texts: readonly string[],
  prefix: string,
  { batchTexts, batchTokens }: { readonly batchTexts: number; readonly batchTokens: number },
): Generator<Batch, undefined, void> {
  let batch: string[] = [];
  let places: number[] = [];
  let tokens = 0;
  for (let place = 0; place < texts.length; place++) {
    const text = texts[place]!;
    if (text.trim() === "") continue;
    const sent = (prefix + text).toWellFormed(); // half a surrogate pair is not valid in UTF-8
    const more = estimateTokens(sent);
    if (batch.length > 0 && (batch.length === batchTexts || tokens + more > batchTokens)) {
      yield { texts: batch, places };
      batch = [];
      places = [];
      tokens = 0;
    }
    batch.push(sent);
    places.push(place);
    tokens += more;
  }
  if (batch.length > 0) yield { texts: batch, places };
  return undefined;
}

/** Tokens, from outside: about four ASCII characters each, and one for every other character. On the high side for prose. */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 128) ascii++;
  return Math.ceil(ascii / 4) + (text.length - ascii) + 1;
}
