/**
 * Vectors in packs: many in one row.
 *
 * A row costs far more in OPFS than on a disk, and a small one wastes half a page, so vectors of neighbouring chunks lie end
 * to end in blobs of up to 128 KB. Packs of one space never overlap: a chunk can be in one place only. Single writes leave
 * small packs, which the next ones take in as a binary counter carries (1 + 1 = 2, 2 + 2 = 4, …), so that a vector is
 * rewritten log₂ times and not once for each later write. A pack that loses vectors is written again without them: what was
 * removed lies in no pack.
 */
import type { Connection } from "./database.ts";

const PACK_BYTES = 1 << 17;

/** A pack: chunk numbers, ascending, and their vectors, end to end. */
export interface Pack {
  readonly numbers: readonly number[];
  readonly data: Float32Array;
}

interface PackRow extends Pack {
  readonly row: number;
}

/** How many vectors of this width make a full pack. */
export function packRows(dim: number): number {
  return Math.max(1, Math.floor(PACK_BYTES / (4 * dim)));
}

/** Writes vectors, row i for numbers[i] (ascending, each once); those that are there are replaced. */
export function putVectors(
  connection: Connection,
  space: number,
  dim: number,
  numbers: readonly number[],
  data: Float32Array,
): void {
  const full = packRows(dim);
  for (let at = 0; at < numbers.length; at += full) {
    const some = numbers.slice(at, at + full);
    putSome(connection, space, dim, { numbers: some, data: data.subarray(at * dim, (at + some.length) * dim) });
  }
}

/** At most one full pack. */
function putSome(connection: Connection, space: number, dim: number, fresh: Pack): void {
  const full = packRows(dim);
  let pack = fresh;
  for (const there of packsBetween(connection, space, fresh.numbers[0]!, fresh.numbers.at(-1)!)) {
    pack = merged(there, pack, dim);
    connection.run("DELETE FROM vectors WHERE number = ?", there.row);
  }
  for (;;) {
    const row = connection.get(
      "SELECT number, length(data) FROM vectors WHERE space = ? AND first < ? ORDER BY first DESC LIMIT 1",
      space,
      pack.numbers[0]!,
    );
    const before = row ? (row[1] as number) / (4 * dim) : Infinity;
    if (before > pack.numbers.length || before + pack.numbers.length > full) break;
    pack = merged(packAt(connection, row![0] as number), pack, dim);
    connection.run("DELETE FROM vectors WHERE number = ?", row![0]!);
  }
  for (let at = 0; at < pack.numbers.length; at += full)
    insertPack(connection, space, pack.numbers.slice(at, at + full), pack.data.subarray(at * dim, (at + full) * dim));
}

function insertPack(connection: Connection, space: number, numbers: readonly number[], data: Float32Array): void {
  const first = numbers[0]!;
  const places = Uint32Array.from(numbers, (chunk) => chunk - first);
  connection.run(
    "INSERT INTO vectors (space, first, last, chunks, data) VALUES (?, ?, ?, ?, ?)",
    space,
    first,
    numbers.at(-1)!,
    bytesOf(places),
    bytesOf(data),
  );
}

/** Takes vectors out, of whatever space. `numbers` ascending. */
export function removeVectors(connection: Connection, numbers: readonly number[]): void {
  const gone = new Set(numbers);
  const spaces = connection.all("SELECT number, dim FROM spaces");
  for (const [space, dim] of spaces as [number, number][]) {
    for (let at = 0; at < numbers.length;) {
      // The next pack that can hold the number at hand or a later one; what lies before it is in none.
      const row = connection.get(
        "SELECT number, first, last FROM vectors WHERE space = ? AND last >= ? AND first <= ? ORDER BY first LIMIT 1",
        space,
        numbers[at]!,
        numbers.at(-1)!,
      ) as [number, number, number] | undefined;
      if (!row) break;
      removeFrom(connection, space, dim, row[0], gone);
      while (at < numbers.length && numbers[at]! <= row[2]) at++;
    }
  }
}

function removeFrom(connection: Connection, space: number, dim: number, row: number, gone: ReadonlySet<number>): void {
  const { numbers, data } = packAt(connection, row);
  const kept = numbers.flatMap((chunk, i) => (gone.has(chunk) ? [] : [i]));
  if (kept.length === numbers.length) return;
  connection.run("DELETE FROM vectors WHERE number = ?", row);
  if (kept.length === 0) return;
  const rest = new Float32Array(kept.length * dim);
  kept.forEach((i, to) => rest.set(data.subarray(i * dim, (i + 1) * dim), to * dim));
  insertPack(
    connection,
    space,
    kept.map((i) => numbers[i]!),
    rest,
  );
}

/** Packs of a space that hold chunks in [from, to], by their first. */
export function packsBetween(connection: Connection, space: number, from: number, to: number): PackRow[] {
  // Packs do not overlap, so of those that begin before `from` only the last can reach it.
  const rows = connection.all(
    `SELECT number FROM vectors WHERE space = ?1 AND last >= ?2 AND first <= ?3
       AND first >= coalesce((SELECT max(first) FROM vectors WHERE space = ?1 AND first <= ?2), 0) ORDER BY first`,
    space,
    from,
    to,
  );
  return rows.map(([row]) => packAt(connection, row as number));
}

/** The first packs of a space with chunks above `after`, at least `rows` vectors if there are so many. */
export function packsAfter(connection: Connection, space: number, dim: number, after: number, rows: number): Pack {
  const packs: Pack[] = [];
  let [last, count] = [after, 0];
  while (count < rows) {
    const row = connection.get(
      "SELECT number FROM vectors WHERE space = ? AND first > ? ORDER BY first LIMIT 1",
      space,
      last,
    );
    const found =
      packs.length === 0
        ? (packsBetween(connection, space, after + 1, after + 1)[0] ?? rowPack(connection, row))
        : rowPack(connection, row);
    if (!found) break;
    const pack = above(found, after, dim);
    packs.push(pack);
    count += pack.numbers.length;
    last = found.numbers.at(-1)!;
  }
  const data = new Float32Array(count * dim);
  let at = 0;
  for (const pack of packs) {
    data.set(pack.data, at);
    at += pack.data.length;
  }
  return { numbers: packs.flatMap(({ numbers }) => numbers), data };
}

function rowPack(connection: Connection, row: readonly unknown[] | undefined): Pack | undefined {
  return row && packAt(connection, row[0] as number);
}

function above({ numbers, data }: Pack, after: number, dim: number): Pack {
  const from = numbers.findIndex((chunk) => chunk > after);
  return from < 0
    ? { numbers: [], data: data.subarray(0, 0) }
    : { numbers: numbers.slice(from), data: data.subarray(from * dim) };
}

/** Vectors of some chunks in one array; NaN where there is none. */
export function vectorsAt(
  connection: Connection,
  space: number,
  dim: number,
  numbers: readonly number[],
): Float32Array {
  const out = new Float32Array(numbers.length * dim).fill(NaN);
  const order = numbers.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]!);
  for (let at = 0; at < order.length;) {
    const chunk = numbers[order[at]!]!;
    const row = connection.get(
      "SELECT number, first, last, chunks FROM vectors WHERE space = ? AND first <= ? ORDER BY first DESC LIMIT 1",
      space,
      chunk,
    );
    const [number, first, last, chunks] = (row ?? [0, 0, 0, new Uint8Array()]) as [number, number, number, Uint8Array];
    let to = at;
    while (to < order.length && (to === at || numbers[order[to]!]! <= last)) to++;
    if (chunk <= last) fillFrom(connection, number, dim, numbersOf(first, chunks), order.slice(at, to), numbers, out);
    at = to;
  }
  return out;
}

/** Fills rows of `out` from one pack: of which all is read where many are asked for, else only their places. */
function fillFrom(
  connection: Connection,
  pack: number,
  dim: number,
  there: readonly number[],
  wanted: readonly number[],
  numbers: readonly number[],
  out: Float32Array,
): void {
  const whole = wanted.length * 8 > there.length ? packAt(connection, pack).data : undefined;
  const placeOf = new Map(there.map((chunk, place) => [chunk, place]));
  for (const i of wanted) {
    const place = placeOf.get(numbers[i]!);
    if (place === undefined) continue;
    const vector = whole
      ? whole.subarray(place * dim, (place + 1) * dim)
      : floatsOf(
          connection.get(
            "SELECT substr(data, ?, ?) FROM vectors WHERE number = ?",
            4 * dim * place + 1,
            4 * dim,
            pack,
          )![0] as Uint8Array,
        );
    out.set(vector, i * dim);
  }
}

/** The numbers that have a vector, in [from, to]. */
export function numbersWithVectors(connection: Connection, space: number, from: number, to: number): Set<number> {
  const rows = connection.all(
    "SELECT first, chunks FROM vectors WHERE space = ? AND last >= ? AND first <= ?",
    space,
    from,
    to,
  );
  return new Set(rows.flatMap(([first, chunks]) => numbersOf(first as number, chunks as Uint8Array)));
}

export function packAt(connection: Connection, row: number): PackRow {
  const [first, chunks, data] = connection.get("SELECT first, chunks, data FROM vectors WHERE number = ?", row)! as [
    number,
    Uint8Array,
    Uint8Array,
  ];
  return { row, numbers: numbersOf(first, chunks), data: floatsOf(data) };
}

function numbersOf(first: number, chunks: Uint8Array): number[] {
  const places = new Uint32Array(chunks.slice().buffer);
  return Array.from(places, (place) => first + place);
}

/** Two packs as one, ascending; where both have a chunk, the later one's vector. */
function merged(earlier: Pack, later: Pack, dim: number): Pack {
  const replaced = new Set(later.numbers);
  const all = [
    ...earlier.numbers.flatMap((chunk, i) => (replaced.has(chunk) ? [] : [{ chunk, from: earlier.data, i }])),
    ...later.numbers.map((chunk, i) => ({ chunk, from: later.data, i })),
  ].sort((a, b) => a.chunk - b.chunk);
  const data = new Float32Array(all.length * dim);
  all.forEach(({ from, i }, to) => data.set(from.subarray(i * dim, (i + 1) * dim), to * dim));
  return { numbers: all.map(({ chunk }) => chunk), data };
}

function bytesOf(array: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Blobs come as bytes at any place; floats want a multiple of four. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
