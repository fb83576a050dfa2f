/**
 * @event-driven-io/emmett-postgresql as a peer. Its packages are apart from the ledger's (bench/peers), so it is loaded when it is asked for,
 * and typed here by what is used of it. An append of events is one `appendToStream` with the stream's expected version.
 */
import { createRequire } from "node:module";
import type { Append } from "../src/ledger/Store.js";
import { projectFile } from "../test/support/project.js";
import { type Missing, type Peer, pageSize } from "./Peer.js";

interface EmmettEvent {
  readonly type: string;
  readonly data: unknown;
}

interface Emmett {
  getPostgreSQLEventStore(url: string): {
    readonly schema: { migrate(): Promise<unknown> };
    appendToStream(
      stream: string,
      events: readonly EmmettEvent[],
      options: { expectedStreamVersion: string },
    ): Promise<unknown>;
    close(): Promise<void>;
  };
  readMessagesBatch(
    execute: unknown,
    options: { after: bigint; batchSize: number },
  ): Promise<{ messages: readonly unknown[]; currentGlobalPosition: bigint }>;
}

interface Dumbo {
  dumbo(options: { connectionString: string }): { readonly execute: unknown; close(): Promise<void> };
}

/** Its tables are made in the database, which must be empty. */
export async function emmett(url: string): Promise<Peer | Missing> {
  const load = createRequire(projectFile("bench", "peers", "package.json"));
  const { dependencies } = load("./package.json") as { dependencies: Record<string, string> };
  const name = `emmett-postgresql ${dependencies["@event-driven-io/emmett-postgresql"]}`;
  let library: Emmett;
  let driver: Dumbo;
  try {
    library = load("@event-driven-io/emmett-postgresql") as Emmett;
    driver = load("@event-driven-io/dumbo") as Dumbo;
  } catch {
    return { name, reason: "it is not installed; npm run bench -- postgres installs it" };
  }
  const store = library.getPostgreSQLEventStore(url);
  const reader = driver.dumbo({ connectionString: url });
  await store.schema.migrate();
  return {
    name,
    prepared: ({ entries }: Append) => {
      const stream = entries[0]?.stream as string;
      const events = entries.map(({ bytes }) => {
        const data = JSON.parse(Buffer.from(bytes).toString("utf8")) as { type: string };
        return { type: data.type, data };
      });
      return () => store.appendToStream(stream, events, { expectedStreamVersion: "STREAM_DOES_NOT_EXIST" });
    },
    async read() {
      let count = 0;
      for (let after = -1n; ; ) {
        const page = await library.readMessagesBatch(reader.execute, { after, batchSize: pageSize });
        if (page.messages.length === 0) return count;
        count += page.messages.length;
        after = page.currentGlobalPosition;
      }
    },
    async close() {
      await reader.close();
      await store.close();
    },
  };
}
