/**
 * One message of commands, worked out: answered, no command at all, or trouble that is nobody's answer. Everything that is said in it is
 * checked here or by the engine; the broker is trusted with nothing. Must never put a content for somebody the ledger would not listen to, nor
 * one that was erased by authority, whoever sends it.
 */
import { parseCommand } from "../../commands/Command.js";
import { contentCategory } from "../../commands/redaction.js";
import { sha256Hex } from "../events/canonical.js";
import type { Category, Decision, Result } from "../ledger/Decision.js";
import { readCommand } from "../ledger/readCommand.js";
import type { Store } from "../ledger/Store.js";
import { mayPass } from "./backOff.js";
import { type ReadContents, readContents } from "./commandMessage.js";
import type { Poison } from "./deadMessage.js";
import type { IncomingMessage } from "./RawMessage.js";

/** What a worker needs of an open ledger to answer commands. */
export interface CommandLedger {
  readonly store: Pick<Store, "command" | "content">;
  /** The state of a stream, as of the newest event. */
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
  submitEnvelope(envelope: Uint8Array): Promise<Result>;
  considerEnvelope(envelope: Uint8Array): Promise<Decision | Extract<Result, { kind: "malformed" }>>;
}

/** Why a message waits: trouble of this place, told as such and tried again. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

export type Handled =
  | {
      readonly kind: "answered";
      readonly command: { readonly id: string; readonly type: string; readonly actor: string };
      readonly envelope: string;
      readonly result: Result;
    }
  /** `command` is its id, where that much could be read: then the sender can be told. */
  | {
      readonly kind: "poison";
      readonly poison: Poison;
      readonly command: string | null;
      readonly envelope: string;
      readonly result: Result;
    }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

/** Works a message out. Throws only what will not pass: a damaged ledger, a bug. */
export async function handleCommand(ledger: CommandLedger, message: IncomingMessage): Promise<Handled> {
  const { value } = message;
  if (value === null) return poison({ code: "NO_VALUE", message: "the message has no value" }, null, sha256Hex(""));
  const envelope = sha256Hex(value);
  const read = readCommand(value, parseCommand);
  if ("kind" in read) {
    const reason = `${read.at}: ${read.message}`;
    return { kind: "poison", poison: { code: "MALFORMED", message: reason }, command: null, envelope, result: read };
  }
  const { command } = read.signed;
  const brought = readContents(message.headers, "data" in command ? command.data : undefined);
  if (!brought.ok) return poison(brought, command.id, envelope);
  try {
    await putContents(ledger, value, command.id, brought.contents);
    const result = await ledger.submitEnvelope(value);
    const trouble = troubleOf(result);
    if (trouble !== null) return { kind: "trouble", trouble };
    return {
      kind: "answered",
      command: { id: command.id, type: command.type, actor: command.actor },
      envelope,
      result,
    };
  } catch (error) {
    if (!mayPass(error)) throw error;
    const { code, message: why, next } = error as Error & Trouble;
    return { kind: "trouble", trouble: { code, message: why, next } };
  }
}

function poison({ code, message }: Poison, command: string | null, envelope: string): Handled {
  const result: Result = {
    kind: "malformed",
    at: "message",
    message,
    next: "Make the message with commandMessage(envelope, { document, contents }) and send it again.",
  };
  return { kind: "poison", poison: { code, message }, command, envelope, result };
}

/** Answers that say nothing of the command: it is asked again. */
function troubleOf(result: Result): Trouble | null {
  if (result.kind === "conflict")
    return {
      code: "CONFLICT",
      message: `others kept writing to ${result.stream}; given up after ${result.attempts} attempts`,
      next: result.next,
    };
  if (result.kind === "unknown") return { code: "UNKNOWN_OUTCOME", message: result.message, next: result.next };
  // Of this machine's clock, or of a ledger that is not one yet: not of the command.
  if (result.kind === "refused" && result.position === null && notOfTheCommand.includes(result.code))
    return { code: result.code, message: result.message, next: result.next };
  return null;
}

const notOfTheCommand: readonly string[] = ["CLOCK_BEHIND", "LEDGER_NOT_OPEN"];

/**
 * Stores what came along, but only where the command would be done without it or lacks nothing else: anyone could fill the store otherwise. A
 * command that the ledger knows needs nothing more; its text may even have been erased since, and must not come back with a message that is
 * delivered again. Nor with a new one: what was erased by authority is never put.
 */
async function putContents(
  ledger: CommandLedger,
  envelope: Uint8Array,
  id: string,
  contents: Extract<ReadContents, { ok: true }>["contents"],
): Promise<void> {
  if (contents.length === 0 || (await ledger.store.command(id)) !== undefined) return;
  const decision = await ledger.considerEnvelope(envelope);
  if (decision.kind === "malformed") return;
  if (decision.kind === "refused" && decision.code !== "CONTENT_MISSING") return;
  const redacted = async (commitment: string) => (await ledger.state(contentCategory, commitment)).redaction !== null;
  for (const { commitment, salt, bytes } of contents) {
    if (await redacted(commitment)) continue;
    await ledger.store.content.put(commitment, { salt, bytes });
    // Redacted in between, its erasing may have come before this put: it is on the ledger then, and seen here.
    if (await redacted(commitment)) await ledger.store.content.erase(commitment);
  }
}
