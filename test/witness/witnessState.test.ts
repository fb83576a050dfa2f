/** What a witness remembers: changed, rolled back, lost or of another key it is refused, never begun anew; two processes on it take turns. */
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addCosignature } from "../../src/tlog/addCheckpoint.js";
import { originHash } from "../../src/witness/marks.js";
import { WitnessError } from "../../src/witness/WitnessError.js";
import { openWitnessState } from "../../src/witness/witnessState.js";
import { withTempDir } from "../support/withTempDir.js";
import { witnessOf } from "../tlog/keys.js";
import { logOf, origin, type WitnessRoom, withWitness } from "./room.js";

const test = suite("what a witness remembers");

const hash = originHash(origin);
const log = logOf("a");
const fork = logOf("b", 3);

async function cosign(room: WitnessRoom, from: number, to: number): Promise<void> {
  const answer = await room.ask(log.ask(from, to));
  assert.is(answer.status, 200, answer.body);
  const taken = addCosignature(log.note(to), Buffer.from(answer.body), room.key);
  assert.ok(taken.ok);
}

/** A folder in which a witness has cosigned 3, 5 and 9; a copy of its state was made at 5. */
async function history(dir: string): Promise<void> {
  await withWitness(
    async (room) => {
      await cosign(room, 0, 3);
      await cosign(room, 3, 5);
    },
    { dir },
  );
  cpSync(join(dir, "state"), join(dir, "copy"), { recursive: true });
  copyFileSync(join(dir, "marks", `${hash}.checkpoint`), join(dir, "mark of 5"));
  await withWitness((room) => cosign(room, 5, 9), { dir });
}

const restore = (dir: string, from = "copy") => {
  rmSync(join(dir, "state"), { recursive: true });
  cpSync(join(dir, from), join(dir, "state"), { recursive: true });
};

const change = (dir: string, script: string, ...values: unknown[]) => {
  const db = new Database(join(dir, "state", "witness.sqlite"));
  // As a list: a single blob would be taken for named values.
  db.prepare(script).run(values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)));
  db.close();
};

/** What the witness says, asked for what leads on and for a fork, and at its start. */
async function saysNo(dir: string, code: WitnessError["code"]): Promise<WitnessError> {
  const error = await withWitness(
    async (room) => {
      for (const body of [log.ask(5, 12), log.ask(9, 12), log.ask(0, 12), fork.ask(3, 12), fork.ask(5, 12)]) {
        const { status, body: said } = await room.ask(body);
        assert.is(status, 500, said);
        assert.match(said, code);
      }
      try {
        await room.state.check();
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    },
    { dir },
  );
  if (!(error instanceof WitnessError)) throw error ?? new Error("nothing was said");
  assert.is(error.code, code);
  assert.ok(error.next !== "");
  return error;
}

const goesOn = (dir: string, from = 9) =>
  withWitness(
    async (room) => {
      assert.is(await room.state.check(), 1);
      await cosign(room, from, 12);
    },
    { dir },
  );

test("started again it goes on where it was", () =>
  withTempDir(async (dir) => {
    await history(dir);
    await goesOn(dir);
  }));

test("a state put back from a copy is refused, with both sizes; the newer one put back goes on", () =>
  withTempDir(async (dir) => {
    await history(dir);
    cpSync(join(dir, "state"), join(dir, "newer"), { recursive: true });
    restore(dir);
    const { numbers } = await saysNo(dir, "WITNESS_STATE_ROLLED_BACK");
    assert.equal(numbers, { kept: 5, cosigned: 9 });
    restore(dir, "newer");
    await goesOn(dir);
  }));

test("a state that is gone, or lost the log, is refused: never begun anew", () =>
  withTempDir(async (dir) => {
    await history(dir);
    change(dir, "DELETE FROM cosigned");
    assert.equal((await saysNo(dir, "WITNESS_STATE_ROLLED_BACK")).numbers, { kept: 0, cosigned: 9 });
    rmSync(join(dir, "state"), { recursive: true });
    assert.equal((await saysNo(dir, "WITNESS_STATE_ROLLED_BACK")).numbers, { kept: 0, cosigned: 9 });
  }));

test("recovered from the marks it goes on from the newest that was answered; nothing else is taken", () =>
  withTempDir(async (dir) => {
    await history(dir);
    restore(dir);
    await withWitness(
      async ({ state }) => {
        const taken = await state.recover();
        assert.equal(
          taken.map(({ from, kept }) => [from, kept.checkpoint.size]),
          [[5, 9]],
        );
        assert.equal(await state.recover(), []);
      },
      { dir },
    );
    await goesOn(dir);
    rmSync(join(dir, "state"), { recursive: true });
    await withWitness(async ({ state }) => assert.is((await state.recover()).length, 1), { dir });
    await goesOn(dir, 12);
  }));

test("a mark that is older than the state, or gone, stops nothing and is made good", () =>
  withTempDir(async (dir) => {
    await history(dir);
    const mark = join(dir, "marks", `${hash}.checkpoint`);
    const newest = readFileSync(mark);
    copyFileSync(join(dir, "mark of 5"), mark);
    await goesOn(dir);
    assert.not.equal(readFileSync(mark), newest);
    rmSync(mark);
    await withWitness(
      async (room) => {
        assert.is(await room.state.check(), 1);
        assert.is((await room.ask(log.ask(12, 12))).status, 200);
      },
      { dir },
    );
    assert.ok(existsSync(mark));
  }));

test("what was changed is refused: by one bit, another log's, another witness's, a mark of another root", () =>
  withTempDir(async (dir) => {
    await history(dir);
    const kept = await withWitness(async ({ state }) => (await state.newest(hash))!.note, { dir });
    const put = (note: Uint8Array) => change(dir, "UPDATE cosigned SET note = ?", note);
    for (let at = 0; at < kept.length; at += 11) {
      const bad = Uint8Array.from(kept);
      bad[at] = (bad[at] as number) ^ 1;
      // What the log itself signed is not the witness's to vouch for.
      const text = Buffer.from(bad)
        .toString()
        .split("\n")
        .findIndex((line, i) => line !== Buffer.from(kept).toString().split("\n")[i]);
      if (text === 4) continue;
      put(bad);
      await withWitness(
        async ({ state }) => {
          await state.newest(hash).then(
            () => assert.unreachable(`byte ${at}`),
            (error) => assert.is(error.code, "WITNESS_STATE_CORRUPT", `byte ${at}`),
          );
        },
        { dir },
      );
    }
    put(Buffer.from("nonsense"));
    await saysNo(dir, "WITNESS_STATE_CORRUPT");
    put(new Uint8Array());
    await saysNo(dir, "WITNESS_STATE_CORRUPT");
    put(kept);
    await withWitness(async ({ state }) => assert.is(await state.check(), 1), { dir });
    change(dir, "UPDATE cosigned SET origin = ?", originHash("another"));
    await withWitness(
      async (room) => {
        assert.match((await room.ask(log.ask(9, 12))).body, "WITNESS_STATE_ROLLED_BACK");
        await room.state.check().then(
          () => assert.unreachable("under another log's name"),
          (error) => assert.is(error.code, "WITNESS_STATE_CORRUPT"),
        );
      },
      { dir },
    );
    change(dir, "UPDATE cosigned SET origin = ?", hash);
    const mark = join(dir, "marks", `${hash}.checkpoint`);
    const marked = readFileSync(mark);
    writeFileSync(mark, marked.subarray(0, marked.length / 2));
    await saysNo(dir, "WITNESS_STATE_CORRUPT");
    writeFileSync(mark, marked);
    const other = await openWitnessState({
      folder: join(dir, "state"),
      marks: { folder: "", read: async () => null, write: async () => undefined, names: async () => [] },
      key: witnessOf("witness.example/w2"),
    });
    try {
      await other.check().then(
        () => assert.unreachable("another key"),
        (error) => assert.is(error.code, "WITNESS_STATE_CORRUPT"),
      );
    } finally {
      await other.close();
    }
    await goesOn(dir);
  }));

test("a database that is damaged, or none, is refused", () =>
  withTempDir(async (dir) => {
    await history(dir);
    const file = join(dir, "state", "witness.sqlite");
    for (const beside of ["-wal", "-shm"]) rmSync(`${file}${beside}`, { force: true });
    writeFileSync(
      file,
      "this is no database, and long enough to be taken for one, since a header has a hundred bytes or more of it, and this has.",
    );
    await withWitness(async () => assert.unreachable("opened"), { dir }).then(
      () => assert.unreachable("opened"),
      (error) => assert.is(error.code, "WITNESS_STATE_CORRUPT"),
    );
    rmSync(join(dir, "state"), { recursive: true });
    writeFileSync(join(dir, "state"), "a file in its place");
    await withWitness(async () => assert.unreachable("opened"), { dir }).then(
      () => assert.unreachable("opened"),
      (error) => assert.is(error.code, "WITNESS_STATE_UNUSABLE"),
    );
  }));

test("the state removed under a running witness: it cosigns nothing more", () =>
  withTempDir((dir) =>
    withWitness(
      async (room) => {
        await cosign(room, 0, 3);
        rmSync(join(dir, "state"), { recursive: true });
        const { status, body } = await room.ask(log.ask(3, 5));
        assert.is(status, 503, body);
        assert.match(body, "WITNESS_STATE_UNUSABLE");
      },
      { dir },
    ),
  ));

test("two witnesses on one state: of two ways on, asked of both at once, one is cosigned", () =>
  withTempDir((dir) =>
    withWitness(
      (one) =>
        withWitness(
          async (two) => {
            const branches = Array.from({ length: 6 }, (_, i) => logOf(`branch ${i}`, 3));
            assert.is((await one.ask(branches[0]!.ask(0, 3))).status, 200);
            const answers = await Promise.all(
              branches.map((branch, i) => (i % 2 === 0 ? one : two).ask(branch.ask(3, 5))),
            );
            assert.equal(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409]);
            const won = branches[answers.findIndex(({ status }) => status === 200)]!;
            for (const room of [two, one]) assert.is((await room.ask(won.ask(5, 5))).status, 200);
            assert.is((await two.ask(won.ask(5, 8))).status, 200);
            assert.equal((await one.ask(won.ask(5, 8))).body, "8\n");
          },
          { dir },
        ),
      { dir },
    ),
  ));

test.run();
