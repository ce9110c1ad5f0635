/** The work of `loci compress`. */
import { isCollection, openCollection } from "../collections.ts";
import { columns } from "../columns.ts";
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { openModel } from "../model.ts";
import { byteCount, fixed, grouped } from "../numbers.ts";
import { readText } from "../question-files.ts";
import { openSession, type Session } from "../session.ts";
import { LociError, Matrix } from "../../core/index.ts";
import { type CompressionTable, type IndexMetric, compressionTable } from "../../index/index.ts";
import type { Store } from "../../store/index.ts";
import type { CompressFlags } from "./compress.ts";

/** What is measured: vectors, and questions where they were given. */
interface Given {
  readonly vectors: Matrix;
  /** How many there are in all. */
  readonly rows: number;
  readonly metric: IndexMetric;
  readonly queries: Matrix | undefined;
}

/** So many vectors are looked at, evenly spaced. */
const MOST_ROWS = 10_000;

export default async function compress(cli: Cli, flags: CompressFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  const { vectors, rows, metric, queries } = await given(path, flags, session);
  const table = await compressionTable({
    vectors,
    metric,
    ...(queries && { queries }),
    ...(flags.count !== undefined && { k: flags.count }),
    ...(flags.recall !== undefined && { recall: flags.recall }),
    signal: session.signal,
    onStep: session.onStep,
  });
  session.answer({ ...table, vectors: rows, looked: vectors.rows }, () => lines(table, rows, vectors, session));
}

async function given(path: string, flags: CompressFlags, session: Session): Promise<Given> {
  if (!(await isCollection(path))) {
    if (flags.queries !== undefined)
      throw new UsageError("--queries needs a collection, whose model embeds the questions.");
    const { matrix } = await openModel(path, session);
    return { vectors: matrix, rows: matrix.rows, metric: "cosine", queries: undefined };
  }
  await using collection = await openCollection(path, session, { model: flags.model });
  const { space, chunks } = await collection.info();
  if (!space) throw new LociError("bad-argument", `${path} holds no vectors: there is nothing to compress.`);
  const vectors = await sampled(collection.store, chunks, space.dim);
  const asked =
    flags.queries === undefined
      ? []
      : (await readText(flags.queries)).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (asked.length > 0 && !collection.encoder)
    throw new UsageError(`${path} keeps no model to embed questions with: name one with --model.`);
  const queries = asked.length > 0 ? await collection.encoder!.embed(asked, { purpose: "query" }) : undefined;
  return { vectors, rows: chunks, metric: space.metric, queries };
}

async function sampled(store: Store, chunks: number, dim: number): Promise<Matrix> {
  const every = Math.max(1, Math.ceil(chunks / MOST_ROWS));
  const rows: Float32Array[] = [];
  let seen = 0;
  for await (const { vectors } of store.vectors())
    for (let r = 0; r < vectors.rows; r++) if (seen++ % every === 0) rows.push(vectors.row(r).slice());
  const matrix = Matrix.zeros(rows.length, dim);
  rows.forEach((row, r) => matrix.row(r).set(row));
  return matrix;
}

function lines(
  { rows, recommended, because }: CompressionTable,
  all: number,
  vectors: Matrix,
  { bold }: Session,
): string[] {
  const depths = rows[0]?.recalls.map(({ depth }) => depth) ?? [];
  const heading = [
    "kind",
    "bytes",
    "smaller",
    ...depths.map((depth) => `found of ${grouped(depth)}`),
    "queries/s",
    "largest error",
  ];
  const body = rows.map(({ name, bytesPerVector, ratio, recalls, queriesPerSecond, maxError }) => [
    name,
    grouped(bytesPerVector),
    `${fixed(ratio, 1)}×`,
    ...recalls.map(({ recall }) => fixed(recall, 4)),
    grouped(queriesPerSecond),
    maxError === undefined ? "–" : fixed(maxError, 4),
  ]);
  const printed = columns([heading, ...body], ["left", ...heading.slice(1).map(() => "right" as const)]);
  const at = rows.indexOf(recommended) + 1;
  return [
    ...printed.map((line, i) => (i === at ? bold(line) : line)),
    "",
    `${bold(recommended.name)}: ${because}`,
    `${grouped(all)} vectors would take ${byteCount(all * recommended.bytesPerVector)} instead of ${byteCount(all * vectors.dim * 4)}; ` +
      `${grouped(vectors.rows)} of them were looked at.`,
  ];
}
