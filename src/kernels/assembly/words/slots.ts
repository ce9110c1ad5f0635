/**
 * The rows of a shard's piece, numbered: row of a table → slot 0, 1, 2, … in order of first sight.
 *
 * A few hundred rows out of hundreds of thousands, looked up a thousand times a piece: a small open hash that
 * stays in the first-level cache, where an array with an entry a row would miss it. Entries bear the stamp of
 * the piece that made them, so nothing is cleared between pieces. At its first sight a row is also counted: the
 * merge must know how many shards touch it.
 */
import { plan } from "./plan";

/** Distinct rows of the piece so far. */
export let inputCount: u32 = 0;
export let outputCount: u32 = 0;

// Entry: row << 32 | stamp << 16 | slot.
let inputEntries: usize = 0;
let outputEntries: usize = 0;
let inputMask: u32 = 0;
let outputMask: u32 = 0;
let stamp: u32 = 0;

// Of the piece in hand: row numbers by slot, and the counts of rows over all shards.
let inputList: usize = 0;
let outputList: usize = 0;
let counts: usize = 0;
let many: bool = false;

/** A power of two that leaves the hash half empty at worst. */
function entriesFor(capacity: u32): u32 {
  let entries: u32 = 64;
  while (entries < 2 * capacity) entries <<= 1;
  return entries;
}

/** Lays the hashes at `start`; returns their end. */
export function layOutSlots(start: usize): usize {
  const inputs = entriesFor(plan.inputCapacity), outputs = entriesFor(plan.outputCapacity);
  inputMask = inputs - 1;
  outputMask = outputs - 1;
  inputEntries = start;
  outputEntries = start + (<usize>inputs << 3);
  return outputEntries + (<usize>outputs << 3);
}

export function clearSlots(): void {
  stamp = 0;
  memory.fill(inputEntries, 0, (<usize>inputMask + 1) << 3);
  memory.fill(outputEntries, 0, (<usize>outputMask + 1) << 3);
}

/** Begins a piece whose row numbers go to the two lists. `shared`: other workers count rows beside this one. */
export function openSlots(inputsTo: usize, outputsTo: usize, countsAt: usize, shared: bool): void {
  if (++stamp == 0x10000) {
    clearSlots();
    stamp = 1;
  }
  inputCount = 0;
  outputCount = 0;
  inputList = inputsTo;
  outputList = outputsTo;
  counts = countsAt;
  many = shared;
}

/** Address of the entry of `row`, or of the free one where it belongs. */
// @ts-ignore: decorator
@inline
function find(entries: usize, mask: u32, row: u32): usize {
  let hash = (row * 0x9e3779b1) >> 8;
  let at = entries + (<usize>(hash & mask) << 3);
  while (load<u16>(at, 2) == <u16>stamp && load<u32>(at, 4) != row) {
    hash++;
    at = entries + (<usize>(hash & mask) << 3);
  }
  return at;
}

// @ts-ignore: decorator
@inline
function countIn(at: usize): void {
  if (ASC_FEATURE_THREADS) {
    if (many) {
      atomic.add<u8>(at, 1);
      return;
    }
  }
  store<u8>(at, load<u8>(at) + 1);
}

// @ts-ignore: decorator
@inline
export function inputSlot(row: u32): u32 {
  const at = find(inputEntries, inputMask, row);
  if (load<u16>(at, 2) == <u16>stamp) return load<u16>(at);
  store<u32>(at, (stamp << 16) | inputCount);
  store<u32>(at, row, 4);
  store<u32>(inputList + (<usize>inputCount << 2), row);
  countIn(counts + <usize>row);
  return inputCount++;
}

// @ts-ignore: decorator
@inline
export function outputSlot(row: u32): u32 {
  const at = find(outputEntries, outputMask, row);
  if (load<u16>(at, 2) == <u16>stamp) return load<u16>(at);
  store<u32>(at, (stamp << 16) | outputCount);
  store<u32>(at, row, 4);
  store<u32>(outputList + (<usize>outputCount << 2), row);
  countIn(counts + <usize>plan.inputRows + <usize>row);
  return outputCount++;
}
