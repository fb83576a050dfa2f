/**
 * Gathers the evidence of runs from a ledger: their events, and all that whoever checks must know beside them. What that is is not listed anywhere: each
 * command of the runs is decided again, and every stream it reads is taken whole; so are the streams of all who signed. Nothing is written.
 */

import { parseCommand } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { contentsNamed } from "../events/contentsNamed.js";
import { asEvent } from "../events/decode.js";
import type { Envelope } from "../events/envelope.js";
import { logKey, streamName } from "../events/streams.js";
import { consider } from "../ledger/consider.js";
import { readCommand } from "../ledger/readCommand.js";
import { type Store, type StoredCommand, type StoredEvent, StoreError } from "../ledger/Store.js";
import { contents as contentsOf } from "../replay/contents.js";
import { history, Unfoldable } from "../replay/history.js";
import { type Leaf, leafOf } from "../replay/Leaf.js";
import { notReadBack } from "../replay/notReadBack.js";
import type { Evidence } from "./Evidence.js";

export interface GatherMeans {
  readonly store: Store;
  /** The inclusion proof of a position under the checkpoint, hashes of 32 bytes. */
  readonly prove: (position: number) => Promise<readonly Uint8Array[]>;
  readonly checkpoint: { readonly note: Uint8Array; readonly size: number; readonly origin: string };
  readonly ledger: string;
  readonly subject: Evidence["subject"];
  readonly made: Evidence["made"];
  readonly signal?: AbortSignal;
}

/** The evidence of the runs of `subject`, as of the checkpoint. Throws `StoreError` `CORRUPT` where the ledger cannot be read. */
export async function gather(means: GatherMeans): Promise<Evidence> {
  const { store, subject, signal } = means;
  const { size } = means.checkpoint;
  const events = new Map<number, StoredEvent>();
  const commands = new Map<string, StoredCommand>();
  const wanted = [...subject.runs.map((run) => streamName("run", run)), "ledger-root", streamName("log", logKey)];
  const taken = new Set<string>();
  const named = new Set<string>();
  const want = (stream: string) => {
    if (!taken.has(stream) && !wanted.includes(stream)) wanted.push(stream);
  };

  /** A command, the events of its parts, and their streams. */
  async function take(id: string): Promise<void> {
    if (commands.has(id)) return;
    const command = await store.command(id);
    if (command === undefined) throw corrupt(`command ${id}, which wrote an event, is not stored`);
    const parts = command.parts.filter(({ position, count }) => position + count <= size);
    commands.set(id, { ...command, parts });
    for (const { position, count } of parts) {
      for (const event of await store.read(position, count)) {
        events.set(event.position, event);
        want(event.stream);
      }
    }
    const read = readCommand(command.envelope, parseCommand);
    if ("kind" in read) throw corrupt(`the envelope of command ${id} cannot be read: ${read.message}`);
    want(streamName("principal", read.signed.command.actor));
  }

  /** The streams and contents that each part of a command was decided on. */
  async function askAgain(id: string): Promise<void> {
    const command = commands.get(id) as StoredCommand;
    const read = readCommand(command.envelope, parseCommand);
    if ("kind" in read) return;
    for (const [part, { position }] of command.parts.entries()) {
      const past = history(store, contentsOf(store));
      // Of an event no more than its place is noted: the past ends just before this part.
      if (position > 0) past.note({ position: position - 1, stream: "" } as Leaf);
      const { time } = JSON.parse(Buffer.from((events.get(position) as StoredEvent).bytes).toString()) as Envelope;
      const job = { ...read, part, folds: new Map(), contents: new Map() };
      try {
        await consider(job, { decide, loader: past.loader, clock: () => time, parse: notReadBack });
      } catch (error) {
        if (!(error instanceof Unfoldable)) throw error;
      }
      for (const stream of job.folds.keys()) want(stream);
      for (const commitment of job.contents.keys()) named.add(commitment);
    }
  }

  /** Takes the wanted streams whole, and what they want in turn. */
  async function takeWanted(): Promise<void> {
    for (let stream = wanted.shift(); stream !== undefined; stream = wanted.shift()) {
      signal?.throwIfAborted();
      await takeStream(stream);
    }
  }

  async function takeStream(stream: string): Promise<void> {
    taken.add(stream);
    for (const event of await store.readStream(stream, 0)) {
      if (event.position >= size) break;
      events.set(event.position, event);
      if (leafOf(event).fault !== null) throw corrupt(`position ${event.position} is not an event`);
      const envelope = JSON.parse(Buffer.from(event.bytes).toString()) as Envelope;
      await take(envelope.command.id);
      for (const principal of principalsOf(envelope)) want(streamName("principal", principal));
      if (!runStreams.has(stream)) continue;
      for (const commitment of contentsNamed(envelope.data)) named.add(commitment);
      await askAgain(envelope.command.id);
    }
  }

  const runStreams = new Set(subject.runs.map((run) => streamName("run", run)));
  await takeWanted();
  const contents: Evidence["contents"] = [];
  for (const commitment of [...named].sort()) {
    const content = await store.content.get(commitment);
    contents.push({
      commitment,
      salt: content === undefined ? null : Buffer.from(content.salt).toString("base64"),
      bytes: content === undefined ? null : Buffer.from(content.bytes).toString("base64"),
    });
    // Why a text is not there is on a stream of its own.
    if (content === undefined) want(streamName("content", commitment));
  }
  await takeWanted();

  const proven: Evidence["events"] = [];
  for (const [position, { bytes }] of [...events].sort(([a], [b]) => a - b)) {
    signal?.throwIfAborted();
    const proof = (await means.prove(position)).map((hash) => Buffer.from(hash).toString("base64"));
    proven.push({ position, leaf: Buffer.from(bytes).toString("utf8"), proof });
  }
  return {
    format: "iu-ledger/evidence",
    version: 1,
    ledger: means.ledger,
    origin: means.checkpoint.origin,
    subject,
    checkpoint: Buffer.from(means.checkpoint.note).toString("base64"),
    events: proven,
    commands: [...commands.values()]
      .sort((a, b) => (a.parts[0]?.position ?? 0) - (b.parts[0]?.position ?? 0))
      .map(({ id, envelope, parts }) => ({
        id,
        envelope: Buffer.from(envelope).toString("base64"),
        parts: [...parts],
      })),
    contents,
    made: means.made,
  };
}

/** The principals an event names whose word or key it stands on. */
function principalsOf(envelope: Envelope): string[] {
  const event = asEvent(envelope);
  const named = [event.actor];
  if (event.type === "PrincipalRegistered") named.push(event.data.responsible);
  if (event.type === "GateRuled" || event.type === "RedactionRuled") named.push(event.data.ruledBy);
  return named;
}

function corrupt(message: string): StoreError {
  return new StoreError("CORRUPT", message, { next: "Stop writing, and see what was changed: iu-ledger replay" });
}
