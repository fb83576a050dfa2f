/**
 * The hands of somebody who owns the database: every row can be changed, the guards are off meanwhile and on again afterwards. They use the database's
 * own client and nothing of the product's stores.
 */
import type { Envelope } from "../../src/events/envelope.js";
import type { StoredEvent } from "../../src/ledger/Store.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { edited, rangeOf, rechained } from "../replay/openedUp.js";

export type Value = string | number | Uint8Array | readonly Uint8Array[];
export type Statement = readonly [sql: string, ...values: Value[]];

export interface Hands {
  /** Statements, in order, in one transaction. Values stand for `?`. Tables are named without a schema. */
  run(...statements: readonly Statement[]): Promise<void>;
  /** With the guards left as they are, as a script: what it makes stays. */
  script(sql: string): Promise<void>;
  query<T>(...statement: Statement): Promise<T[]>;
  events(): Promise<StoredEvent[]>;
  /** Makes the head say, at every size it ever had, what these events give; what stands behind them is gone. */
  headStatements(events: readonly StoredEvent[]): Promise<readonly Statement[]>;
  /** A value that is kept as text on SQLite and as bytes on Postgres. */
  readonly asText: string;
  /** The whole database as it is now, kept elsewhere. */
  copy(): Promise<string>;
  /** A copy put in the place of the database. */
  putBack(copy: string): Promise<void>;
}

export type EditEvent = (event: Envelope & { data: Record<string, unknown> }) => void;

/** Changes the bytes of one event, and nothing else. */
export async function editEvent(hands: Hands, position: number, edit: EditEvent): Promise<void> {
  const { bytes } = edited((await hands.events())[position] as StoredEvent, edit);
  await hands.run([`UPDATE event SET bytes = ${hands.asText} WHERE position = ?`, bytes, position]);
}

/** Changes one event and makes all that hangs on it fit: the stream's chain, the head, the tiles of the tree. Checkpoints are left alone. */
export async function rewriteEvent(hands: Hands, position: number, edit: EditEvent): Promise<void> {
  const before = await hands.events();
  const after = rechained(before.map((event) => (event.position === position ? edited(event, edit) : event)));
  const changed = after.filter(({ bytes }, i) => Buffer.compare(bytes, (before[i] as StoredEvent).bytes) !== 0);
  await hands.run(
    ...changed.map(
      ({ position: at, bytes }): Statement => [
        `UPDATE event SET bytes = ${hands.asText} WHERE position = ?`,
        bytes,
        at,
      ],
    ),
    ...(await hands.headStatements(after)),
    ["DELETE FROM merkle_tile"],
    ...tiles(after),
  );
}

/** Cuts the last events off, with their commands, the head, the tiles and the checkpoints that would contradict. */
export async function cutTail(hands: Hands, size: number): Promise<void> {
  const kept = (await hands.events()).slice(0, size);
  await hands.run(
    ["DELETE FROM event WHERE position >= ?", size],
    ["DELETE FROM command WHERE position >= ?", size],
    ["DELETE FROM checkpoint WHERE size > ?", size],
    ...(await hands.headStatements(kept)),
    ["DELETE FROM merkle_tile"],
    ...tiles(kept),
  );
}

/** The only tile of a log of fewer than 256 events. */
function tiles(events: readonly StoredEvent[]): readonly Statement[] {
  if (events.length >= 256) throw new Error("a ledger of one tile was expected");
  const hashes = Buffer.concat(events.map(({ bytes }) => hashLeaf(bytes)));
  return [["INSERT INTO merkle_tile (level, tile, hashes) VALUES (0, 0, ?)", hashes]];
}

/** The peaks of the first `size` events. */
export function peaksOf(events: readonly StoredEvent[], size: number): readonly Uint8Array[] {
  return rangeOf(events.slice(0, size)).peaks;
}

/** Position of the last event of a type. */
export async function lastOf(hands: Hands, type: string): Promise<number> {
  const found = (await hands.events()).findLast(({ bytes }) => eventOf(bytes).type === type);
  if (found === undefined) throw new Error(`no ${type} on this ledger`);
  return found.position;
}

export function eventOf(bytes: Uint8Array): Envelope & { data: Record<string, unknown> } {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Envelope & { data: Record<string, unknown> };
}
