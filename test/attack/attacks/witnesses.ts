/** Attackers who own the ledger, its log's key and the place outside too: nobody is left but a witness, who remembers what it saw. */
import { writeFileSync } from "node:fs";
import { formatVkey } from "../../../src/tlog/noteKey.js";
import type { WitnessReport } from "../../../src/witness/collectCosignatures.js";
import { type WitnessRoom, withWitness } from "../../witness/room.js";
import type { Attack } from "../Attack.js";
import { attackedMs } from "../base.js";
import type { Eye } from "../Eye.js";
import { replaying, sawOf } from "../eyes.js";
import type { Room } from "../room.js";
import { moveRuling } from "./history.js";

export const witnessAttacks: readonly Attack[] = [
  {
    id: "witness-rewritten",
    attacker: "has the database, the log's key and every copy of its checkpoints",
    done: "rewrites a ruling, signs the log anew, and asks the witness that cosigned the old one",
    notices: ["log publish: forked"],
    blind: [
      {
        eye: "replay",
        why: "database and signature agree, and every older checkpoint here was the attacker's to change",
      },
      { eye: "log publish, to a new witness", why: "who has seen nothing yet has nothing to compare with" },
    ],
    stores: ["sqlite"],
    play: (room) =>
      witnessed(room, async ({ known, fresh }) => {
        const { eyes, hands, done, untouched, noticed, blind, path } = room;
        const mine = path("mallory");
        await untouched(eyes.replay, publishing(room, known, "log publish"));
        await untouched(publishing(room, known, "log publish, to a new witness"));
        await moveRuling(room);
        await done("switch", "disarm", "--reason", "to have something new", "--as", "verifier");
        await hands.run(["DELETE FROM checkpoint"]);
        await done("log", "checkpoint", "--outside", mine);
        await blind(eyes.replay);
        await noticed(publishing(room, known, "log publish", mine), { code: "forked" });
        await blind(publishing(room, fresh, "log publish, to a new witness", mine));
      }),
  },
  {
    id: "witness-two-histories",
    attacker: "runs the ledger, with the log's key",
    done: "has one history cosigned, goes back, and wants another of the same length cosigned",
    notices: ["log publish: forked"],
    blind: [{ eye: "replay --vkey", why: "each of the two is whole and signed; only the witness was shown both" }],
    stores: ["sqlite"],
    play: (room) =>
      witnessed(room, async ({ known }) => {
        const { hands, facts, say, done, untouched, noticed, blind, path } = room;
        const replay = replaying(say, "replay --vkey", "--vkey", facts.vkey);
        const common = await hands.copy();
        const grow = async (reason: string, place: string) => {
          await done("switch", "disarm", "--reason", reason, "--as", "verifier");
          await done("log", "checkpoint", "--outside", place);
        };
        await grow("told the one", path("one"));
        await untouched(replay, publishing(room, known, "log publish", path("one")));
        await hands.putBack(common);
        await grow("told the other", path("two"));
        await blind(replay);
        await noticed(publishing(room, known, "log publish", path("two")), { code: "forked" });
      }),
  },
];

/** Two witnesses: `known` has cosigned the room's checkpoint, `fresh` has seen nothing. */
function witnessed(
  room: Room,
  use: (witnesses: { known: WitnessRoom; fresh: WitnessRoom }) => Promise<void>,
): Promise<void> {
  const options = { vkeys: [room.facts.vkey], clockS: attackedMs / 1000 };
  return withWitness(
    (known) =>
      withWitness(
        async (fresh) => {
          const saw = await publishing(room, known, "log publish").look();
          if (saw.length > 0) throw new Error(`the first checkpoint was not cosigned: ${JSON.stringify(saw)}`);
          await use({ known, fresh });
        },
        { ...options, name: "witness.example/fresh" },
      ),
    { ...options, name: "witness.example/known" },
  );
}

/** `log publish` with a policy that asks for this witness: its "no", if it says no. `outside`: the place of whoever runs the log now. */
function publishing(
  { say, facts, path }: Room,
  { key, url }: WitnessRoom,
  name: string,
  outside = path("outside"),
): Eye {
  const policy = path(`${key.name.replaceAll("/", "+")}.policy`);
  writeFileSync(policy, `log ${facts.vkey}\nwitness w ${formatVkey(key)} ${url}\nquorum w\n`);
  return {
    name,
    async look() {
      const { error, json } = await say("log", "publish", "--witness-policy", policy, "--outside", outside);
      if (error !== null) return [sawOf(error)];
      const { published, witnesses } = json as unknown as { published: boolean; witnesses: readonly WitnessReport[] };
      const no = witnesses.filter(({ outcome }) => outcome !== "cosigned" && outcome !== "kept");
      if (published !== (no.length === 0)) throw new Error(`log publish: ${JSON.stringify(json)}`);
      return no.map(({ outcome, why }) => ({ code: outcome, position: null, rule: null, words: why ?? "" }));
    },
  };
}
