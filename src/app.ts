/**
 * The composition root and the library's entry: `openLedger` puts store, engine, deciders and projections together. Everything else
 * is handed what it needs; only here is it known which store, which clock and which randomness there are.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type CommandData, type CommandType, parseCommand } from "../commands/Command.js";
import { decide } from "../commands/decide.js";
import { documentCategory } from "../commands/document.js";
import { ledgerCategory, ledgerKey } from "../commands/ledger.js";
import { principalCategory } from "../commands/principal.js";
import { contentCategory, redactionCategory } from "../commands/redaction.js";
import { runCategory } from "../commands/run/State.js";
import { type DryRun, dryRun } from "./client/dryRun.js";
import { eraseRedacted } from "./client/eraseRedacted.js";
import { type PlannedRun, planRun } from "./client/planRun.js";
import type { ProvedRun, ProveOptions } from "./client/proveRun.js";
import { sameIntent } from "./client/sameIntent.js";
import type { Sql } from "./database/Sql.js";
import type { PlanOptions } from "./documents/planCut.js";
import { NotPlain } from "./events/canonical.js";
import { commitContent, saltSize } from "./events/commitment.js";
import { decodeEvent, type Event } from "./events/decode.js";
import { type Envelope, parseEvent } from "./events/envelope.js";
import { embeddedPolicy, type Policy } from "./events/fields.js";
import type { GrantAuditReport } from "./events/grantAudit.js";
import type { ProvenOperation } from "./events/proof.js";
import type { AuditOptions } from "./grants/auditGrants.js";
import { publicKeyOf, type Signer } from "./keys/Signer.js";
import { signCommand } from "./keys/signCommand.js";
import { createLedger } from "./ledger/createLedger.js";
import type { Category, Decision, Result } from "./ledger/Decision.js";
import type { Content, Store } from "./ledger/Store.js";
import { catchUpOrWait } from "./projecting/catchUpOrWait.js";
import { type RebuildOptions, type Rebuilt, rebuild } from "./projecting/rebuild.js";
import { type Queries, queriesOf } from "./queries.js";
import type { ReplayReport } from "./replay/Check.js";
import type { ReplayOptions } from "./replay/replay.js";
import { openStore } from "./store/openStore.js";
import { storeErrorOf } from "./store/storeErrorOf.js";
import { writersLock } from "./writers/lock.js";

export { recordGrantAudit } from "./client/recordGrantAudit.js";
export { commitContent } from "./events/commitment.js";
export { type CommandMessageOptions, commandMessage } from "./kafka/commandMessage.js";
export { readEventMessage } from "./kafka/eventMessage.js";
export { readResultMessage } from "./kafka/resultMessage.js";
export { KeyError, keyNames, loadKey, openKey, saveKey, saveSealedKey } from "./keys/keyFolder.js";
export { generateSigner, publicKeyOf, type Signer, signerOf } from "./keys/Signer.js";
export { signCommand } from "./keys/signCommand.js";
export { StoreError } from "./ledger/Store.js";
/** Moves a ledger between two stores; `openStore` opens them. */
export { type Copied, type CopyOptions, type CopyRefused, copyLedger } from "./store/copyLedger.js";
export { openStore } from "./store/openStore.js";
export type { CommandData, CommandType, Event, Policy, ReplayReport, Result };
/** The categories whose states `state` gives: what deciders see of a run, a document, a principal, a content and its redaction. */
export { contentCategory, documentCategory, ledgerCategory, principalCategory, redactionCategory, runCategory };

export interface OpenOptions {
  /** Make a new, empty ledger where there is none. Default false: a missing ledger is an error. */
  readonly create?: boolean;
  /** Of a ledger on EventStoreDB: the Postgres database of its copy and its projections, `postgres://user@host:port/database`. */
  readonly postgres?: string;
  /** The ledger's clock: RFC 3339 in UTC with milliseconds. Default: the system's. */
  readonly clock?: () => string;
  /** Ids of commands, documents and runs. Default: random UUIDs. */
  readonly newId?: () => string;
  /** Salts of contents. Default: random. */
  readonly newSalt?: () => Uint8Array;
}

export interface SubmitOptions {
  /** The command's id. Give the same one again to ask the same thing again, after a timeout say. Default: a new one. */
  readonly id?: string;
  /** The id of the event or command that led to this one. */
  readonly cause?: string;
}

/** An open ledger. Safe to use from several callers at once, and from several processes on one ledger. */
export interface GovernedLedger {
  readonly store: Store;
  /** The database of the projections, for plain SQL. Call `catchUp` first to see the newest. */
  readonly sql: Sql;
  /** What can be asked; each question sees the newest event. */
  readonly query: Queries;
  /** The ledger's id and origin, or null before `init`. */
  identity(): Promise<{ readonly ledger: string; readonly origin: string } | null>;
  /** Opens a new ledger with its root of trust: the sovereign who signs this, the policy, and this program's writers. */
  init(options: InitOptions): Promise<Result>;
  /** Signs a command and submits it. A wrong type or field does not compile. */
  submit<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    signer: Signer,
    options?: SubmitOptions,
  ): Promise<Result>;
  /** What a command would be answered now, without asking for it to be done: nothing is written. */
  consider<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    signer: Signer,
  ): Promise<Decision | Extract<Result, { kind: "malformed" }>>;
  /** Cuts a run's text into a plan, stores it, and asks the ledger to take it. */
  planRun(run: string, signer: Signer, options?: PlanOptions): Promise<PlannedRun>;
  /** Works a planned cut out on an overlay, proves that nothing was written meanwhile, and asks the ledger to record both. */
  dryRun(run: string, signer: Signer): Promise<DryRun>;
  /** What an envelope that was signed elsewhere would be answered now: nothing is written. */
  considerEnvelope(envelope: Uint8Array): Promise<Decision | Extract<Result, { kind: "malformed" }>>;
  /**
   * Proves that an operation of a run writes nothing: on Postgres as iu_reader in READ ONLY transactions, on a SQLite file through a connection that
   * may only read. Records the report, signed by an operator, unless told otherwise.
   */
  prove(run: string, operation: ProvenOperation, signer: Signer, options?: ProveOptions): Promise<ProvedRun>;
  /** Submits an envelope that was signed elsewhere (DSSE, canonical bytes). */
  submitEnvelope(envelope: Uint8Array): Promise<Result>;
  /** Stores bytes under a new salt; answers the commitment that commands name them by. */
  putContent(bytes: Uint8Array): Promise<string>;
  content(commitment: string): Promise<Content | undefined>;
  /** The state of a stream, folded from its events: what deciders see. */
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
  /** Brings the projections up to the newest event. */
  catchUp(): Promise<void>;
  /** Rebuilds the projections from the events in shadow, says what differs, and swaps them in. */
  rebuild(options?: RebuildOptions): Promise<Rebuilt>;
  /** An auditor's check of everything, from the first event on; see `ReplayReport`. Changes nothing. */
  replay(options?: ReplayOptions): Promise<ReplayReport>;
  /** Every event once, in order, typed, as they come. Ends when the signal aborts. */
  follow(from: number, signal: AbortSignal): AsyncIterable<FollowedEvent>;
  now(): string;
  newId(): string;
  close(): Promise<void>;
}

/** An event with its place, as a type and as the leaf bytes it was read from. */
export interface FollowedEvent {
  readonly position: number;
  readonly event: Event;
  readonly bytes: Uint8Array;
}

export interface InitOptions {
  readonly name: string;
  /** What checkpoints will name the log by, such as `ledger.example/acme`. */
  readonly origin: string;
  readonly sovereign: { readonly name: string; readonly signer: Signer };
  readonly policy?: Policy;
  /** The ledger's id: part of every signed command. Default: a new one. */
  readonly ledger?: string;
}

/**
 * Opens the ledger in a SQLite file (a path, or `sqlite:<path>`), in a Postgres database (`postgres://user@host:port/database`), or in a
 * stream of an EventStoreDB cluster (`esdb://host:2113?stream=iu-acme`, with `postgres`). Throws `StoreError` with code, numbers and next step.
 */
export async function openLedger(url: string, options: OpenOptions = {}): Promise<GovernedLedger> {
  const { create = false, postgres } = options;
  const store = await openStore(url, { create, ...(postgres === undefined ? {} : { postgres }) });
  // Of a ledger on a cluster the copy is what a proof reads: what is written anywhere shows there.
  const reading = () => openStore(postgres ?? url, { readOnly: true, role: "iu_reader" });
  return compose(store, store.sql, { ...options, reading });
}

/** Audits who may do what in the Postgres database of a URL; changes nothing. `recordGrantAudit` puts the report on the ledger. */
export async function auditGrants(url: string, options: AuditOptions): Promise<GrantAuditReport> {
  // Loaded when asked for: whoever only writes need not wait for an auditor's code.
  return (await import("./grants/auditGrants.js")).auditGrants(url, options);
}

/** What the read models' database cannot do is said as what the ledger cannot do. */
function rethrow(error: unknown): never {
  throw storeErrorOf(error);
}

/** Puts a ledger together over a given store and the database of its projections. */
export function compose(
  store: Store,
  sql: Sql,
  options: OpenOptions & {
    /** Opens the same ledger again, for reading only. */
    readonly reading?: () => Promise<Store & { readonly sql: Sql }>;
  } = {},
): GovernedLedger {
  const now = options.clock ?? (() => new Date().toISOString());
  const newId = options.newId ?? randomUUID;
  const newSalt = options.newSalt ?? (() => randomBytes(saltSize));
  const engine = createLedger({
    store,
    decide,
    parseCommand,
    clock: now,
    pause: (attempt) => setTimeout(Math.random() * Math.min(2 ** attempt, 200)),
    parseEvent: (bytes) => decodeEvent(parseEvent(bytes)) as Envelope,
  });
  let known: { ledger: string; origin: string } | null = null;

  async function identity() {
    if (known !== null) return known;
    const { ledger, origin } = await engine.state(ledgerCategory, ledgerKey);
    if (ledger !== null && origin !== null) known = { ledger, origin };
    return known;
  }

  async function signed<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    signer: Signer,
    { id, cause }: SubmitOptions = {},
  ) {
    const ledger = (await identity())?.ledger ?? "none";
    return signedOrMalformed(() =>
      signCommand(type, data, { id: id ?? newId(), ledger, at: now(), cause: cause ?? null }, signer),
    );
  }

  /** Submits; what a redaction names is erased when its events are on the ledger, and not before. */
  async function submitted(envelope: Uint8Array): Promise<Result> {
    const result = await engine.submit(envelope);
    if (!isYes(result)) return result;
    const { state } = engine;
    const vouched = async () => {
      const { vouch } = await import("./replay/vouch.js");
      const objection = await vouch(store);
      return objection === null ? null : `position ${objection.position}: ${objection.message}`;
    };
    const catchingUp = () => catchUpOrWait(store, sql);
    await eraseRedacted({ state, content: store.content, catchUp: catchingUp, vouch: vouched }, envelope);
    return result;
  }

  const ledger: GovernedLedger = {
    store,
    sql,
    identity,
    async submit(type, data, signer, submitOptions) {
      const envelope = await signed(type, data, signer, submitOptions);
      if ("kind" in envelope) return envelope;
      const result = await submitted(envelope);
      // Asked again, it is signed again, at another time: what was first signed under the id is what it asks about.
      if (submitOptions?.id === undefined || result.kind !== "refused" || result.code !== "COMMAND_ID_REUSED")
        return result;
      const first = (await store.command(submitOptions.id))?.envelope;
      return first !== undefined && sameIntent(first, envelope) ? submitted(first) : result;
    },
    async consider(type, data, signer) {
      const envelope = await signed(type, data, signer);
      return "kind" in envelope ? envelope : engine.consider(envelope);
    },
    planRun: (run, signer, planOptions) => planRun(ledger, run, signer, planOptions),
    dryRun: (run, signer) => dryRun(ledger, run, signer),
    async prove(run, operation, signer, proveOptions) {
      const { proveRun } = await import("./client/proveRun.js");
      // What was not opened by its URL cannot be opened again: then nothing keeps the operation from writing, and the proof says so.
      const open = options.reading ?? (async () => ({ ...store, sql, close: async () => undefined }));
      return proveRun(ledger, open, run, operation, signer, proveOptions).catch(rethrow);
    },
    submitEnvelope: submitted,
    considerEnvelope: (envelope) => engine.consider(envelope),
    async init({ name, origin, sovereign, policy = embeddedPolicy, ledger = newId() }) {
      const { signer } = sovereign;
      const data: CommandData<"OpenLedger"> = {
        name,
        origin,
        sovereign: { principal: signer.principal, name: sovereign.name, key: publicKeyOf(signer.privateKey) },
        policy,
        writers: [...writersLock],
      };
      const envelope = signedOrMalformed(() =>
        signCommand("OpenLedger", data, { id: newId(), ledger, at: now() }, signer),
      );
      return "kind" in envelope ? envelope : engine.submit(envelope);
    },
    async putContent(bytes) {
      const salt = newSalt();
      const commitment = commitContent(salt, bytes);
      await store.content.put(commitment, { salt, bytes });
      return commitment;
    },
    content: (commitment) => store.content.get(commitment),
    state: (category, key) => engine.state(category, key),
    query: queriesOf({
      store,
      sql,
      content: (commitment) => store.content.get(commitment),
      now,
      catchUp: () => catchUpOrWait(store, sql),
    }),
    catchUp: () => catchUpOrWait(store, sql).catch(rethrow),
    rebuild: (rebuildOptions) => rebuild(store, sql, rebuildOptions).catch(rethrow),
    async replay(replayOptions = {}) {
      // Loaded when asked for: whoever only writes need not wait for an auditor's code.
      const { replay } = await import("./replay/replay.js");
      const { compareDatabase } = await import("./replay/compareDatabase.js");
      const { compareProjections } = await import("./replay/compareProjections.js");
      const { readCheckpoints } = await import("./checkpoints/stored.js");
      const means = {
        projections: compareProjections(store, sql),
        database: compareDatabase(sql),
        checkpoints: () => readCheckpoints(sql),
        now: now(),
      };
      return replay(store, { ...means, ...replayOptions });
    },
    async *follow(from, signal) {
      for await (const { position, bytes } of store.follow(from, signal)) {
        yield { position, event: decodeEvent(parseEvent(bytes)), bytes };
      }
    },
    now,
    newId,
    async close() {
      await engine.close();
    },
  };
  return ledger;
}

function isYes(result: Result): boolean {
  return (result.kind === "duplicate" ? result.first : result).kind === "committed";
}

/** The envelope; or, of data that cannot be signed as it is (half a character, a fraction), which field is at fault. */
function signedOrMalformed(sign: () => Uint8Array): Uint8Array | Extract<Result, { kind: "malformed" }> {
  try {
    return sign();
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error;
    const at = error.at.replace(/^\$/, "command");
    return { kind: "malformed", at, message: error.why, next: "Correct that field and sign again." };
  }
}
