import assert from "node:assert/strict";
import { test } from "node:test";
import { drain, noted, phaseClock, type Step } from "./index.ts";

/** Counts to `total` in steps; `closed` tells whether its finally ran. */
function counting(total: number) {
  const state = { closed: false, reached: 0 };
  const clock = phaseClock("count", total);
  async function* steps(): AsyncGenerator<Step, string, void> {
    try {
      for (state.reached = 1; state.reached <= total; state.reached++) yield clock(state.reached);
      return "done";
    } finally {
      state.closed = true;
    }
  }
  return { state, steps };
}

test("drain gives the result, and each step to onStep in order", async () => {
  const { state, steps } = counting(3);
  const seen: number[] = [];
  assert.equal(await drain(steps(), { onStep: ({ done }) => seen.push(done) }), "done");
  assert.deepEqual(seen, [1, 2, 3]);
  assert.ok(state.closed);
});

test("abort rejects with the signal's own reason at the next step, and closes the work", async () => {
  const { state, steps } = counting(1000);
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const work = drain(steps(), {
    signal: controller.signal,
    onStep: ({ done }) => done === 2 && controller.abort(reason),
  });
  await assert.rejects(work, (error) => error === reason);
  assert.deepEqual(state, { closed: true, reached: 2 });
});

test("a signal aborted beforehand lets nothing begin", async () => {
  const { state, steps } = counting(3);
  await assert.rejects(drain(steps(), { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(state.reached, 0);
});

test("an error in onStep stops the work and closes it", async () => {
  const { state, steps } = counting(1000);
  const work = drain(steps(), {
    onStep() {
      throw new RangeError("no room to draw");
    },
  });
  await assert.rejects(work, { name: "RangeError" });
  assert.ok(state.closed);
});

test("an error of the work itself comes out as it is", async () => {
  // oxlint-disable-next-line require-yield -- it fails before its first step
  async function* failing(): AsyncGenerator<Step, never, void> {
    throw new TypeError("broken");
  }
  await assert.rejects(drain(failing()), { name: "TypeError", message: "broken" });
});

test("a phase's clock tells rate and time left, and says 0 where it cannot know", async () => {
  const clock = phaseClock("read", 100);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const step = clock(50);
  assert.deepEqual([step.phase, step.done, step.total], ["read", 50, 100]);
  assert.ok(step.rate > 0 && step.rate <= 50 / 0.019, `${step.rate}`);
  assert.ok(Math.abs(step.secondsLeft - 50 / step.rate) < 1e-9);
  assert.equal(clock(0).secondsLeft, 0);
  assert.equal(phaseClock("read", 0)(10).secondsLeft, 0);
  assert.equal(clock(120).secondsLeft, 0, "past the end nothing is left");
});

test("a note comes with the first step alone, and not at all where there is nothing to tell", async () => {
  async function* two(): AsyncGenerator<Step, string, void> {
    const step = phaseClock("work", 2);
    yield step(1);
    yield step(2);
    return "done";
  }
  for (const note of ["only one worker", undefined]) {
    const notes: (string | undefined)[] = [];
    assert.equal(await drain(noted(two(), note), { onStep: (step) => notes.push(step.note) }), "done");
    assert.deepEqual(notes, [note, undefined]);
  }
});
