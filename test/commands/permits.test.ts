/** The table of who may say what: every command, every role, every kind; whoever is not named is denied before anything is decided. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { authorise, permits } from "../../commands/authorise.js";
import { type Command, type CommandType, commands } from "../../commands/Command.js";
import { principalKind, role as roles } from "../../src/events/fields.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { signerOf } from "./cast.js";
import { until } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("permits");
const types = Object.keys(commands) as CommandType[];

/** DESIGN section 4, as said there: the roles, and whether only a human will do. */
const table: Record<CommandType, readonly [roles: string, human: boolean]> = {
  OpenLedger: ["sovereign", true],
  RegisterPrincipal: ["admin sovereign", true],
  RotateKey: ["admin sovereign", true],
  RevokePrincipal: ["admin sovereign", true],
  AdoptPolicy: ["sovereign", true],
  RatifyWriter: ["sovereign", true],
  RetireWriter: ["sovereign", true],
  AdoptLogKey: ["sovereign", true],
  StartIncarnation: ["sovereign", true],
  PinBackupRecipients: ["sovereign", true],
  RecordBackup: ["operator", false],
  RegisterDocument: ["editor", false],
  ReviseDocument: ["editor", false],
  OpenRun: ["orchestrator", false],
  AssessTarget: ["orchestrator", false],
  PlanCut: ["orchestrator", false],
  DryRun: ["orchestrator", false],
  RequestGate: ["orchestrator editor", false],
  RuleGate: ["sovereign", true],
  ArmExecution: ["sovereign", true],
  DisarmExecution: ["any", false],
  ExecuteCut: ["executor", false],
  RecordLegB: ["writer", false],
  RecordVerify: ["verifier", false],
  ResolveTransition: ["reviewer", true],
  ReviewRun: ["reviewer", false],
  EnactRun: ["sovereign", true],
  PlanCompensation: ["any", false],
  Compensate: ["executor", false],
  RecordCompensationB: ["writer", false],
  VerifyCompensation: ["verifier", false],
  HoldRun: ["any", false],
  ReleaseHold: ["any", false],
  AbandonRun: ["any", false],
  RecordGrantAudit: ["operator", false],
  RecordProof: ["operator", false],
  RequestRedaction: ["operator editor admin", false],
  RuleRedaction: ["sovereign", true],
  RedactContent: ["operator", false],
  RecordDeadLetter: ["operator", false],
};

test("the table is the one that was designed, and covers every command", () => {
  const written = Object.fromEntries(
    types.map((type) => [
      type,
      [permits[type].roles === "any" ? "any" : permits[type].roles.join(" "), permits[type].human],
    ]),
  );
  assert.equal(written, table);
});

/** Somebody of that kind with that one role: as a fact, since no command makes an agent sovereign. */
function withSomebody(kind: string, role: string): Situation {
  const data = {
    principal: "nora",
    kind,
    name: "Nora",
    roles: [role],
    responsible: kind === "human" ? "nora" : "sofia",
    key: publicKeyOf(signerOf("nora").privateKey),
  };
  return until("open").and({ stream: "principal-nora", type: "PrincipalRegistered", data });
}

for (const kind of principalKind.options) {
  for (const role of roles.options) {
    test(`a ${kind} with the role ${role} may say what the table gives it, and nothing else`, () => {
      const here = withSomebody(kind, role);
      const { signed } = here.when("DisarmExecution", { run: null, reason: "anything" }, { by: signerOf("nora") });
      for (const type of types) {
        const [named, human] = table[type];
        // Only the type is looked at: what the command would do is not decided before who asks for it.
        const command = { ...signed, command: { ...(signed.command as Command), type } };
        const refusal = authorise(command as typeof signed, here.world(here.now));
        const expected =
          human && kind !== "human"
            ? "HUMAN_REQUIRED"
            : named === "any" || named.split(" ").includes(role)
              ? undefined
              : "ROLE_REQUIRED";
        assert.is(refusal?.code, expected, `${type} by a ${kind} ${role}`);
        if (refusal !== null) assert.is(refusal.record, true);
      }
    });
  }
}

test.run();
