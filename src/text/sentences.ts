/**
 * Sentences by rule.
 *
 * A sentence ends after `.`, `!`, `?` or `…` (with closing quotes and brackets) before white space, unless what follows
 * starts in lower case or the stop belongs to an abbreviation or an initial; and after the full stops of scripts that
 * put no space behind them. An empty line ends a sentence, a single line break does not, so text wrapped at 72
 * columns is read as it was meant. The rules are our own rather than `Intl.Segmenter`'s because those change with
 * the version of ICU, and a corpus must not; they are also wrong at "Dr. Who".
 */
import { readLines } from "./lines.ts";

/** Never the end of a sentence with a stop behind. */
const ABBREVIATIONS = new Set(
  (
    "mr mrs ms mx dr prof st messrs mme mlle gen col maj capt cmdr lt sgt cpl pvt adm rev fr hon gov sen rep pres supt det " +
    "insp mt vs viz cf ca al e.g i.e z.b d.h u.a bzw usw bspw"
  ).split(" "),
);
/** Not the end when a number follows: `No. 7`, `Dec. 10`. */
const BEFORE_NUMBERS = new Set(
  (
    "no nos nr fig figs eq eqs vol vols p pp ch sec art par ed ann op cap jan feb mar apr jun jul aug sep sept oct nov dec " +
    "approx"
  ).split(" "),
);

const CLOSING = `["'”’»›)\\]}」』】）]*`;
const END = new RegExp(`[.!?…]+${CLOSING}(?=\\s)|[。！？｡．।॥؟۔։።။។]+${CLOSING}`, "gu");
/** White space; and after that and opening signs, the first character of what follows. */
const NEXT = /(\s*)["'“‘«‹([{¿¡]*(\S)/uy;

/** Where the sentences of a text end: offsets in UTF-16 code units, white space behind included; the last is its length. */
export function sentenceEnds(text: string): number[] {
  const ends: number[] = [];
  for (const match of text.matchAll(END)) {
    const after = match.index + match[0].length;
    NEXT.lastIndex = after;
    const next = NEXT.exec(text);
    if (!next) break; // nothing but white space follows: the text's end is the sentence's
    if (!goesOn(text, match.index, match[0], next[2]!)) ends.push(after + next[1]!.length);
  }
  if (text.length > 0) ends.push(text.length);
  return ends;
}

/** The sentences of a text; put together, they are the text. */
export function splitSentences(text: string): string[] {
  let start = 0;
  return sentenceEnds(text).map((end) => text.slice(start, (start = end)));
}

/** Whether the stop(s) at `at` are inside a sentence, given the first character of what follows. */
function goesOn(text: string, at: number, stops: string, next: string): boolean {
  if (!/^[.!?…]/u.test(stops)) return false;
  if (/\p{Ll}/u.test(next)) return true;
  if (stops[0] !== "." || stops[1] === ".") return false;
  const word = /[\p{L}\p{M}\p{N}.]*$/u.exec(text.slice(Math.max(0, at - 32), at))![0].toLowerCase();
  const isInitial = /(?:^|\.)\p{L}\p{M}*$/u.test(word) && word !== "i";
  return isInitial || ABBREVIATIONS.has(word) || (BEFORE_NUMBERS.has(word) && /\p{N}/u.test(next));
}

const MOST_HELD = 1 << 15; // characters of a paragraph: more of it is split before its end is seen

/**
 * Rewrites text so that each sentence is a line: what wants lines can be given sentences. Paragraphs longer than
 * `MOST_HELD` characters are split as they come; a sentence longer than that is passed on in parts, still one line.
 */
export async function* sentenceLines(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  let held = "";
  let fresh = true; // whether a line starts here
  for await (const { text, ends } of readLines(bytes, { maxBytes: MOST_HELD })) {
    if (fresh && ends && text.trim() === "") {
      if (held !== "") yield encoder.encode(linesOf(held, held.length));
      else yield LINE;
      held = "";
      continue;
    }
    held += ends ? `${text} ` : text;
    fresh = ends;
    if (held.length < MOST_HELD) continue;
    const cut = placeToCut(held);
    yield encoder.encode(linesOf(held, cut));
    held = held.slice(cut);
  }
  if (held !== "") yield encoder.encode(linesOf(held, held.length));
}

const LINE = Uint8Array.of(0x0a);

/** Up to the last sentence known to be whole, or else the last blank, or else nearly all. */
function placeToCut(text: string): number {
  const whole = sentenceEnds(text).at(-2);
  if (whole !== undefined) return whole;
  const blank = text.slice(0, -64).search(/\s\S*$/u) + 1;
  return blank > 0 ? blank : text.length - 64;
}

/** The first `length` characters with a line end after each sentence; a part of a sentence gets none. */
function linesOf(text: string, length: number): string {
  const ends = new Set(sentenceEnds(text));
  let out = "";
  let start = 0;
  for (const end of [...ends].filter((end) => end <= length)) {
    out += `${text.slice(start, end)}\n`;
    start = end;
  }
  return out + text.slice(start, length);
}
