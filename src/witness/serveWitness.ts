/**
 * A witness over HTTP: C2SP tlog-witness v1.0.0. `POST /add-checkpoint`, and `GET /<origin hash>/checkpoint` for whoever watches. Nothing a client
 * sends is kept before the log's own signature is found on it; bodies, waiting requests, connections and what is said of them are bounded, and whoever
 * is slow is let go.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { addCheckpointSizeMax } from "../tlog/addCheckpoint.js";
import { WitnessError } from "./WitnessError.js";
import { type Asked, addCheckpoint, type WitnessMeans } from "./witness.js";

/** What was answered, for a line in a log. */
export interface Served {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly from: string;
  readonly ms: number;
  readonly bytes: number;
  /** Of a request with the signature of a known log. */
  readonly origin: string | null;
  readonly oldSize: number | null;
  readonly size: number | null;
  /** With 422: the checkpoint, which its log has signed. It may be proof that the log shows two histories. */
  readonly note: string | null;
  /** Of a "no"; of trouble of the witness's own, its code first. */
  readonly why: string | null;
}

export interface ServeWitnessOptions {
  readonly witness: WitnessMeans;
  /** Default: loopback. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
  readonly onServed?: (served: Served) => void;
  readonly limits?: Partial<typeof limitDefaults>;
}

export const limitDefaults = {
  /** A request must be there, whole, within so long. */
  requestMs: 10_000,
  /** How long a connection may say nothing between requests. */
  idleMs: 30_000,
  connectionsMax: 512,
  /** Requests that are judged or wait for it; more are sent away for the moment. */
  waitingMax: 64,
};

export interface WitnessServer {
  readonly server: Server;
  /** Takes no new requests, answers those that are there, and resolves when all connections are closed. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly asked?: Omit<Asked, "answer">;
  readonly why?: string;
  /** The rest of the request is not read. */
  readonly hangUp?: boolean;
}

/** Serves until it is stopped. Resolves once it listens; rejects where it cannot. */
export async function serveWitness(options: ServeWitnessOptions): Promise<WitnessServer> {
  const { witness, host = "127.0.0.1", port, onServed } = options;
  const limits = { ...limitDefaults, ...options.limits };
  let waiting = 0;
  let stopping = false;

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? "")?.[1];
    if (hash !== undefined) {
      if (request.method !== "GET" && request.method !== "HEAD") return wrongMethod("GET, HEAD");
      const kept = await witness.state.newest(hash);
      if (kept === null) return no(404, "no checkpoint of this log was cosigned here");
      return { status: 200, body: kept.note, headers: { "access-control-allow-origin": "*" } };
    }
    if (request.url !== "/add-checkpoint") return { ...no(404, "there is nothing at this path"), hangUp: true };
    if (request.method !== "POST") return wrongMethod("POST");
    const body = await readBody(request, addCheckpointSizeMax);
    if (body === null) return { ...no(413, `a request has at most ${addCheckpointSizeMax} bytes`), hangUp: true };
    // Counted only now: who sends slowly is in nobody's way but for the connection.
    if (waiting >= limits.waitingMax) return busy;
    waiting += 1;
    try {
      return said(await addCheckpoint(witness, body));
    } finally {
      waiting -= 1;
    }
  }

  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    const begun = performance.now();
    answerTo(request)
      .catch(troubled)
      .then((answer) => {
        if (answer === null) return;
        send(request, response, answer, stopping);
        onServed?.({
          method: request.method ?? "",
          path: (request.url ?? "").slice(0, 200),
          status: answer.status,
          from: request.socket.remoteAddress ?? "",
          ms: Math.round(performance.now() - begun),
          bytes: request.socket.bytesRead,
          origin: answer.asked?.origin ?? null,
          oldSize: answer.asked?.oldSize ?? null,
          size: answer.asked?.size ?? null,
          note: answer.status === 422 ? (answer.asked?.note ?? null) : null,
          why: answer.why ?? null,
        });
      });
  });
  server.requestTimeout = limits.requestMs;
  server.headersTimeout = limits.requestMs;
  server.keepAliveTimeout = limits.idleMs;
  // A connection that says nothing at all, or does not read its answer, ends too.
  server.timeout = limits.requestMs + limits.idleMs;
  server.maxHeadersCount = 100;
  server.maxConnections = limits.connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    server,
    async stop() {
      stopping = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(late);
    },
  };
}

/** What the witness answers, as HTTP. */
function said({ answer, ...asked }: Asked): Answer {
  if (answer.status === 200) return { status: 200, body: answer.line, asked };
  if (answer.status === 409) {
    return { status: 409, body: `${answer.size ?? 0}\n`, type: "text/x.tlog.size", asked, why: answer.why };
  }
  return { ...no(answer.status, answer.why), asked };
}

/** Trouble of the witness's own: its operator is told what, others that there is some. Null: the client is gone. */
function troubled(error: unknown): Answer | null {
  if (error instanceof ClientGone) return null;
  // A mistake of ours must not end the witness: whoever found the request that shows it could stop it as often as they like.
  if (!(error instanceof WitnessError))
    return {
      status: 500,
      body: "this witness failed\n",
      why: `UNEXPECTED: ${error instanceof Error ? error.stack : error}`,
    };
  const why = `${error.code}: ${error.message}. ${error.next}`;
  if (error.code === "WITNESS_STATE_UNUSABLE" || error.code === "CLOCK_BEHIND")
    return { ...busy, why, body: `this witness cannot cosign now (${error.code})\n` };
  return { status: 500, body: `this witness does not trust what it kept of this log (${error.code})\n`, why };
}

const whyMax = 500;

const busy: Answer = {
  status: 503,
  body: "too many requests at once\n",
  headers: { "retry-after": "5" },
  why: "too many requests at once",
};

function no(status: number, said: string): Answer {
  // It may quote the request, which may be long.
  const why = said.length > whyMax ? `${said.slice(0, whyMax)}…` : said;
  return { status, body: `${why}\n`, why };
}

function wrongMethod(allow: string): Answer {
  return { ...no(405, `this path takes ${allow}`), headers: { allow }, hangUp: true };
}

class ClientGone extends Error {}

/** The body, or null where it has more than `sizeMax` bytes. */
async function readBody(request: IncomingMessage, sizeMax: number): Promise<Uint8Array | null> {
  if (Number(request.headers["content-length"] ?? 0) > sizeMax) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > sizeMax) return null;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new ClientGone("the client went away before its request was whole", { cause: error });
  }
  return Buffer.concat(chunks);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, stopping: boolean): void {
  const { status, body, type = "text/plain; charset=utf-8", headers = {}, hangUp = false } = answer;
  const unread = hangUp && !request.complete;
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
    ...(unread || stopping ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  // What is still sent is not read: the connection goes with the answer.
  if (unread) response.once("finish", () => setTimeout(() => request.socket.destroy(), 200).unref());
}
