/**
 * Whether a zip archive is what it says, before somebody unpacks it.
 *
 * A few kilobytes can unpack to a terabyte, and the sizes that an archive states can lie. So every entry is unpacked once, counted and
 * thrown away, up to a bound; only then is it handed to a library that unpacks without looking.
 */
import { LociError } from "../core/index.ts";

const MOST_ENTRIES = 10_000;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly start: number;
  readonly bytes: number;
}

/** Throws `bad-file` naming the file unless it is a sound zip archive whose entries, those of `skip` left out, unpack to at most `most` bytes. */
export async function checkZip(bytes: Uint8Array, name: string, most: number, skip: RegExp): Promise<void> {
  let left = most;
  for (const entry of entriesOf(bytes, name)) {
    if (skip.test(entry.name)) continue;
    left -= entry.method === 0 ? entry.bytes : await unpackedBytes(bytes, entry, left, name);
    if (left < 0) throw new LociError("bad-file", `${name}: unpacks to more than ${most >> 20} MiB, and is not read.`);
  }
}

/** The entries by the directory at the end. */
function entriesOf(bytes: Uint8Array, name: string): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const broken = (): LociError =>
    new LociError("bad-file", `${name}: no whole zip archive, so no document of this kind.`);
  const least = Math.max(0, bytes.length - 22 - 0xffff);
  let end = bytes.length - 22;
  while (end >= least && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < least || bytes.length < 22) throw broken();
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw new LociError("bad-file", `${name}: more than ${MOST_ENTRIES} entries.`);
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw broken();
    const [method, size, local] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ];
    const nameLength = view.getUint16(at + 28, true);
    if (local + 30 > bytes.length || view.getUint32(local, true) !== 0x04034b50) throw broken();
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (start + size > bytes.length || (method !== 0 && method !== 8)) throw broken();
    const entryName = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    entries.push({ name: entryName, method, start, bytes: size });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** How many bytes an entry unpacks to; stops soon after `most`. */
async function unpackedBytes(archive: Uint8Array, entry: Entry, most: number, name: string): Promise<number> {
  const packed = new Blob([archive.slice(entry.start, entry.start + entry.bytes)]);
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  let bytes = 0;
  try {
    for (let next = await reader.read(); !next.done && bytes <= most; next = await reader.read())
      bytes += next.value.length;
  } catch (cause) {
    throw new LociError("bad-file", `${name}: its part "${entry.name}" is damaged.`, { cause });
  } finally {
    await reader.cancel().catch(() => undefined); // it has failed already, or is at its end
  }
  return bytes;
}
