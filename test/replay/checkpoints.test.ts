/** Replay's check of signed checkpoints: passes what was signed, and names each way to make the ledger another one than was signed for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { newestStored, readCheckpoints } from "../../src/checkpoints/stored.js";
import type { CheckReport } from "../../src/replay/Check.js";
import { type ReplayOptions, replay } from "../../src/replay/replay.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { type CheckpointRoom, withCheckpointRoom } from "../checkpoints/room.js";
import { signerOf } from "../tlog/keys.js";
import { edited, rangeOf, rechained } from "./openedUp.js";

const test = suite("replay: checkpoints");

async function check({ store }: CheckpointRoom, options: ReplayOptions = {}): Promise<CheckReport> {
  const { checks } = await replay(store, {
    checks: ["root", "checkpoints"],
    checkpoints: () => readCheckpoints(store.sql),
    ...options,
  });
  return checks.find(({ name }) => name === "checkpoints") as CheckReport;
}

const rules = ({ findings }: CheckReport) => findings.map(({ rule }) => rule);

/** Two checkpoints, a few events apart and one after. */
async function signedTwice(room: CheckpointRoom) {
  await room.sign();
  await room.grow();
  await room.grow();
  const second = await room.sign();
  await room.grow();
  if (second.kind === "refused") throw new Error(second.message);
  return second;
}

test("nothing signed: not run, and holds nothing back; signed: passes, with those kept elsewhere", () =>
  withCheckpointRoom(async (room) => {
    const before = await check(room);
    assert.equal([before.verdict, before.note], ["NOT_RUN", "no checkpoint has been signed"]);
    const { note } = await signedTwice(room);
    assert.is((await check(room)).verdict, "PASS");
    const report = await check(room, { knownCheckpoints: [{ note, from: "my.checkpoint" }], vkeys: [room.key] });
    assert.equal([report.verdict, report.findings], ["PASS", []]);
    assert.is(report.assertions, 6);
  }));

test("a history rewritten with its tree and head, every hash right: each checkpoint after the place says so", () =>
  withCheckpointRoom(async (room) => {
    await signedTwice(room);
    const { size } = await room.store.head();
    const changed = rechained(
      (await room.store.read(0, size)).map((event) =>
        event.position === 1 ? edited(event, ({ data }) => Object.assign(data, { name: "Mallory" })) : event,
      ),
    );
    const update = ({ position, bytes }: (typeof changed)[0]) =>
      `UPDATE event SET bytes = '${Buffer.from(bytes).toString().replaceAll("'", "''")}' WHERE position = ${position};`;
    room.forge(`${changed.map(update).join("\n")}
      UPDATE head SET peaks = x'${Buffer.concat(rangeOf(changed).peaks).toString("hex")}'`);
    const report = await check(room);
    assert.equal([report.verdict, rules(report)], ["FAIL", ["checkpoint led to", "checkpoint led to"]]);
    assert.match(report.findings[0]?.message ?? "", /signed for/);
  }));

test("a tail cut off, with the database's checkpoints or without them", () =>
  withCheckpointRoom(async (room) => {
    const { note, checkpoint } = await signedTwice(room);
    const size = checkpoint.size - 1;
    const kept = rangeOf(await room.store.read(0, size));
    room.forge(`DELETE FROM event WHERE position >= ${size};
      UPDATE head SET size = ${size}, peaks = x'${Buffer.concat(kept.peaks).toString("hex")}'`);
    const report = await check(room);
    assert.equal([report.verdict, rules(report)], ["FAIL", ["checkpoint led to"]]);
    assert.match(report.findings[0]?.message ?? "", /ends at size \d+; .* events are gone/);
    room.forge("DELETE FROM checkpoint WHERE number = 1");
    assert.is((await check(room)).verdict, "PASS", "the database alone cannot know");
    const outside = { knownCheckpoints: [{ note, from: "outside" }] };
    assert.is((await check(room, outside)).verdict, "FAIL");
  }));

test("a checkpoint of the database changed, gone, misfiled, or signed by another key", () =>
  withCheckpointRoom(async (room) => {
    const { checkpoint } = await signedTwice(room);
    const set = (note: Uint8Array) =>
      room.forge(
        `UPDATE checkpoint SET note = '${Buffer.from(note).toString().replaceAll("'", "''")}' WHERE number = 1`,
      );
    const { note } = (await newestStored(room.store.sql)) as { note: Uint8Array };
    set(Buffer.from(note).subarray(0, note.length - 1));
    assert.equal(rules(await check(room)), ["checkpoint"]);
    set(signCheckpoint(checkpoint, signerOf(room.origin, "mallory")));
    assert.equal(rules(await check(room)), ["checkpoint signed by the log"]);
    set(note);
    room.forge(`UPDATE checkpoint SET size = ${checkpoint.size - 1} WHERE number = 1`);
    assert.equal(rules(await check(room)), ["checkpoints filed"]);
    room.forge("DELETE FROM checkpoint WHERE number = 0");
    assert.ok(rules(await check(room)).includes("checkpoints dense"));
  }));

test("the log's key exchanged: the ledger judges by what it adopted, the auditor by what they pinned", () =>
  withCheckpointRoom(async (room) => {
    await signedTwice(room);
    const mallory = signerOf(room.origin, "mallory");
    await room.ledger.done("AdoptLogKey", { vkey: formatVkey(mallory) }, "bela");
    const next = await room.sign({ signer: mallory });
    assert.is(next.kind, "signed");
    assert.is((await check(room)).verdict, "PASS");
    const pinned = await check(room, { vkeys: [room.key] });
    assert.equal(rules(pinned), ["log key pinned"]);
    const given = next.kind === "refused" ? [] : [{ note: next.note, from: "a mail" }];
    const foreign = await check(room, { vkeys: [room.key], knownCheckpoints: given });
    assert.equal(rules(foreign), ["checkpoint signed by the log", "log key pinned"]);
  }));

test("an incarnation explains the checkpoint it links to, and no other", () =>
  withCheckpointRoom(async (room) => {
    const { note, checkpoint } = await signedTwice(room);
    const size = checkpoint.size - 1;
    const kept = rangeOf(await room.store.read(0, size));
    room.forge(`DELETE FROM event WHERE position >= ${size};
      DELETE FROM command WHERE position >= ${size};
      UPDATE head SET size = ${size}, peaks = x'${Buffer.concat(kept.peaks).toString("hex")}'`);
    const here = await room.store.head();
    const data = { checkpoint: Buffer.from(note).toString(), ...here, reason: "Restored." };
    await room.ledger.done("StartIncarnation", data, "ada");
    const report = await check(room, { knownCheckpoints: [{ note, from: "outside" }] });
    assert.equal([report.verdict, report.findings], ["PASS", []]);
    assert.match(report.note ?? "", /the incarnation at position \d+ says why/);
    const older = signCheckpoint({ ...checkpoint, size: size + 5 }, room.key);
    const other = await check(room, { knownCheckpoints: [{ note: older, from: "a friend" }] });
    assert.equal(rules(other), ["checkpoint led to"]);
    assert.match(other.findings[0]?.message ?? "", /new incarnation at position/);
  }));

test("an incarnation that lies about what the ledger was is named", () =>
  withCheckpointRoom(async (room) => {
    const { checkpoint } = await signedTwice(room);
    const { size } = await room.store.head();
    const lost = signCheckpoint({ ...checkpoint, size: 999 }, room.key);
    const data = { checkpoint: Buffer.from(lost).toString(), size, root: "ab".repeat(32), reason: "A lie." };
    await room.ledger.done("StartIncarnation", data, "ada");
    const report = await check(room);
    assert.equal(rules(report), ["incarnation"]);
    assert.is(report.findings[0]?.position, size);
  }));

test.run();
