/**
 * The people of a new local ledger, for trying out: one for each side of a run that must not be the same person. Their keys all lie in one
 * folder, which is exactly what a ledger in earnest must not do; whoever makes them says so.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { principalCategory } from "../../../commands/principal.js";
import type { GovernedLedger } from "../../app.js";
import { parseEvent } from "../../events/envelope.js";
import type { PrincipalKind, Role } from "../../events/fields.js";
import { generateSigner, type Signer } from "../../keys/Signer.js";
import type { KeyRing } from "./keyRing.js";

export interface Part {
  readonly principal: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** The human who answers for it. */
  readonly responsible: string;
}

/** One for each side of a run that must not be the same person. The first is the root of trust. */
export const localCast: readonly [Part, ...Part[]] = [
  {
    principal: "sovereign",
    name: "Local sovereign",
    kind: "human",
    roles: ["sovereign", "admin"],
    responsible: "sovereign",
  },
  { principal: "editor", name: "Local editor", kind: "human", roles: ["editor", "reviewer"], responsible: "editor" },
  {
    principal: "orchestrator",
    name: "Local orchestrator",
    kind: "agent",
    roles: ["orchestrator", "executor", "writer"],
    responsible: "editor",
  },
  { principal: "verifier", name: "Local verifier", kind: "human", roles: ["verifier"], responsible: "verifier" },
];

/** What only an init writes. */
const initEvents = ["LedgerOpened", "PrincipalRegistered", "KeyBound", "PolicyAdopted", "WriterRatified"];

/** The principal's key in the folder, or a new one saved there before anything names it, so that a crash loses no key. */
export async function localKey(
  ring: KeyRing,
  folder: string,
  principal: string,
  newSigner = generateSigner,
): Promise<Signer> {
  if (ring.names().includes(principal)) return ring.open(principal);
  const signer = newSigner(principal);
  await ring.save(signer);
  const ignore = join(folder, ".gitignore");
  // A key that slips into version control is everybody's.
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  return signer;
}

/** Those of the cast that this ledger has never heard of. */
export async function unregistered(ledger: GovernedLedger): Promise<Part[]> {
  const missing: Part[] = [];
  for (const part of localCast) {
    if ((await ledger.state(principalCategory, part.principal)).principal === null) missing.push(part);
  }
  return missing;
}

/** Whether an init was interrupted here and nothing else has happened since. */
export async function isOnlyBegun(ledger: GovernedLedger): Promise<boolean> {
  const events = await ledger.store.read(0, 50);
  return (
    events.length < 50 &&
    events
      .map(({ bytes }) => parseEvent(bytes))
      .every(({ type, actor }) => initEvents.includes(type) && actor === localCast[0].principal)
  );
}
