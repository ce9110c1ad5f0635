/**
 * Learning word vectors, plainly: the oracle of ../assembly/words, and what serves where WebAssembly may not run.
 *
 * One function trains a piece of text, another a round of shards. Products and sums are taken in float64 and
 * rounded once, when a row is written, where the kernels add float32 lanes: the two agree to rounding, not to
 * the bit. The methods and their sources are told in the kernels' headers.
 */
import { exp, log } from "./elementary.ts";
import { mix } from "./mix.ts";
import { drawPools, keepAndWindow, type Kept, type Piece, type SamplingPlan } from "./words-sample.ts";

export interface WordsPlan extends SamplingPlan {
  readonly negatives: number;
  /** With one shard the loss is measured on all batches, else on one in eight. */
  readonly shards: number;
  readonly architecture: "skipgram" | "cbow";
  readonly objective: "negative-sampling" | "hierarchical-softmax" | "softmax";
  /** Input rows of each word, when it has several: pieces[pieceStarts[w] .. pieceStarts[w + 1]). */
  readonly pieceStarts?: Uint32Array;
  readonly pieces?: Uint32Array;
  /** Huffman paths: inner node · 2 + choice. */
  readonly pathStarts?: Uint32Array;
  readonly paths?: Uint32Array;
}

/** What is learnt, and what the measuring of loss adds up. Rows are `width` numbers long. */
export interface WordsState {
  readonly width: number;
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
  /** Control variate: running mean of the pools' rows, and ½ − running mean of σ. */
  readonly meanRow: Float32Array;
  sigmaGap: number;
  loss: number;
  lossPairs: number;
}

/** σ(x) as the kernels have it: Lambert's fraction of tanh, clamped at 8. Within 4e-4 of 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  const y = Math.max(-8, Math.min(8, x)) / 2;
  const q = y * y;
  return 0.5 + (0.5 * (y * (10395 + q * (1260 + q * 21)))) / (10395 + q * (4725 + q * (210 + q)));
}

type Row = Float64Array;
const rowAt = (table: Float32Array, width: number, id: number): Float32Array =>
  table.subarray(id * width, (id + 1) * width);
const product = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
const addTo = (into: Float32Array | Row, row: ArrayLike<number>, factor: number): void => {
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + factor * row[i]!;
};

/** Trains ids[start, start + count) of raw position `position` at learning rate `rate`; returns how many tokens were kept. */
export function trainPiece(
  plan: WordsPlan,
  state: WordsState,
  ids: Uint32Array,
  start: number,
  count: number,
  position: number,
  rate: number,
): number {
  const piece = keepAndWindow(plan, ids, start, count, position);
  const drawn = plan.objective === "negative-sampling" ? drawPools(plan, piece) : [];
  const step = plan.objective === "negative-sampling" ? plan.batch : 1;
  const end = piece.firstTrained + piece.trained;
  for (let p = piece.firstTrained, at = 0; p < end; p += step, at += plan.fresh) {
    const positions = Array.from({ length: Math.min(step, end - p) }, (_, i) => p + i);
    const inputs = positions.map((q) => composeInput(plan, state, piece.kept, q));
    const gradients =
      plan.objective === "negative-sampling"
        ? trainBatch(plan, state, piece.kept, positions, inputs, drawn.slice(at, at + plan.pool), rate)
        : [trainWhole(plan, state, piece.kept, p, inputs[0]!, rate)];
    positions.forEach((q, i) => addToInputs(plan, state, piece.kept, q, gradients[i]!));
  }
  return piece.trained;
}

/** The rows that make up the input of position p: its word's (skip-gram), or those of its context (CBOW). */
function inputRows(plan: WordsPlan, kept: readonly Kept[], p: number): number[] {
  const { pieceStarts, pieces } = plan;
  const rowsOf = (id: number): number[] =>
    pieceStarts && pieces ? [...pieces.subarray(pieceStarts[id], pieceStarts[id + 1])] : [id];
  if (plan.architecture === "skipgram") return rowsOf(kept[p]!.id);
  return neighbours(kept, p).flatMap((j) => rowsOf(kept[j]!.id));
}

function neighbours(kept: readonly Kept[], p: number): number[] {
  const { first, last } = kept[p]!;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((j) => j !== p);
}

/** What position p is trained towards: its neighbours' words (skip-gram), or its own (CBOW, unless it is alone). */
function targets(plan: WordsPlan, kept: readonly Kept[], p: number): number[] {
  if (plan.architecture === "skipgram") return neighbours(kept, p).map((j) => kept[j]!.id);
  return neighbours(kept, p).length > 0 ? [kept[p]!.id] : [];
}

function composeInput(plan: WordsPlan, state: WordsState, kept: readonly Kept[], p: number): Row {
  const rows = inputRows(plan, kept, p);
  const input = new Float64Array(state.width);
  for (const row of rows) addTo(input, rowAt(state.inputs, state.width, row), 1 / rows.length);
  return input;
}

/** Every row that the input was made of receives its gradient in full. */
function addToInputs(plan: WordsPlan, state: WordsState, kept: readonly Kept[], p: number, gradient: Row): void {
  for (const row of inputRows(plan, kept, p)) addTo(rowAt(state.inputs, state.width, row), gradient, 1);
}

/** One batch against frozen rows; returns what each position's input receives. */
function trainBatch(
  plan: WordsPlan,
  state: WordsState,
  kept: readonly Kept[],
  positions: readonly number[],
  inputs: readonly Row[],
  pool: readonly number[],
  rate: number,
): Row[] {
  const { width, outputs, meanRow } = state;
  const output = (id: number): Float32Array => rowAt(outputs, width, id);
  const frozen = new Map(
    [...pool, ...positions.flatMap((p) => targets(plan, kept, p))].map((id) => [id, output(id).slice()]),
  );
  const error = Float64Array.from(meanRow); // E = M − mean of the pool's rows
  for (const id of pool) addTo(error, frozen.get(id)!, -1 / pool.length);
  addTo(meanRow, error, -1 / 64);
  const meanSigma = 0.5 - state.sigmaGap;
  const measured = plan.shards === 1 || (mix(kept[positions[0]!]!.position ^ plan.key ^ 0x3c6ef372) & 7) === 0;
  let sigmas = 0;
  const gradients = positions.map((p, i) => {
    const input = inputs[i]!;
    const gradient = new Float64Array(width);
    const positives = targets(plan, kept, p);
    for (const id of positives) {
      const s = sigmoid(product(input, frozen.get(id)!));
      addTo(gradient, frozen.get(id)!, rate * (1 - s));
      addTo(output(id), input, rate * (1 - s));
      if (measured) state.loss -= log(s);
    }
    const weight = (plan.negatives * positives.length) / pool.length;
    pool.forEach((id, k) => {
      const s = sigmoid(product(input, frozen.get(id)!));
      sigmas += s;
      addTo(gradient, frozen.get(id)!, -rate * weight * s);
      if (k < plan.fresh) addTo(output(id), input, -rate * weight * (pool.length / plan.fresh) * s);
      if (measured) state.loss -= log(1 - s) * weight;
    });
    addTo(gradient, error, -rate * plan.negatives * positives.length * meanSigma);
    if (measured) state.lossPairs += positives.length;
    return gradient;
  });
  state.sigmaGap += (meanSigma - sigmas / (positions.length * pool.length)) / 16;
  return gradients;
}

/** One position with hierarchical or full softmax; returns what its input receives. */
function trainWhole(
  plan: WordsPlan,
  state: WordsState,
  kept: readonly Kept[],
  p: number,
  input: Row,
  rate: number,
): Row {
  const wanted = targets(plan, kept, p);
  const measured =
    plan.objective === "softmax" || plan.shards === 1 || (mix(kept[p]!.position ^ plan.key ^ 0x3c6ef372) & 7) === 0;
  const { terms, loss } =
    plan.objective === "softmax" ? softmaxTerms(state, wanted, input) : treeTerms(plan, state, wanted, input);
  if (measured && wanted.length > 0) {
    state.loss += loss;
    state.lossPairs += wanted.length;
  }
  const gradient = new Float64Array(state.width);
  for (const { row, pull } of terms) addTo(gradient, rowAt(state.outputs, state.width, row), rate * pull);
  for (const { row, pull } of terms) addTo(rowAt(state.outputs, state.width, row), input, rate * pull);
  return gradient;
}

/** How strongly an output row and the input are to be pulled together. */
interface Term {
  readonly row: number;
  readonly pull: number;
}

/** Hierarchical softmax: at each inner node of each path, 1 − choice − σ(x). */
function treeTerms(
  { pathStarts, paths }: WordsPlan,
  state: WordsState,
  wanted: readonly number[],
  input: Row,
): { terms: Term[]; loss: number } {
  let loss = 0;
  const terms = wanted.flatMap((id) =>
    [...paths!.subarray(pathStarts![id], pathStarts![id + 1])].map((step) => {
      const s = sigmoid(product(input, rowAt(state.outputs, state.width, step >> 1)));
      loss -= log((step & 1) === 1 ? 1 - s : s);
      return { row: step >> 1, pull: 1 - (step & 1) - s };
    }),
  );
  return { terms, loss };
}

/** Full softmax: for each word, how often it is wanted − how often it is expected. */
function softmaxTerms(state: WordsState, wanted: readonly number[], input: Row): { terms: Term[]; loss: number } {
  if (wanted.length === 0) return { terms: [], loss: 0 };
  const words = state.outputs.length / state.width;
  const scores = Array.from({ length: words }, (_, id) => product(input, rowAt(state.outputs, state.width, id)));
  const greatest = Math.max(...scores);
  const logTotal = greatest + log(scores.reduce((sum, score) => sum + exp(score - greatest), 0));
  const pulls = scores.map((score) => -wanted.length * exp(score - logTotal));
  for (const id of wanted) pulls[id]! += 1;
  return {
    terms: pulls.map((pull, row) => ({ row, pull })),
    loss: wanted.reduce((sum, id) => sum + logTotal - scores[id]!, 0),
  };
}

/** A shard's part of a round: a piece, and the control variate that it keeps from round to round. */
export interface ShardPiece {
  readonly start: number;
  readonly count: number;
  readonly position: number;
  readonly meanRow: Float32Array;
  sigmaGap: number;
}

/**
 * A round of shards: each trains on its own copy of all rows; then a row that m shards touched becomes
 * row + damping[m] · Σ (copy − row). With m = 1 that is the copy.
 */
export function trainRound(
  plan: WordsPlan,
  state: WordsState,
  ids: Uint32Array,
  shards: ShardPiece[],
  damping: { readonly inputs: Float32Array; readonly outputs: Float32Array },
  rate: number,
): void {
  const copies = shards.map((shard) => {
    const copy: WordsState = {
      ...state,
      inputs: state.inputs.slice(),
      outputs: state.outputs.slice(),
      meanRow: shard.meanRow,
      sigmaGap: shard.sigmaGap,
      loss: 0,
      lossPairs: 0,
    };
    const touched = touchedRows(plan, keepAndWindow(plan, ids, shard.start, shard.count, shard.position));
    trainPiece(plan, copy, ids, shard.start, shard.count, shard.position, rate);
    shard.sigmaGap = copy.sigmaGap;
    state.loss += copy.loss;
    state.lossPairs += copy.lossPairs;
    return { copy, touched };
  });
  for (const table of ["inputs", "outputs"] as const) {
    for (let row = 0; row < state[table].length / state.width; row++) {
      const mine = copies.filter(({ touched }) => touched[table].has(row));
      const at = rowAt(state[table], state.width, row);
      const sum = new Float64Array(state.width);
      for (const { copy } of mine) {
        addTo(sum, rowAt(copy[table], state.width, row), 1);
        addTo(sum, at, -1);
      }
      if (mine.length > 0) addTo(at, sum, damping[table][mine.length]!);
    }
  }
}

/** The rows a shard counts itself in at: all it reads, whether or not they change. */
function touchedRows(plan: WordsPlan, piece: Piece): { inputs: Set<number>; outputs: Set<number> } {
  const { kept, firstTrained, trained } = piece;
  const own = Array.from({ length: trained }, (_, i) => firstTrained + i);
  const inputTokens = plan.architecture === "skipgram" ? own : kept.map((_, i) => i);
  const alone: WordsPlan = { ...plan, architecture: "skipgram" };
  const nodes = (id: number): number[] =>
    [...plan.paths!.subarray(plan.pathStarts![id], plan.pathStarts![id + 1])].map((step) => step >> 1);
  return {
    inputs: new Set(inputTokens.flatMap((p) => inputRows(alone, kept, p))),
    outputs: new Set(
      plan.objective === "hierarchical-softmax"
        ? kept.flatMap(({ id }) => nodes(id))
        : [...kept.map(({ id }) => id), ...drawPools(plan, piece)],
    ),
  };
}
