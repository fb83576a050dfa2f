/** Attackers who are after the texts beside the ledger. */
import { type Attack, everyStore } from "../Attack.js";
import { answering } from "../eyes.js";
import { eventOf, type Hands } from "../Hands.js";

export const textAttacks: readonly Attack[] = [
  {
    id: "text-erased",
    attacker: "can write the database",
    done: "erases the charter's text and its salt, and nothing says by whose authority",
    notices: ["replay: content"],
    blind: [{ eye: "log checkpoint --full", why: "texts are not in the log, only commitments to them" }],
    stores: everyStore,
    async play({ eyes, hands, facts, say, untouched, noticed, blind }) {
      const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
      await untouched(eyes.replay, full);
      await hands.run(["DELETE FROM content WHERE commitment = ?", await textOf(hands, facts.document)]);
      await noticed(eyes.replay, { code: "content", rule: "missing" });
      await blind(full);
    },
  },
  {
    id: "text-changed",
    attacker: "can write the database",
    done: "lends a book for ninety days instead of thirty, in the stored text",
    notices: ["replay: content"],
    blind: [{ eye: "log checkpoint --full", why: "texts are not in the log, only commitments to them" }],
    stores: everyStore,
    async play({ eyes, hands, facts, say, untouched, noticed, blind }) {
      const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
      await untouched(eyes.replay, full);
      const commitment = await textOf(hands, facts.document);
      const [row] = await hands.query<{ bytes: Uint8Array }>(
        "SELECT bytes FROM content WHERE commitment = ?",
        commitment,
      );
      const text = Buffer.from(row?.bytes ?? [])
        .toString()
        .replace("thirty", "ninety");
      await hands.run(["UPDATE content SET bytes = ? WHERE commitment = ?", Buffer.from(text), commitment]);
      await noticed(eyes.replay, { code: "content", rule: "commitment" });
      await blind(full);
    },
  },
  {
    id: "redaction-undone",
    attacker: "can write the database, and kept a text that was redacted by ruling",
    done: "puts the text and its salt back where they stood",
    notices: ["replay: content"],
    blind: [
      { eye: "log checkpoint --full", why: "texts are not in the log; and what somebody keeps at home nobody sees" },
    ],
    stores: everyStore,
    async play({ eyes, hands, facts, done, say, untouched, noticed, blind }) {
      const full = answering("log checkpoint --full", () => say("log", "checkpoint", "--full"));
      const commitment = await textOf(hands, facts.document);
      const [kept] = await hands.query<{ salt: Uint8Array; bytes: Uint8Array }>(
        "SELECT salt, bytes FROM content WHERE commitment = ?",
        commitment,
      );
      if (kept === undefined) throw new Error("there is no text to keep");
      const { json } = await done(
        "redaction",
        "request",
        "--document",
        facts.document,
        "--reason",
        "ruling 12/26",
        "--as",
        "editor",
      );
      const redaction = String(json["redaction"]);
      const subject = ["--subject", String(json["subject"])];
      await done("redaction", "rule", redaction, "--approve", "--reason", "as ruled", ...subject, "--as", "second");
      await done("redaction", "execute", redaction, "--as", "operator");
      await untouched(eyes.replay, full);
      const { salt, bytes } = kept;
      await hands.run([
        "INSERT INTO content (commitment, salt, bytes) VALUES (?, ?, ?)",
        commitment,
        Buffer.from(salt),
        Buffer.from(bytes),
      ]);
      await noticed(eyes.replay, { code: "content", words: /was redacted here and is still stored, or again/ });
      await blind(full);
    },
  },
];

/** The commitment to a document's first text. */
async function textOf(hands: Hands, document: string): Promise<string> {
  const registered = (await hands.events())
    .map(({ bytes }) => eventOf(bytes))
    .find(({ type, data }) => type === "DocumentRegistered" && data["document"] === document);
  return String(registered?.data["content"]);
}
