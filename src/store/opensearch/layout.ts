/**
 * The indices of a collection and what is in them.
 *
 * `documents`, `chunks` and `vectors-N` hold one document each; every one says which document generation it belongs to (a number a
 * put), in which version it appeared and by which attempt. `state` holds one document, `state`, which says what of them counts, and
 * beside it the writer's lease, settings, heads and pieces of snapshots and the log of removals. Vectors lie apart from
 * chunks, so that another space can be filled beside them and take their place by a number in `state`.
 */
import { LociError } from "../../core/index.ts";
import type { Space } from "../store.ts";
import type { Json } from "./client.ts";

/** What this version of Loci writes. */
export const SCHEMA_VERSION = 1;

/** How indices are spread over the cluster, and how vectors are linked. */
export interface OpenSearchIndexOptions {
  /** Parts that an index is split into, over the nodes. Fixed when the collection is made. Default 1. */
  readonly shards?: number;
  /** Copies of each part beside the first: with one, any single node may be lost. Default 1. */
  readonly replicas?: number;
  /** Links a vector; more is better and slower. Default 16. */
  readonly M?: number;
  /** How many candidates are looked at when a vector is added. Default 100. */
  readonly efConstruction?: number;
}

/** The one document that says what counts. Replaced by comparing its sequence number, never blindly. */
export interface State {
  readonly schema: number;
  /** Who writes: raised by every process that opens the collection for writing. With `change` it names one writing of this document. */
  readonly epoch: number;
  readonly change: number;
  readonly version: number;
  /** The number of the last write that was tried, and of those that came to nothing. */
  readonly attempt: number;
  readonly aborted: readonly number[];
  /** The write that is under way: what it has written counts only once `version` says so. */
  readonly pending?: { readonly attempt: number; readonly version: number } | undefined;
  readonly nextChunk: number;
  readonly nextGeneration: number;
  readonly nextFile: number;
  /** Generations that do not count any more, but may still lie in the indices for readers of the version before. */
  readonly removing: readonly number[];
  /** Removals up to this version may be deleted already: who reads an older one must read again. */
  readonly cleaned: number;
  readonly documents: number;
  readonly chunks: number;
  readonly terms: number;
  /** Whether a vector of zeros was ever written. */
  readonly zeros: boolean;
  /** `changes` reaches back to this version. */
  readonly knownSince: number;
  readonly space?: Space | undefined;
  /** The number of the index of vectors, and of the one that is being filled. */
  readonly vectors: number;
  readonly next?: { readonly space: Space; readonly vectors: number } | undefined;
}

export const NEW_STATE: State = {
  schema: SCHEMA_VERSION,
  epoch: 0,
  change: 0,
  version: 0,
  attempt: 0,
  aborted: [],
  nextChunk: 1,
  nextGeneration: 1,
  nextFile: 1,
  removing: [],
  cleaned: 0,
  documents: 0,
  chunks: 0,
  terms: 0,
  zeros: false,
  knownSince: 0,
  vectors: 0,
};

/** Names of a collection's indices. Names of collections are as in PostgresStore: `a-z`, `0-9`, `_`, up to 48. */
export class Names {
  readonly base: string;

  constructor(collection: string) {
    if (!/^[a-z][a-z0-9_]{0,47}$/.test(collection)) {
      throw new LociError(
        "bad-argument",
        `Expected \`name\` to be 1 to 48 of a-z, 0-9 and _, beginning with a letter, got ${JSON.stringify(collection)}.`,
      );
    }
    this.base = `loci-${collection}`;
  }

  get state(): string {
    return `${this.base}-state`;
  }
  get documents(): string {
    return `${this.base}-documents`;
  }
  get chunks(): string {
    return `${this.base}-chunks`;
  }
  vectors(n: number): string {
    return `${this.base}-vectors-${n}`;
  }
  /** All indices that hold what belongs to generations. */
  data(state: State): string[] {
    return [this.documents, this.chunks, ...this.#spaces(state)];
  }
  #spaces({ space, vectors, next }: State): string[] {
    return [...(space ? [this.vectors(vectors)] : []), ...(next ? [this.vectors(next.vectors)] : [])];
  }
}

const NUMBER = { type: "long" } as const;
/** Fields that everything has which belongs to a generation. */
const BELONGS = { generation: NUMBER, version: NUMBER, attempt: NUMBER, facts: { type: "keyword", doc_values: false } };

function settings({ shards = 1, replicas = 1 }: OpenSearchIndexOptions, more: Json = {}): Json {
  // A write is done when it is on the disk of every copy (translog), and what it wrote is searched when it says so, not by the second.
  const index = {
    number_of_shards: shards,
    number_of_replicas: replicas,
    refresh_interval: "-1",
    "translog.durability": "request",
    max_terms_count: 1_000_000,
  };
  return { index: { ...index, ...more } };
}

/** Bodies that make the indices which every collection has, by name. */
export function indexBodies(names: Names, options: OpenSearchIndexOptions): [string, Json][] {
  const terms = {
    similarity: { loci: { type: "BM25", k1: 1.2, b: 0.75 } },
    analysis: {
      tokenizer: { loci: { type: "whitespace", max_token_length: 4096 } },
      analyzer: { loci: { type: "custom", tokenizer: "loci" } },
    },
  };
  return [
    [
      names.documents,
      {
        settings: settings(options),
        mappings: { dynamic: false, properties: { ...BELONGS, id: { type: "keyword" } } },
      },
    ],
    [
      names.chunks,
      {
        settings: settings(options, terms),
        mappings: {
          dynamic: false,
          _source: { excludes: ["terms"] },
          properties: {
            ...BELONGS,
            chunk: NUMBER,
            place: NUMBER,
            document: { type: "keyword" },
            // Terms are made by us, as for every other store, and come divided by spaces.
            terms: { type: "text", analyzer: "loci", similarity: "loci", index_options: "freqs" },
          },
        },
      },
    ],
    [
      names.state,
      {
        settings: settings({ ...options, shards: 1 }),
        mappings: {
          dynamic: false,
          properties: {
            kind: { type: "keyword" },
            version: NUMBER,
            attempt: NUMBER,
            generation: NUMBER,
            piece: NUMBER,
          },
        },
      },
    ],
  ];
}

/** OpenSearch's names for our metrics. */
export const SPACE_TYPES = { cosine: "cosinesimil", dot: "innerproduct", euclidean: "l2" } as const;

/**
 * The body that makes an index of vectors. The engine is Lucene's, always: it is in every server that has the plugin, filters
 * while it searches, and the other engines need a native library whose lack ends the node.
 */
export function vectorsBody({ dim, metric }: Space, options: OpenSearchIndexOptions): Json {
  const { M = 16, efConstruction = 100 } = options;
  const method = {
    name: "hnsw",
    engine: "lucene",
    space_type: SPACE_TYPES[metric],
    parameters: { m: M, ef_construction: efConstruction },
  };
  return {
    settings: settings(options, { knn: true }),
    mappings: {
      dynamic: false,
      properties: {
        ...BELONGS,
        chunk: NUMBER,
        zero: { type: "boolean" },
        vector: { type: "knn_vector", dimension: dim, method },
      },
    },
  };
}

/** What of the indices counts in a state: written by then, by a write that came to its end, not removed since. */
export function visible({ version, aborted, removing }: State): Json {
  const hidden = [
    ...(aborted.length > 0 ? [{ terms: { attempt: aborted } }] : []),
    ...(removing.length > 0 ? [{ terms: { generation: removing } }] : []),
  ];
  return { bool: { filter: [{ range: { version: { lte: version } } }], must_not: hidden } };
}
