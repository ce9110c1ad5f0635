/**
 * Real OpenSearch nodes, one or a cluster, for tests and to try things: from Maven Central, on loopback, in a scratch folder.
 *
 * The whole server is published there as `integ-test-zip`, and the vector plugin beside it. The plugin's zip holds no native
 * library, so that vectors must say `engine: lucene`; an index of the default engine would end the node. Needs a JDK of
 * 21 or newer. Where a cluster runs already, `LOCI_OPENSEARCH` names its addresses (with commas) and nothing is started.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync, chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  CannotServe,
  GuardedChild,
  type Server,
  freePorts,
  removeFolder,
  scratchFolder,
  serverUser,
  waitFor,
} from "./child.ts";
import { cached, client } from "./fetching.ts";

const VERSION = "3.5.0";
const LEAST_JAVA = 21;
const ADVICE = `OpenSearch for the tests needs a JDK >= ${LEAST_JAVA} (set OPENSEARCH_JAVA_HOME), Maven (mvn) and unzip; or set LOCI_OPENSEARCH to the address of a server with the k-NN plugin.`;

export interface OpenSearchNode extends Server {
  readonly name: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Starts it again after `kill`, with the same data; resolves when it answers. */
  start(): Promise<void>;
}

export interface OpenSearchCluster {
  readonly nodes: readonly OpenSearchNode[];
  readonly urls: readonly string[];
  readonly folder: string;
  /** Kills all nodes and removes their folder. */
  remove(): Promise<void>;
}

/** The home of a JDK that is new enough. */
function javaHome(): string {
  const { OPENSEARCH_JAVA_HOME, JAVA_HOME } = process.env;
  const homes = [
    OPENSEARCH_JAVA_HOME,
    JAVA_HOME,
    ...globSync(["/usr/lib/jvm/*", "/opt/java/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home"]),
  ];
  const found = homes.find((home) => home !== undefined && majorOf(home) >= LEAST_JAVA);
  if (!found) throw new CannotServe(`No JDK >= ${LEAST_JAVA} was found here. ${ADVICE}`);
  return found;
}

/** The major version of a JDK by the file `release` in its home; 0 where there is none. */
function majorOf(home: string): number {
  const release = join(home, "release");
  if (!existsSync(release) || !existsSync(join(home, "bin/java"))) return 0;
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, "utf8"))?.[1] ?? 0);
}

/** The unpacked server with its plugin, fetched on first use. */
async function distribution(java: string): Promise<string> {
  if (process.platform === "win32")
    throw new CannotServe(`This script starts OpenSearch on Linux and macOS. ${ADVICE}`);
  const folder = await cached(`opensearch-${VERSION}`, async (part) => {
    const copy = (artifact: string): Promise<void> =>
      client("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${part}`], ADVICE);
    await copy(`org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`);
    await copy(`org.opensearch.plugin:opensearch-knn:${VERSION}.0:zip`);
    const [server, plugin] = [`opensearch-${VERSION}.zip`, `opensearch-knn-${VERSION}.0.zip`].map((zip) =>
      join(part, zip),
    ) as [string, string];
    await client("unzip", ["-q", server, "-d", part], ADVICE);
    const home = join(part, `opensearch-${VERSION}`);
    await client(
      "env",
      [`OPENSEARCH_JAVA_HOME=${java}`, join(home, "bin/opensearch-plugin"), "install", "--batch", `file://${plugin}`],
      ADVICE,
    );
    removeFolder(server);
    removeFolder(plugin);
  });
  return join(folder, `opensearch-${VERSION}`);
}

/**
 * Starts `nodes` nodes of one cluster and waits until all of them have joined. Throws CannotServe where this machine cannot.
 * `heapMegabytes` a node, default 400.
 */
export async function startOpenSearch(
  options: { readonly nodes?: number; readonly inside?: string; readonly heapMegabytes?: number } = {},
): Promise<OpenSearchCluster> {
  const { nodes: count = 1, heapMegabytes = 400 } = options;
  const java = javaHome();
  const home = await distribution(java);
  const folder = scratchFolder("opensearch", options.inside);
  const ports = await freePorts(2 * count);
  const names = Array.from({ length: count }, (_, n) => `n${n + 1}`);
  const nodes = names.map((name, n) =>
    openNode({
      name,
      names,
      http: ports[2 * n]!,
      transports: ports.filter((_, p) => p % 2 === 1),
      n,
      folder,
      home,
      java,
      heapMegabytes,
    }),
  );
  const remove = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    removeFolder(folder);
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await waitForAll(nodes);
  } catch (error) {
    await remove();
    throw error;
  }
  return { nodes, urls: nodes.map(({ url }) => url), folder, remove };
}

async function waitForAll(nodes: readonly OpenSearchNode[]): Promise<void> {
  const asked = await fetch(`${nodes[0]!.url}/_cluster/health?wait_for_nodes=${nodes.length}&timeout=180s`);
  const health = (await asked.json()) as { timed_out: boolean; number_of_nodes: number };
  if (health.timed_out) throw new Error(`Only ${health.number_of_nodes} of ${nodes.length} OpenSearch nodes joined.`);
}

interface NodePlan {
  readonly name: string;
  readonly names: readonly string[];
  readonly http: number;
  readonly transports: readonly number[];
  readonly n: number;
  readonly folder: string;
  readonly home: string;
  readonly java: string;
  readonly heapMegabytes: number;
}

function openNode(plan: NodePlan): OpenSearchNode {
  const { name, names, http, transports, n, home, java, heapMegabytes } = plan;
  const folder = join(plan.folder, name);
  const config = join(folder, "config");
  mkdirSync(folder);
  cpSync(join(home, "config"), config, { recursive: true });
  writeFileSync(
    join(config, "opensearch.yml"),
    [
      `cluster.name: loci`,
      `node.name: ${name}`,
      `path.data: ${join(folder, "data")}`,
      `path.logs: ${join(folder, "logs")}`,
      `network.host: 127.0.0.1`,
      `http.port: ${http}`,
      `transport.port: ${transports[n]}`,
      `discovery.seed_hosts: [${transports.map((port) => `"127.0.0.1:${port}"`).join(", ")}]`,
      `cluster.initial_cluster_manager_nodes: [${names.map((name) => `"${name}"`).join(", ")}]`,
      `cluster.routing.allocation.disk.threshold_enabled: false`,
    ].join("\n"),
  );
  writeFileSync(join(config, "jvm.options"), jvmOptions(home, heapMegabytes));
  mkdirSync(join(folder, "tmp"));
  giveAway(folder);
  const log = join(folder, "server.log");
  const url = `http://127.0.0.1:${http}`;
  let child: GuardedChild | undefined;
  return {
    name,
    url,
    folder,
    async start() {
      child = new GuardedChild(join(home, "bin/opensearch"), [], log, {
        OPENSEARCH_PATH_CONF: config,
        OPENSEARCH_JAVA_HOME: java,
        OPENSEARCH_TMPDIR: join(folder, "tmp"),
      });
      await waitFor(`OpenSearch node ${name}`, child, log, 480, () => answers(url));
    },
    kill: async () => child?.end("SIGKILL"),
    stop: async () => child?.end("SIGTERM"),
  };
}

/**
 * The options the server ships with, less what writes beside the program and what suits large machines: the serial collector and
 * the first compiler start sooner and share two cores better.
 */
function jvmOptions(home: string, heapMegabytes: number): string {
  const shipped = readFileSync(join(home, "config/jvm.options"), "utf8").split("\n");
  const kept = shipped.filter(
    (line) => line !== "" && !/^#|-Xm[sx]|=logs\/|:logs\/|HeapDump|G1|InitiatingHeap/.test(line),
  );
  const own = [`-Xms${heapMegabytes}m`, `-Xmx${heapMegabytes}m`, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  return [...kept, ...own, ""].join("\n");
}

/** Hands a folder and all in it to the user that servers run as. */
function giveAway(folder: string): void {
  const user = serverUser();
  if (!user) return;
  chownSync(folder, user.uid, user.gid);
  for (const entry of readdirSync(folder, { recursive: true }))
    chownSync(join(folder, String(entry)), user.uid, user.gid);
}

/** Whether a node answers and knows a leader of its cluster. */
async function answers(url: string): Promise<boolean> {
  try {
    const asked = await fetch(`${url}/_cluster/health?timeout=1s`, { signal: AbortSignal.timeout(5000) });
    const health = (await asked.json()) as { status?: string };
    return asked.ok && health.status !== undefined;
  } catch {
    return false; // not listening yet
  }
}
