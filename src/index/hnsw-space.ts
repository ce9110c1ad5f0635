/**
 * The memory of a graph index: codes, links, levels and vectors in one shared workspace, and what each thread needs.
 *
 * A workspace never grows; an index that needs more room opens a larger one and copies (`copySpace`). Memory that was not
 * touched costs nothing but addresses, so there is room to spare. Offsets are 32 bits: 4 GiB hold 15 million codes with
 * their links, or 2.1 million vectors of 384 numbers with everything.
 */
import { LociError, bytes, doubles, floats, integers, openWorkspace, words, type Workspace } from "../core/index.ts";
import { searchModule, type SearchVariant } from "../kernels/index.ts";
import { TOP_MOST } from "./code-space.ts";
import { type Codec, codecParts, encodeBytes, writeCodec } from "./codec.ts";
import { LEVELS, levelsOf } from "./hnsw-levels.ts";
import { BATCH, BLOCK } from "./row-space.ts";
import type { Turn } from "./turn.ts";

/** The field order of the record `Graph` in kernels/assembly/search/graph.ts. */
export const GRAPH_FIELDS = [
  "slots",
  "stride",
  "linkBytes",
  "upperBytes",
  "codes",
  "links",
  "upperAt",
  "upper",
  "levels",
  "query",
  "query2",
  "pool",
  "poolMost",
  "chosen",
  "list",
  "visited",
] as const;

/** The field order of the record `Ask` in kernels/assembly/search/search.ts. */
export const ASK_FIELDS = [
  "codec",
  "rows",
  "squares",
  "weights",
  "dim",
  "metric",
  "entry",
  "top",
  "mask",
  "maskWords",
  "matches",
  "plan",
  "ef",
  "rerank",
  "k",
  "queries",
  "ids",
  "scores",
  "outcomes",
] as const;

/** Candidates that a walk can keep; searches that would need more look at rows one by one. */
export const POOL_MOST = 8192;
/** Nodes inserted against one frozen graph, at most. */
export const BATCH_MOST = 4096;
/** Numbers of results (queries × k) that one slice of a large search may give, and of queries. */
export const RESULTS_MOST = 1 << 17;
export const QUERIES_MOST = 1024;
/** Ids that a scan gathers before it scores them, with room for one more word of a bitmap. */
const LIST_MOST = 512;
const LINE = 64;

export interface SpaceShape {
  readonly dim: number;
  readonly slots: number;
  /** Links of a node on the upper levels; twice as many on the ground (M of the paper). */
  readonly M: number;
  /** Threads with an area of their own: the workers, and the thread of the index, which is the last. */
  readonly members: number;
}

/** Bytes of a row of links: whole cache lines, so that a row for M = 16 holds 15, and 31 on the ground. */
export const linkBytes = (M: number): number => Math.ceil((8 * M) / LINE) * LINE;
export const upperBytes = (M: number): number => Math.ceil((4 * M) / LINE) * LINE;
/** Bytes of an item's area in a batch: its links back on all levels, 8 bytes each. */
export const edgeBytes = (M: number): number => Math.ceil((2 * (linkBytes(M) + LEVELS * upperBytes(M))) / LINE) * LINE;

function memberParts(shape: SpaceShape, codec: Codec) {
  const each = (size: number) => Math.ceil(size / LINE) * LINE;
  const sizes = {
    graph: each(4 * GRAPH_FIELDS.length),
    ask: each(4 * ASK_FIELDS.length),
    spill: LINE,
    query: codec.stride,
    query2: codec.stride,
    pool: each(8 * (POOL_MOST + 4)),
    best: each(8 * (POOL_MOST + 4)),
    // A selection's candidates: a row with all links back of a batch; also one item's area while it is put in place.
    chosen: each(8 * (BATCH_MOST + linkBytes(shape.M) / 4) + edgeBytes(shape.M)),
    list: each(4 * LIST_MOST + linkBytes(shape.M)),
    work: each(encodeBytes(codec)) + LINE,
    visited: each(shape.slots + LINE),
  };
  return { sizes, total: Object.values(sizes).reduce((sum, size) => sum + size, 0) };
}

function layoutOf(shape: SpaceShape, codec: Codec, upperRows: number) {
  const { dim, slots, M } = shape;
  const edges = (BATCH_MOST * edgeBytes(M)) / 8;
  const masks = Math.ceil(slots / 32) + 1;
  return {
    ...codecParts(codec),
    control: integers(32),
    codes: bytes(slots * codec.stride),
    links: words((slots * linkBytes(M)) / 4 + 16),
    upperAt: words(slots),
    upper: words((upperRows * upperBytes(M)) / 4 + 16),
    levels: bytes(slots),
    squares: doubles(slots),
    lengths: doubles(slots),
    biases: integers(slots),
    errors: floats(slots),
    heads: integers(slots),
    upperHeads: integers(upperRows + 1),
    items: words(Math.max(slots, BATCH_MOST)),
    counts: words(BATCH_MOST),
    edges: bytes(BATCH_MOST * edgeBytes(M)),
    records: words(2 * edges),
    targets: words(edges),
    live: words(masks),
    dead: words(masks),
    mask: words(masks),
    manyMask: words(masks),
    // Of the thread of the index, one query at a time; of searches over workers.
    oneQuery: floats(dim),
    oneIds: words(POOL_MOST),
    oneScores: doubles(POOL_MOST),
    queries: floats(QUERIES_MOST * dim),
    ids: words(RESULTS_MOST),
    scores: doubles(RESULTS_MOST),
    outcomes: bytes(QUERIES_MOST + LINE),
    members: bytes(memberParts(shape, codec).total * shape.members),
    // What exact scans take (row-space.ts).
    weights: floats(slots),
    query: floats(dim),
    blockScores: floats(8 * BLOCK),
    blockIds: words(BLOCK),
    packed: floats(BATCH * dim),
    spill: bytes(LINE),
    // What certified searches take (hnsw-exact.ts).
    keys: integers(slots),
    list: words(slots),
    bitmap: words(masks),
    entries: doubles(TOP_MOST),
    codeQuery: floats(dim),
    queryCode: bytes(codec.stride),
    codeWork: bytes(encodeBytes(codec) + LINE),
    rows: floats(slots * dim + 16),
  };
}

export type HnswViews = Workspace<ReturnType<typeof layoutOf>>;

/** A graph's memory with all that is known of it. */
export interface HnswSpace {
  readonly shape: SpaceShape;
  readonly codec: Codec;
  readonly views: HnswViews;
  readonly setup: SpaceSetup;
}

/** What threads are told of a space: where everything lies. Structured-cloneable. */
export interface SpaceSetup {
  /** Tells spaces apart: a thread opens each once. */
  readonly id: number;
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly shape: SpaceShape;
  readonly codec: Codec;
  readonly upperRows: number;
  readonly metric: number;
  /** Byte offsets of the parts. */
  readonly at: Readonly<Record<string, number>>;
  readonly memberBytes: number;
}

let spaces = 0;

/** Opens the memory for a graph. Throws `out-of-memory`, saying what to do, past 4 GiB. */
export async function openSpace(
  shape: SpaceShape,
  codec: Codec,
  metric: number,
  shared: boolean,
  turn: Turn,
  variant?: SearchVariant,
): Promise<HnswSpace> {
  const module = searchModule(shared, variant);
  const { upperAt, upperRows, levels } = await levelsOf(shape.slots, shape.M, turn);
  const layout = layoutOf(shape, codec, upperRows);
  const needed = Object.values(layout).reduce((sum, part) => sum + part.bytes + LINE, 65536);
  if (needed > 2 ** 32) throw tooLarge(shape, needed);
  const views = openWorkspace(layout, { shared });
  views.upperAt.set(upperAt);
  views.levels.set(levels);
  if (turn.due) await turn.pass();
  views.heads.fill(-1);
  views.upperHeads.fill(-1);
  writeCodec(views, codec);
  const at = Object.fromEntries(
    Object.keys(layout).map((name) => [name, (views[name as keyof typeof layout] as Uint8Array).byteOffset]),
  );
  const setup: SpaceSetup = {
    id: ++spaces,
    memory: views.memory,
    module,
    shape,
    codec,
    upperRows,
    metric,
    at,
    memberBytes: memberParts(shape, codec).total,
  };
  return { shape, codec, views, setup };
}

/** Where the areas of a member begin. */
export function memberAreas(
  setup: SpaceSetup,
  member: number,
): Record<keyof ReturnType<typeof memberParts>["sizes"], number> {
  let at = setup.at["members"]! + member * setup.memberBytes;
  const { sizes } = memberParts(setup.shape, setup.codec);
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => {
      at += size;
      return [name, at - size];
    }),
  ) as never;
}

function tooLarge({ slots, dim }: SpaceShape, bytes: number): LociError {
  return new LociError(
    "out-of-memory",
    `${slots} vectors of dim ${dim} with their graph need ${Math.ceil(bytes / 2 ** 20)} MiB; one index reaches 4096. ` +
      `Split the vectors over several indexes and merge their answers, use fewer dimensions, or a FlatIndex, which has no such limit.`,
  );
}

/** How many slots fit into one space beside a codec of the widest kind that `dim` can have. */
export function mostSlots(dim: number, stride: number, M: number): number {
  return Math.floor((2 ** 32 - 2 ** 27) / (4 * dim + stride + linkBytes(M) + 48));
}
