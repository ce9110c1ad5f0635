/**
 * Servers as children: never as root, gone when whoever started them is gone, whatever way it went.
 *
 * A shell stands between: it starts the server, says its process id and then reads its own standard input, a pipe whose
 * other end we hold. When we die, even by SIGKILL, the pipe closes and the shell kills the server. No pid files, no leftover
 * gigabyte of JVM after an interrupted test.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A server that this machine cannot run. The message is one sentence that says what to install. */
export class CannotServe extends Error {
  override readonly name = "CannotServe";
}

/** What every server started here has. */
export interface Server {
  /** Where its data and its log lie. */
  readonly folder: string;
  /** SIGKILL, as when a machine goes dark. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Downloads and unpacked servers; kept from run to run. `LOCI_SERVERS` names another folder. */
export function cacheFolder(): string {
  const folder = process.env["LOCI_SERVERS"] ?? join(tmpdir(), "loci-servers");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Servers refuse to run as root. They need no user of their own: where we are root they run as `nobody`, whom every system
 * has, and nothing on the machine has to be changed for a test.
 */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = existsSync("/etc/passwd")
    ? readFileSync("/etc/passwd", "utf8")
        .split("\n")
        .find((line) => line.startsWith("nobody:"))
    : undefined;
  const [, , uid, gid] = line?.split(":") ?? [];
  if (!uid || !gid)
    throw new CannotServe(
      "Servers refuse to run as root and there is no user `nobody` here: run this as another user.",
    );
  return { uid: Number(uid), gid: Number(gid) };
}

/** A new folder for one run of a server, its user's own. */
export function scratchFolder(name: string, inside?: string): string {
  const folder = mkdtempSync(join(inside ?? tmpdir(), `loci-${name}-`));
  const user = serverUser();
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Removes a scratch folder; a server that has just died may still be closing files in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Ports of loopback that nothing listens on just now. */
export async function freePorts(count: number): Promise<number[]> {
  const open = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = open.map((server) => (server.address() as { port: number }).port);
  await Promise.all(open.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Runs a program to its end as the servers' user; its output only where it fails. */
export function runAsServerUser(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  execFileSync(program, args, {
    ...serverUser(),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: tmpdir(),
  });
}

const GUARD = `nice -n 5 "$@" & server=$!; echo "pid $server" >&3; cat >/dev/null; kill -9 $server 2>/dev/null; wait $server`;

/** A running program that dies with us. */
export class GuardedChild {
  readonly #shell: ChildProcess;
  readonly #pid: Promise<number>;
  #ended = false;
  readonly ended: Promise<void>;

  /** Output goes to the file `log`. */
  constructor(program: string, args: readonly string[], log: string, env: NodeJS.ProcessEnv = {}) {
    this.#shell = spawn("/bin/sh", ["-c", GUARD, "guard", program, ...args], {
      ...serverUser(),
      cwd: tmpdir(),
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    const out = createWriteStream(log, { flags: "a" });
    this.#shell.stdout!.pipe(out, { end: false });
    this.#shell.stderr!.pipe(out, { end: false });
    this.ended = new Promise((resolve) => {
      this.#shell.once("exit", () => {
        this.#ended = true;
        out.end();
        resolve();
      });
    });
    this.#pid = new Promise((resolve, reject) => {
      this.#shell.once("error", reject);
      this.#shell.stdio[3]!.once("data", (said: Buffer) => resolve(Number(/\d+/.exec(String(said))![0])));
    });
    // Whoever starts a server waits for it in other ways; an unread failure must not end the process.
    this.#pid.catch(() => undefined);
  }

  /** Whether the server itself is still there. */
  async alive(): Promise<boolean> {
    if (this.#ended) return false;
    try {
      process.kill(await this.#pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** Sends a signal to the server, waits up to `seconds` for its end, then kills it. */
  async end(signal: NodeJS.Signals, seconds = 30): Promise<void> {
    if (this.#ended) return;
    if (await this.alive()) process.kill(await this.#pid, signal);
    for (let waited = 0; waited < seconds * 20 && (await this.alive()); waited++) await sleep(50);
    this.#shell.stdin!.end();
    await this.ended;
  }
}

/** Asks `ready` until it says yes. Throws with the end of the log when the server dies or `seconds` are over. */
export async function waitFor(
  what: string,
  child: GuardedChild,
  log: string,
  seconds: number,
  ready: () => Promise<boolean>,
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    if (await ready()) return;
    const dead = !(await child.alive());
    if (dead || performance.now() > until) {
      const end = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(-25).join("\n") : "(no log)";
      throw new Error(`${what} ${dead ? "ended before it was ready" : `was not ready after ${seconds} s`}:\n${end}`);
    }
    await sleep(100);
  }
}
