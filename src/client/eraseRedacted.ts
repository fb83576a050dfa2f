/**
 * The erasing itself: once a redaction is on the ledger as carried out, the bytes and salts of its contents go. Whoever crashes in between
 * sends the command again, under any id: what is erased already stays so. Must never erase what the ledger does not say was redacted.
 */
import { contentCategory, redactionCategory } from "../../commands/redaction.js";
import { openEnvelope } from "../events/dsse.js";
import type { Category } from "../ledger/Decision.js";
import { type ContentStore, StoreError } from "../ledger/Store.js";

export interface Erasing {
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
  readonly content: ContentStore;
  /** Brings the read models up to the newest event. */
  catchUp(): Promise<void>;
  /** The first thing an auditor finds wrong with who signed what, and whether it was allowed; null where nothing is. */
  vouch(): Promise<string | null>;
}

/**
 * After an answer to a command: if it was `RedactContent` and the ledger has it as carried out, erases what it names. Answers how many
 * contents were still there. Throws `StoreError` where the store cannot erase: the redaction stands, and the command can be sent again.
 */
export async function eraseRedacted(
  { state, content, catchUp, vouch }: Erasing,
  envelope: Uint8Array,
): Promise<number> {
  const redaction = redactionIn(envelope);
  if (redaction === null) return 0;
  const { request, executed } = await state(redactionCategory, redaction);
  if (!executed || request === null) return 0;
  // What is erased cannot be put back, and a request or ruling could have been put into the store by somebody who may not ask or rule.
  const wrong = await vouch();
  if (wrong !== null) {
    throw new StoreError("CORRUPT", `nothing was erased under redaction ${redaction}: ${wrong}`, {
      next: "Stop writing, and see what was changed: iu-ledger replay",
    });
  }
  // First what the read models have of it, headings: the erasing of the content overwrites the disk's copies of both. If they cannot
  // follow, the content must go all the same.
  await catchUp().catch(() => undefined);
  let erased = 0;
  for (const commitment of request.contents) {
    if ((await state(contentCategory, commitment)).redaction === null) continue;
    try {
      if (await content.erase(commitment)) erased++;
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause;
      const message = `redaction ${redaction} is on the ledger; content ${commitment.slice(0, 12)}… could not be erased: ${cause.message}`;
      const next = `Mend that, then erase what is left: iu-ledger redaction execute ${redaction}`;
      throw new StoreError(cause.code, message, { next, cause });
    }
  }
  return erased;
}

/** The redaction an envelope asks to carry out, or null. */
function redactionIn(envelope: Uint8Array): string | null {
  const opened = openEnvelope(envelope);
  if (!opened.ok) return null;
  try {
    const { type, data } = JSON.parse(Buffer.from(opened.payload).toString("utf8")) as {
      type?: unknown;
      data?: { redaction?: unknown };
    };
    return type === "RedactContent" && typeof data?.redaction === "string" ? data.redaction : null;
  } catch {
    return null;
  }
}
