/** The work of `loci serve`. */
import type { Cli } from "../command.ts";
import { isCollection, openCollection, openEncoder } from "../collections.ts";
import { UsageError } from "../failures.ts";
import { openSession } from "../session.ts";
import { packageVersion } from "../version.ts";
import { connectMcp, serve as startServer } from "../../serve/index.ts";
import type { ServeFlags } from "./serve.ts";

export default async function serve(cli: Cli, flags: ServeFlags, path: string): Promise<void> {
  const session = openSession(cli, flags);
  const { signal } = session;
  const collection = (await isCollection(path))
    ? await openCollection(path, session, { model: flags.model })
    : undefined;
  try {
    if (flags.mcp) {
      if (!collection) throw new UsageError(`--mcp needs a collection; ${path} is none. See: loci index --help`);
      const about = flags.about === undefined ? {} : { about: flags.about };
      const connection = await connectMcp({ collection, version: packageVersion(), ...about });
      const stop = () => void connection.close();
      process.stdin.once("end", stop);
      signal.addEventListener("abort", stop);
      if (signal.aborted) stop();
      await connection.ended;
      return;
    }
    const encoder = collection ? collection.encoder : await openEncoder(path, session);
    const token = flags.token ?? cli.io.env.LOCI_TOKEN;
    await using server = await startServer({
      ...(encoder && { encoders: [encoder] }),
      ...(collection && { collection }),
      ...(flags.host !== undefined && { host: flags.host }),
      ...(flags.port !== undefined && { port: flags.port }),
      ...(token && { token }),
    });
    session.answer({ url: server.url, model: encoder?.name ?? null, collection: collection ? path : null }, () => [
      `Listening on ${server.url}`,
      ...(collection ? [`  ${server.url}/v1/search?q=…      search ${path}`] : []),
      ...(encoder ? [`  ${server.url}/v1/embeddings    embeddings of "${encoder.name}"`] : []),
    ]);
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      if (signal.aborted) resolve(); // Ctrl-C while it was starting
    });
  } finally {
    await collection?.close();
  }
}
