/** One connection somewhere: on a worker, or on this thread. */
import { openPool, type Pool } from "../../core/index.ts";
import { storeWorker } from "../generated/worker.ts";
import { storeClosed } from "../space.ts";
import { importingSqlite } from "./database.web.ts";
import { type ConnectionSetup, sqliteJobs } from "./jobs.ts";

type Jobs = typeof sqliteJobs;
type Name = Exclude<keyof Jobs, "open" | "close">;

/** A connection that is asked by messages. */
export class Host {
  readonly #pool: Pool<Jobs>;
  #closed = false;

  private constructor(pool: Pool<Jobs>) {
    this.#pool = pool;
  }

  /** Opens a connection on a worker of its own, or `here`. `module`: where a browser finds SQLite. */
  static async open(setup: ConnectionSetup, here: boolean, module?: string): Promise<Host> {
    const source = module === undefined ? storeWorker : `${importingSqlite(module)}\n${storeWorker}`;
    const pool = await openPool(sqliteJobs, { source, workers: 1, setup, here, unshared: true });
    try {
      await pool.runAll("open", null);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return new Host(pool);
  }

  async ask<N extends Name>(name: N, input: Parameters<Jobs[N]>[0]): Promise<ReturnType<Jobs[N]>> {
    if (this.#closed) throw storeClosed();
    return (await this.#pool.runAll(name, input))[0] as ReturnType<Jobs[N]>;
  }

  /** Closes the connection, after what was asked before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#pool.runAll("close", null);
    } finally {
      await this.#pool.close();
    }
  }
}
