/**
 * How far a publisher has got, by its name, in the ledger's database. It moves after the broker has acknowledged, and only from where this
 * publisher believed it to be: with two of one name an event may be sent twice; none is ever skipped.
 */
import type { Sql } from "../database/Sql.js";
import { leafHash } from "../events/envelope.js";
import { type Store, StoreError } from "../ledger/Store.js";
import { KafkaError } from "./KafkaError.js";

export interface PublisherBookmark {
  /** Events acknowledged, from the first on. */
  readonly size: number;
  /** Leaf hash of the last of them; null for none. */
  readonly leaf: string | null;
}

/** What a bookmark is of: positions mean nothing on another cluster or topic. */
export interface Destination {
  readonly name: string;
  readonly cluster: string;
  readonly topic: string;
}

interface Row extends PublisherBookmark {
  readonly cluster: string;
  readonly topic: string;
}

/** The bookmark of that name, made at the beginning where there is none. Throws `PUBLISHED_ELSEWHERE` where it is of another topic or cluster. */
export async function openBookmark(sql: Sql, { name, cluster, topic }: Destination): Promise<PublisherBookmark> {
  await sql.run(
    "INSERT INTO publisher (name, cluster, topic, size, leaf) VALUES ($1, $2, $3, 0, NULL) ON CONFLICT DO NOTHING",
    [name, cluster, topic],
  );
  const [row] = await sql.query<Row>("SELECT cluster, topic, size, leaf FROM publisher WHERE name = $1", [name]);
  if (row === undefined) throw new StoreError("CORRUPT", `the bookmark ${name} is not there`, { next: "Run replay." });
  if (row.cluster !== cluster || row.topic !== topic) {
    throw new KafkaError(
      "PUBLISHED_ELSEWHERE",
      `the publisher ${name} has sent ${row.size} events to ${row.topic} of the cluster ${row.cluster}; this is ${topic} of ${cluster}`,
      {
        next: "Give a publisher to another place a name of its own: --name NAME. It begins with the first event.",
        numbers: { name, size: row.size, cluster: row.cluster, topic: row.topic },
      },
    );
  }
  return { size: row.size, leaf: row.leaf };
}

/** The topic was made anew under its old name: what was acknowledged there once is there no more. */
export function topicEmptied({ name, topic, cluster }: Destination, size: number): KafkaError {
  return new KafkaError(
    "PUBLISHED_ELSEWHERE",
    `the publisher ${name} has sent ${size} events to ${topic}, and nothing was ever sent to the topic of that name there is now`,
    {
      next: "To fill the new one from the first event, give the publisher a new name: --name NAME.",
      numbers: { name, size, cluster, topic },
    },
  );
}

/** Moves it from where it was believed to be; false where somebody has moved it meanwhile. Durable when it resolves. */
export async function moveBookmark(
  sql: Sql,
  name: string,
  from: PublisherBookmark,
  to: PublisherBookmark,
): Promise<boolean> {
  const moved = await sql.run("UPDATE publisher SET size = $1, leaf = $2 WHERE name = $3 AND size = $4", [
    to.size,
    to.leaf,
    name,
    from.size,
  ]);
  return moved === 1;
}

/** A bookmark beyond the ledger's end, or behind another event than the ledger has there: this is not the ledger that was published. */
export async function assertSameHistory(store: Store, name: string, { size, leaf }: PublisherBookmark): Promise<void> {
  if (size === 0) return;
  const [last] = await store.read(size - 1, 1);
  if (last !== undefined && leafHash(last.bytes) === leaf) return;
  const what =
    last === undefined
      ? `the publisher ${name} has sent ${size} events; the ledger has fewer`
      : `the publisher ${name} sent another event of position ${size - 1} than the ledger has there`;
  throw new StoreError("CORRUPT", what, {
    next: "Publish nothing more. An older copy may have been restored: run replay, with --expect if you kept a head, to learn what happened.",
    position: size - 1,
  });
}
