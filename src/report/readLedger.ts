/**
 * Reads the ledger once, from its first event, for a report on one run: every watch sees every event, and what the documents of the
 * package tell is gathered on the way. Memory grows with the run, not with the ledger. What cannot be read is left for the checks to name.
 */
import { createHash } from "node:crypto";
import { asEvent, type Event } from "../events/decode.js";
import type { Store, StoredEvent } from "../ledger/Store.js";
import { leafOf, readingOf } from "../replay/Leaf.js";
import { isCorrupt, isLost, readLeaves } from "../replay/readLeaves.js";
import { type CompactRange, emptyRange, extendRange, rootHex } from "../tlog/tree.js";
import { emptyPast, notePast, type Past, type Placed } from "./Past.js";
import type { Attestation, RecordReport, Seen } from "./Statement.js";
import { cutWatches } from "./watchCut.js";
import { erasingWatch } from "./watchErasing.js";
import { gateWatches } from "./watchGates.js";
import { independence, isRecord, readSigners, recordOf, writerWatch } from "./watchRecords.js";

const pageSize = 2_000;

/** What was in force when the cut was begun. */
export interface AtCut {
  readonly position: number;
  readonly time: string;
  readonly policy: Past["policy"]["policy"];
  readonly armed: { readonly until: string; readonly by: string; readonly position: number } | undefined;
  readonly backups: Past["backups"];
  readonly audit: Past["audit"];
  readonly settledAt: number;
}

export interface LedgerRead {
  readonly ledger: { readonly id: string; readonly origin: string } | null;
  /** The time of the newest event that can be read. */
  readonly newest: string;
  /** As after the last event. */
  readonly past: Past;
  /** Events of the run, its document and its proofs, but for those of single units. */
  readonly events: readonly Placed[];
  /** The run's events by type. */
  readonly seen: ReadonlyMap<string, Seen>;
  readonly runEvents: number;
  /** SHA-256 over the bytes of the run's events, each followed by a line feed. */
  readonly runDigest: string;
  readonly atCut: AtCut | null;
  readonly records: readonly RecordReport[];
  readonly attestations: readonly Attestation[];
  /** The root at `rootAt`; null where the ledger is smaller. */
  readonly rootAt: string | null;
}

/** Of these there may be thousands: they are counted, not kept. */
const ofUnits: readonly Event["type"][] = ["UnitCut", "UnitReverted", "RepealProposed"];

export async function readLedger(store: Store, run: string, rootAt: number | null): Promise<LedgerRead> {
  const { size } = await store.head();
  const stream = `run-${run}`;
  const past = emptyPast(run);
  const watches = [...gateWatches(run), ...cutWatches(run), writerWatch(run), erasingWatch()];
  const events: Placed[] = [];
  const documentStream = await documentOf(store, stream);
  const seen = new Map<string, Seen>();
  const digest = createHash("sha256");
  const records: RecordReport[] = [];
  const commands = new Map<number, string>();
  const responsibleAt = new Map<number, string | undefined>();
  let ledger: LedgerRead["ledger"] = null;
  let newest = "";
  let runEvents = 0;
  let atCut: AtCut | null = null;
  let range: CompactRange = emptyRange;
  let root: string | null = null;

  function take(placed: Placed): void {
    const { position, event } = placed;
    newest = event.time;
    if (event.type === "LedgerOpened") ledger ??= { id: event.data.ledger, origin: event.data.origin };
    if (event.stream === stream) {
      runEvents++;
      const known = seen.get(event.type);
      seen.set(event.type, {
        type: event.type,
        from: known?.from ?? position,
        to: position,
        count: (known?.count ?? 0) + 1,
      });
      if (!ofUnits.includes(event.type)) events.push(placed);
    } else if (event.stream === documentStream || event.stream === `proof-${run}`) events.push(placed);
    if (isRecord(event, run)) {
      records.push(recordOf({ position, event }, past));
      commands.set(position, event.command.id);
      responsibleAt.set(position, past.principals.get(event.actor)?.responsible);
    }
    for (const one of watches) one.see(placed, past);
    if (event.stream === stream && event.type === "CutStarted") {
      atCut ??= {
        position,
        time: event.time,
        policy: past.policy.policy,
        armed: past.armed.get(run),
        backups: [...past.backups],
        audit: past.audit,
        settledAt: past.run.settledAt,
      };
    }
    notePast(past, placed);
  }

  for (let from = 0; from < size; from += pageSize) {
    const page = await readLeaves(store, from, Math.min(size, from + pageSize));
    for (const leaf of page) {
      if (isLost(leaf)) continue;
      if (rootAt !== null && range.size < rootAt) {
        range = extendRange(range, [Buffer.from(leaf.hash, "hex")]);
        if (range.size === rootAt) root = rootHex(range);
      }
      if (leaf.stream === stream) digest.update(leaf.bytes).update("\n");
      const { envelope, fault } = readingOf(leaf);
      if (envelope !== null && fault === null) take({ position: leaf.position, event: asEvent(envelope) });
    }
  }
  const signed = await readSigners(store, records, commands);
  return {
    ledger,
    newest,
    past,
    events,
    seen,
    runEvents,
    runDigest: digest.digest("hex"),
    atCut,
    records: signed,
    attestations: [...watches.map((one) => one.result()), independence(signed, responsibleAt)],
    rootAt: root,
  };
}

/** The stream of the run's document, as its first event says; null where that cannot be read. */
async function documentOf(store: Store, stream: string): Promise<string | null> {
  let first: StoredEvent | undefined;
  try {
    [first] = await store.readStream(stream, 0, 1);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
  }
  const envelope = first === undefined ? null : readingOf(leafOf(first)).envelope;
  const document = envelope?.type === "RunOpened" ? envelope.data["document"] : undefined;
  return typeof document === "string" ? `document-${document}` : null;
}

/** The events of a type, in order, typed. */
export function eventsOf<T extends Event["type"]>(
  { events }: Pick<LedgerRead, "events">,
  type: T,
): { readonly position: number; readonly event: Event & { readonly type: T } }[] {
  return events.flatMap(({ position, event }) =>
    event.type === type ? [{ position, event: event as Event & { readonly type: T } }] : [],
  );
}
