/**
 * A worker's own memory: the lists of the batch in hand.
 *
 * Laid out once from the plan. Addresses of rows travel in lists of u32, gradients in lists of f32 beside
 * them, so that rows of the tables, copies in a shard's area and composed inputs run through one code.
 */
import { batchSize, pool, rowBytes, shift, vectors, window, plan } from "./plan";
import { layOutSlots } from "./slots";

/** Positives of each position: addresses, factors (first dot products, then gradients), how many. */
export let positives: usize = 0;
export let positiveFactors: usize = 0;
export let positiveCounts: usize = 0;
/** Factors of the pool: batch × pool. */
export let poolFactors: usize = 0;
/** Factors with which the batch trains the rows of the pool that it uses last: batch × fresh. */
export let freshFactors: usize = 0;
/** The transposed lists: for each output of the batch's neighbourhood, the inputs that train it. */
export let columnCounts: usize = 0;
export let columns: usize = 0;
export let columnFactors: usize = 0;
/** Gradients of the inputs, one column block. */
export let gradients: usize = 0;
/** A row of zeros. */
export let zeroRow: usize = 0;
/** Composed inputs (CBOW, subwords), what they are to receive, and the addresses of both. */
export let composed: usize = 0;
export let received: usize = 0;
export let composedAt: usize = 0;
export let receivedAt: usize = 0;
/** A list of rows that are averaged or scored one position at a time, with a factor each. */
export let rowList: usize = 0;
export let rowFactors: usize = 0;
/** Control variate: the row E, and the weight −1/pool. */
export let variateRow: usize = 0;
export let poolWeights: usize = 0;
/** By slot of a word's own row: where the list of its pieces starts. */
export let wordLists: usize = 0;
/** The racy mode's lists of kept tokens, laid out as a shard's. */
export let racyArea: usize = 0;

/** Neighbours (a window on both sides), all nodes of their paths, or all outputs of a full softmax. */
function longestList(): usize {
  return <usize>plan.longestList;
}

// @ts-ignore: decorator
@inline
function aligned(address: usize): usize {
  return (address + 63) & ~63;
}

/** Lays the scratch out from `start`; returns its end. With start 0 that is its size. */
export function layOutScratch(start: usize, racyBytes: usize): usize {
  const batch = <usize>batchSize, list = <usize>1 << shift, neighbourhood = batch + 2 * <usize>window + 2;
  let at = aligned(start);
  positives = at; at += (batch + 2) * list;
  positiveFactors = at; at += (batch + 2) * list;
  positiveCounts = at; at = aligned(at + (batch + 4) * 4);
  poolFactors = at; at = aligned(at + (batch + 2) * <usize>pool * 4);
  freshFactors = at; at = aligned(at + (batch + 2) * <usize>plan.fresh * 4);
  columnCounts = at; at = aligned(at + neighbourhood * 4);
  columns = at; at += neighbourhood * list;
  columnFactors = at; at += neighbourhood * list;
  gradients = at; at = aligned(at + (batch + 1) * 13 * 16);
  zeroRow = at; at = aligned(at + rowBytes);
  composed = at; at = aligned(at + (neighbourhood + batch) * rowBytes);
  received = at; at = aligned(at + (batch + 1) * rowBytes);
  composedAt = at; at = aligned(at + (neighbourhood + batch) * 4);
  receivedAt = at; at = aligned(at + (batch + 4) * 4);
  rowList = at; at += longestList() << 2;
  rowFactors = at; at = aligned(at + (longestList() << 2) + 16);
  variateRow = at; at = aligned(at + rowBytes);
  poolWeights = at; at = aligned(at + 16);
  wordLists = at; at = aligned(at + (plan.subwords == 0 ? 0 : <usize>plan.inputCapacity << 2));
  racyArea = at; at = aligned(at + racyBytes);
  return aligned(layOutSlots(at));
}

export function fillScratch(): void {
  const batch = <usize>batchSize;
  memory.fill(zeroRow, 0, rowBytes);
  for (let i: usize = 0; i < batch + 1; i++) store<u32>(receivedAt + (i << 2), <u32>(received + i * rowBytes));
  store<f32>(poolWeights, -1.0 / <f32>pool);
}
