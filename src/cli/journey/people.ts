/**
 * Who acts in a journey: the principals of the ledger whose keys are in the local folder, chosen by role. Which names they have is the
 * ledger's business. Must never pick, for a ruling or a Verify, somebody the ledger would refuse for standing too near.
 */
import { principalCategory } from "../../../commands/principal.js";
import type { GovernedLedger } from "../../app.js";
import type { PrincipalKind, Role } from "../../events/fields.js";
import type { Signer } from "../../keys/Signer.js";
import { refusedStop } from "../output/Problem.js";
import type { KeyRing } from "../session/keyRing.js";
import { withArticle } from "./wording.js";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** The human who answers for it. */
  readonly responsible: string;
  readonly signer: Signer;
}

/** The principals in force whose key is in the folder, in order of their ids. A key that is not in force is passed over. */
export async function readPeople(ledger: GovernedLedger, ring: KeyRing): Promise<Person[]> {
  const people: Person[] = [];
  for (const id of ring.names()) {
    const { principal, kind, name, roles, responsible, keys } = await ledger.state(principalCategory, id);
    if (principal === null) continue;
    const half = ring.half(id);
    if (keys.some(({ keyid }) => keyid === half.keyid)) {
      people.push({ id, name, kind, roles: [...roles], responsible, signer: await ring.open(id) });
    }
  }
  return people;
}

/** "sovereign (human)", "orchestrator (agent)". */
export function described({ id, kind }: Pick<Person, "id" | "kind">): string {
  return `${id} (${kind})`;
}

/** The local principals with one of the roles, humans only where `human`, and nobody that one of `apartFrom` answers for. */
export function peopleWith(
  people: readonly Person[],
  roles: readonly Role[],
  { human = false, apartFrom = [] }: { human?: boolean; apartFrom?: readonly string[] } = {},
): Person[] {
  return people.filter(
    (one) =>
      one.roles.some((role) => roles.includes(role)) &&
      (!human || one.kind === "human") &&
      !apartFrom.includes(one.responsible),
  );
}

/** The first of {@link peopleWith}. Stops the journey, saying who is missing, where there is none. */
export function personWith(
  people: readonly Person[],
  roles: readonly Role[],
  keys: string,
  options: { human?: boolean; apartFrom?: readonly string[] } = {},
): Person {
  const found = peopleWith(people, roles, options)[0];
  if (found !== undefined) return found;
  const who = `${withArticle(options.human === true ? "human" : "principal")} with the role ${roles.join(" or ")}`;
  const apart =
    (options.apartFrom ?? []).length > 0 ? ` for whom ${options.apartFrom?.join(" or ")} does not answer` : "";
  throw refusedStop(
    "KEY_MISSING_FOR_ROLE",
    `The next step needs ${who}${apart}; the keys in ${keys} belong to ${people.map(described).join(", ") || "nobody on this ledger"}.`,
    "Give the folder with such a key with --keys, or let an admin register one: iu-ledger principal add",
    { role: roles.join(" or ") },
  );
}
