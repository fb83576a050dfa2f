/** Witnesses that are killed (kill -9), at each step and at any moment, alone and two on one state: no two histories are ever cosigned. */
import { type ChildProcess, spawn } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addCosignature } from "../../src/tlog/addCheckpoint.js";
import { originHash } from "../../src/witness/marks.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";
import { witnessOf } from "../tlog/keys.js";
import { type Answered, asked, type Log, logOf, withWitness } from "./room.js";

const test = suite("witnesses that are killed");

interface Spawned {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<unknown>;
}

/** A witness of its own process. */
async function spawnWitness(dir: string, step: string): Promise<Spawned> {
  const child = spawn(process.execPath, [projectFile("build", "test", "witness", "killedWitness.js"), dir, step], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once("data", (bytes: Buffer) => resolve(Number(bytes.toString())));
    child.on("close", () => reject(new Error("it ended before it listened")));
  });
  return { child, port, ended };
}

const forkAt = 4;
const branches = { a: logOf("a", forkAt), b: logOf("b", forkAt) } as const;
type Branch = keyof typeof branches;

/** Every cosignature that was given, and that holds. */
class Given {
  readonly sizes: Record<Branch, number[]> = { a: [], b: [] };

  add(branch: Branch, size: number, { body }: Answered): void {
    const log: Log = branches[branch];
    const taken = addCosignature(log.note(size), Buffer.from(body), witnessOf("witness.example/w1"));
    if (!taken.ok) throw new Error(taken.why);
    if (size > forkAt) this.sizes[branch].push(size);
  }

  /** One history, and never a smaller tree after a larger one. */
  assertConsistent(what: string): void {
    const { a, b } = this.sizes;
    assert.ok(a.length === 0 || b.length === 0, `${what}: cosigned a at ${a} and b at ${b}`);
  }
}

test("at each step of an answer: started again, it goes on with one history", async () => {
  const outcomes: Record<string, string> = {};
  for (const step of ["judged", "signed", "committed", "mark half written", "mark written", "answered"]) {
    await withTempDir(async (dir) => {
      const given = new Given();
      await withWitness(
        async ({ ask }) => {
          const first = await ask(branches.a.ask(0, forkAt));
          assert.is(first.status, 200);
        },
        { dir },
      );
      const { child, port, ended } = await spawnWitness(dir, step);
      try {
        const answer = await asked(port, { body: branches.a.ask(forkAt, 9) }).catch(() => null);
        await ended;
        assert.is(child.signalCode, "SIGKILL", step);
        if (answer?.status === 200) given.add("a", 9, answer);
      } finally {
        child.kill("SIGKILL");
      }
      await withWitness(
        async ({ ask, state }) => {
          assert.is(await state.check(), 1, "it starts");
          const kept = (await state.newest(originHash(branches.a.signer.name)))!;
          const forked = await ask(branches.b.ask(forkAt, 9));
          const forkedOn = await ask(branches.b.ask(9, 12));
          for (const [size, answer] of [
            [9, forked],
            [12, forkedOn],
          ] as const)
            if (answer.status === 200) given.add("b", size, answer);
          const honest = await ask(branches.a.ask(kept.checkpoint.size, 12));
          if (honest.status === 200) given.add("a", 12, honest);
          outcomes[step] =
            `kept ${kept.checkpoint.size}: fork ${forked.status} ${forkedOn.status}, honest ${honest.status}`;
        },
        { dir },
      );
      given.assertConsistent(step);
    });
  }
  assert.equal(outcomes, {
    judged: "kept 4: fork 200 200, honest 409",
    signed: "kept 4: fork 200 200, honest 409",
    committed: "kept 9: fork 409 422, honest 200",
    "mark half written": "kept 9: fork 409 422, honest 200",
    "mark written": "kept 9: fork 409 422, honest 200",
    answered: "kept 9: fork 409 422, honest 200",
  });
});

test("at any moment, two processes on one state, both branches asked for at once", async () => {
  await withTempDir(async (dir) => {
    const given = new Given();
    let answered = 0;
    let newest = 0;
    for (let round = 0; round < 8; round++) {
      const witnesses = await Promise.all([spawnWitness(dir, "never"), spawnWitness(dir, "never")]);
      let over = false;
      const clients = witnesses.flatMap(({ port }) =>
        (["a", "b"] as const).map(async (branch) => {
          let known = newest;
          while (!over) {
            const size = known + 1;
            const answer = await asked(port, { body: branches[branch].ask(known, size) }).catch(() => null);
            if (answer === null) return;
            answered += 1;
            if (answer.status === 200) {
              given.add(branch, size, answer);
              known = size;
              newest = Math.max(newest, size);
            } else if (answer.status === 409) known = Number(answer.body);
            else if (answer.status === 422) return;
            else throw new Error(`${answer.status} ${answer.body}`);
            if (size > 400) return;
          }
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 40 + 37 * round));
      for (const { child } of witnesses) child.kill("SIGKILL");
      over = true;
      await Promise.all([...clients, ...witnesses.map(({ ended }) => ended)]);
      given.assertConsistent(`round ${round}`);
    }
    assert.ok(answered > 20 && newest > forkAt, `${answered} answers, ${newest} the newest`);
    await withWitness(async ({ state }) => assert.is(await state.check(), 1), { dir });
  });
});

test.run();
