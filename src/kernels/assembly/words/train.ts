/**
 * The kept tokens of a piece, trained batch by batch, whatever the architecture and the objective.
 *
 * By now all rows are addresses: of the tables (racing), of the tables or of a shard's copies (by shards), or of
 * composed inputs.
 */
import { lossPairs, lossSum, pairs, setLoss, setVariate, touchLists, trainCbowBatch, trainSkipGramBatch } from "./batch";
import { composeInputs, inputsAreRows, scatterInputs } from "./compose";
import { batchSize, fresh, plan, rowBytes, SAMPLED, TREE, window } from "./plan";
import { drawn, firstTrained, keptCount, keptInputs, keptOutputs, trainedCount } from "./sample";
import { composedAt, receivedAt } from "./scratch";
import { trainSoftmaxPosition, trainTreePosition } from "./whole";

/** Trains the kept tokens in hand with the control variate and the sums of shard (or racing worker) number `one`. */
export function trainAs(one: i32, rate: f32): void {
  const sums = plan.losses + <usize>one * 24;
  setVariate(plan.variates + <usize>one * ((16 + rowBytes + 63) & ~63));
  setLoss(load<f64>(sums), load<f64>(sums, 8), load<f64>(sums, 16));
  trainKept(rate);
  store<f64>(sums, lossSum);
  store<f64>(sums, lossPairs, 8);
  store<f64>(sums, pairs, 16);
}

/** Trains the kept tokens in hand. */
function trainKept(rate: f32): void {
  const end = firstTrained + trainedCount, sampled = plan.objective == SAMPLED;
  const step = sampled ? batchSize : 1, direct = inputsAreRows();
  let poolList = drawn;
  for (let p = firstTrained; p < end; p += step) {
    const n = min(step, end - p);
    const rows = keptInputs + (<usize>p << 2), inputs = direct ? rows : composedAt, sinks = direct ? rows : receivedAt;
    if (sampled) touchBatch(p, n, poolList, direct);
    if (!direct) composeInputs(p, n);
    if (!sampled) {
      const input = <usize>load<u32>(inputs), sink = <usize>load<u32>(sinks);
      if (plan.objective == TREE) trainTreePosition(p, rate, input, sink);
      else trainSoftmaxPosition(p, rate, input, sink);
    } else if (plan.architecture == 0) trainSkipGramBatch(p, n, poolList, rate, inputs, sinks);
    else trainCbowBatch(p, n, poolList, rate, inputs, sinks);
    if (!direct) scatterInputs(p, n);
    poolList += <usize>fresh << 2;
  }
}

/** Rows that this batch needs and the last one did not. */
function touchBatch(p: i32, n: i32, poolList: usize, direct: bool): void {
  const ahead = p == firstTrained ? 0 : min(keptCount, p + window), until = min(keptCount, p + n + window);
  const cbow = plan.architecture != 0;
  const inputsFrom = cbow ? ahead : p, inputsTo = cbow ? until : p + n;
  const outputsFrom = cbow ? p : ahead, outputsTo = cbow ? p + n : until;
  const noInputs = plan.subwords != 0;
  touchLists(keptInputs + (<usize>inputsFrom << 2), keptInputs + (<usize>(noInputs ? inputsFrom : inputsTo) << 2),
    keptOutputs + (<usize>outputsFrom << 2), keptOutputs + (<usize>outputsTo << 2), poolList);
}
