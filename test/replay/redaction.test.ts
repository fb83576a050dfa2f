/** Redaction, to the end: a text is gone from everywhere it stood, every proof still holds, and absence without authority is found. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { redactionSubject } from "../../commands/redaction.js";
import { compose, type GovernedLedger } from "../../src/app.js";
import { generateSigner, publicKeyOf, type Signer } from "../../src/keys/Signer.js";
import type { ReplayReport } from "../../src/replay/Check.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { governedRun } from "../support/governedRun.js";

const redaction = suite("redaction");
const id = "00000000-0000-4000-8000-00000000eda0";
const secret = "The unmentionable clause of the seventh lamp.";
const text = `Charter\n\nArticle 1. Heading of the unmentionable\n${secret}\n\nArticle 2. Other\nNothing else.\n`;

interface Room {
  readonly ledger: GovernedLedger;
  readonly run: string;
  readonly content: string;
  readonly plan: string;
  /** The file and its log, as bytes that stand for characters. */
  disk(): Promise<string>;
  ask(contents: readonly string[]): Promise<void>;
  rule(contents: readonly string[]): Promise<void>;
  carryOut(): Promise<void>;
  replayed(): Promise<ReplayReport>;
}

/** An enacted run of the text on a SQLite file, and people who can redact. */
async function withRoom(work: (room: Room) => Promise<void>): Promise<void> {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    const governed = await governedRun({ store, bytes: Buffer.from(text), until: "enacted" });
    const ledger = compose(store, store.sql, { clock: governed.now });
    const operator: Signer = generateSigner("opal");
    await governed.done(
      "RegisterPrincipal",
      {
        principal: "opal",
        kind: "human",
        name: "Opal",
        roles: ["operator"],
        responsible: "opal",
        key: publicKeyOf(operator.privateKey),
      },
      "ada",
    );
    await ledger.catchUp();
    const { content, plan } = await governed.state(governed.runId);
    const reason = "A court said so.";
    await work({
      ledger,
      run: governed.runId,
      content,
      plan: plan?.planContent ?? "",
      async disk() {
        const parts = await Promise.all(
          [file.path, `${file.path}-wal`].map((path) => readFile(path).catch(() => Buffer.alloc(0))),
        );
        return parts.map((bytes) => bytes.toString("latin1")).join("");
      },
      async ask(contents) {
        await governed.done("RequestRedaction", { redaction: id, contents: [...contents].sort(), reason }, "carl");
      },
      async rule(contents) {
        const subject = redactionSubject({ redaction: id, contents: [...contents].sort(), reason });
        await governed.done(
          "RuleRedaction",
          { redaction: id, outcome: "approved", subject, reason: "It did." },
          "bela",
        );
      },
      async carryOut() {
        const result = await ledger.submit("RedactContent", { redaction: id }, operator);
        assert.is(result.kind, "committed", JSON.stringify(result));
      },
      replayed: () => ledger.replay(),
    });
  });
}

const noteOf = (report: ReplayReport, name: string) => report.checks.find((check) => check.name === name)?.note ?? "";
const findingsOf = (report: ReplayReport, name: string) =>
  report.checks.find((check) => check.name === name)?.findings ?? [];

redaction("text, headings and salts are gone from the file; replay passes and counts what it could not look at", () =>
  withRoom(async (room) => {
    const both = [room.content, room.plan];
    assert.ok((await room.disk()).includes(secret));
    assert.ok((await room.ledger.query.units({ run: room.run })).some(({ title }) => title?.includes("unmentionable")));
    const before = await room.replayed();
    assert.is(before.verdict, "PASS");
    await room.ask(both);
    await room.rule(both);
    assert.ok((await room.disk()).includes(secret), "a ruling erases nothing");
    await room.carryOut();
    const texts = await room.ledger.query.texts({ run: room.run });
    assert.ok(texts.length > 0 && texts.every((one) => one.text === null && one.textStatus === "redacted"));
    assert.ok(texts.every(({ title }) => title === null));
    assert.is((await room.ledger.query.redactions())[0]?.status, "executed");
    const disk = await room.disk();
    for (const word of ["unmentionable", secret]) assert.not.ok(disk.includes(word), word);
    const after = await room.replayed();
    assert.equal(
      after.checks
        .filter(({ name, verdict }) => verdict !== "PASS" && name !== "checkpoints")
        .map(({ name, findings }) => [name, findings]),
      [],
    );
    assert.is(after.verdict, "PASS");
    assert.match(
      noteOf(after, "content"),
      /redacted with authority, so not looked at: 2 contents named at positions \d+, \d+/,
    );
    assert.match(
      noteOf(after, "state-machine"),
      /decided on text that is redacted with authority, so not decided again/,
    );
    assert.match(noteOf(after, "writers"), /the writer was not run again: 1 record at position \d+/);
    // A rebuild without the text gives what following with it gave.
    assert.not.ok((await room.ledger.rebuild()).swapped);
  }),
);

redaction("a text that is gone without a redaction is missing", () =>
  withRoom(async (room) => {
    await room.ledger.store.content.erase(room.content);
    const report = await room.replayed();
    assert.is(report.verdict, "FAIL");
    assert.is(findingsOf(report, "content")[0]?.rule, "missing");
    assert.is((await room.ledger.query.texts({ run: room.run }))[0]?.textStatus, "missing");
  }),
);

redaction("a redacted text that is put back is found, and the command again erases it", () =>
  withRoom(async (room) => {
    const kept = await room.ledger.content(room.content);
    assert.ok(kept);
    await room.ask([room.content]);
    await room.rule([room.content]);
    await room.carryOut();
    await room.ledger.store.content.put(room.content, kept);
    const report = await room.replayed();
    assert.equal(
      findingsOf(report, "content").map(({ rule }) => rule),
      ["erased"],
    );
    await room.carryOut();
    assert.is(await room.ledger.content(room.content), undefined);
    const again = await room.replayed();
    assert.equal(
      again.checks.flatMap(({ findings }) => findings),
      [],
    );
    assert.is(again.verdict, "PASS");
  }),
);

redaction("nothing goes before the ruling is carried out, whatever is asked", () =>
  withRoom(async (room) => {
    await room.ask([room.content]);
    assert.ok(await room.ledger.content(room.content));
    const operator = generateSigner("mallory");
    const refused = await room.ledger.submit("RedactContent", { redaction: id }, operator);
    assert.is(refused.kind, "refused");
    assert.ok(await room.ledger.content(room.content));
  }),
);

redaction.run();
