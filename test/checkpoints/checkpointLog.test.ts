/** Checkpoints of a ledger: signed only if they lead on from the last, kept outside first, refused after every way to change the past. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Checkpointed } from "../../src/checkpoints/Checkpointed.js";
import { outsideOf } from "../../src/checkpoints/outside.js";
import { newestStored, readCheckpoints } from "../../src/checkpoints/stored.js";
import { sha256Hex } from "../../src/events/canonical.js";
import { leafHash } from "../../src/events/envelope.js";
import type { Store } from "../../src/ledger/Store.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { openCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { rootHex } from "../../src/tlog/tree.js";
import { edited, rangeOf, rechained } from "../replay/openedUp.js";
import { signerOf } from "../tlog/keys.js";
import { withCheckpointRoom } from "./room.js";

const test = suite("checkpoints of a ledger");

/** An event of somebody's, by way of the store alone. */
async function appendOne(store: Store, serial: number): Promise<void> {
  const [bound] = await store.read(2, 1);
  const stream = `key-other${serial}`;
  const { bytes } = edited(bound!, (envelope) => Object.assign(envelope, { stream }));
  const entries = [{ stream, revision: 0, bytes }];
  const command = { id: `other ${serial}`, part: 0, last: true, envelope: Buffer.from("{}") };
  await store.append([{ command, entries, guards: [] }]);
}

const sizeOf = (done: Checkpointed) => (done.kind === "refused" ? done.code : `${done.kind} ${done.checkpoint.size}`);

test("the first, the next, and nothing new: each signed by the adopted key, kept outside and in the database", () =>
  withCheckpointRoom(async ({ store, sign, grow, outside, origin, key }) => {
    const first = await sign();
    const { size, root } = await store.head();
    assert.is(sizeOf(first), `signed ${size}`);
    assert.is(first.kind === "signed" && first.hashed, size);
    assert.is(sizeOf(await sign()), `unchanged ${size}`);
    await grow();
    const second = await sign();
    const grown = await store.head();
    assert.is(sizeOf(second), `signed ${grown.size}`);
    assert.is(second.kind === "signed" && second.hashed, grown.size - size, "only what is new is hashed again");
    const full = await sign({ full: true });
    assert.is(full.kind === "unchanged" && full.hashed, grown.size);

    const stored = await readCheckpoints(store.sql);
    assert.equal(
      stored.map(({ number, size: of }) => [number, of]),
      [
        [0, size],
        [1, grown.size],
      ],
    );
    const files = readdirSync(outside.folder).sort();
    assert.equal(files, ["000000000000.checkpoint", "000000000001.checkpoint"]);
    assert.equal(readFileSync(join(outside.folder, files[1]!)), Buffer.from(stored[1]!.note));
    const opened = openCheckpoint(stored[0]!.note, { origin, keys: [key] });
    assert.is(opened.ok && Buffer.from(opened.checkpoint.root).toString("hex"), root);
  }));

test("without an adopted key, or with another one, nothing is signed; a rotation holds from its position on", () =>
  withCheckpointRoom(async ({ sign, store, ledger, origin, key }) => {
    const other = signerOf(origin, "another");
    assert.is(sizeOf(await sign({ signer: other })), "LOG_KEY_OTHER");
    const { size } = await store.head();
    assert.is(sizeOf(await sign()), `signed ${size}`);
    await ledger.done("AdoptLogKey", { vkey: formatVkey(other) }, "bela");
    assert.is(sizeOf(await sign({ signer: key })), "LOG_KEY_OTHER");
    assert.is(sizeOf(await sign({ signer: other })), `signed ${size + 1}`);
  }));

test("what was written cannot be changed or taken away in the database", () =>
  withCheckpointRoom(async ({ sign, store, file }) => {
    await sign();
    const { size } = await store.head();
    for (const script of [
      "UPDATE checkpoint SET note = 'x'",
      "DELETE FROM checkpoint",
      `INSERT INTO checkpoint VALUES (2, ${size}, 'x')`,
      `INSERT INTO checkpoint VALUES (1, ${size + 1}, 'x')`,
      `INSERT OR REPLACE INTO checkpoint VALUES (0, ${size}, 'x')`,
    ])
      assert.throws(() => file.tamper((db) => db.exec(script)), /checkpoint: /, script);
  }));

test("killed after the place outside has it: the next call stores it and goes on", () =>
  withCheckpointRoom(async ({ sign, grow, store, forge }) => {
    const first = await sign();
    await grow();
    const second = await sign();
    // As it is after a kill between the two: outside has it, the database does not.
    forge("DELETE FROM checkpoint WHERE number = 1");
    assert.is((await readCheckpoints(store.sql)).length, 1);
    assert.is(sizeOf(await sign()), sizeOf(second).replace("signed", "unchanged"));
    assert.is((await newestStored(store.sql))?.size, second.kind === "signed" ? second.checkpoint.size : 0);
    forge("DELETE FROM checkpoint");
    await grow();
    const third = await sign();
    assert.is(third.kind, "signed");
    assert.is((await readCheckpoints(store.sql)).length, 2);
    assert.is(first.kind, "signed");
  }));

test("a process killed (SIGKILL) at each step of signing: what it signed is outside or nowhere, and the next one goes on", () =>
  withCheckpointRoom(async ({ sign, grow, store, outside, file, origin }) => {
    await sign();
    for (const when of ["before-outside", "draft-written", "after-outside"]) {
      await grow();
      const { size } = await store.head();
      const script = fileURLToPath(new URL("./killedSigner.js", import.meta.url));
      const { signal, stderr } = spawnSync(process.execPath, [
        script,
        file.path,
        join(file.folder, "outside"),
        origin,
        when,
      ]);
      assert.is(signal, "SIGKILL", `${when}: ${stderr}`);
      const outsideSize = Number(
        Buffer.from((await outside.newest())!.note)
          .toString()
          .split("\n")[1],
      );
      const storedSize = (await newestStored(store.sql))?.size ?? 0;
      assert.ok(storedSize <= outsideSize, `${when}: ${storedSize} in the database, ${outsideSize} outside`);
      assert.is(outsideSize === size, when === "after-outside", when);
      const next = await sign();
      assert.is(sizeOf(next), `${when === "after-outside" ? "unchanged" : "signed"} ${size}`, when);
      assert.is((await newestStored(store.sql))?.size, size, when);
      const notes = (await readCheckpoints(store.sql)).map(({ note }) => Buffer.from(note).toString());
      const files = readdirSync(outside.folder)
        .filter((name) => name.endsWith(".checkpoint"))
        .sort();
      assert.equal(
        files.map((name) => readFileSync(join(outside.folder, name), "utf8")),
        notes,
        when,
      );
    }
  }));

test("two at once: one signs, the other finds it; both leave one line of numbers", () =>
  withCheckpointRoom(async ({ sign, grow, store, outside }) => {
    await sign();
    await grow();
    const both = await Promise.all([sign(), sign(), sign()]);
    assert.ok(
      both.every(({ kind }) => kind !== "refused"),
      both.map(sizeOf).join(" "),
    );
    assert.is(both.filter(({ kind }) => kind === "signed").length, 1);
    assert.is((await readCheckpoints(store.sql)).length, 2);
    assert.is(readdirSync(outside.folder).length, 2);
  }));

test("an older copy put in the file's place is refused with the numbers, and goes on only by an incarnation", () =>
  withCheckpointRoom(async ({ sign, grow, store, backup }) => {
    await sign();
    await grow();
    await sign();
    const older = backup();
    const then = (await store.head()).size;
    await grow();
    await grow();
    const lost = await sign();
    assert.is(lost.kind, "signed");
    const now = (await store.head()).size;

    const restored = await openSqliteStore(older);
    try {
      const no = await sign({ store: restored });
      assert.is(sizeOf(no), "ROLLED_BACK");
      assert.equal(no.kind === "refused" && no.numbers, { size: then, checkpoint: now, missing: now - then });
      assert.match(no.kind === "refused" ? no.next : "", /iu-ledger log incarnation/);
      // Grown past what is lost it is another history, and that shows as well.
      for (let i = 0; i < 4; i++) await appendOne(restored, i);
      assert.is(sizeOf(await sign({ store: restored })), "REWRITTEN");
    } finally {
      await restored.close();
    }
  }));

test("a tail cut off with its head, by the owner of the file", () =>
  withCheckpointRoom(async ({ sign, grow, store, forge }) => {
    await grow();
    await grow();
    await sign();
    const { size } = await store.head();
    const kept = rangeOf(await store.read(0, size - 2));
    forge(`DELETE FROM event WHERE position >= ${size - 2};
      UPDATE head SET size = ${size - 2}, peaks = x'${Buffer.concat(kept.peaks).toString("hex")}'`);
    assert.is(sizeOf(await sign()), "ROLLED_BACK");
  }));

test("an event row edited: in what is new at once, in what is old with --full", () =>
  withCheckpointRoom(async ({ sign, grow, store, forge }) => {
    await sign();
    const { size } = await store.head();
    await grow();
    await catchUp(store, store.sql);
    const [fresh] = await store.read(size, 1);
    const forged = (text: string) => `UPDATE event SET bytes = '${text.replaceAll("'", "''")}'`;
    const original = Buffer.from(fresh!.bytes).toString();
    forge(`${forged(original.replace("Charter", "Charted"))} WHERE position = ${size}`);
    const no = await sign();
    assert.is(sizeOf(no), "EVENTS_CHANGED");
    forge(`${forged(original)} WHERE position = ${size}`);
    assert.is((await sign()).kind, "signed");

    const [old] = await store.read(3, 1);
    forge(`${forged(Buffer.from(old!.bytes).toString().replace("2026", "2025"))} WHERE position = 3`);
    await grow();
    assert.is((await sign()).kind, "signed", "what is older than the last checkpoint is not hashed again each time");
    const full = await sign({ full: true });
    assert.is(sizeOf(full), "REWRITTEN");
    assert.match(full.kind === "refused" ? full.message : "", /before position/);
  }));

test("events, head and tiles rewritten together: the last checkpoint says so", () =>
  withCheckpointRoom(async ({ sign, grow, store, forge, file }) => {
    await sign();
    await grow();
    const { size } = await store.head();
    const events = await store.read(0, size);
    const changed = rechained(
      events.map((event) =>
        event.position === 1 ? edited(event, ({ data }) => Object.assign(data, { name: "Mallory" })) : event,
      ),
    );
    const range = rangeOf(changed);
    forge(`${changed
      .map(
        ({ position, bytes }) =>
          `UPDATE event SET bytes = '${Buffer.from(bytes).toString().replaceAll("'", "''")}' WHERE position = ${position};`,
      )
      .join("\n")}
      UPDATE head SET peaks = x'${Buffer.concat(range.peaks).toString("hex")}';
      UPDATE bookmark SET format = 0`);
    const again = await file.open();
    assert.is((await again.head()).root, rootHex(range));
    assert.is(sizeOf(await sign({ store: again })), "REWRITTEN");
  }));

test("tiles damaged alone: events and head agree, and the way out is a rebuild", () =>
  withCheckpointRoom(async ({ sign, grow, forge }) => {
    await sign();
    await grow();
    forge("UPDATE merkle_tile SET hashes = zeroblob(length(hashes))");
    const no = await sign();
    assert.is(sizeOf(no), "TREE_WRONG");
    assert.is(no.kind === "refused" && no.next, "iu-ledger rebuild");
  }));

test("the checkpoint outside damaged, another log's, or signed with another key", () =>
  withCheckpointRoom(async ({ sign, outside, origin, grow }) => {
    await sign();
    await grow();
    const file = join(outside.folder, "000000000000.checkpoint");
    const note = readFileSync(file);
    writeFileSync(file, note.subarray(0, note.length - 1));
    assert.is(sizeOf(await sign()), "CHECKPOINT_UNREADABLE");
    const flipped = Buffer.from(note);
    flipped[note.indexOf("\n") + 1] = 0x31;
    writeFileSync(file, flipped);
    assert.is(sizeOf(await sign()), "CHECKPOINT_FOREIGN");
    writeFileSync(file, note);
    assert.is((await sign({ outside: outsideOf(join(outside.folder, "elsewhere"), origin) })).kind, "signed");
    assert.is((await sign()).kind, "unchanged");
  }));

/** An event on the log's own stream that nobody signed for, by way of the store alone: linked and canonical as the ledger would write it. */
async function appendForged(store: Store, type: string, data: Record<string, unknown>): Promise<void> {
  const stream = "log-ledger";
  const last = (await store.readStream(stream, 0)).at(-1)!;
  const revision = last.revision + 1;
  const { bytes } = edited(last, (envelope) =>
    Object.assign(envelope, { id: randomUUID(), type, data, revision, prev: leafHash(last.bytes) }),
  );
  const command = { id: `forged ${type}`, part: 0, last: true, envelope: Buffer.from("{}") };
  await store.append([{ command, entries: [{ stream, revision, bytes }], guards: [] }]);
}

test("an incarnation that nobody signed for lets nothing go on: refused with its position, nothing is signed", () =>
  withCheckpointRoom(async ({ sign, grow, backup, outside }) => {
    const older = backup();
    await grow();
    const lost = await sign();
    const note = Buffer.from(lost.kind === "signed" ? lost.note : []);
    const there = lost.kind === "signed" ? lost.checkpoint : undefined;
    assert.is(lost.kind === "signed" && lost.incarnation, null);
    const restored = await openSqliteStore(older);
    try {
      const here = await restored.head();
      await appendForged(restored, "IncarnationStarted", {
        incarnation: 1,
        checkpoint: note.toString(),
        digest: sha256Hex(note),
        lost: { size: there?.size, root: Buffer.from(there?.root ?? []).toString("hex") },
        here,
        reason: "Restored.",
      });
      const no = await sign({ store: restored });
      assert.is(sizeOf(no), "INCARNATION_UNPROVEN");
      assert.equal(no.kind === "refused" && no.numbers, { incarnation: 1, startedAt: here.size, position: here.size });
      assert.match(no.kind === "refused" ? no.next : "", /iu-ledger replay/);
      assert.is(await newestStored(restored.sql), null);
      assert.is((await outside.newest())?.number, 0);
    } finally {
      await restored.close();
    }
  }));

test("a key that nobody adopted takes the place of the last one: refused with its position", () =>
  withCheckpointRoom(async ({ sign, store, origin, key }) => {
    await sign();
    const { size } = await store.head();
    const other = signerOf(origin, "another");
    await appendForged(store, "LogKeyAdopted", { vkey: formatVkey(other), replaces: formatVkey(key) });
    const no = await sign({ signer: other });
    assert.is(sizeOf(no), "LOG_KEY_UNPROVEN");
    assert.equal(no.kind === "refused" && no.numbers, { adoptedAt: size, position: size });
  }));

test("an incarnation: signed by a sovereign human it lets the log go on, linked to what is lost", () =>
  withCheckpointRoom(async ({ sign, grow, store, forge, ledger, outside, file }) => {
    await grow();
    await grow();
    const lost = await sign();
    const { size } = await store.head();
    const kept = rangeOf(await store.read(0, size - 2));
    forge(`DELETE FROM event WHERE position >= ${size - 2};
      DELETE FROM command WHERE position >= ${size - 2};
      UPDATE head SET size = ${size - 2}, peaks = x'${Buffer.concat(kept.peaks).toString("hex")}';
      DROP TABLE bookmark`);
    assert.is(sizeOf(await sign()), "ROLLED_BACK");
    const note = Buffer.from(lost.kind === "signed" ? lost.note : []);
    const here = await store.head();
    const data = { checkpoint: note.toString(), size: here.size, root: here.root, reason: "Restored." };
    await ledger.done("StartIncarnation", data, "ada");
    const again = await file.open();
    const next = await sign({ store: again });
    assert.is(sizeOf(next), `signed ${here.size + 1}`);
    assert.is(next.kind === "signed" && next.incarnation, 1);
    const [event] = await store.read(here.size, 1);
    const said = JSON.parse(Buffer.from(event!.bytes).toString()) as { data: { digest: string } };
    assert.is(said.data.digest, sha256Hex(note));
    assert.is((await outside.newest())?.number, 1);
    await grow();
    assert.is((await sign({ store: again })).kind, "signed");
  }));

test.run();
