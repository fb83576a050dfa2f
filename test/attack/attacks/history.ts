/** Attackers who can make everything in the database fit: what only somebody outside of it notices. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandData, type CommandType, keyNames, loadKey, openLedger, publicKeyOf } from "../../../src/app.js";
import { noteKeyTypes, noteSigner } from "../../../src/tlog/noteKey.js";
import { formatProofFile } from "../../../src/tlog/proofFile.js";
import { signCheckpoint } from "../../../src/tlog/signedCheckpoint.js";
import { emptyRange, extendRange, hashLeaf, rootOf } from "../../../src/tlog/tree.js";
import { type Attack, everyStore } from "../Attack.js";
import { answering, replaying } from "../eyes.js";
import { cutTail, eventOf, lastOf, rewriteEvent } from "../Hands.js";
import type { Room } from "../room.js";
import { sqliteHands } from "../sqliteHands.js";

/**
 * Makes the ruling on SG_2 four minutes older, and everything in the database fit. By more it would stand before the time it was signed for, which the
 * signature covers; so much clocks may differ.
 */
export async function moveRuling({ hands, done }: Room): Promise<void> {
  const earlier = (time: unknown) => new Date(Date.parse(String(time)) - 4 * 60_000).toISOString();
  await rewriteEvent(hands, await lastOf(hands, "GateRuled"), (event) => {
    event.time = earlier(event.time);
    event.data["expires"] = earlier(event.data["expires"]);
  });
  // The read models too, with the program's own tool.
  await done("rebuild");
}

export const historyAttacks: readonly Attack[] = [
  {
    id: "history-fitted",
    attacker: "can write the database",
    done: "moves a sovereign's ruling to four minutes earlier; chain, tree, tiles, head and read models made to fit",
    notices: ["replay: checkpoints", "log checkpoint: REWRITTEN"],
    blind: [
      {
        eye: "replay, without the stored checkpoints",
        why: "a command's signature tells its time within five minutes, no better",
      },
    ],
    stores: everyStore,
    async play(room) {
      const { eyes, hands, say, untouched, noticed, blind } = room;
      const alone = replaying(say, "replay, without the stored checkpoints");
      await untouched(eyes.replay, eyes.signing, alone);
      await moveRuling(room);
      await noticed(eyes.replay, { code: "checkpoints", rule: "checkpoint led to", alone: true });
      await noticed(eyes.signing, { code: "REWRITTEN" });
      await hands.run(["DELETE FROM checkpoint"]);
      await blind(alone);
    },
  },
  {
    id: "history-resigned",
    attacker: "can write the database, and has the log's key",
    done: "rewrites a ruling and all that hangs on it, and signs the log anew in place of the stored checkpoint",
    notices: ["replay --checkpoint: checkpoints", "log checkpoint: REWRITTEN"],
    blind: [{ eye: "replay", why: "the database and its signature agree; only an older checkpoint does not" }],
    stores: everyStore,
    async play(room) {
      const { eyes, hands, done, untouched, noticed, blind, path } = room;
      await untouched(eyes.replay, eyes.holder, eyes.signing);
      await moveRuling(room);
      await hands.run(["DELETE FROM checkpoint"]);
      await done("log", "checkpoint", "--outside", path("mallory"));
      await blind(eyes.replay);
      await noticed(eyes.holder, { code: "checkpoints", rule: "checkpoint led to", alone: true });
      await noticed(eyes.signing, { code: "REWRITTEN" });
    },
  },
  {
    id: "every-key",
    attacker: "has every key there is: of all people, and the log's",
    done: "writes another history from the first event on, in the names of all, and signs it",
    notices: ["replay --checkpoint: checkpoints", "log checkpoint: ROLLED_BACK"],
    blind: [
      { eye: "replay", why: "whoever holds every key is everybody; only what was kept elsewhere speaks against it" },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { eyes, done, hands, untouched, noticed, blind, path } = room;
      await untouched(eyes.replay, eyes.holder, eyes.signing);
      await writeAnotherHistory(room, path("another.sqlite"));
      await hands.putBack(await sqliteHands(path("another.sqlite")).copy());
      await done("log", "checkpoint", "--outside", path("mallory"));
      await blind(eyes.replay);
      await noticed(eyes.holder, { code: "checkpoints" });
      await noticed(eyes.signing, { code: "ROLLED_BACK" });
    },
  },
  {
    id: "tail-cut",
    attacker: "can write the database",
    done: "cuts the last twelve events off, with their commands, the head and the checkpoints",
    notices: ["log checkpoint: ROLLED_BACK", "replay --checkpoint: checkpoints"],
    blind: [{ eye: "replay", why: "a beginning of the history is a history: nothing in the database knows of more" }],
    stores: everyStore,
    async play({ eyes, hands, facts, done, untouched, noticed, blind }) {
      await untouched(eyes.replay, eyes.holder, eyes.signing);
      await cutTail(hands, facts.size - 12);
      await done("rebuild");
      await blind(eyes.replay);
      await noticed(eyes.signing, { code: "ROLLED_BACK" });
      await noticed(eyes.holder, { code: "checkpoints", rule: "checkpoint led to", alone: true });
    },
  },
  {
    id: "backup-restored",
    attacker: "can replace the database, and kept an old copy",
    done: "puts back the copy from before a run was put on HOLD",
    notices: ["log checkpoint: ROLLED_BACK", "replay --checkpoint: checkpoints"],
    blind: [{ eye: "replay", why: "the old copy is true, and complete as far as it goes" }],
    stores: everyStore,
    async play({ eyes, hands, facts, done, say, untouched, noticed, blind, path }) {
      const old = await hands.copy();
      await done("run", "hold", facts.waiting, "--reason", "a page is missing", "--as", "verifier");
      const { json } = await done("log", "checkpoint");
      copyFileSync(String(json["outside"]), path("auditor", "newer.checkpoint"));
      const holder = replaying(
        say,
        "replay --checkpoint",
        "--checkpoint",
        path("auditor", "newer.checkpoint"),
        "--vkey",
        facts.vkey,
      );
      await untouched(eyes.replay, holder, eyes.signing);
      await hands.putBack(old);
      await blind(eyes.replay);
      await noticed(eyes.signing, { code: "ROLLED_BACK" });
      await noticed(holder, { code: "checkpoints", rule: "checkpoint led to", alone: true });
    },
  },
  {
    id: "two-histories",
    attacker: "has the log's key and runs the ledger",
    done: "shows two people two logs that part after a common beginning, each signed",
    notices: ["the two compare (replay --checkpoint): checkpoints"],
    blind: [
      {
        eye: "each alone (replay --vkey)",
        why: "each log is whole; nobody sees the other one unless they ask each other, or a witness",
      },
    ],
    stores: ["sqlite"],
    async play({ hands, facts, done, say, untouched, noticed, blind, path }) {
      const alone = replaying(say, "each alone (replay --vkey)", "--vkey", facts.vkey);
      const shown = path("shown-to-the-other.checkpoint");
      copyFileSync(path("auditor", "kept.checkpoint"), shown);
      const compare = replaying(
        say,
        "the two compare (replay --checkpoint)",
        "--checkpoint",
        shown,
        "--vkey",
        facts.vkey,
      );
      await untouched(alone, compare);
      const common = await hands.copy();
      await done("switch", "disarm", facts.waiting, "--reason", "told the one");
      const { json } = await done("log", "checkpoint", "--outside", path("one"));
      copyFileSync(String(json["outside"]), shown);
      await hands.putBack(common);
      await done("switch", "disarm", facts.waiting, "--reason", "told the other");
      await done("log", "checkpoint", "--outside", path("two"));
      await blind(alone);
      await noticed(compare, { code: "checkpoints", rule: "checkpoint led to", alone: true });
    },
  },
  {
    id: "log-key-stolen",
    attacker: "has the log's key, and no access to the ledger",
    done: "signs a checkpoint of an invented log, and proves with it an approval nobody gave",
    notices: ["replay --checkpoint: checkpoints"],
    blind: [
      {
        eye: "log check",
        why: "the signature is right; that the ledger leads to this checkpoint only the ledger shows, or a witness",
      },
    ],
    stores: ["sqlite"],
    async play({ hands, facts, say, untouched, noticed, blind, path, kept }) {
      const proof = path("3.tlog-proof");
      await say("log", "prove", "3", "--out", proof);
      const shown = path("shown.checkpoint");
      copyFileSync(kept, shown);
      const check = answering("log check", () => say("log", "check", proof, "--vkey", facts.vkey));
      const holder = replaying(say, "replay --checkpoint", "--checkpoint", shown, "--vkey", facts.vkey);
      await untouched(check, holder);
      const [origin = ""] = facts.vkey.split("+");
      const [name = ""] = keyNames(path("keys", "log"));
      const thief = noteSigner(origin, noteKeyTypes.ed25519, loadKey(path("keys", "log"), name).privateKey);
      const [leaf] = (await hands.events()).filter(({ bytes }) => eventOf(bytes).type === "GateRuled");
      const invented = Buffer.from(
        Buffer.from(leaf?.bytes ?? [])
          .toString()
          .replace("approved", "rejected"),
      );
      const range = extendRange(emptyRange, [hashLeaf(invented)]);
      const checkpoint = signCheckpoint({ origin, size: 1, root: rootOf(range) }, thief);
      writeFileSync(proof, formatProofFile({ extra: invented, index: 0, proof: [], checkpoint }));
      writeFileSync(shown, checkpoint);
      await blind(check);
      await noticed(holder, { code: "checkpoints" });
    },
  },
];

/** The same ledger by name, id and keys, with a past of its own. */
async function writeAnotherHistory({ facts, hands, clock, dir, done }: Room, file: string): Promise<void> {
  const first = (await hands.events())[0];
  if (first === undefined) throw new Error("no first event");
  const opened = eventOf(first.bytes).data as { ledger: string; origin: string };
  const folder = join(dir, "keys");
  const signer = (name: string) => loadKey(folder, name);
  const ledger = await openLedger(file, { create: true, clock: () => clock.now() });
  const submit = async <T extends CommandType>(type: T, data: CommandData<T>, as: string) => {
    const result = await ledger.submit(type, data, signer(as));
    if (result.kind !== "committed") throw new Error(`${type}: ${JSON.stringify(result)}`);
  };
  try {
    await ledger.init({
      ...opened,
      name: "Reading Room",
      sovereign: { name: "Local sovereign", signer: signer("sovereign") },
    });
    const key = publicKeyOf(signer("editor").privateKey);
    const roles = ["editor"] as const;
    await submit(
      "RegisterPrincipal",
      { principal: "editor", kind: "human", name: "Local editor", roles: [...roles], responsible: "editor", key },
      "sovereign",
    );
    await submit("AdoptLogKey", { vkey: facts.vkey }, "sovereign");
    const content = await ledger.putContent(Buffer.from("Charter\n\nArticle 1. The room is closed.\n"));
    await submit("RegisterDocument", { document: facts.document, title: "Charter", source: null, content }, "editor");
    await ledger.catchUp();
  } finally {
    await ledger.close();
  }
  await done("replay", "--ledger", file);
}
