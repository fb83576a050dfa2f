/** Nobody attacks: everybody who looks finds everything in order. Without this row the others could be the work of an alarm that always rings. */
import { spawnSync } from "node:child_process";
import { projectFile } from "../../support/project.js";
import { type Attack, everyStore } from "../Attack.js";
import type { Eye } from "../Eye.js";
import { answering } from "../eyes.js";
import type { Room } from "../room.js";

const inOrder = "in order";

export const control: Attack = {
  id: "nobody",
  attacker: "nobody",
  done: "nothing; the ledger is looked at twice",
  notices: [],
  blind: ["replay", "replay --checkpoint", "log checkpoint --full", "verify-export.mjs"].map((eye) => ({
    eye,
    why: inOrder,
  })),
  stores: everyStore,
  async play(room) {
    const { eyes, say, untouched, blind } = room;
    const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
    const second = secondVerifier(room);
    await untouched(eyes.replay, eyes.holder, full, second);
    for (const eye of [eyes.replay, eyes.holder, full, second]) await blind(eye);
  },
};

/** An export, checked by the verifier that shares no line with the program. */
function secondVerifier({ say, facts, kept, path }: Room): Eye {
  let exports = 0;
  return {
    name: "verify-export.mjs",
    async look() {
      const folder = path(`export-${++exports}`);
      const { exit, json } = await say("export", folder);
      if (exit !== 0) throw new Error(JSON.stringify(json));
      const flags = ["--vkey", facts.vkey, "--checkpoint", kept];
      const ran = spawnSync(process.execPath, [projectFile("bin", "verify-export.mjs"), folder, ...flags], {
        encoding: "utf8",
      });
      if (ran.status === 0) return [];
      return [{ code: String(ran.status), position: null, rule: null, words: ran.stdout + ran.stderr }];
    },
  };
}
