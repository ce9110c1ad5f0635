/**
 * Texts for servers that cannot hold every character of JavaScript's strings.
 *
 * PostgreSQL has no U+0000, and half a surrogate pair (a chunk may begin within one) is no UTF-8. Both are written behind
 * U+E000, a private character that texts hardly ever hold, so that all else stays readable and searchable as it is.
 */

const UNSAFE = /[\0\uE000]|\p{Surrogate}/gu;

/** A text in which every character is sound: U+0000 as U+E000 "0", U+E000 as U+E000 "E", D83D as U+E000 "d83d". */
export function toSafeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\0") return "\uE0000";
    return character === "\uE000" ? "\uE000E" : `\uE000${character.charCodeAt(0).toString(16)}`;
  });
}

/** The text that {@link toSafeText} was given. */
export function fromSafeText(safe: string): string {
  if (!safe.includes("\uE000")) return safe;
  return safe.replace(/\uE000(0|E|d[89a-f]..)/g, (_, kind: string) => {
    if (kind === "0") return "\0";
    return kind === "E" ? "\uE000" : String.fromCharCode(Number.parseInt(kind, 16));
  });
}
