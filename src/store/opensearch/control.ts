/**
 * The state of a collection: read by all, replaced by one.
 *
 * A distributed engine has no transactions, but it replaces a single document only if nobody else has (sequence numbers). All
 * that a write has to do at once is therefore in one document, and the rest is written before, unseen. A writer that another
 * has taken over from fails at its next replacement, whatever it wrote until then: that is the fence.
 *
 * Who writes is agreed on by a lease: a second document that the writer touches every third of `leaseMs`. Who finds it
 * untouched for `leaseMs`, by its own clock, takes it over; so a process that died is not waited for longer than that, and
 * no two clocks need agree.
 */
import { LociError } from "../../core/index.ts";
import { type Client, Conflict, type Json, Missing } from "./client.ts";
import { NEW_STATE, type Names, SCHEMA_VERSION, type State } from "./layout.ts";
import { every, wait } from "./machine.web.ts";

/** A document with what it takes to replace it only if it is still the same. */
interface Read<T> {
  readonly value: T;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** Reads a document of the state index, as its primary copy has it; undefined where there is none. */
export async function readDocument<T>(client: Client, index: string, id: string): Promise<Read<T> | undefined> {
  try {
    const path = `/${index}/_doc/${encodeURIComponent(id)}?preference=_primary`;
    const found = (await client.request("GET", path)) as { _source: T; _seq_no: number; _primary_term: number };
    return { value: found._source, seqNo: found._seq_no, primaryTerm: found._primary_term };
  } catch (error) {
    if (error instanceof Missing) return undefined;
    throw error;
  }
}

/** The state lies one level down, so that no query over the fields of the index can ever mean it. */
async function findState(client: Client, names: Names): Promise<Read<State> | undefined> {
  const read = await readDocument<{ state: State }>(client, names.state, "state");
  return read && { ...read, value: read.value.state };
}

/** The state with its sequence number. Throws `not-found` where there is none, `not-supported` where a newer Loci wrote it. */
export async function readState(client: Client, names: Names): Promise<Read<State>> {
  const read = await findState(client, names);
  if (!read)
    throw new LociError(
      "not-found",
      `There is no collection in the indices ${names.base}-*. Open it for writing once.`,
    );
  if (read.value.schema > SCHEMA_VERSION)
    throw new LociError(
      "not-supported",
      `The collection in ${names.base}-* has schema version ${read.value.schema}; this Loci knows up to ${SCHEMA_VERSION}. Update Loci.`,
    );
  return read;
}

/** The writer's side. */
export class Control {
  readonly #client: Client;
  readonly #names: Names;
  readonly #leaseMs: number;
  #state: Read<State> | undefined;
  /** Numbers the replacements of this process, tried ones too: with `epoch` it names one of them. */
  #change = 0;
  /** Whether the outcome of the last replacement is known. */
  #settled = true;
  #lease: Read<Json> | undefined;
  #stop: (() => void) | undefined;
  /** The chunks that this writer's write of a version removed, still to be deleted. Forgotten with the process. */
  lastRemoved: { readonly version: number; readonly chunks: readonly number[] } | undefined;
  #lost: LociError | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(client: Client, names: Names, leaseMs: number) {
    this.#client = client;
    this.#names = names;
    this.#leaseMs = leaseMs;
  }

  /** The state as this writer left it. */
  get state(): State {
    return this.#state!.value;
  }

  /** Takes the lease and raises the epoch. Throws `store-locked` where another process keeps touching the lease. */
  async open(): Promise<void> {
    await this.#takeLease();
    const found = await findState(this.#client, this.#names);
    this.#state = found ? await readState(this.#client, this.#names) : { value: NEW_STATE, seqNo: -1, primaryTerm: 0 };
    await this.replace({ epoch: this.state.epoch + 1 });
    this.#lease = await this.#putLease(this.#lease, true); // now with the epoch in it
    this.#stop = every(this.#leaseMs / 3, () => {
      this.#beating = this.#beating.then(() => this.#beat());
    });
  }

  /**
   * Replaces the state by itself with some fields changed, if it is still the one that this writer left. Where it throws `network`
   * it is not known whether that happened; `settle` finds out.
   */
  async replace(changed: Partial<State>): Promise<State> {
    if (this.#lost) throw this.#lost;
    const { value, seqNo, primaryTerm } = this.#state!;
    const next: State = { ...value, ...changed, change: ++this.#change };
    this.#settled = false;
    for (let pause = 50; ; pause = Math.min(2 * pause, 2000)) {
      try {
        const body = { kind: "state", state: next };
        const { answer } = await this.#client.once("PUT", this.#path("state", seqNo, primaryTerm), body);
        if (answer) return this.#keep(next, answer);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
      // No answer, or a conflict: it may be our own earlier try that came through.
      const there = await findState(this.#client, this.#names);
      if (there && there.value.epoch === next.epoch && there.value.change === next.change) {
        this.#state = there;
        this.#settled = true;
        return there.value;
      }
      if (there && there.seqNo !== seqNo) throw there.value.epoch === next.epoch ? this.#cameLate() : this.#takenOver();
      await wait(pause);
    }
  }

  /** After a replacement that got no answer: takes the state as it is, if it is still this writer's. */
  async settle(): Promise<State> {
    if (this.#lost) throw this.#lost;
    if (this.#settled) return this.state;
    const there = await readState(this.#client, this.#names);
    if (there.value.epoch !== this.state.epoch) throw this.#takenOver();
    this.#state = there;
    this.#settled = true;
    return there.value;
  }

  #keep(value: State, answer: Json): State {
    this.#settled = true;
    this.#state = { value, seqNo: Number(answer["_seq_no"]), primaryTerm: Number(answer["_primary_term"]) };
    return value;
  }

  #path(id: string, seqNo: number, primaryTerm: number): string {
    const only = seqNo < 0 ? "op_type=create" : `if_seq_no=${seqNo}&if_primary_term=${primaryTerm}`;
    return `/${this.#names.state}/_doc/${id}?${only}`;
  }

  #cameLate(): LociError {
    return new LociError(
      "network",
      `A request to ${this.#names.base}-* that had got no answer came through late. Look at the version, and write again.`,
    );
  }

  #takenOver(): LociError {
    this.#lost = new LociError(
      "store-locked",
      `Another process has begun to write to ${this.#names.base}-*. This store can write no more; open it again when that one has closed.`,
    );
    this.#stop?.();
    return this.#lost;
  }

  async #takeLease(): Promise<void> {
    let found = await readDocument<Json>(this.#client, this.#names.state, "lease");
    const step = this.#leaseMs / 6;
    for (let waited = 0; found?.value["held"] === true && waited < this.#leaseMs; waited += step) {
      await wait(step);
      const again = await readDocument<Json>(this.#client, this.#names.state, "lease");
      if (again?.value["held"] === true && again.seqNo !== found.seqNo) throw this.#isHeld();
      found = again;
    }
    try {
      this.#lease = await this.#putLease(found, true);
    } catch (error) {
      throw error instanceof Conflict ? this.#isHeld() : error;
    }
  }

  #isHeld(): LociError {
    return new LociError(
      "store-locked",
      `Another process is writing to ${this.#names.base}-*. Close it there, or open with \`readOnly: true\`.`,
    );
  }

  async #putLease(found: Read<Json> | undefined, held: boolean): Promise<Read<Json>> {
    const value = { kind: "lease", held, epoch: this.#state?.value.epoch ?? 0 };
    const path = this.#path("lease", found?.seqNo ?? -1, found?.primaryTerm ?? 0);
    const answer = await this.#client.request("PUT", path, value);
    return { value, seqNo: Number(answer["_seq_no"]), primaryTerm: Number(answer["_primary_term"]) };
  }

  /** Touches the lease. A failure is no end yet: whether this store may write is decided when it does. */
  async #beat(): Promise<void> {
    if (!this.#lease || this.#lost) return;
    try {
      this.#lease = await this.#putLease(this.#lease, true);
    } catch {
      // Our own earlier try may have come through unanswered: then go on from what is there.
      const there = await readDocument<Json>(this.#client, this.#names.state, "lease").catch(() => this.#lease);
      if (there && there.value["epoch"] === this.state.epoch) this.#lease = there;
      else this.#takenOver();
    }
  }

  /** Gives the lease back, so that the next writer need not wait. */
  async close(): Promise<void> {
    this.#stop?.();
    await this.#beating;
    if (!this.#lease || this.#lost) return;
    // Not given back, it runs out by itself.
    await this.#putLease(this.#lease, false).catch(() => undefined);
    this.#lease = undefined;
  }
}
