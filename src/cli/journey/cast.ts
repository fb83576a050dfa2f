/**
 * The people of a new local ledger, for trying out: one for each part in a run, so that nobody who acts also verifies or rules. Their keys
 * all lie in one folder, which is exactly what a ledger in earnest must not do; the journey says so.
 */

import { principalCategory } from "../../../commands/principal.js";
import type { GovernedLedger } from "../../app.js";
import type { PrincipalKind, Role } from "../../events/fields.js";
import { keyNames, loadKey, saveKey } from "../../keys/keyFolder.js";
import { generateSigner, publicKeyOf, type Signer } from "../../keys/Signer.js";

export interface Part {
  readonly id: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** The human who answers for it. */
  readonly responsible: string;
}

export const sovereign: Part = {
  id: "sovereign",
  name: "Local sovereign",
  kind: "human",
  roles: ["sovereign", "admin"],
  responsible: "sovereign",
};

/** Those the sovereign registers. */
export const others: readonly Part[] = [
  { id: "editor", name: "Local editor", kind: "human", roles: ["editor", "reviewer"], responsible: "editor" },
  {
    id: "orchestrator",
    name: "Local orchestrator",
    kind: "agent",
    roles: ["orchestrator", "executor", "writer"],
    responsible: "editor",
  },
  { id: "verifier", name: "Local verifier", kind: "human", roles: ["verifier"], responsible: "verifier" },
];

/** The key of a part: the one in the folder, or a new one saved there. So that a crash between two steps loses no key. */
export function keyOf(folder: string, id: string): Signer {
  if (keyNames(folder).includes(id)) return loadKey(folder, id);
  const signer = generateSigner(id);
  saveKey(folder, signer);
  return signer;
}

/** What registers a part, with the key it signs with. */
export function registrationOf({ id, name, kind, roles, responsible }: Part, signer: Signer) {
  return { principal: id, kind, name, roles: [...roles], responsible, key: publicKeyOf(signer.privateKey) };
}

/** Those of the cast that this ledger has never heard of. */
export async function unregistered(ledger: GovernedLedger): Promise<Part[]> {
  const missing: Part[] = [];
  for (const part of others) {
    if ((await ledger.state(principalCategory, part.id)).principal === null) missing.push(part);
  }
  return missing;
}
