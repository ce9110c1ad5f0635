/** Files of questions about a model: reading them, and seeing which kind they are. */
import { LociError, fileSource } from "../core/index.ts";

/** The text of a file, ungzipped where it is gzipped. These files are small: 100 MB is refused. */
export async function readText(path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of (await fileSource(path)).read()) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MOST) {
      throw new LociError(
        "bad-file",
        `${path}: expected a file of questions, which is small; this one is over 100 MB.`,
      );
    }
  }
  return text + decoder.decode();
}

const MOST = 100_000_000;

/**
 * Whether a text holds analogies (": section" lines, or four words a line) or pairs (two words and a number). Throws
 * `bad-file` where it looks like neither.
 */
export function questionKindOf(name: string, text: string): "pairs" | "analogies" {
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (line.startsWith(":")) return "analogies";
    const cells = line.trim().split(/[\t,]|\s+/);
    if (cells.length >= 3 && isNumber(cells[2]!)) return "pairs";
    if (cells.length === 4 && !cells.some(isNumber)) return "analogies";
    break;
  }
  throw new LociError(
    "bad-file",
    `${name}: neither pairs (word TAB word TAB score) nor analogies (": section", then four words a line). ` +
      "If it is one of them, say so: --pairs FILE or --analogies FILE.",
  );
}

function isNumber(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell));
}
