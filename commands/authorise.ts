/** Who may say what: the signature, the principal in force, and one table of roles. Comes before every decision. */
import { verifyEnvelope } from "../src/events/dsse.js";
import { aPrincipal, type Role } from "../src/events/fields.js";
import { type Refused, refused, type SignedCommand, type World } from "../src/ledger/Decision.js";
import type { CommandType } from "./Command.js";
import { ledgerCategory, ledgerKey } from "./ledger.js";
import { principalCategory } from "./principal.js";

/** `any`: any role will do. `human`: no agent or service, whatever its roles. */
export interface Permit {
  readonly roles: readonly Role[] | "any";
  readonly human: boolean;
}

const by = (...roles: Role[]): Permit => ({ roles, human: false });
const byHuman = (...roles: Role[]): Permit => ({ roles, human: true });
const anyone: Permit = { roles: "any", human: false };

/** Command type → who. `OpenLedger` brings its own sovereign. */
export const permits: Readonly<Record<CommandType, Permit>> = {
  OpenLedger: byHuman("sovereign"),
  RegisterPrincipal: byHuman("admin", "sovereign"),
  RotateKey: byHuman("admin", "sovereign"),
  RevokePrincipal: byHuman("admin", "sovereign"),
  AdoptPolicy: byHuman("sovereign"),
  RatifyWriter: byHuman("sovereign"),
  RetireWriter: byHuman("sovereign"),
  AdoptLogKey: byHuman("sovereign"),
  StartIncarnation: byHuman("sovereign"),
  PinBackupRecipients: byHuman("sovereign"),
  RecordBackup: by("operator"),
  RegisterDocument: by("editor"),
  ReviseDocument: by("editor"),
  OpenRun: by("orchestrator"),
  AssessTarget: by("orchestrator"),
  PlanCut: by("orchestrator"),
  DryRun: by("orchestrator"),
  RequestGate: by("orchestrator", "editor"),
  RuleGate: byHuman("sovereign"),
  ArmExecution: byHuman("sovereign"),
  DisarmExecution: anyone,
  ExecuteCut: by("executor"),
  RecordLegB: by("writer"),
  RecordVerify: by("verifier"),
  ResolveTransition: byHuman("reviewer"),
  ReviewRun: by("reviewer"),
  EnactRun: byHuman("sovereign"),
  PlanCompensation: anyone,
  Compensate: by("executor"),
  RecordCompensationB: by("writer"),
  VerifyCompensation: by("verifier"),
  HoldRun: anyone,
  ReleaseHold: anyone,
  AbandonRun: anyone,
  RecordGrantAudit: by("operator"),
  RecordProof: by("operator"),
  RequestRedaction: by("operator", "editor", "admin"),
  RuleRedaction: byHuman("sovereign"),
  RedactContent: by("operator"),
  RecordDeadLetter: by("operator"),
};

/** Why the command may not be said by whoever signed it, or null. */
export function authorise(signed: SignedCommand, world: World): Refused | null {
  const { type, actor, ledger } = signed.command;
  const here = world.state(ledgerCategory, ledgerKey).ledger;
  if (here === null) {
    return unheard(refused("LEDGER_NOT_OPEN", "This ledger has not been opened.", {}, "iu-ledger init"));
  }
  if (ledger !== here) {
    return unheard(
      refused(
        "WRONG_LEDGER",
        `The command is for the ledger ${ledger}; this is ${here}.`,
        { ledger: here, given: ledger },
        "Send it to the ledger it was signed for.",
      ),
    );
  }
  const principal = world.state(principalCategory, actor);
  if (principal.principal === null) {
    return unheard(
      refused(
        "PRINCIPAL_UNKNOWN",
        `${actor} is not registered on this ledger.`,
        { actor },
        "'iu-ledger principal list' shows who is; an admin registers others.",
      ),
    );
  }
  if (principal.revoked)
    return unheard(
      refused("PRINCIPAL_REVOKED", `${actor} has been revoked.`, { actor }, "Ask an admin for a new principal."),
    );
  const key = principal.keys.find((one) => one.keyid === signed.keyid);
  if (key === undefined) {
    return unheard(
      refused(
        "KEY_UNKNOWN",
        `${signed.keyid} is not a key in force of ${actor}.`,
        { actor, keyid: signed.keyid, inForce: principal.keys.length },
        "Sign with a key in force; 'iu-ledger principal list' shows them.",
      ),
    );
  }
  if (!isSignedBy(signed, key.public)) {
    return unheard(
      refused(
        "SIGNATURE_WRONG",
        `The signature is not that of ${actor}'s key ${key.keyid} over these bytes.`,
        { actor, keyid: key.keyid },
        "Sign the command's canonical bytes with that key.",
      ),
    );
  }
  if (principal.responsible !== actor && world.state(principalCategory, principal.responsible).revoked) {
    return refused(
      "RESPONSIBLE_REVOKED",
      `${principal.responsible}, who answered for ${actor}, has been revoked; nobody answers for it now.`,
      { actor, responsible: principal.responsible },
      "Register a new principal that a human in force answers for.",
    );
  }
  const permit = permits[type as CommandType];
  if (permit.human && principal.kind !== "human") {
    return refused(
      "HUMAN_REQUIRED",
      `${type} is for humans; ${actor} is ${aPrincipal(principal.kind)}.`,
      { actor, kind: principal.kind, type },
      `Ask a human ${permit.roles === "any" ? "" : permit.roles.join(" or ")}.`,
    );
  }
  if (permit.roles !== "any" && !permit.roles.some((role) => principal.roles.includes(role))) {
    return refused(
      "ROLE_REQUIRED",
      `${type} needs the role ${permit.roles.join(" or ")}; ${actor} has ${principal.roles.join(", ")}.`,
      { actor, type, needs: permit.roles.join(","), has: principal.roles.join(",") },
      "Act as a principal with that role.",
    );
  }
  return null;
}

const verified = new WeakMap<SignedCommand, string>();

/** A signature over the same object is checked once: a decision is started again for every stream it asks for. */
export function isSignedBy(signed: SignedCommand, publicKey: string): boolean {
  if (verified.get(signed) === publicKey) return true;
  const good = verifyEnvelope(signed, publicKey);
  if (good) verified.set(signed, publicKey);
  return good;
}

/** Answered but not recorded: nobody can be held to it, and anyone could fill the ledger with it. */
function unheard(refusal: Refused): Refused {
  return { ...refusal, record: false };
}
