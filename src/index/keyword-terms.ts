/**
 * Text to the terms of a keyword index: one analysis for every store, so that a collection ranks alike in all of them.
 *
 * What people type and what documents say should meet: case is folded, compatibility forms are undone (the ﬁ of a PDF,
 * full-width letters), accents of Latin and Greek letters and the vowel points of Hebrew and Arabic are dropped. A term is a
 * run of letters, numbers and marks; all else stands between terms, apostrophes and underscores too (`l'avion` → `l`,
 * `avion`), so that the parts of names are found. Scripts written without spaces give each character and each pair of
 * neighbours (as Lucene's CJK analysis does), which needs no dictionary and finds any word. No stemming.
 *
 * Terms hold no ASCII but `a-z0-9`, and no white space: put together with blanks they pass through SQLite's `ascii`
 * tokenizer and PostgreSQL's arrays as they are.
 */

/** A term is cut after this many UTF-16 code units: it is no word then, and databases bound their keys. */
const LONGEST_TERM = 128;

const ASCII = /^[\0-\x7f]*$/;
const ASCII_TERM = /[a-z0-9]+/g;
const TERM = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

const UNSEEN = /\u00ad|\u200d|\u2060|\ufeff/g; // soft hyphen, joiners, byte order mark
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}])[\u0300-\u036f]+/gu;
const VOWEL_POINTS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/g;
const CYRILLIC_IO = /е\u0308/g; // ё, which most write е

const SCRIPTS_WITHOUT_SPACES = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"];
const unspaced = SCRIPTS_WITHOUT_SPACES.map((script) => `\\p{scx=${script}}`).join("");
const UNSPACED = new RegExp(`[${unspaced}]`, "u");
const STRETCH = new RegExp(`[${unspaced}][${unspaced}\\p{M}]*|(?:(?![${unspaced}]).)+`, "gu");
/** What readers of those scripts see as a character, near enough: a letter and its marks. */
const CHARACTER = /.\p{M}*/gsu;

/** Cuts text into terms, in order; one comes as often as it stands there. Any string will do. */
export function keywordTerms(text: string): string[] {
  if (ASCII.test(text)) return bounded(text.toLowerCase().match(ASCII_TERM) ?? []);
  const runs = folded(text).match(TERM) ?? [];
  return bounded(runs.some((run) => UNSPACED.test(run)) ? runs.flatMap(split) : runs);
}

function folded(text: string): string {
  const letters = text
    .normalize("NFKD")
    .replace(UNSEEN, "")
    .toLowerCase()
    .replace(ACCENTED, "$1")
    .replace(CYRILLIC_IO, "е")
    .replace(VOWEL_POINTS, "");
  // What case folding joins and lower case does not: STRASSE and Straße, ΟΔΟΣ and οδοσ.
  return letters.replaceAll("ß", "ss").replaceAll("ς", "σ").normalize("NFC");
}

/** The terms of a run that holds characters of a script without spaces: those one by one and in pairs, the rest as it is. */
function split(run: string): string[] {
  const terms: string[] = [];
  for (const [stretch] of run.matchAll(STRETCH)) {
    if (!UNSPACED.test(stretch)) {
      terms.push(stretch);
      continue;
    }
    const characters = stretch.match(CHARACTER)!;
    characters.forEach((character, i) => {
      terms.push(character);
      if (i + 1 < characters.length) terms.push(character + characters[i + 1]!);
    });
  }
  return terms;
}

function bounded(terms: string[]): string[] {
  for (let i = 0; i < terms.length; i++) if (terms[i]!.length > LONGEST_TERM) terms[i] = cut(terms[i]!);
  return terms;
}

/** The beginning of a term, not through a surrogate pair. */
function cut(term: string): string {
  const last = term.charCodeAt(LONGEST_TERM - 1);
  return term.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_TERM - 1 : LONGEST_TERM);
}
