/**
 * Records on the ledger that a message was set aside: once, under the worker's own name, whichever worker finds it again and however often. It
 * comes before the message is let go, so that a crash repeats and loses nothing.
 */
import type { CommandData } from "../../commands/Command.js";
import { deadLetterKey } from "../../commands/deadLetter.js";
import { sha256Hex } from "../events/canonical.js";
import { uuidV5 } from "../events/uuid.js";
import type { Signer } from "../keys/Signer.js";
import type { Decision, Result } from "../ledger/Decision.js";
import type { Poison } from "./deadMessage.js";
import type { Trouble } from "./handleCommand.js";
import type { IncomingMessage } from "./RawMessage.js";

/** What recording needs of an open ledger. */
export interface RecordingLedger {
  submit(
    type: "RecordDeadLetter",
    data: CommandData<"RecordDeadLetter">,
    signer: Signer,
    options?: { readonly id?: string },
  ): Promise<Result>;
  consider(
    type: "RecordDeadLetter",
    data: CommandData<"RecordDeadLetter">,
    signer: Signer,
  ): Promise<Decision | Extract<Result, { kind: "malformed" }>>;
  newId(): string;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Records it; null where that is done (now or before), else the trouble that kept it from being. */
export async function recordDeadLetter(
  ledger: RecordingLedger,
  signer: Signer,
  { topic, partition }: Place,
  message: IncomingMessage,
  { code }: Poison,
): Promise<Trouble | null> {
  const value = message.value ?? new Uint8Array();
  const data: CommandData<"RecordDeadLetter"> = {
    topic,
    partition,
    offset: Number(message.offset),
    digest: sha256Hex(value),
    size: value.length,
    code,
  };
  // Looked at first: a worker without the right must not fill the ledger with refusals at every try.
  const considered = await ledger.consider("RecordDeadLetter", data, signer);
  if (considered.kind !== "accepted") return troubled(considered);
  // The same message, found again by the same worker, is the same command.
  const id = uuidV5(deadLetterKey(data), signer.principal);
  const first = await ledger.submit("RecordDeadLetter", data, signer, { id });
  if (isYes(first)) return null;
  // The id may have been used up by an attempt that was refused then, or by somebody else.
  const again = await ledger.submit("RecordDeadLetter", data, signer, { id: ledger.newId() });
  return isYes(again) ? null : troubled(again);
}

function isYes(result: Result): boolean {
  return result.kind === "committed" || (result.kind === "duplicate" && result.first.kind === "committed");
}

function troubled(answer: Decision | Result): Trouble {
  const why = "message" in answer ? answer.message : `it was answered ${answer.kind}`;
  return {
    code: "DEAD_LETTER_NOT_RECORDED",
    message: `a message that is no command waits, since it cannot be recorded: ${why}`,
    next:
      "next" in answer && answer.next !== "" ? answer.next : "Look at the worker's principal: iu-ledger principal list",
  };
}
