/** What the tests of copying share: a history with everything that must come along, and how two ledgers are compared. */
import * as assert from "uvu/assert";
import { decide } from "../../commands/decide.js";
import { redactionSubject } from "../../commands/redaction.js";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { contentsNamed } from "../../src/events/contentsNamed.js";
import { leafHash } from "../../src/events/envelope.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { Append, Store } from "../../src/ledger/Store.js";
import { replay } from "../../src/replay/replay.js";
import { smallParts } from "../simulation/beginnings.js";
import { governedLedger, signerOfName, smallStatute } from "../support/governedRun.js";

/** Small parts, so that a short history has commands of many. */
export const decideInParts = smallParts(decide);

export interface Told {
  /** Erased, as the ledger says. */
  readonly erased: string;
  /** Erased as the ledger says, though its bytes are still there. */
  readonly notYetErased: string;
  /** Of a document that was refused. */
  readonly refused: string;
}

/** Two runs cut at the same time, so that their parts alternate; a refusal, which named content; two redactions, one not carried through. */
export async function tellHistory(store: Store): Promise<Told> {
  const governed = await governedLedger({ store, decide: decideInParts });
  const one = await governed.run({ until: "rehearsed" });
  const other = await governed.run({
    bytes: Buffer.from(smallStatute.toString("utf8").replace("coin", "penny")),
    until: "rehearsed",
  });
  await Promise.all([governed.advance(one.run, "cut"), governed.advance(other.run, "cut")]);
  await governed.advance(one.run, "enacted");
  await governed.advance(other.run, "reverted");
  const refused = await governed.putContent(Buffer.from("Gr\u00fc\u00dfe", "latin1"));
  const document = governed.newId();
  const no = await governed.submit(
    "RegisterDocument",
    { document, title: "Old", source: null, content: refused },
    "carl",
  );
  assert.is(no.kind === "refused" && no.code, "INVALID_UTF8");
  const opal = signerOfName("opal");
  const key = publicKeyOf(opal.privateKey);
  const person = {
    principal: "opal",
    kind: "human",
    name: "Opal",
    roles: ["operator"],
    responsible: "opal",
    key,
  } as const;
  await governed.done("RegisterPrincipal", { ...person, roles: [...person.roles] }, "ada");
  // Documents of their own, which nobody cuts.
  const erased: string[] = [];
  for (const text of ["A text to be erased.\n", "Another text to be erased.\n"]) {
    const content = await governed.putContent(Buffer.from(text));
    await governed.done(
      "RegisterDocument",
      { document: governed.newId(), title: "Diary", source: null, content },
      "carl",
    );
    const asked = { redaction: governed.newId(), contents: [content], reason: "a court said so" };
    await governed.done("RequestRedaction", asked, "carl");
    const ruling = {
      redaction: asked.redaction,
      outcome: "approved",
      subject: redactionSubject(asked),
      reason: "it did",
    } as const;
    await governed.done("RuleRedaction", ruling, "bela");
    const place = { id: governed.newId(), ledger: governed.id, at: governed.now() };
    const { kind } = await governed.ledger.submit(
      signCommand("RedactContent", { redaction: asked.redaction }, place, opal),
    );
    assert.is(kind, "committed");
    erased.push(content);
  }
  const [gone, still] = erased as [string, string];
  await store.content.erase(gone);
  return { erased: gone, notYetErased: still, refused };
}

/** A history of the right shape that nobody decided: for what only size shows. Commands have up to three parts, which alternate. */
export async function writeMany(store: Store, commands: number): Promise<void> {
  const id = (name: string) => uuidV5("00000000-0000-4000-8000-00000000c0b1", name);
  const tails = new Map<string, { revision: number; hash: string }>();
  let batch: Append[] = [];
  for (let n = 0; n < commands; n++) {
    for (const [of, part] of [
      [n, 0],
      [n - 1, 1],
      [n - 2, 2],
    ] as const) {
      if (of < 0 || (part > 0 && of % 3 < part)) continue;
      const envelope = canonicalBytes({ payload: `command ${of}` });
      const stream = `run-${id(`run ${of % 40}`)}`;
      const entries = Array.from({ length: 1 + ((of + part) % 4) }, (_, i) => {
        const tail = tails.get(stream);
        const revision = (tail?.revision ?? -1) + 1;
        const bytes = canonicalBytes({
          command: { id: id(`command ${of}`), digest: sha256Hex(envelope) },
          data: { filler: "x".repeat(100), i, part },
          prev: tail?.hash ?? null,
          revision,
          stream,
        });
        tails.set(stream, { revision, hash: leafHash(bytes) });
        return { stream, revision, bytes };
      });
      batch.push({ command: { id: id(`command ${of}`), part, last: of % 3 === part, envelope }, entries, guards: [] });
    }
    if (batch.length >= 250 || n === commands - 1) {
      await store.append(batch);
      batch = [];
    }
  }
}

/** All that a ledger holds, as values. */
export async function everythingIn(store: Store) {
  const head = await store.head();
  const plain = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  const events = (await store.read(0, head.size + 1)).map((one) => ({ ...one, bytes: plain(one.bytes) }));
  const commands = (await store.commands(0, head.size + 1)).map((one) => ({ ...one, envelope: plain(one.envelope) }));
  return { head, events, commands };
}

/** The contents the ledger names, by what is stored of them. */
export async function contentsIn(store: Store): Promise<Record<string, string | null>> {
  const { events, commands } = await everythingIn(store);
  const values = [
    ...events.map(({ bytes }) => JSON.parse(Buffer.from(bytes, "latin1").toString("utf8")) as unknown),
    ...commands.map(({ envelope }) => {
      const { payload } = JSON.parse(envelope) as { payload: string };
      return JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as unknown;
    }),
  ];
  const contents: Record<string, string | null> = {};
  for (const commitment of new Set(contentsNamed(values).sort())) {
    const content = await store.content.get(commitment);
    contents[commitment] =
      content === undefined
        ? null
        : `${Buffer.from(content.salt).toString("hex")} ${Buffer.from(content.bytes).toString("latin1")}`;
  }
  return contents;
}

/** What replay says of a ledger, check by check, but for what stands beside it. */
export async function replayed(store: Store): Promise<{ root: string; checks: string[] }> {
  const { root, checks } = await replay(store, { decide: decideInParts });
  const beside = ["projections", "database", "copy"];
  const own = checks.filter(({ name }) => !beside.includes(name));
  return { root, checks: own.map(({ name, verdict, assertions }) => `${name} ${verdict} ${assertions}`) };
}

/** A store that must only be read. */
export function readOnly(store: Store): Store {
  const forbidden = () => Promise.reject(new Error("the source was written"));
  return { ...store, append: forbidden, content: { ...store.content, put: forbidden, erase: forbidden } };
}
