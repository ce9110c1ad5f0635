/**
 * Long work: steps, progress and abort.
 *
 * Every long operation is written once, as an async generator that yields a step about every 50 ms and
 * returns its result. The everyday function is that generator drained; a player or a lesson pulls the
 * generator itself and draws each step. Abort is the platform's: an AbortSignal in, its reason out.
 */
import { platform } from "./platform.ts";

/** Where a long operation stands. Operations add fields of their own (`loss`, `points`, …). */
export interface Step {
  /** What is being done: "read", "train", … */
  readonly phase: string;
  /** Units done and to do in this phase; `total` is 0 where it cannot be known. */
  readonly done: number;
  readonly total: number;
  /** Units a second of wall time since the phase began. */
  readonly rate: number;
  /** Estimated seconds to the end of the phase; 0 where it cannot be known. */
  readonly secondsLeft: number;
  /** Something that whoever started this should know; with one step, not again. */
  readonly note?: string;
}

/** What every long operation takes. */
export interface LongOptions<S extends Step = Step> {
  /** Stops the work at the next step; the call then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Called with each step, about twenty times a second. */
  readonly onStep?: (step: S) => void;
}

/** Runs a generator of steps to its end and returns its result; its `finally` blocks run on abort too. */
export async function drain<S extends Step, R>(
  steps: AsyncGenerator<S, R, void>,
  { signal, onStep }: LongOptions<S> = {},
): Promise<R> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await steps.next();
      if (next.done) return next.value;
      onStep?.(next.value);
    }
  } finally {
    await steps.return(undefined as R);
  }
}

/** Makes the common part of the steps of one phase, timing it from now, when `from` units are done already. */
export function phaseClock(phase: string, total: number, from = 0): (done: number) => Step {
  const start = platform.now();
  return (done) => {
    const seconds = Math.max(1e-9, platform.now() - start);
    const rate = (done - from) / seconds;
    return { phase, done, total, rate, secondsLeft: total > 0 && rate > 0 ? Math.max(0, total - done) / rate : 0 };
  };
}

/** The same steps, the first of which bears a note, if there is one to tell. */
export async function* noted<S extends Step, R>(
  steps: AsyncGenerator<S, R, void>,
  note: string | undefined,
): AsyncGenerator<S, R, void> {
  let untold = note;
  try {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      yield untold === undefined ? next.value : { ...next.value, note: untold };
      untold = undefined;
    }
  } finally {
    await steps.return(undefined as R);
  }
}
