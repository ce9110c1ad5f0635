/**
 * Collections of questions whose answers are known, from files.
 *
 * The layout of BEIR (Thakur et al., 2021): `corpus.jsonl` and `queries.jsonl` with `_id`, `title`, `text` a line, and
 * `qrels/SPLIT.tsv` with `query-id TAB corpus-id TAB score`; each may be gzipped, under its own name or with `.gz` behind.
 * TREC's four columns (`query 0 document grade`) are read too. Who has no such folder writes one line a pair:
 * `question TAB document id`, and has judged queries for documents of his own.
 */
import { type ByteSource, LociError, fileSource, platform } from "../core/index.ts";
import { readLines } from "../text/index.ts";

/** A question, and the documents that answer it, each with its grade: above 0 is relevant, more is better. */
export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  readonly relevant: ReadonlyMap<string, number>;
}

/** A document of a test collection. */
export interface RetrievalDocument {
  readonly id: string;
  /** Empty where it has none. */
  readonly title: string;
  readonly text: string;
}

/** A test collection: its judged queries, and its documents as a stream that can be read again and again. */
export interface RetrievalSet {
  readonly name: string;
  readonly queries: readonly JudgedQuery[];
  readonly documents: () => AsyncIterable<RetrievalDocument>;
}

export interface RetrievalSetOptions {
  /** Which judgements: `qrels/SPLIT.tsv`. Default "test". */
  readonly split?: string;
}

/** A folder's files by name ("corpus.jsonl", "qrels/test.tsv"): a path, or sources where there are no paths. */
export type RetrievalFolder = string | Readonly<Record<string, ByteSource>>;

/**
 * Opens a folder in BEIR's layout. Queries come in the order of their file, those without a judgement are left out.
 * Throws `not-found` where a file is missing, `bad-file` with the line where one is not what it should be.
 */
export async function openRetrievalSet(
  folder: RetrievalFolder,
  { split = "test" }: RetrievalSetOptions = {},
): Promise<RetrievalSet> {
  const corpus = await sourceIn(folder, "corpus.jsonl");
  const judgements = await readJudgements(await sourceIn(folder, `qrels/${split}.tsv`));
  const queries: JudgedQuery[] = [];
  for await (const { id, text } of records(await sourceIn(folder, "queries.jsonl"))) {
    const relevant = judgements.get(id);
    if (relevant) queries.push({ id, text, relevant });
    judgements.delete(id);
  }
  const [lost] = judgements.keys();
  if (lost !== undefined) {
    const file = `qrels/${split}.tsv`;
    throw new LociError("bad-file", `${file} judges the query "${lost}", which queries.jsonl does not hold.`);
  }
  const name = typeof folder === "string" ? (/([^/\\]+)[/\\]*$/.exec(folder)?.[1] ?? folder) : "retrieval set";
  return { name, queries, documents: () => records(corpus) };
}

/**
 * Reads judged pairs, one a line: `question TAB document id`, with a grade in a third column if not all are equal. Pairs with
 * one question make one query, whose id is its number. Empty lines and lines that begin with # are passed over.
 */
export function parseRetrievalPairs(text: string): JudgedQuery[] {
  const queries = new Map<string, Map<string, number>>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const [question = "", document = "", written = "1"] = line.split("\t").map((cell) => cell.trim());
    const grade = Number(written);
    if (question === "" || document === "" || !Number.isFinite(grade) || written === "") {
      throw new LociError(
        "bad-file",
        `Line ${index + 1} of the pairs: expected a question, a tab and the id of a document, got ${JSON.stringify(line.slice(0, 80))}. Put # before a heading.`,
      );
    }
    let relevant = queries.get(question);
    if (!relevant) queries.set(question, (relevant = new Map()));
    relevant.set(document, grade);
  });
  return [...queries].map(([text, relevant], i) => ({ id: String(i + 1), text, relevant }));
}

async function sourceIn(folder: RetrievalFolder, name: string): Promise<ByteSource> {
  if (typeof folder !== "string") {
    const source = folder[name] ?? folder[`${name}.gz`];
    if (source) return source;
    throw new LociError(
      "not-found",
      `The retrieval set has no file "${name}"; it has ${Object.keys(folder).join(", ")}.`,
    );
  }
  const path = `${folder.replace(/[/\\]+$/, "")}/${name}`;
  const zipped = await platform.files?.stat(`${path}.gz`);
  const plain = await platform.files?.stat(path);
  return fileSource(zipped && !plain ? `${path}.gz` : path);
}

/** The records of a file of JSON lines. */
async function* records(source: ByteSource): AsyncGenerator<RetrievalDocument, void, void> {
  const seen = new Set<string>();
  for await (const { line, number } of wholeLines(source)) {
    const { _id, title, text } = parsed(source.name, line, number);
    const id = typeof _id === "number" ? String(_id) : _id;
    if (typeof id !== "string" || typeof text !== "string") {
      throw badLine(source.name, number, 'an object with "_id" and "text"', line);
    }
    if (seen.has(id)) throw badLine(source.name, number, "an id that did not come before", line);
    seen.add(id);
    yield { id, title: typeof title === "string" ? title : "", text };
  }
}

async function readJudgements(source: ByteSource): Promise<Map<string, Map<string, number>>> {
  const judgements = new Map<string, Map<string, number>>();
  for await (const { line, number } of wholeLines(source)) {
    const cells = line.includes("\t") ? line.split("\t") : line.trim().split(/\s+/);
    const [query, document, written] = cells.length === 4 ? [cells[0], cells[2], cells[3]] : cells;
    const grade = Number(written);
    if (number === 1 && written !== undefined && !Number.isFinite(grade)) continue; // a heading
    if (!query || !document || written === undefined || written.trim() === "" || !Number.isFinite(grade)) {
      throw badLine(source.name, number, "query-id, corpus-id and score with tabs between them", line);
    }
    let relevant = judgements.get(query);
    if (!relevant) judgements.set(query, (relevant = new Map()));
    relevant.set(document, grade);
  }
  return judgements;
}

/** Lines that are not empty, put together where they came in pieces, with their numbers from 1. */
async function* wholeLines(source: ByteSource): AsyncGenerator<{ line: string; number: number }, void, void> {
  let number = 0;
  let held = "";
  for await (const { text, ends } of readLines(source.read())) {
    held += text;
    if (!ends) continue;
    number++;
    if (held.trim() !== "") yield { line: held, number };
    held = "";
  }
}

function parsed(name: string, line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below, with the line
  }
  throw badLine(name, number, "one JSON object a line", line);
}

function badLine(name: string, number: number, expected: string, line: string): LociError {
  const came = JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
  return new LociError("bad-file", `${name}, line ${number}: expected ${expected}, got ${came}.`);
}
