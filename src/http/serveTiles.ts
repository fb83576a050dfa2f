/**
 * A folder of tiles over HTTP, read-only (C2SP tlog-tiles): the checkpoint, hash tiles and entry bundles, each by its one path. A path is looked
 * up only after it was read as a tile and written again as the same text: there is no way to spell another file.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { parseTilePath } from "../tlog/tiles.js";

export interface ServeOptions {
  readonly folder: string;
  /** Default: loopback. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Serves the folder until the server is closed. Resolves once it listens; rejects where it cannot. */
export function serveTiles({ folder, host = "127.0.0.1", port }: ServeOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500);
      else response.destroy();
    });
  });
  // Requests have no body and one short line: whoever takes longer is not reading tiles.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.maxHeadersCount = 100;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

const oneYearS = 31_536_000;

interface Kind {
  readonly type: string;
  readonly cache: string;
}

const checkpointKind: Kind = { type: "text/plain; charset=utf-8", cache: "public, max-age=1, must-revalidate" };
const tileKind: Kind = { type: "application/octet-stream", cache: `public, max-age=${oneYearS}, immutable` };

/** What a request's path names, byte for byte; null for anything else, a query among it. */
export function kindOf(url: string): Kind | null {
  if (url === "/checkpoint") return checkpointKind;
  return url.startsWith("/") && parseTilePath(url.slice(1)) !== null ? tileKind : null;
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405);
  }
  const url = request.url ?? "";
  const kind = kindOf(url);
  const file = kind === null ? null : await openFile(join(folder, url.slice(1)));
  if (kind === null || file === null) return refuse(response, 404);
  try {
    const bytes = await file.readFile();
    response.writeHead(200, {
      "content-type": kind.type,
      "content-length": bytes.length,
      "cache-control": kind.cache,
      "x-content-type-options": "nosniff",
      // Anybody may read what anybody may fetch.
      "access-control-allow-origin": "*",
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  } finally {
    await file.close();
  }
}

/** The file, if it is one: no link, no folder, no device. */
async function openFile(path: string): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(`${status}\n`);
}
