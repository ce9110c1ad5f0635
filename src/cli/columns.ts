/** Rows of text in columns that line up, whatever script they are in. */

export type Align = "left" | "right";

/**
 * Lines with the cells of each row in columns, two spaces apart. `align` has one letter's worth of meaning a column;
 * columns past its end are to the left.
 */
export function columns(rows: readonly (readonly string[])[], align: readonly Align[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))));
  }
  return rows.map((row) =>
    row
      .map((cell, c) => padded(cell, widths[c]!, align[c] ?? "left"))
      .join("  ")
      .trimEnd(),
  );
}

function padded(cell: string, width: number, align: Align): string {
  const space = " ".repeat(width - displayWidth(cell));
  return align === "right" ? space + cell : cell + space;
}

/** Characters that stand two cells wide in terminals, and marks that take none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;
// oxlint-disable-next-line no-control-regex -- colours are control sequences
const COLOR = /\x1b\[[\d;]*m/g;

/** How many cells of a terminal a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replaceAll(COLOR, "")) {
    width += NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Breaks a paragraph into lines of at most `width` characters, at spaces. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
