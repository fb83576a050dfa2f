/**
 * Entering what was found: registers a new document, revises one that has changed. The id of a document follows from the ledger and its key in
 * the source, so that two who enter the same at once enter it once.
 */
import type { GovernedLedger } from "../../app.js";
import { wordsMax } from "../../discover/Found.js";
import { uuidV5 } from "../../events/uuid.js";
import type { Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { refusedStop, Stop } from "../output/Problem.js";
import { outcomeOf } from "../output/result.js";
import { signerFor } from "../session/signer.js";
import type { Candidate, Entered } from "./Candidate.js";

export interface Entering {
  readonly signer: string;
  /** Enters a candidate that is new or changed. Throws a {@link Stop} where the next one would fare no better. */
  enter(candidate: Candidate): Promise<Entered>;
}

/** Refusals that concern one document only. */
const ofOne = ["DOCUMENT_EXISTS", "RUN_OPEN", "SAME_BYTES", "CONTENT_TOO_LARGE"];

/** Finds who signs, and whether they may. Throws a {@link Stop} before anything is read. */
export async function entering(context: Context, ledger: GovernedLedger): Promise<Entering> {
  const signer = await signerFor(context, ledger, "RegisterDocument");
  await assertMay(ledger, signer);
  const namespace = (await ledger.identity())?.ledger ?? "";
  return {
    signer: signer.principal,
    async enter({ found: { bytes, key }, known, title: given }) {
      if (bytes === null || key === null) throw new Error("what has no text or no key is blocked");
      const document = known?.document ?? uuidV5(namespace, key);
      const content = await ledger.putContent(bytes);
      const title = given === null || given.trim() === "" ? untitled(key) : given;
      const outcome = outcomeOf(
        known === null
          ? await ledger.submit("RegisterDocument", { document, title, source: key, content }, signer)
          : await ledger.submit("ReviseDocument", { document, content }, signer),
      );
      if (outcome.ok) {
        const position = outcome.done.events[0]?.position ?? null;
        return { done: known === null ? "registered" : "revised", document, position };
      }
      const { code, message } = outcome.problem;
      if (!ofOne.includes(code)) throw new Stop(outcome.problem);
      return { done: "refused", document, code, message };
    },
  };
}

/** The title of what has none and was accepted so: it says that it is none. */
function untitled(key: string): string {
  return `(no title) ${key}`.slice(0, wordsMax);
}

/** Asks what would be answered: a right that is missing would be refused, and recorded, for each document. */
async function assertMay(ledger: GovernedLedger, signer: Signer): Promise<void> {
  const nothing = { document: ledger.newId(), title: "?", source: null, content: "0".repeat(64) };
  const answer = await ledger.consider("RegisterDocument", nothing, signer);
  if (answer.kind !== "refused" || answer.code === "CONTENT_MISSING") return;
  const { code, message, numbers, next } = answer;
  throw refusedStop(code, message, next, numbers);
}
