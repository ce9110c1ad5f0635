/**
 * How a reader refuses a file: one sentence with the file, the place, what was expected, what was found.
 */
import { LociError } from "../core/index.ts";

/** A `bad-file` error. `place` reads like "line 7" or "byte 96"; the sentence gets its full stop here. */
export function badFile(name: string, place: string, expected: string, found: string, remedy = ""): LociError {
  return new LociError("bad-file", `${name}: ${place}: expected ${expected}; found ${found}.${remedy && ` ${remedy}`}`);
}

/** The first bytes of something strange, for a message: printable as text in quotes, else as hexadecimal. */
export function shown(bytes: Uint8Array, most = 24): string {
  if (bytes.length === 0) return "nothing";
  const part = bytes.subarray(0, most);
  const more = bytes.length > most ? "…" : "";
  const text = new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(part)
    .replace(bytes.length > most ? /\uFFFD+$/ : "", "");
  if (text !== "" && !/[^\P{C}\t\r\n]|\uFFFD/u.test(text)) return JSON.stringify(text + more);
  return `bytes ${[...part].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}${more}`;
}

/** A key for a message: quoted, shortened, with invisible characters spelt out. */
export function quoted(key: string, most = 40): string {
  return JSON.stringify(key.length > most ? `${key.slice(0, most)}…` : key);
}

/** A value from JSON for a message. Never deep: what came may be nested past any stack. */
export function jsonShown(value: unknown): string {
  if (Array.isArray(value))
    return `a list of ${value.length}${value.length > 0 ? ` (${flat(value.slice(0, 4))})` : ""}`;
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return `${value as number | boolean | null | undefined}`;
  const names = Object.keys(value);
  return names.length === 0
    ? "an empty object"
    : `an object of ${names
        .slice(0, 6)
        .map((name) => quoted(name))
        .join(", ")}`;
}

function flat(values: unknown[]): string {
  return values.map((value) => (typeof value === "object" ? "…" : JSON.stringify(value).slice(0, 20))).join(", ");
}
