/**
 * How long a text is, when nobody hands in a tokenizer: words.
 *
 * A run of letters and digits is a word (a very long one, base64 for instance, one for each 16 characters); scripts
 * without spaces count by the character; a run of signs or of white space counts only by its length, 1 for 8 and 1 for
 * 64, so that no text of any kind is both long and worth nothing. English comes to about 0.75 words a token of the usual
 * language models: 1,500 words for 2,000 of their tokens.
 */

const SPACE = 0;
const SIGN = 1;
const LETTER = 2;
const ALONE = 3;
/** How many characters of a run are worth 1, by class. */
const WORTH = [64, 8, 16, 1];

const ASCII_CLASS = Uint8Array.from({ length: 128 }, (_, unit) => {
  if (unit <= 0x20 || unit === 0x7f) return SPACE;
  return /[0-9A-Za-z]/.test(String.fromCharCode(unit)) ? LETTER : SIGN;
});

/** The number of words of a text. 0 only for less than 64 characters of white space and 8 of signs in a row. */
export function countWords(text: string): number {
  let count = 0;
  let kind: number = SPACE;
  let start = 0; // of the run
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const next = unit < 128 ? ASCII_CLASS[unit]! : classOf(unit);
    if (next === kind) continue;
    if (unit === 0x27 && kind === LETTER) continue; // an apostrophe after a letter is part of the word
    const run = at - start;
    // Nearly every run is one short word, or a blank or two.
    if (kind === LETTER && run <= WORTH[LETTER]!) count++;
    else if (kind >= LETTER || run >= WORTH[SIGN]!) count += worthOf(kind, run);
    kind = next;
    start = at;
  }
  return count + worthOf(kind, text.length - start);
}

function worthOf(kind: number, run: number): number {
  return kind === LETTER ? Math.ceil(run / WORTH[LETTER]!) : Math.floor(run / WORTH[kind]!);
}

/** By ranges of Unicode blocks, which is all that counting needs. */
function classOf(unit: number): number {
  if (unit < 0x2000) {
    if (unit === 0xa0 || unit === 0x85) return SPACE;
    if (unit < 0xc0) return unit === 0xaa || unit === 0xb5 || unit === 0xba ? LETTER : SIGN;
    const unspaced =
      (unit >= 0xe00 && unit < 0xf00) || (unit >= 0x1000 && unit < 0x10a0) || (unit >= 0x1780 && unit < 0x1800);
    return unspaced ? ALONE : LETTER;
  }
  if (unit < 0x2070) return unit <= 0x200b || unit === 0x2028 || unit === 0x2029 || unit === 0x202f ? SPACE : SIGN;
  if (unit < 0x2c00) return SIGN;
  if (unit >= 0x3000 && unit < 0x3030) return unit === 0x3000 ? SPACE : SIGN;
  if (unit >= 0x2e80 && unit < 0xa000) return ALONE;
  if (unit >= 0xd800 && unit < 0xdc00) return ALONE; // an emoji or a rare ideograph, with its other half:
  if (unit >= 0xdc00 && unit < 0xe000) return SIGN;
  if (unit === 0xfeff) return SPACE;
  return (unit >= 0xf900 && unit < 0xfb00) || (unit >= 0xff66 && unit < 0xffa0)
    ? ALONE
    : unit >= 0xff00 && unit < 0xff10
      ? SIGN
      : LETTER;
}
