/** A witness that is killed (SIGKILL) at the step named, when it is asked: arguments are folder, step. Says the port it listens on. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { knownLogs } from "../../src/witness/judgeCheckpoint.js";
import { type Marks, marksIn } from "../../src/witness/marks.js";
import { serveWitness } from "../../src/witness/serveWitness.js";
import { openWitnessState } from "../../src/witness/witnessState.js";
import { signerOf, witnessOf } from "../tlog/keys.js";
import { aTimeS, origin } from "./room.js";

const [dir = "", step = ""] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
}

const real = marksIn(join(dir, "marks"));
const marks: Marks = {
  ...real,
  async write(name, note) {
    if (step === "committed") die();
    if (step === "mark half written") {
      mkdirSync(real.folder, { recursive: true });
      writeFileSync(join(real.folder, ".draft-x"), note.subarray(0, 40));
      die();
    }
    await real.write(name, note);
    if (step === "mark written") die();
  },
};
const key = witnessOf("witness.example/w1");
const state = await openWitnessState({ folder: join(dir, "state"), marks, key });
const { server } = await serveWitness({
  witness: {
    signer: key,
    logs: knownLogs([formatVkey(signerOf(origin))]),
    // Asked for when all checks have passed, within the transaction.
    state: {
      ...state,
      turn: (name, decide) =>
        state.turn(name, (kept) => {
          const decided = decide(kept);
          if (step === "signed") die();
          return decided;
        }),
    },
    now: () => (step === "judged" ? die() : aTimeS * 1000),
  },
  port: 0,
  onServed: () => {
    if (step === "answered") die();
  },
});
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
