/**
 * The decider of the whole ledger: from a signed command and the world to facts or a "no". Pure: the same command on the same
 * states decides the same for ever, which is how replay proves that every event was allowed.
 */
import { keyidOf } from "../src/events/dsse.js";
import { type Decision, refused, type SignedCommand, type World } from "../src/ledger/Decision.js";
import { authorise, isSignedBy } from "./authorise.js";
import { decideBackup } from "./backup.js";
import type { Command } from "./Command.js";
import { decideDeadLetter } from "./deadLetter.js";
import { decideDocument } from "./document.js";
import { decideExecution } from "./execution.js";
import { decideGrantAudit } from "./grantAudit.js";
import { fitted } from "./leafSize.js";
import { decideLedger } from "./ledger.js";
import { decideLog } from "./log.js";
import { decidePolicy } from "./policy.js";
import { decidePrincipal, weakKeyRefusal } from "./principal.js";
import { decideProof } from "./proof.js";
import { decideRedaction } from "./redaction.js";
import { decideRun } from "./run/decide.js";
import { untimely } from "./untimely.js";
import { decideWriter } from "./writer.js";

/** Decides a command that `parseCommand` has passed. */
export function decide(signed: SignedCommand, world: World): Decision {
  return fitted(decideAny(signed, world));
}

function decideAny(signed: SignedCommand, world: World): Decision {
  const command = signed.command as Command;
  if (command.type === "OpenLedger") return open(command, signed, world);
  const refusal = authorise(signed, world) ?? untimely(signed, world.now);
  if (refusal !== null) return refusal;
  switch (command.type) {
    case "RegisterPrincipal":
    case "RotateKey":
    case "RevokePrincipal":
      return decidePrincipal(command, world);
    case "AdoptPolicy":
      return decidePolicy(command, world);
    case "AdoptLogKey":
    case "StartIncarnation":
      return decideLog(command, world);
    case "RatifyWriter":
    case "RetireWriter":
      return decideWriter(command, world);
    case "ArmExecution":
    case "DisarmExecution":
      return decideExecution(command, world);
    case "PinBackupRecipients":
    case "RecordBackup":
      return decideBackup(command, world);
    case "RegisterDocument":
    case "ReviseDocument":
      return decideDocument(command, world);
    case "RecordGrantAudit":
      return decideGrantAudit(command, world);
    case "RecordProof":
      return decideProof(command, world);
    case "RequestRedaction":
    case "RuleRedaction":
    case "RedactContent":
      return decideRedaction(command, world);
    case "RecordDeadLetter":
      return decideDeadLetter(command, world);
    default:
      return decideRun(command, signed, world);
  }
}

/** The first command is signed with the key it brings: that key is the root of trust an auditor pins. */
function open(command: Extract<Command, { type: "OpenLedger" }>, signed: SignedCommand, world: World): Decision {
  const { principal, key } = command.data.sovereign;
  const own = command.actor === principal && signed.keyid === key.keyid && keyidOf(key.public) === key.keyid;
  if (!own || !isSignedBy(signed, key.public)) {
    return {
      ...refused(
        "SIGNATURE_WRONG",
        "The first command must be signed by the sovereign it names, with the key it brings.",
        { actor: command.actor, keyid: signed.keyid },
        "Sign it with that key.",
      ),
      record: false,
    };
  }
  const no = weakKeyRefusal(key) ?? untimely(signed, world.now);
  // Before there is a ledger nothing is recorded on it.
  return no === null ? decideLedger(command, world) : { ...no, record: false };
}
