/**
 * Starts a server and keeps it until Ctrl-C: to try a store against it.
 *
 * Run: `npm exec -- node scripts/servers/main.ts postgres` or `… opensearch 3`. Prints the address to use.
 */
import { CannotServe } from "./child.ts";
import { startOpenSearch } from "./opensearch.ts";
import { startPostgres } from "./postgres.ts";

async function start(what: string | undefined, nodes: number): Promise<{ says: string; remove(): Promise<void> }> {
  if (what === "postgres") {
    const server = await startPostgres();
    return { says: `LOCI_POSTGRES=${server.url}`, remove: () => server.remove() };
  }
  if (what === "opensearch") {
    const cluster = await startOpenSearch({ nodes });
    return { says: `LOCI_OPENSEARCH=${cluster.urls.join(",")}`, remove: () => cluster.remove() };
  }
  throw new CannotServe("Say which server: `postgres`, or `opensearch` and how many nodes.");
}

try {
  const [, , what, nodes = "1"] = process.argv;
  const running = await start(what, Number(nodes));
  console.log(`${running.says}\nIt runs until Ctrl-C.`);
  await new Promise<void>((resolve) => {
    const keep = setInterval(() => undefined, 1 << 30);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        clearInterval(keep);
        resolve();
      });
    }
  });
  await running.remove();
} catch (error) {
  if (!(error instanceof CannotServe)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
