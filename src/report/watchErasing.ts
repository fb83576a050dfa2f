/** A watch over texts erased anywhere on the ledger: none without an approved, unexpired ruling of a sovereign human, who did not ask for it, on exactly that text. */
import { digestOf } from "../events/canonical.js";
import { isRevoked } from "./Past.js";
import { type Watch, watch } from "./Watch.js";

export function erasingWatch(): Watch {
  return watch(
    {
      id: "erased-by-ruling",
      says: "No text was erased without a ruling: by a sovereign human who did not ask for it, in time, on exactly that text.",
      scope: "ledger",
      of: ["erased text", "erased texts"],
      by: "each ContentRedacted of the ledger, with the redaction it names, its request and its ruling at that position",
    },
    (looking, { position, event }, past) => {
      if (event.type !== "ContentRedacted") return;
      const { redaction: id, content } = event.data;
      const redaction = past.redactions.get(id);
      const ruling = redaction?.ruling ?? null;
      if (redaction === undefined || ruling === null) {
        looking.judge(position, [[false, `${content.slice(0, 12)}… was erased under ${id}, which nobody ruled on`]]);
        return;
      }
      const { request } = redaction;
      const ruler = past.principals.get(ruling.actor);
      const subject = digestOf({ redaction: id, contents: request.contents, reason: request.reason });
      looking.judge(position, [
        [
          ruler?.kind === "human" && ruler.roles.includes("sovereign"),
          `${ruling.actor}, who ruled, is no sovereign human`,
        ],
        [!isRevoked(past, ruling.actor), `${ruling.actor}, who ruled, had been revoked`],
        [ruling.actor !== request.requestedBy, `${ruling.actor} ruled on their own request`],
        [
          ruling.actor === request.requestedBy || ruling.actor !== request.responsible,
          `${ruling.actor} answers for ${request.requestedBy}, who asked`,
        ],
        [ruling.data.outcome === "approved", `redaction ${id} was ${ruling.data.outcome}`],
        [ruling.data.expires > event.time, `the ruling on ${id} had expired at ${ruling.data.expires}`],
        [ruling.data.subject === subject, `the ruling on ${id} is not on what was requested`],
        [request.contents.includes(content), `${content.slice(0, 12)}… is not among what ${id} was about`],
        [!past.erased.has(content), `${content.slice(0, 12)}… had been erased already`],
      ]);
    },
  );
}
