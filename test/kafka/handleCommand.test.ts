// One message, worked out against a real engine in memory: what is answered, what is no command, what waits; and whose content is stored.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { redactionSubject } from "../../commands/redaction.js";
import { commitContent } from "../../src/events/commitment.js";
import { commandMessage, contentHeader } from "../../src/kafka/commandMessage.js";
import { type CommandLedger, handleCommand } from "../../src/kafka/handleCommand.js";
import type { IncomingMessage, OutgoingMessage } from "../../src/kafka/RawMessage.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { refused } from "../../src/ledger/Decision.js";
import { type Content, StoreError } from "../../src/ledger/Store.js";
import { type GovernedLedger, governedLedger, type Person, signerOfName } from "../support/governedRun.js";

const handling = suite("kafka: one command");

/** The message as a consumer gets it. */
const arrived = ({ key, value, headers }: OutgoingMessage): IncomingMessage => ({
  key: key === null ? null : Buffer.from(key),
  value,
  headers,
  offset: "0",
  timestamp: "0",
});

interface Room extends Omit<GovernedLedger, "register"> {
  readonly port: CommandLedger;
  /** Commitments that were put, in order. */
  readonly put: string[];
  register(by?: Person): { message: IncomingMessage; content: Content & { commitment: string }; document: string };
}

async function room(): Promise<Room> {
  const governed = await governedLedger();
  const put: string[] = [];
  const { store, ledger } = governed;
  const content = {
    ...store.content,
    put: (commitment: string, one: Content) => {
      put.push(commitment);
      return store.content.put(commitment, one);
    },
  };
  const port: CommandLedger = {
    store: { command: (id) => store.command(id), content },
    submitEnvelope: (envelope) => ledger.submit(envelope),
    considerEnvelope: (envelope) => ledger.consider(envelope),
    state: (category, key) => ledger.state(category, key),
  };
  let salts = 100;
  return {
    ...governed,
    port,
    put,
    register(by = "carl") {
      const document = governed.newId();
      const salt = new Uint8Array(32).fill(salts++);
      const bytes = Buffer.from("Charter\n");
      const commitment = commitContent(salt, bytes);
      const data = { document, title: "Charter", source: null, content: commitment };
      const envelope = governed.sign("RegisterDocument", data, by);
      const message = commandMessage(envelope, { document, contents: [{ salt, bytes }] });
      return { message: arrived(message), content: { salt, bytes, commitment }, document };
    },
  };
}

handling("a command is answered; again it is a duplicate, and its content is not put again", async () => {
  const { port, put, register, store } = await room();
  const { message, content } = register();
  const first = await handleCommand(port, message);
  assert.is(first.kind === "answered" && first.result.kind, "committed");
  assert.equal(put, [content.commitment]);
  // Erased since: a message that is delivered again must not bring it back.
  await store.content.erase(content.commitment);
  const again = await handleCommand(port, message);
  assert.is(again.kind === "answered" && again.result.kind, "duplicate");
  assert.equal(put, [content.commitment]);
  assert.is(await store.content.get(content.commitment), undefined);
});

handling("nothing is stored for whoever the ledger does not listen to", async () => {
  const here = await room();
  const { port, put, register } = here;
  const forged = register();
  const opened = JSON.parse(forged.message.value?.toString() ?? "");
  opened.signatures[0].sig = Buffer.alloc(64).toString("base64");
  const wrong = await handleCommand(port, { ...forged.message, value: Buffer.from(JSON.stringify(opened)) });
  assert.is(wrong.kind === "answered" && wrong.result.kind === "refused" && wrong.result.code, "SIGNATURE_WRONG");
  const unfit = await handleCommand(port, register("rhea").message);
  assert.is(unfit.kind === "answered" && unfit.result.kind === "refused" && unfit.result.code, "ROLE_REQUIRED");
  const late = register();
  here.wait(25);
  const expired = await handleCommand(port, late.message);
  assert.is(expired.kind === "answered" && expired.result.kind === "refused" && expired.result.code, "COMMAND_EXPIRED");
  assert.equal(put, []);
});

handling(
  "refused for now, by a run that is open, its content is there all the same when the command is judged",
  async () => {
    const here = await room();
    const { document } = await here.run({ until: "opened" });
    const salt = new Uint8Array(32).fill(77);
    const bytes = Buffer.from("Another charter\n");
    const content = commitContent(salt, bytes);
    const envelope = here.sign("ReviseDocument", { document, content }, "carl");
    const message = arrived(commandMessage(envelope, { document, contents: [{ salt, bytes }] }));
    const answered = await handleCommand(here.port, message);
    assert.is(answered.kind === "answered" && answered.result.kind === "refused" && answered.result.code, "RUN_OPEN");
    assert.equal(here.put, [content]);
  },
);

handling(
  "a text that was erased by authority does not come back, whoever sends it along, under whatever command",
  async () => {
    const here = await room();
    const { port, put, store } = here;
    const { message, content } = here.register();
    await handleCommand(port, message);
    const { salt, bytes, commitment } = content;
    const asked = { redaction: here.newId(), contents: [commitment], reason: "a court said so" };
    await here.done("RequestRedaction", asked, "carl");
    const ruling = { redaction: asked.redaction, outcome: "approved" as const, reason: "it did" };
    await here.done("RuleRedaction", { ...ruling, subject: redactionSubject(asked) }, "bela");
    const opal = signerOfName("opal");
    const key = publicKeyOf(opal.privateKey);
    const person = { principal: "opal", kind: "human" as const, name: "Opal", responsible: "opal", key };
    await here.done("RegisterPrincipal", { ...person, roles: ["operator"] }, "ada");
    const place = { id: here.newId(), ledger: here.id, at: here.now() };
    const gone = await here.ledger.submit(signCommand("RedactContent", { redaction: asked.redaction }, place, opal));
    assert.is(gone.kind, "committed");
    await store.content.erase(commitment);
    put.length = 0;

    const document = here.newId();
    const again = here.sign("RequestRedaction", { ...asked, redaction: here.newId() }, "carl");
    const anew = here.sign("RegisterDocument", { document, title: "Diary", source: null, content: commitment }, "carl");
    for (const [envelope, code] of [
      [again, "CONTENT_REDACTED"],
      [anew, "CONTENT_MISSING"],
    ] as const) {
      const sent = arrived(commandMessage(envelope, { document, contents: [{ salt, bytes }] }));
      const answered = await handleCommand(port, sent);
      assert.is(answered.kind === "answered" && answered.result.kind === "refused" && answered.result.code, code);
      assert.equal(put, [], code);
      assert.is(await store.content.get(commitment), undefined, code);
    }

    // Refused for something else than a content that is missing: nothing is stored.
    const other = here.register().content;
    const taken = here.sign("RequestRedaction", { ...asked, contents: [other.commitment] }, "carl");
    const no = await handleCommand(port, arrived(commandMessage(taken, { document, contents: [other] })));
    assert.is(no.kind === "answered" && no.result.kind === "refused" && no.result.code, "REDACTION_EXISTS");
    assert.equal(put, []);

    // Redacted between the look and the put: what was put goes again.
    let looks = 0;
    const state = (async () => ({ redaction: looks++ === 0 ? null : "r" })) as unknown as CommandLedger["state"];
    const raced = here.register();
    await handleCommand({ ...port, state }, raced.message);
    assert.equal([put, looks], [[raced.content.commitment], 2]);
    assert.is(await store.content.get(raced.content.commitment), undefined);
  },
);

handling("no commands: each kind by its code; who can be told is named", async () => {
  const { port, register } = await room();
  const { message, content } = register();
  const kinds: [IncomingMessage, string, boolean][] = [
    [{ ...message, value: null }, "NO_VALUE", false],
    [{ ...message, value: Buffer.from([0xff]) }, "MALFORMED", false],
    [{ ...message, value: Buffer.from("{}") }, "MALFORMED", false],
    [{ ...message, headers: { [contentHeader]: null } }, "CONTENT_MALFORMED", true],
    [{ ...message, headers: { [contentHeader]: Buffer.alloc(64) } }, "CONTENT_NOT_NAMED", true],
  ];
  for (const [one, code, told] of kinds) {
    const handled = await handleCommand(port, one);
    assert.is(handled.kind === "poison" && handled.poison.code, code);
    assert.is(handled.kind === "poison" && handled.command !== null, told);
    assert.is(handled.kind === "poison" && handled.result.kind, "malformed");
  }
  assert.is(await port.store.content.get(content.commitment), undefined);
});

handling(
  "what is no answer of the command waits: lost races, unknown outcomes, this machine's clock, the ledger's place",
  async () => {
    const { port, register } = await room();
    const { message } = register();
    const never = { next: "Again." };
    const waits: [Partial<CommandLedger>, string][] = [
      [
        {
          submitEnvelope: async () => ({
            kind: "conflict",
            stream: "s",
            expected: 1,
            actual: 2,
            attempts: 50,
            ...never,
          }),
        },
        "CONFLICT",
      ],
      [{ submitEnvelope: async () => ({ kind: "unknown", message: "who knows", ...never }) }, "UNKNOWN_OUTCOME"],
      [
        {
          submitEnvelope: async () => {
            const { record: _, ...no } = refused("CLOCK_BEHIND", "late", {}, "Look.");
            return { ...no, position: null };
          },
        },
        "CLOCK_BEHIND",
      ],
      ...(["UNAVAILABLE", "LOCKED", "DISK_FULL", "READ_ONLY"] as const).map(
        (code): [Partial<CommandLedger>, string] => [
          { considerEnvelope: () => Promise.reject(new StoreError(code, "no", never)) },
          code,
        ],
      ),
    ];
    for (const [trouble, code] of waits) {
      const handled = await handleCommand({ ...port, ...trouble }, message);
      assert.is(handled.kind === "trouble" && handled.trouble.code, code);
    }
    for (const code of ["CORRUPT", "NOT_A_LEDGER", "NEWER_LEDGER"] as const) {
      const error = new StoreError(code, "no", never);
      const thrown = await handleCommand({ ...port, submitEnvelope: () => Promise.reject(error) }, message).catch(
        (e) => e,
      );
      assert.is(thrown, error, "what will not pass ends the worker");
    }
  },
);

handling.run();
