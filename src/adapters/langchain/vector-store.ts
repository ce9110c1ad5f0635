/**
 * A collection as LangChain's `VectorStore`.
 *
 * LangChain keeps its own metadata, any JSON; a collection keeps flat metadata that filters understand. What is flat goes in as
 * it is; the whole is kept beside it as JSON, and comes back unchanged.
 */
import { Document, type DocumentInterface } from "@langchain/core/documents";
import { VectorStore } from "@langchain/core/vectorstores";
import { LociError, Matrix } from "../../core/index.ts";
import { type Collection, type Filter, type Meta, type MetaValue, contentHash } from "../../store/index.ts";
import { LociEmbeddings } from "./embeddings.ts";

/** The field of metadata that holds LangChain's own, whole. */
const WHOLE = "langchain";

/** `new LociVectorStore(collection)`: its encoder embeds, its filters filter, `asRetriever()` retrieves. */
export class LociVectorStore extends VectorStore {
  declare FilterType: Filter;
  readonly collection: Collection;

  /** Throws `bad-argument` for a collection without an encoder. */
  constructor(collection: Collection) {
    const { encoder } = collection;
    if (!encoder)
      throw new LociError("bad-argument", "Expected a collection that was opened with an encoder, got one without.");
    super(new LociEmbeddings(encoder), {});
    this.collection = collection;
  }

  override _vectorstoreType(): string {
    return "loci";
  }

  /** Adds documents under their `id`, or under `options.ids`, or under new ones; an id that is there is replaced. */
  override async addDocuments(documents: DocumentInterface[], options?: { ids?: string[] }): Promise<string[]> {
    const ids = idsFor(documents, options?.ids);
    await this.collection.upsert(documents.map((document, i) => ({ id: ids[i]!, ...contentOf(document) })));
    return ids;
  }

  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    options?: { ids?: string[] },
  ): Promise<string[]> {
    if (vectors.length !== documents.length)
      throw new LociError(
        "bad-argument",
        `Expected one vector a document, got ${vectors.length} for ${documents.length}.`,
      );
    const ids = idsFor(documents, options?.ids);
    await this.collection.upsert(
      documents.map((document, i) => {
        const content = contentOf(document);
        // One vector is one chunk: the whole text.
        const chunks = [{ start: 0, end: content.text.length }];
        return { id: ids[i]!, ...content, chunks, vectors: Matrix.of([vectors[i]!]) };
      }),
    );
    return ids;
  }

  /** Removes documents: `delete({ ids })`. */
  override async delete({ ids }: { ids?: string[] } = {}): Promise<void> {
    if (!ids)
      throw new LociError("bad-argument", "Expected the ids of the documents to remove: delete({ ids: [...] }).");
    await this.collection.remove(ids);
  }

  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: Filter,
  ): Promise<[DocumentInterface, number][]> {
    const { hits } = await this.collection.search({ vector: query }, { k, mode: "vector", ...(filter && { filter }) });
    return hits.map(({ id, text, meta, score }) => {
      const whole = meta[WHOLE];
      const metadata = typeof whole === "string" ? (JSON.parse(whole) as Record<string, unknown>) : { ...meta };
      return [new Document({ id, pageContent: text, metadata }), score];
    });
  }
}

function idsFor(documents: readonly DocumentInterface[], given: readonly string[] | undefined): string[] {
  if (given && given.length !== documents.length)
    throw new LociError("bad-argument", `Expected one id a document, got ${given.length} for ${documents.length}.`);
  return documents.map((document, i) => given?.[i] ?? document.id ?? idOf(document));
}

/** Documents without an id are named by what they say, so that adding one twice keeps it once. */
function idOf({ pageContent, metadata }: DocumentInterface): string {
  const text = `${pageContent}\n${JSON.stringify(metadata)}`;
  return contentHash(text);
}

function contentOf({ pageContent, metadata }: DocumentInterface): { text: string; meta: Meta } {
  const flat = Object.entries(metadata as Record<string, unknown>).filter(
    (entry): entry is [string, MetaValue | MetaValue[]] =>
      isValue(entry[1]) || (Array.isArray(entry[1]) && entry[1].every(isValue)),
  );
  return { text: pageContent, meta: { ...Object.fromEntries(flat), [WHOLE]: JSON.stringify(metadata) } };
}

const isValue = (value: unknown): value is MetaValue =>
  value === null ||
  ["string", "boolean"].includes(typeof value) ||
  (typeof value === "number" && Number.isFinite(value));
