/** A worker's instance, before it trains: how much room it needs, and where that is. */
import { readPlan, setKey } from "./plan";
import { racyBytes } from "./racy";
import { fillScratch, layOutScratch } from "./scratch";
import { shardBytes } from "./shards";
import { clearSlots } from "./slots";

/** Bytes of a shard's area under the plan at `planAt`. */
export function wordsShardBytes(planAt: usize): usize {
  readPlan(planAt);
  return shardBytes();
}

/** Bytes of a worker's scratch under the plan at `planAt`. */
export function wordsScratchBytes(planAt: usize): usize {
  readPlan(planAt);
  return layOutScratch(0, racyBytes());
}

/** Makes this instance a worker of the plan at `planAt`, with its own scratch. */
export function wordsOpen(planAt: usize, scratch: usize): void {
  readPlan(planAt);
  layOutScratch(scratch, racyBytes());
  fillScratch();
  clearSlots();
}

/** Sets the key of an epoch's random numbers. */
export function wordsKey(value: u32): void {
  setKey(value);
}
