/** Redaction, to the end: a text is gone from everywhere it stood, every proof still holds, and absence without authority is found. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { redactionSubject } from "../../commands/redaction.js";
import { compose, type GovernedLedger } from "../../src/app.js";
import { canonicalBytes, digestOf, sha256Hex } from "../../src/events/canonical.js";
import { type Envelope, leafHash } from "../../src/events/envelope.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { generateSigner, publicKeyOf, type Signer } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { ReplayReport } from "../../src/replay/Check.js";
import { replay } from "../../src/replay/replay.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { governedRun } from "../support/governedRun.js";
import { forge } from "./attempt.js";
import { edited, fixHead, openedUpInMemory, parsed, rechained } from "./openedUp.js";

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

/** A verified run in memory whose text was lawfully erased, opened up for somebody with the store. */
async function erasedRoom() {
  const governed = await governedRun({ bytes: Buffer.from(text), until: "verified" });
  const operator = generateSigner("opal");
  const opal = { principal: "opal", kind: "human", name: "Opal", responsible: "opal" } as const;
  await governed.done(
    "RegisterPrincipal",
    { ...opal, roles: ["operator"], key: publicKeyOf(operator.privateKey) },
    "ada",
  );
  const { content } = await governed.state(governed.runId);
  const asked = { redaction: id, contents: [content], reason: "A court said so." };
  await governed.done("RequestRedaction", asked, "carl");
  const subject = redactionSubject(asked);
  await governed.done("RuleRedaction", { redaction: id, outcome: "approved", subject, reason: "It did." }, "bela");
  const frame = { id: governed.newId(), ledger: governed.id, at: governed.now() };
  await governed.ledger.submit(signCommand("RedactContent", { redaction: id }, frame, operator));
  await governed.store.content.erase(content);
  const ledger = await openedUpInMemory(governed.store);
  const findings = async (name: string) => findingsOf(await replay(ledger.store), name);
  assert.equal(await findings("state-machine"), []);
  return { governed, ledger, content, findings };
}

const mallory = (by: string) => ({
  stream: "principal-mallory",
  type: "PrincipalRegistered",
  data: {
    principal: "mallory",
    kind: "human",
    name: "Mallory",
    roles: ["sovereign", "admin"],
    responsible: "mallory",
    key: publicKeyOf(generateSigner(by).privateKey),
  },
});

redaction("what hangs on no text is still decided: no part of a command is excused whole", async () => {
  const { governed, ledger, content, findings } = await erasedRoom();
  const document = governed.newId();
  const data = { document, title: "Odd", source: null, content };
  const envelope = governed.sign("RegisterDocument", data, "carl");
  const registered = { stream: `document-${document}`, type: "DocumentRegistered", data: { ...data, length: 7 } };
  const position = await forge(ledger, envelope, "carl", [registered, mallory("mallory")]);
  const [found] = await findings("state-machine");
  assert.is(found?.position, position);
  assert.match(found?.message ?? "", /RegisterDocument never writes DocumentRegistered, PrincipalRegistered/);
});

redaction("an event that says a text was erased counts only from a command that erases", async () => {
  const { governed, ledger, findings } = await erasedRoom();
  const never = "0f".repeat(32);
  const redactionId = governed.newId();
  const envelope = governed.sign(
    "RequestRedaction",
    { redaction: redactionId, contents: [never], reason: "None." },
    "carl",
  );
  const erased = {
    stream: `content-${never}`,
    type: "ContentRedacted",
    data: { redaction: redactionId, content: never },
  };
  const position = await forge(ledger, envelope, "carl", [erased, mallory("mallory")]);
  assert.ok((await findings("state-machine")).some((one) => one.position === position));
});

redaction("a record is still of the shape its writer makes, and says what it says", async () => {
  for (const [edit, check] of [
    [
      (data: Record<string, unknown>) => Object.assign(data["record"] as object, { forged: "nothing was checked" }),
      "writers",
    ],
    [(data: Record<string, unknown>) => Object.assign(data, { assertions: 999_999 }), "state-machine"],
    [
      (data: Record<string, unknown>) => Object.assign(data, { by: { responsible: "ada", keyid: "00".repeat(8) } }),
      "state-machine",
    ],
  ] as const) {
    const { ledger, findings } = await erasedRoom();
    const events = await ledger.events();
    const changed = events.map((event) =>
      parsed(event).type === "VerifyRecorded"
        ? edited(event, ({ data }) => {
            edit(data);
            data["recordDigest"] = digestOf(data["record"]);
          })
        : event,
    );
    await ledger.setEvents(rechained(changed));
    await fixHead(ledger);
    assert.ok((await findings(check)).length > 0, check);
  }
});

redaction("a ruling that somebody put into the store erases nothing", () =>
  withRoom(async (room) => {
    await room.ask([room.content]);
    const { store } = room.ledger;
    const [asked] = await store.readStream(`redaction-${id}`, 0, 1);
    const { subject } = JSON.parse(Buffer.from(asked?.bytes ?? []).toString()).data as { subject: string };
    const stream = `redaction-${id}`;
    const command = "00000000-0000-4000-8000-0000000f0e9d";
    const envelope = Buffer.from("{}");
    const ruled = { redaction: id, outcome: "approved", subject, reason: "It did.", ruledBy: "bela" };
    const event: Envelope = {
      schema: 1,
      type: "RedactionRuled",
      id: uuidV5(command, "0/0"),
      stream,
      revision: 1,
      prev: leafHash(asked?.bytes ?? new Uint8Array()),
      time: room.ledger.now(),
      actor: "bela",
      command: { id: command, digest: sha256Hex(envelope) },
      cause: null,
      data: { ...ruled, expires: "2027-01-01T00:00:00.000Z" },
    };
    const entries = [{ stream, revision: 1, bytes: canonicalBytes(event as never) }];
    await store.append([{ command: { id: command, part: 0, last: true, envelope }, entries, guards: [] }]);
    let said = "";
    await room.carryOut().catch((error: Error) => {
      said = error.message;
    });
    assert.match(said, /^nothing was erased under redaction/);
    assert.ok(await room.ledger.content(room.content));
  }),
);

redaction.run();
