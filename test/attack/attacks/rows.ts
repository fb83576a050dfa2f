/** Attackers who can write the database: one thing changed, and nothing else made to fit. */
import { canonicalBytes, sha256Hex } from "../../../src/events/canonical.js";
import { type Envelope, leafHash } from "../../../src/events/envelope.js";
import { uuidV5 } from "../../../src/events/uuid.js";
import { signCommand } from "../../../src/keys/signCommand.js";
import type { StoredEvent } from "../../../src/ledger/Store.js";
import { type Attack, everyStore } from "../Attack.js";
import { answering, taking } from "../eyes.js";
import { editEvent, eventOf, lastOf } from "../Hands.js";
import type { Room } from "../room.js";

export const rowAttacks: readonly Attack[] = [
  {
    id: "event-edited",
    attacker: "can write the database",
    done: "edits the reason of an arming in its event row, and nothing else",
    notices: ["replay: state-machine", "replay: root", "log checkpoint --full: REWRITTEN"],
    blind: [{ eye: "log checkpoint", why: "only what is new since the last signature is hashed again" }],
    stores: everyStore,
    async play({ eyes, hands, say, untouched, noticed, blind }) {
      const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
      await untouched(eyes.replay, full, eyes.signing);
      const position = await lastOf(hands, "ExecutionArmed");
      await editEvent(hands, position, ({ data }) => Object.assign(data, { reason: "SG_1 was given" }));
      await noticed(eyes.replay, { code: "state-machine", position });
      await noticed(eyes.replay, { code: "root", rule: "stored head" });
      await noticed(full, { code: "REWRITTEN" });
      await blind(eyes.signing);
    },
  },
  {
    id: "event-forged",
    attacker: "can write the database, and has the agent's key",
    done: "appends an approval of SG_1 that the agent signed, with its command, head and all hashes right",
    notices: ["replay: state-machine"],
    blind: [{ eye: "log checkpoint", why: "it leads on from the last one: what was allowed is not its question" }],
    stores: everyStore,
    async play(room) {
      const { eyes, untouched, noticed, blind } = room;
      await untouched(eyes.replay, eyes.signing);
      const position = await forgeApproval(room);
      await noticed(eyes.replay, { code: "state-machine", position });
      await blind(eyes.signing);
    },
  },
  {
    id: "trigger-dropped",
    attacker: "can write the database",
    done: "takes away the trigger that keeps event rows from being changed, for later",
    notices: ["replay: database"],
    blind: [{ eye: "log checkpoint", why: "no byte of the log has changed yet" }],
    stores: everyStore,
    async play({ eyes, hands, kind, untouched, noticed, blind }) {
      await untouched(eyes.replay, eyes.signing);
      await hands.script(kind === "sqlite" ? "DROP TRIGGER event_update" : "DROP TRIGGER event_kept ON iu.event");
      await noticed(eyes.replay, { code: "database", alone: true });
      await blind(eyes.signing);
    },
  },
  {
    id: "read-model-edited",
    attacker: "can write the database",
    done: "moves a unit that is in force to “reverted” in the table that people read",
    notices: ["replay: projections"],
    blind: [{ eye: "log checkpoint --full", why: "the log says what it said; read models are not in it" }],
    stores: everyStore,
    async play({ eyes, hands, facts, say, untouched, noticed, blind }) {
      const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
      await untouched(eyes.replay, full);
      await hands.run(["UPDATE unit_version SET lifecycle = 'reverted' WHERE run = ? AND ordinal = 3", facts.run]);
      await noticed(eyes.replay, { code: "projections", alone: true });
      await blind(full);
    },
  },
  {
    id: "file-replaced",
    attacker: "can write the folder of the file",
    done: "puts another file under the name of the ledger while a process has it open",
    notices: ["the running process: UNAVAILABLE"],
    blind: [
      {
        eye: "a process started afterwards",
        why: "a copy that is a ledger is one; which is newer only a checkpoint outside tells",
      },
    ],
    stores: ["sqlite"],
    async play({ hands, facts, key, using, untouched, noticed, blind, clock }) {
      await using(async (running) => {
        const disarm = (ledger: typeof running) =>
          ledger.submit("DisarmExecution", { run: facts.waiting, reason: `at ${clock.read()}` }, key("sovereign"));
        const process = taking("the running process", () => disarm(running));
        const later = taking("a process started afterwards", () => using(disarm));
        await untouched(process, later);
        await hands.putBack(await hands.copy());
        await noticed(process, { code: "UNAVAILABLE" });
        await blind(later);
      });
    },
  },
];

/** Appends GateRuled as if the ledger had taken it: signed by the agent in its own name. Answers its position. */
async function forgeApproval({ hands, facts, key, clock }: Room): Promise<number> {
  const events = await hands.events();
  const { ledger } = eventOf((events[0] as StoredEvent).bytes).data as { ledger: string };
  const id = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
  const at = clock.now();
  const ruling = { run: facts.waiting, gate: facts.gate, subject: facts.subject };
  const reason = "nobody will look";
  const envelope = signCommand(
    "RuleGate",
    { ...ruling, outcome: "approved", acknowledge: [], reason },
    { id, ledger, at },
    key("orchestrator"),
  );
  const stream = `run-${facts.waiting}`;
  const before = events.findLast((event) => event.stream === stream) as StoredEvent;
  const expires = new Date(Date.parse(at) + 86_400_000).toISOString();
  const event: Envelope = {
    schema: 1,
    type: "GateRuled",
    id: uuidV5(id, "0/0"),
    stream,
    revision: before.revision + 1,
    prev: leafHash(before.bytes),
    time: at,
    actor: "orchestrator",
    command: { id, digest: sha256Hex(envelope) },
    cause: null,
    data: { ...ruling, kind: "SG_1", outcome: "approved", acknowledged: [], reason, ruledBy: "orchestrator", expires },
  };
  const position = events.length;
  const bytes = canonicalBytes(event);
  await hands.run(
    [
      `INSERT INTO event (position, stream, revision, bytes) VALUES (?, ?, ?, ${hands.asText})`,
      position,
      stream,
      event.revision,
      bytes,
    ],
    [
      `INSERT INTO command (id, part, position, count, last, envelope) VALUES (?, 0, ?, 1, 1, ${hands.asText})`,
      id,
      position,
      envelope,
    ],
    ...(await hands.headStatements([...events, { position, stream, revision: event.revision, bytes }])),
  );
  return position;
}
