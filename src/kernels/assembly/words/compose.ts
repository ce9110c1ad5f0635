/**
 * Inputs that are means of several rows: subwords, and the contexts of CBOW.
 *
 * A composed input is a row of the worker's scratch; what training gives it lands in a second row
 * (`received`), which is then added, undivided, to every row it was made of, as fastText and word2vec do
 * (Bojanowski et al. 2017; gensim's cbow_mean = 1). A word's input is composed once a position, where
 * fastText composes it once a pair. Oracle: `composeInputs` in ../../reference/words.ts.
 */
import { accumulateRows, swallow, touchRow } from "./batch";
import { plan, rowBytes, batchSize, shift, window } from "./plan";
import { keptCount, keptFirst, keptInputs, keptLast, keptPieceCounts, keptPieces } from "./sample";
import { columnCounts, columns, composed, composedAt, received, receivedAt, rowFactors, rowList, zeroRow } from "./scratch";

/** Whether positions train a row of the table itself; else they train composed inputs. */
// @ts-ignore: decorator
@inline
export function inputsAreRows(): bool {
  return plan.architecture == 0 && plan.subwords == 0;
}

export function composeInputs(p0: i32, n: i32): void {
  memory.fill(received, 0, <usize>n * rowBytes);
  for (let i: usize = 0; i < <usize>n; i++) store<u32>(composedAt + (i << 2), <u32>(composed + i * rowBytes));
  if (plan.architecture == 0) {
    for (let i = 0; i < n; i++) touchPieces(p0 + i);
    for (let i = 0; i < n; i++) composeWord(p0 + i, composed + <usize>i * rowBytes);
  } else composeContexts(p0, n);
}

export function scatterInputs(p0: i32, n: i32): void {
  if (plan.architecture == 0) for (let i = 0; i < n; i++) addToPieces(p0 + i, received + <usize>i * rowBytes);
  else scatterContexts(p0, n);
}

function touchPieces(p: i32): void {
  const list = <usize>load<u32>(keptPieces + (<usize>p << 2)), end = list + (<usize>load<u32>(keptPieceCounts + (<usize>p << 2)) << 2);
  let x = 0;
  for (let at = list; at < end; at += 4) x ^= touchRow(<usize>load<u32>(at));
  swallow(x);
}

/** into = mean of the rows of token p's word. */
function composeWord(p: i32, into: usize): void {
  const at = <usize>p << 2, count = load<i32>(keptPieceCounts + at);
  store<f32>(rowFactors, 1 / <f32>count);
  accumulateRows(into, zeroRow, <usize>load<u32>(keptPieces + at), rowFactors, count, 0);
}

// In long passes, as `copyRow`.
// @ts-ignore: decorator
@inline
function addRow(row: usize, gradient: usize): void {
  const end = row + rowBytes, end4 = row + (rowBytes & ~63);
  while (row < end4) {
    const a = f32x4.add(v128.load(row), v128.load(gradient)), b = f32x4.add(v128.load(row, 16), v128.load(gradient, 16));
    const c = f32x4.add(v128.load(row, 32), v128.load(gradient, 32)), d = f32x4.add(v128.load(row, 48), v128.load(gradient, 48));
    v128.store(row, a);
    v128.store(row, b, 16);
    v128.store(row, c, 32);
    v128.store(row, d, 48);
    row += 64;
    gradient += 64;
  }
  for (; row < end; row += 16, gradient += 16) v128.store(row, f32x4.add(v128.load(row), v128.load(gradient)));
}

function addToPieces(p: i32, gradient: usize): void {
  const at = <usize>p << 2, list = <usize>load<u32>(keptPieces + at), end = list + (<usize>load<u32>(keptPieceCounts + at) << 2);
  for (let entry = list; entry < end; entry += 4) {
    addRow(<usize>load<u32>(entry), gradient);
  }
}

/** The composed row of token j of the neighbourhood (CBOW with subwords), behind those of the positions. */
// @ts-ignore: decorator
@inline
function tokenRow(j: i32, j0: i32): usize {
  return composed + <usize>(batchSize + j - j0) * rowBytes;
}

function composeContexts(p0: i32, n: i32): void {
  const j0 = max(p0 - window, 0), j1 = min(p0 + n - 1 + window, keptCount - 1), subwords = plan.subwords != 0;
  if (subwords) for (let j = j0; j <= j1; j++) composeWord(j, tokenRow(j, j0));
  for (let i = 0; i < n; i++) {
    const p = p0 + i, last = load<i32>(keptLast + (<usize>p << 2));
    let count: usize = 0, total: f32 = 0;
    for (let j = load<i32>(keptFirst + (<usize>p << 2)); j <= last; j++) {
      if (j == p) continue;
      // The mean is over rows: with subwords a word counts as often as it has pieces.
      const weight: f32 = subwords ? <f32>load<u32>(keptPieceCounts + (<usize>j << 2)) : 1;
      store<u32>(rowList + (count << 2), subwords ? <u32>tokenRow(j, j0) : load<u32>(keptInputs + (<usize>j << 2)));
      store<f32>(rowFactors + (count << 2), weight);
      total += weight;
      count++;
    }
    for (let c: usize = 0; c < count; c++) store<f32>(rowFactors + (c << 2), load<f32>(rowFactors + (c << 2)) / total);
    accumulateRows(composed + <usize>i * rowBytes, zeroRow, rowList, rowFactors, <i32>count, 4);
  }
}

/** Each token of the neighbourhood receives the gradients of all positions it is a context of. */
function scatterContexts(p0: i32, n: i32): void {
  const j0 = max(p0 - window, 0), j1 = min(p0 + n - 1 + window, keptCount - 1), subwords = plan.subwords != 0;
  memory.fill(columnCounts, 0, <usize>(j1 - j0 + 1) << 2);
  for (let i = 0; i < n; i++) {
    const p = p0 + i, last = load<i32>(keptLast + (<usize>p << 2)), gradient = load<u32>(receivedAt + (<usize>i << 2));
    for (let j = load<i32>(keptFirst + (<usize>p << 2)); j <= last; j++) {
      if (j == p) continue;
      const column: usize = j - j0, count: usize = load<u32>(columnCounts + (column << 2));
      store<u32>(columns + (column << shift) + (count << 2), gradient);
      store<u32>(columnCounts + (column << 2), <u32>count + 1);
    }
  }
  store<f32>(rowFactors, 1);
  for (let j = j0; j <= j1; j++) {
    const column: usize = j - j0, count = load<i32>(columnCounts + (column << 2)), list = columns + (column << shift);
    if (count == 0) continue;
    if (subwords) {
      const sum = tokenRow(j, j0);
      accumulateRows(sum, zeroRow, list, rowFactors, count, 0);
      addToPieces(j, sum);
    } else {
      const row = <usize>load<u32>(keptInputs + (<usize>j << 2));
      accumulateRows(row, row, list, rowFactors, count, 0);
    }
  }
}
