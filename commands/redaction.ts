/**
 * Redaction: the erasing of texts by authority. One asks, a sovereign human rules on exactly those texts, an operator carries it out;
 * what is on the ledger stays, and says for ever that a text was erased, when, by whom and why. Deciding erases nothing: the bytes go when the
 * events are on the ledger (`src/client/eraseRedacted.ts`), so that no text is ever gone without a word.
 */
import { z } from "zod";
import { digestOf } from "../src/events/canonical.js";
import { asEvent } from "../src/events/decode.js";
import type { FactData } from "../src/events/facts.js";
import { digest, lastInstantMs, text, uuid } from "../src/events/fields.js";
import { streamName } from "../src/events/streams.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  type Refused,
  refused,
  type World,
} from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { policyInForce } from "./policy.js";
import { principalCategory } from "./principal.js";

export const commands = {
  RequestRedaction: z.strictObject({
    redaction: uuid,
    contents: z
      .array(digest)
      .min(1)
      .max(100)
      .refine((list) => list.every((one, i) => i === 0 || (list[i - 1] as string) < one), "must be sorted, each once"),
    reason: text,
  }),
  RuleRedaction: z.strictObject({
    redaction: uuid,
    outcome: z.enum(["approved", "rejected"]),
    subject: digest,
    reason: text,
  }),
  RedactContent: z.strictObject({ redaction: uuid }),
};

export interface RedactionState {
  request: FactData<"RedactionRequested"> | null;
  ruling: FactData<"RedactionRuled"> | null;
  executed: boolean;
}

export const redactionCategory: Category<RedactionState> = {
  name: "redaction",
  initial: () => ({ request: null, ruling: null, executed: false }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "RedactionRequested":
        state.request = event.data;
        break;
      case "RedactionRuled":
        state.ruling = event.data;
        break;
      case "RedactionExecuted":
        state.executed = true;
        break;
    }
  },
};

export interface ContentState {
  /** The redaction under which it was erased, or null. */
  redaction: string | null;
}

export const contentCategory: Category<ContentState> = {
  name: "content",
  initial: () => ({ redaction: null }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "ContentRedacted") state.redaction = event.data.redaction;
  },
};

/** What a ruling names: the digest of all that is asked for. */
export function redactionSubject(asked: { redaction: string; contents: readonly string[]; reason: string }): string {
  const { redaction, contents, reason } = asked;
  return digestOf({ redaction, contents, reason });
}

export function decideRedaction(command: CommandsOf<typeof commands>, world: World): Decision {
  const state = world.state(redactionCategory, command.data.redaction);
  switch (command.type) {
    case "RequestRedaction":
      return decideRequest(command, state, world);
    case "RuleRedaction":
      return decideRuling(command, state, world);
    case "RedactContent":
      return decideErasing(command.data.redaction, state, world);
  }
}

function decideRequest(
  { actor, data }: CommandsOf<typeof commands, "RequestRedaction">,
  { request }: Readonly<RedactionState>,
  world: World,
): Decision {
  const { redaction, contents, reason } = data;
  const subject = redactionSubject(data);
  if (request !== null) {
    if (request.subject === subject && request.requestedBy === actor) return nothing;
    return refused(
      "REDACTION_EXISTS",
      `${redaction} was requested already, by ${request.requestedBy}: ${request.reason}`,
      { redaction, contents: request.contents.length },
      "Ask under a new id.",
    );
  }
  for (const content of contents) {
    const before = world.state(contentCategory, content).redaction;
    if (before !== null) {
      return refused(
        "CONTENT_REDACTED",
        `${content.slice(0, 12)}… was erased already, under redaction ${before}.`,
        { content, redaction: before },
        "Leave it out.",
      );
    }
    if (world.content(content) === undefined) {
      return refused(
        "CONTENT_MISSING",
        `No content is stored under the commitment ${content.slice(0, 12)}…: there is nothing to erase.`,
        { content },
        "Name what is stored; a document's commitments stand in what is shown of it: iu-ledger document list",
      );
    }
  }
  const { responsible } = world.state(principalCategory, actor);
  const asked = { redaction, contents, reason, subject, requestedBy: actor, responsible };
  return accepted([{ stream: streamName("redaction", redaction), type: "RedactionRequested", data: asked }]);
}

function decideRuling(
  { actor, data }: CommandsOf<typeof commands, "RuleRedaction">,
  { request, ruling }: Readonly<RedactionState>,
  world: World,
): Decision {
  const { redaction } = data;
  if (request === null) return unknown(redaction);
  if (ruling !== null) {
    if (ruling.ruledBy === actor && ruling.outcome === data.outcome && ruling.subject === data.subject) return nothing;
    return refused(
      "REDACTION_RULED",
      `${redaction} was ruled ${ruling.outcome} by ${ruling.ruledBy}.`,
      { redaction, outcome: ruling.outcome },
      "A ruling stands; request a new redaction.",
    );
  }
  if (request.requestedBy === actor || request.responsible === actor) {
    return refused(
      "OWN_REQUEST",
      `${request.requestedBy} asked for this${request.responsible === request.requestedBy ? "" : `, and ${request.responsible} answers for ${request.requestedBy}`}: nobody rules on their own request.`,
      { redaction, requestedBy: request.requestedBy, responsible: request.responsible },
      "Another sovereign must rule.",
    );
  }
  if (data.subject !== request.subject) {
    return refused(
      "SUBJECT_MISMATCH",
      `The ruling is on ${data.subject.slice(0, 12)}…; what was requested is ${request.subject.slice(0, 12)}….`,
      { redaction, ruled: data.subject, requested: request.subject },
      "Read what is to be erased, and rule on that: iu-ledger redaction list",
    );
  }
  const { gateHours } = policyInForce(world).policy;
  const expiresMs = Date.parse(world.now) + gateHours * 3_600_000;
  if (expiresMs > lastInstantMs) {
    return refused(
      "EXPIRY_OUT_OF_RANGE",
      `A ruling made now, ${world.now}, would last beyond the year 9999.`,
      { redaction, now: world.now, gateHours },
      "Check the clock, and the times on the ledger with 'iu-ledger replay'.",
    );
  }
  const { outcome, subject, reason } = data;
  const ruled = { redaction, outcome, subject, reason, expires: new Date(expiresMs).toISOString(), ruledBy: actor };
  return accepted([{ stream: streamName("redaction", redaction), type: "RedactionRuled", data: ruled }]);
}

function decideErasing(redaction: string, state: Readonly<RedactionState>, world: World): Decision {
  const { request, ruling, executed } = state;
  if (request === null) return unknown(redaction);
  if (executed) return nothing;
  const no = (code: string, message: string, next: string) => refused(code, message, { redaction }, next);
  const again = "Request a new redaction.";
  if (ruling === null)
    return no(
      "REDACTION_NOT_RULED",
      "This redaction waits for a sovereign human's ruling.",
      `iu-ledger redaction rule ${redaction}`,
    );
  if (ruling.outcome === "rejected")
    return no("REDACTION_REJECTED", `It was rejected by ${ruling.ruledBy}: ${ruling.reason}`, again);
  if (world.state(principalCategory, ruling.ruledBy).revoked)
    return no("RULER_REVOKED", `${ruling.ruledBy}, who approved it, has been revoked since.`, again);
  if (ruling.expires <= world.now)
    return no("REDACTION_EXPIRED", `The approval expired at ${ruling.expires}; it is ${world.now}.`, again);
  // Two redactions may name the same text; whichever comes first has erased it.
  const left = request.contents.filter((content) => world.state(contentCategory, content).redaction === null);
  return accepted([
    ...left.map((content) => ({
      stream: streamName("content", content),
      type: "ContentRedacted",
      data: { redaction, content },
    })),
    {
      stream: streamName("redaction", redaction),
      type: "RedactionExecuted",
      data: { redaction, contents: left.length },
    },
  ]);
}

function unknown(redaction: string): Refused {
  return refused("REDACTION_UNKNOWN", `There is no redaction ${redaction}.`, { redaction }, "iu-ledger redaction list");
}
