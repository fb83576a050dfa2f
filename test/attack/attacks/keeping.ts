/** Attackers who are after what is kept beside the ledger: its backups, and the rights in its database. */
import { copyFileSync, rmSync } from "node:fs";
import type { GrantAuditReport } from "../../../src/events/grantAudit.js";
import type { Attack } from "../Attack.js";
import type { Eye } from "../Eye.js";
import { answering, replaying } from "../eyes.js";
import type { Room } from "../room.js";

export const keepingAttacks: readonly Attack[] = [
  {
    id: "backup-swapped",
    attacker: "can write where the backups lie",
    done: "puts a backup of another history in the place of the last one, sealed to the same recipients, who are public",
    notices: ["backup verify: BACKUP_FORKED", "replay --expect, of what was restored: root"],
    blind: [
      {
        eye: "backup restore",
        why: "it is a whole backup of this ledger's id; which history it has only a head kept elsewhere tells",
      },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { done, say, facts, hands, untouched, noticed, blind, path } = room;
      const { json: made } = await done("backup", "identity", path("vault.age"));
      await done("backup", "recipients", "--to", `${String(made["recipient"])}=operator`, "--as", "sovereign");
      const common = await hands.copy();
      await done("switch", "disarm", facts.waiting, "--reason", "as it was", "--as", "verifier");
      const { json: head } = await done("backup", "create", path("last.backup"));
      const verify = answering("backup verify", () =>
        say("backup", "verify", path("last.backup"), "--identity", path("vault.age"), "--no-record"),
      );
      const restored = path("restored.sqlite");
      const restore = answering("backup restore", () => {
        rmSync(restored, { force: true });
        return say("backup", "restore", path("last.backup"), restored, "--identity", path("vault.age"));
      });
      const expect = ["--ledger", restored, "--expect", `${String(head["size"])}:${String(head["root"])}`];
      const replay = replaying(say, "replay --expect, of what was restored", ...expect);
      await untouched(verify, restore, replay);
      const mine = await hands.copy();
      await hands.putBack(common);
      await done("switch", "disarm", facts.waiting, "--reason", "as it never was", "--as", "verifier");
      await done("backup", "create", path("other.backup"));
      copyFileSync(path("other.backup"), path("last.backup"));
      await hands.putBack(mine);
      await noticed(verify, { code: "BACKUP_FORKED" });
      await blind(restore);
      await noticed(replay, { code: "root", rule: "known head" });
    },
  },
  {
    id: "grant-planted",
    attacker: "was an administrator of the database for a minute",
    done: "grants DELETE on the texts to iu_reader, to erase some later",
    notices: ["grants audit: PRIVILEGE_EXTRA"],
    blind: [{ eye: "replay", why: "rights are the server's, not the ledger's: no row and no object has changed" }],
    stores: ["postgres"],
    async play(room) {
      const { eyes, hands, untouched, noticed, blind } = room;
      const audit = auditing(room);
      await untouched(audit, eyes.replay);
      await hands.script("GRANT DELETE ON iu.content TO iu_reader");
      await noticed(audit, { code: "PRIVILEGE_EXTRA" });
      await blind(eyes.replay);
    },
  },
];

/** `grants audit`: each difference. */
function auditing({ say }: Room): Eye {
  return {
    name: "grants audit",
    async look() {
      const { json, error } = await say("grants", "audit");
      if (error !== null) throw new Error(error.message);
      const { verdict, differences } = json as unknown as GrantAuditReport;
      if ((verdict === "PASS") !== (differences.length === 0)) throw new Error(`grants audit: ${verdict}`);
      return differences.map(({ code, where, expected, actual }) => ({
        code,
        position: null,
        rule: null,
        words: `${where}: ${actual}; expected ${expected}`,
      }));
    },
  };
}
