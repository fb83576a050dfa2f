/** Attackers who have somebody's key, or somebody's signature. The same is asked before by whom it is for, or in time: then it is a yes. */
import { generateSigner, publicKeyOf, type Signer, signCommand } from "../../../src/app.js";
import type { Attack } from "../Attack.js";
import { type Asking, asking, rulingOf } from "../asking.js";
import type { Eye } from "../Eye.js";
import { taking } from "../eyes.js";
import type { Room } from "../room.js";

export const keyAttacks: readonly Attack[] = [
  {
    id: "agent-rules",
    attacker: "has the agent's key: whoever stole it, or the agent itself",
    done: "rules on the gate it asked for, arms execution, cuts; then its human has the key revoked",
    notices: [
      "RuleGate: HUMAN_REQUIRED",
      "ArmExecution: HUMAN_REQUIRED",
      "ExecuteCut: GATE_NOT_RULED",
      "HoldRun, after that: PRINCIPAL_REVOKED",
    ],
    blind: [
      { eye: "HoldRun", why: "a key is whoever holds it: until it is revoked its thief may do what the agent may" },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, key, untouched, noticed, blind } = room;
      const { waiting: run } = facts;
      const agent = key("orchestrator");
      const arming = { run, until: "2026-01-05T21:00:00.000Z", reason: "due" };
      const hold = { run, reason: "to look again" };
      const ask = asking(room);
      const after: Asking = { name: "HoldRun, after that" };
      await untouched(ask("RuleGate", rulingOf(room), key("second")), ask("ArmExecution", arming, key("sovereign")));
      await untouched(ask("HoldRun", hold, agent), ask("HoldRun", hold, agent, after), approvedCut(room));
      await noticed(ask("RuleGate", rulingOf(room), agent, { really: true }), { code: "HUMAN_REQUIRED" });
      await noticed(ask("ArmExecution", arming, agent, { really: true }), { code: "HUMAN_REQUIRED" });
      await noticed(ask("ExecuteCut", { run }, agent, { really: true }), { code: "GATE_NOT_RULED" });
      await blind(ask("HoldRun", hold, agent));
      await done("principal", "revoke", "orchestrator", "--reason", "its key was stolen", "--as", "sovereign");
      await noticed(ask("HoldRun", hold, agent, { ...after, really: true }), { code: "PRINCIPAL_REVOKED" });
    },
  },
  {
    id: "arming-lapsed",
    attacker: "has the agent's key",
    done: "cuts an approved run that is not armed, and one that was armed, when the half hour is over",
    notices: ["ExecuteCut, not armed: EXECUTION_DISARMED", "ExecuteCut, too late: EXECUTION_DISARMED"],
    blind: [{ eye: "ExecuteCut", why: "within the half hour, of this run, as approved: that is what was armed" }],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, clock, key, untouched, noticed, blind } = room;
      const { waiting: run } = facts;
      const cut = (name: string, really = false) =>
        asking(room)("ExecuteCut", { run }, key("orchestrator"), { name, really });
      await approve(room);
      await done("switch", "arm", run, "--reason", "due", "--for", "30m", "--as", "sovereign");
      for (const name of ["ExecuteCut", "ExecuteCut, not armed", "ExecuteCut, too late"]) await untouched(cut(name));
      await done("switch", "disarm", run, "--reason", "not today", "--as", "verifier");
      await noticed(cut("ExecuteCut, not armed", true), { code: "EXECUTION_DISARMED" });
      await done("switch", "arm", run, "--reason", "due", "--for", "30m", "--as", "sovereign");
      await blind(cut("ExecuteCut"));
      clock.skip(0.5);
      await noticed(cut("ExecuteCut, too late", true), { code: "EXECUTION_DISARMED" });
    },
  },
  {
    id: "sovereign-stolen",
    attacker: "has a sovereign's key",
    done: "approves a cut and arms it in the sovereign's name; another sovereign revokes the key",
    notices: ["ExecuteCut: RULER_REVOKED", "ExecuteCut, approved anew: EXECUTION_DISARMED"],
    blind: [
      {
        eye: "ExecuteCut, before the theft is known",
        why: "until somebody misses the key, the ledger cannot know whose hand it is in",
      },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, key, untouched, noticed, blind } = room;
      const { waiting: run } = facts;
      const cut = (name: string, really = false) =>
        asking(room)("ExecuteCut", { run }, key("orchestrator"), { name, really });
      for (const name of ["ExecuteCut", "ExecuteCut, approved anew", "ExecuteCut, before the theft is known"])
        await untouched({ ...approvedCut(room), name });
      const thief = asking(room);
      const ruled = await thief("RuleGate", rulingOf(room), key("second"), { really: true }).look();
      const arming = { run, until: "2026-01-05T21:30:00.000Z", reason: "due" };
      const armed = await thief("ArmExecution", arming, key("second"), { really: true }).look();
      if (ruled.length + armed.length > 0)
        throw new Error(`the thief was stopped: ${JSON.stringify([...ruled, ...armed])}`);
      await blind(cut("ExecuteCut, before the theft is known"));
      await done("principal", "revoke", "second", "--reason", "the key was stolen", "--as", "sovereign");
      await noticed(cut("ExecuteCut", true), { code: "RULER_REVOKED" });
      const { json } = await done("gate", "request", run, "SG_1", "--as", "orchestrator");
      const anew = [String(json["gate"]), "--approve", "--reason", "read again", "--subject", String(json["subject"])];
      await done("gate", "rule", run, ...anew, "--as", "sovereign");
      await noticed(cut("ExecuteCut, approved anew", true), { code: "EXECUTION_DISARMED" });
    },
  },
  {
    id: "command-replayed",
    attacker: "has recorded signed commands on their way",
    done: "sends a used arming again after the switch was put off; keeps another one back, unsent, for a day",
    notices: ["the arming, sent again: duplicate", "the arming, kept back: COMMAND_EXPIRED"],
    blind: [
      {
        eye: "the arming, kept back an hour",
        why: "a signature is good for a day: who may sign today may be sent tomorrow",
      },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { facts, clock, done, key, using, untouched, noticed, blind } = room;
      const { waiting: run } = facts;
      const recorded = (id: string, at: string) =>
        using(async (ledger) => {
          const data = { run, until: new Date(Date.parse(at) + 30 * 60_000).toISOString(), reason: "due" };
          return signCommand(
            "ArmExecution",
            data,
            { id, ledger: (await ledger.identity())?.ledger ?? "", at },
            key("sovereign"),
          );
        });
      const again = await recorded("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f01", clock.now());
      const kept = await recorded("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f02", clock.now());
      const considered = (name: string, envelope: Uint8Array) =>
        taking(name, () => using((ledger) => ledger.considerEnvelope(envelope)));
      const sent = (name: string, envelope: Uint8Array) =>
        taking(name, () => using((ledger) => ledger.submitEnvelope(envelope)));
      await untouched(considered("the arming, kept back an hour", kept), considered("the arming, kept back", kept));
      await untouched(sent("the arming, sent again", again));
      await done("switch", "disarm", run, "--reason", "not today", "--as", "verifier");
      await noticed(sent("the arming, sent again", again), { code: "duplicate" });
      const { json } = await done("switch", "status");
      if (json["armed"] !== false) throw new Error(`the switch is on again: ${JSON.stringify(json)}`);
      await blind(considered("the arming, kept back an hour", kept));
      clock.skip(25);
      await noticed(sent("the arming, kept back", kept), { code: "COMMAND_EXPIRED" });
    },
  },
  {
    id: "admin-takes-over",
    attacker: "is an admin, and no sovereign",
    done: "makes a sovereign of their own, gives a sovereign a new key, revokes one",
    notices: ["RegisterPrincipal: ROLE_REQUIRED", "RotateKey: ROLE_REQUIRED", "RevokePrincipal: ROLE_REQUIRED"],
    blind: [
      {
        eye: "RotateKey of the verifier",
        why: "who hands out keys can act as others; it stands on the ledger in the admin's name",
      },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { key, untouched, noticed, blind } = room;
      const mine = publicKeyOf(generateSigner("mallory").privateKey);
      const mallory = {
        principal: "mallory",
        kind: "human",
        name: "M.",
        roles: ["sovereign"],
        responsible: "mallory",
        key: mine,
      };
      const acts = (by: Signer, really = false) => [
        asking(room)("RegisterPrincipal", { ...mallory, kind: "human", roles: ["sovereign"] }, by, { really }),
        asking(room)("RotateKey", { principal: "second", key: mine, retires: [] }, by, { really }),
        asking(room)("RevokePrincipal", { principal: "second", reason: "none" }, by, { really }),
      ];
      const verifier = (really = false) =>
        asking(room)("RotateKey", { principal: "verifier", key: mine, retires: [] }, key("admin"), {
          name: "RotateKey of the verifier",
          really,
        });
      await untouched(...acts(key("sovereign")), verifier());
      for (const act of acts(key("admin"), true)) await noticed(act, { code: "ROLE_REQUIRED" });
      await blind(verifier(true));
    },
  },
];

/** Approves the waiting run's SG_1. */
async function approve({ facts, done }: Room): Promise<void> {
  const { waiting, gate, subject } = facts;
  await done("gate", "rule", waiting, gate, "--approve", "--reason", "read", "--subject", subject, "--as", "second");
}

/** What ExecuteCut is answered where it was approved and armed as it should be: on a copy, so that the room is left as it was. */
function approvedCut(room: Room): Eye {
  const { facts, hands, done, key } = room;
  return {
    name: "ExecuteCut",
    async look() {
      const copy = await hands.copy();
      await approve(room);
      await done("switch", "arm", facts.waiting, "--reason", "due", "--as", "sovereign");
      const saw = await asking(room)("ExecuteCut", { run: facts.waiting }, key("orchestrator")).look();
      await hands.putBack(copy);
      return saw;
    },
  };
}
