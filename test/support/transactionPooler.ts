// A stand-in for a pooler in transaction mode (as PgBouncer's pool_mode = transaction): clients talk to it as to a server, and each
// transaction is given whichever of a few server connections is free next, so that nothing a client leaves in a session can be relied on.
// Speaks just enough of the protocol (postgresql.org/docs/15/protocol-message-formats.html); for servers that trust their clients.
import { createServer, connect as open, type Socket } from "node:net";

export interface TransactionPooler {
  readonly port: number;
  /** How many transactions it has handed out. */
  transactions(): number;
  close(): Promise<void>;
}

interface Server {
  readonly socket: Socket;
  buffer: Buffer;
  client: Client | undefined;
}

interface Client {
  readonly socket: Socket;
  buffer: Buffer;
  started: boolean;
  server: Server | undefined;
  /** Queries and Syncs sent on that the server has not said ReadyForQuery to. */
  outstanding: number;
  /** What was sent while no server was free. */
  waiting: Buffer[];
}

/** Starts one in front of a server, with `size` connections to it. */
export async function transactionPooler(serverPort: number, size: number): Promise<TransactionPooler> {
  const free: Server[] = [];
  const queue: Client[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  let transactions = 0;

  const listener = createServer((socket) => {
    const client: Client = {
      socket,
      buffer: Buffer.alloc(0),
      started: false,
      server: undefined,
      outstanding: 0,
      waiting: [],
    };
    track(socket);
    socket.on("data", (data) => {
      client.buffer = Buffer.concat([client.buffer, data]);
      fromClient(client);
    });
    socket.on("close", () => {
      if (queue.includes(client)) queue.splice(queue.indexOf(client), 1);
      // In the middle of something: nobody else may have that session any more.
      if (client.server !== undefined) drop(client.server);
    });
  });

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  }

  function fromClient(client: Client): void {
    if (!client.started) {
      if (client.buffer.length < 4 || client.buffer.length < client.buffer.readInt32BE(0)) return;
      const startup = client.buffer.subarray(0, client.buffer.readInt32BE(0));
      client.buffer = client.buffer.subarray(startup.length);
      client.started = true;
      while (made < size) connectServer(startup);
      client.socket.write(welcome);
    }
    for (const message of messagesOf(client)) {
      const type = String.fromCharCode(message[0] as number);
      if (type === "X") return void client.socket.end();
      if (type === "Q" || type === "S") client.outstanding++;
      if (client.server !== undefined) client.server.socket.write(message);
      else {
        client.waiting.push(message);
        if (!queue.includes(client)) queue.push(client);
      }
    }
    assign();
  }

  function assign(): void {
    while (queue.length > 0 && free.length > 0) {
      const client = queue.shift() as Client;
      const server = free.shift() as Server;
      transactions++;
      client.server = server;
      server.client = client;
      for (const message of client.waiting) server.socket.write(message);
      client.waiting = [];
    }
  }

  function connectServer(startup: Buffer): void {
    made++;
    const socket = open(serverPort, "127.0.0.1");
    const server: Server = { socket, buffer: Buffer.alloc(0), client: undefined };
    track(socket);
    socket.write(startup);
    let ready = false;
    socket.on("data", (data) => {
      server.buffer = Buffer.concat([server.buffer, data]);
      for (const message of messagesOf(server)) {
        const idle = message[0] === 0x5a && message[5] === 0x49;
        if (!ready) {
          ready = idle;
          if (ready) free.push(server);
          continue;
        }
        // Without a client it can only be a notification or a notice: lost, as with a pooler.
        const { client } = server;
        if (client === undefined) continue;
        client.socket.write(message);
        if (message[0] !== 0x5a) continue;
        client.outstanding--;
        if (!idle || client.outstanding > 0) continue;
        client.server = undefined;
        server.client = undefined;
        free.push(server);
      }
      assign();
    });
    socket.on("close", () => {
      made--;
      if (free.includes(server)) free.splice(free.indexOf(server), 1);
      server.client?.socket.destroy();
    });
  }

  function drop(server: Server): void {
    server.client = undefined;
    server.socket.destroy();
  }

  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("the pooler has no port");
  return {
    port: address.port,
    transactions: () => transactions,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}

/** Takes the whole messages out of a buffer: a type byte, a length that counts itself, the rest. */
function messagesOf(side: { buffer: Buffer }): Buffer[] {
  const messages: Buffer[] = [];
  let at = 0;
  while (side.buffer.length - at >= 5) {
    const length = 1 + side.buffer.readInt32BE(at + 1);
    if (side.buffer.length - at < length) break;
    messages.push(side.buffer.subarray(at, at + length));
    at += length;
  }
  side.buffer = side.buffer.subarray(at);
  return messages;
}

/** AuthenticationOk, BackendKeyData, ReadyForQuery. */
const welcome = Buffer.from([
  0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x4b, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1, 0x5a, 0, 0, 0, 5, 0x49,
]);
