/** Attackers with a role of their own who go past what was approved: the ledger's "no" is what notices. */
import { generateSigner, openLedger, publicKeyOf, saveKey } from "../../../src/app.js";
import type { Attack } from "../Attack.js";
import { asking } from "../asking.js";
import { taking } from "../eyes.js";

export const decisionAttacks: readonly Attack[] = [
  {
    id: "stale-plan",
    attacker: "is the editor, together with the agent",
    done: "after SG_1 changes the by-laws under the run, and plans the approved cut by other rules",
    notices: ["ReviseDocument: RUN_OPEN", "ExecuteCut: WRONG_PHASE", "ExecuteCut, tried anew: GATE_STALE"],
    blind: [{ eye: "switch arm", why: "arming is asked for a run, not for a text; the cut asks for both" }],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, key, using, untouched, noticed, blind } = room;
      const { waiting: run, gate, subject, bylaws: document } = facts;
      const another = await using((ledger) =>
        ledger.putContent(Buffer.from("By-laws\n\nArticle 1. Who asks gets a key.\n")),
      );
      const revise = (by: string, of: string, really = false) =>
        asking(room)("ReviseDocument", { document: of, content: another }, key(by), { really });
      await done("gate", "rule", run, gate, "--approve", "--reason", "read", "--subject", subject, "--as", "second");
      await done("switch", "arm", run, "--reason", "due", "--as", "sovereign");
      const until = "2026-01-05T20:40:00.000Z";
      const arm = asking(room)("ArmExecution", { run, until, reason: "due" }, key("sovereign"), { name: "switch arm" });
      const cut = (name: string, really = false) =>
        asking(room)("ExecuteCut", { run }, key("orchestrator"), { name, really });
      // A document without an open run may be revised.
      await untouched(revise("editor", facts.document), cut("ExecuteCut"), cut("ExecuteCut, tried anew"), arm);
      await noticed(revise("editor", document, true), { code: "RUN_OPEN" });
      await done("run", "plan", run, "--grammar", "markdown", "--as", "orchestrator");
      await blind(arm);
      await noticed(cut("ExecuteCut", true), { code: "WRONG_PHASE" });
      await done("run", "dry-run", run, "--as", "orchestrator");
      await noticed(cut("ExecuteCut, tried anew", true), { code: "GATE_STALE" });
    },
  },
  {
    id: "own-verify",
    attacker: "answers for the writer of leg B, and brings a verifier",
    done: "records the Verify with a service that the same human answers for",
    notices: ["RecordVerify: VERIFIER_NOT_INDEPENDENT"],
    blind: [
      { eye: "RecordVerify by another human", why: "whether the other human looked, or lent a name, no ledger knows" },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, key, untouched, noticed, blind, path } = room;
      const { waiting: run, gate, subject } = facts;
      await done("gate", "rule", run, gate, "--approve", "--reason", "read", "--subject", subject, "--as", "second");
      await done("switch", "arm", run, "--reason", "due", "--as", "sovereign");
      await done("run", "cut", run, "--as", "orchestrator");
      await done("run", "leg-b", run, "--as", "orchestrator");
      const mine = generateSigner("my-verifier");
      saveKey(path("keys"), mine);
      const service = { principal: "my-verifier", kind: "service" as const, name: "V.", roles: ["verifier" as const] };
      const registered = { ...service, responsible: "editor", key: publicKeyOf(mine.privateKey) };
      const saw = await asking(room)("RegisterPrincipal", registered, key("admin"), { really: true }).look();
      if (saw.length > 0) throw new Error(JSON.stringify(saw));
      const another = asking(room)("RecordVerify", { run }, key("verifier"), { name: "RecordVerify by another human" });
      await untouched(another, { ...another, name: "RecordVerify" });
      await noticed(asking(room)("RecordVerify", { run }, mine, { really: true }), {
        code: "VERIFIER_NOT_INDEPENDENT",
      });
      await blind(another);
    },
  },
  {
    id: "clock-set-back",
    attacker: "has the agent's key, and sets the clock of their machine",
    done: "cuts with a clock an hour slow, to when the arming still held",
    notices: ["ExecuteCut, an hour slow: CLOCK_BEHIND"],
    blind: [
      {
        eye: "ExecuteCut, three minutes slow",
        why: "so far clocks may differ: it is judged by the ledger's newest time, not by theirs",
      },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { facts, done, clock, key, ledger, untouched, noticed, blind } = room;
      const { waiting: run, gate, subject } = facts;
      await done("gate", "rule", run, gate, "--approve", "--reason", "read", "--subject", subject, "--as", "second");
      await done("switch", "arm", run, "--reason", "due", "--for", "2h", "--as", "sovereign");
      /** A process whose clock is slow by so many minutes. */
      const slow = (name: string, minutes: number, really = false) =>
        taking(name, async () => {
          const at = new Date(Date.parse(clock.read()) - minutes * 60_000).toISOString();
          const opened = await openLedger(ledger, { clock: () => at });
          try {
            const signer = key("orchestrator");
            return await (really
              ? opened.submit("ExecuteCut", { run }, signer)
              : opened.consider("ExecuteCut", { run }, signer));
          } finally {
            await opened.close();
          }
        });
      await untouched(slow("ExecuteCut, an hour slow", 0), slow("ExecuteCut, three minutes slow", 0));
      clock.skip(1);
      // The ledger goes on meanwhile: its newest event is what a slow clock is held against.
      await done("principal", "revoke", "operator", "--reason", "left the office", "--as", "admin");
      await noticed(slow("ExecuteCut, an hour slow", 60, true), { code: "CLOCK_BEHIND" });
      await blind(slow("ExecuteCut, three minutes slow", 3));
    },
  },
];
