/**
 * The rows that make up the kept tokens: their own, their pieces (subwords), the nodes of their paths.
 *
 * Racing, a list holds the addresses of rows; by shards it holds their slots at first, since where a row is trained
 * is only known once all shards have counted theirs (./shards.ts).
 */
import { plan, rowBytes } from "./plan";
import { keptCount, keptIds, keptInputs, keptPathCounts, keptPaths, keptPieceCounts, keptPieces } from "./sample";
import { wordLists } from "./scratch";
import { inputCount, inputSlot, outputSlot } from "./slots";

/** Marks the slot of an output, among slots of inputs. */
export const OUTPUT: u32 = 0x80000000;

/**
 * Lists the inputs of tokens [from, to): into `keptInputs`, or with subwords as lists of pieces at `at`. Returns the end
 * of those. By slot a word that comes again shares its list, which spares finding its slots and addresses anew.
 */
export function listInputs(at: usize, from: i32, to: i32, bySlot: bool): usize {
  for (let i: usize = <usize>from << 2, end = <usize>to << 2; i < end; i += 4) {
    const id = load<u32>(keptIds + i);
    if (plan.subwords == 0) {
      store<u32>(keptInputs + i, bySlot ? inputSlot(id) : <u32>(plan.inputs + <usize>id * rowBytes));
      continue;
    }
    const word = <usize>id << 2, start = load<u32>(plan.pieceStarts + word), length = load<u32>(plan.pieceStarts + word, 4) - start;
    store<u32>(keptPieceCounts + i, length);
    if (bySlot) {
      const known = inputCount, slot = inputSlot(id), listed = wordLists + (<usize>slot << 2); // its own row is its first piece
      if (slot < known) {
        store<u32>(keptPieces + i, load<u32>(listed));
        continue;
      }
      store<u32>(listed, <u32>at);
    }
    store<u32>(keptPieces + i, <u32>at);
    for (let k: usize = 0; k < <usize>length; k++, at += 4) {
      const row = load<u32>(plan.pieces + ((<usize>start + k) << 2));
      store<u32>(at, bySlot ? inputSlot(row) << 1 : <u32>(plan.inputs + <usize>row * rowBytes));
    }
  }
  return at;
}

/** Lists the inner nodes on the paths of all kept tokens at `at`, bit 0 the choice; returns the end. */
export function listPaths(at: usize, bySlot: bool): usize {
  for (let i: usize = 0, end = <usize>keptCount << 2; i < end; i += 4) {
    const word = <usize>load<u32>(keptIds + i) << 2;
    const start = load<u32>(plan.pathStarts + word), length = load<u32>(plan.pathStarts + word, 4) - start;
    store<u32>(keptPaths + i, <u32>at);
    store<u32>(keptPathCounts + i, length);
    for (let k: usize = 0; k < <usize>length; k++, at += 4) {
      const step = load<u32>(plan.paths + ((<usize>start + k) << 2)), node = step >> 1;
      store<u32>(at, (bySlot ? OUTPUT | (outputSlot(node) << 1) : <u32>(plan.outputs + <usize>node * rowBytes)) | (step & 1));
    }
  }
  return at;
}
