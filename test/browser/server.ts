/** Serves one page and its script on this machine, cross-origin isolated or not. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface PageServer {
  readonly address: string;
  close(): void;
}

/** `/isolated` may share memory between threads, `/plain` may not, `/strict` may not even compile
 * WebAssembly, `/allowed` may by the word that our errors name. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/isolated": { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  "/plain": {},
  "/allowed": { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:" },
  "/strict": { "Content-Security-Policy": "script-src 'self'; worker-src blob:" },
};

/** Serves the script's pages, and under `/package/` the files of a folder, where one is given. */
export async function servePages(script: string, folder?: string): Promise<PageServer> {
  const server = createServer(({ url = "" }, response) => {
    const headers = HEADERS[url];
    if (headers) {
      response.writeHead(200, { "Content-Type": "text/html", ...headers });
      response.end(
        '<!doctype html><meta charset="utf-8"><title>Loci</title><script type="module" src="/page.js"></script>',
      );
    } else if (url === "/page.js") {
      response.writeHead(200, { "Content-Type": "text/javascript", "Cross-Origin-Resource-Policy": "same-origin" });
      response.end(script);
    } else if (folder !== undefined && /^\/package\/[\w.-]+$/.test(url)) {
      const type = url.endsWith(".wasm") ? "application/wasm" : "text/javascript";
      response.writeHead(200, { "Content-Type": type, "Cross-Origin-Resource-Policy": "same-origin" });
      response.end(readFileSync(join(folder, url.slice("/package/".length))));
    } else {
      response.writeHead(url === "/favicon.ico" ? 204 : 404);
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
