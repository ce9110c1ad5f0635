/** The work of `loci inspect`. */
import { columns } from "../columns.ts";
import type { Cli } from "../command.ts";
import { formatOf, openModel } from "../model.ts";
import { binaryByteCount, byteCount, counted, grouped } from "../numbers.ts";
import { openSession } from "../session.ts";
import { platform } from "../../core/index.ts";
import { norm } from "../../math/index.ts";
import type { Embedding } from "../../table/index.ts";
import type { InspectFlags } from "./inspect.ts";

export default async function inspect(cli: Cli, flags: InspectFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  const embedding = await openModel(path, session, { output: true, from: flags.from });
  const format = await formatOf(path, flags.from);
  const { vocabulary, size, dim, subwords, output, fingerprint, provenance } = embedding;
  const first = vocabulary.keys.slice(0, flags.keys ?? 10).map((key, id) => ({ key, count: vocabulary.counts[id]! }));
  const { minN, maxN, bucketCount } = subwords ?? {};
  const answer = {
    format,
    keys: size,
    dim,
    bytes: await bytesOf(path),
    memoryBytes: embedding.matrix.data.byteLength,
    norms: normsOf(embedding),
    first,
    fingerprint,
    output: output !== undefined,
    subwords: subwords ? { minN, maxN, buckets: bucketCount } : null,
    metadata: provenance,
  };
  session.answer(answer, () => {
    const { bytes, memoryBytes, norms } = answer;
    const counts = vocabulary.counts.some((count) => count > 0);
    const shown = first.map(({ key, count }) => (counts ? `${key} (${grouped(count)})` : key));
    const rows = [
      ["format", format],
      ["keys", `${grouped(size)}, ${counts ? "with" : "without"} their counts`],
      ["dim", grouped(dim)],
      ["on disk", byteCount(bytes)],
      ["vectors", `${byteCount(memoryBytes)} (${binaryByteCount(memoryBytes)}) in memory`],
      ["lengths", `${norms.min.toFixed(3)} to ${norms.max.toFixed(3)}, mean ${norms.mean.toFixed(3)}`],
      ["first keys", shown.join("  ")],
      ["subwords", subwords ? `${minN} to ${maxN} characters, ${grouped(bucketCount!)} buckets` : "none"],
      ["output", output ? "kept" : "none"],
      ["fingerprint", fingerprint],
      ...Object.entries(provenance)
        .filter(([name]) => name !== "format")
        .map(([name, value]) => [name, shownValue(value)]),
    ];
    return columns(rows);
  });
  session.hint(`${counted(size, "key")}. Ask it: loci near ${path} ${first[0]?.key ?? "KEY"}`);
}

function normsOf({ matrix }: Embedding): { readonly min: number; readonly mean: number; readonly max: number } {
  let [min, max, sum] = [Infinity, 0, 0];
  for (let row = 0; row < matrix.rows; row++) {
    const length = norm(matrix.row(row));
    min = Math.min(min, length);
    max = Math.max(max, length);
    sum += length;
  }
  return matrix.rows === 0 ? { min: 0, mean: 0, max: 0 } : { min, mean: sum / matrix.rows, max };
}

/** What a file, or all files of a folder, take on disk. */
async function bytesOf(path: string): Promise<number> {
  const files = platform.files!;
  const found = await files.stat(path);
  if (!found?.folder) return found?.bytes ?? 0;
  let bytes = 0;
  for (const name of await files.list(path)) bytes += (await files.stat(`${path}/${name}`))?.bytes ?? 0;
  return bytes;
}

const LONGEST_VALUE = 100;

function shownValue(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
