/** Documents: registered once, revised by new bytes, never changed. At most one run may be open on a document; one run's units are in force. */
import { z } from "zod";
import { findUtf8Fault } from "../src/documents/utf8.js";
import { asEvent } from "../src/events/decode.js";
import { digest, text, uuid } from "../src/events/fields.js";
import { streamName } from "../src/events/streams.js";
import { accepted, type Category, type Decision, type Refused, refused, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { policyInForce } from "./policy.js";

export const commands = {
  RegisterDocument: z.strictObject({ document: uuid, title: text, source: text.nullable(), content: digest }),
  ReviseDocument: z.strictObject({ document: uuid, content: digest }),
};

export interface DocumentState {
  document: string | null;
  title: string;
  /** Commitment and length of each revision, oldest (revision 0) first. */
  revisions: { content: string; length: number }[];
  /** The run that is open on it. */
  openRun: string | null;
  /** Runs whose versions were enacted and not reverted, oldest first; the last is in force. */
  enacted: string[];
}

export const documentCategory: Category<DocumentState> = {
  name: "document",
  initial: () => ({ document: null, title: "", revisions: [], openRun: null, enacted: [] }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "DocumentRegistered":
        state.document = event.data.document;
        state.title = event.data.title;
        state.revisions.push({ content: event.data.content, length: event.data.length });
        break;
      case "DocumentRevised":
        state.revisions.push({ content: event.data.content, length: event.data.length });
        break;
      case "DocumentClaimed":
        state.openRun = event.data.run;
        break;
      case "DocumentReleased":
        state.openRun = null;
        break;
      case "VersionEnacted":
        state.enacted.push(event.data.run);
        break;
      case "VersionReverted":
        state.enacted = state.enacted.filter((run) => run !== event.data.run);
        break;
    }
  },
};

export function decideDocument(command: CommandsOf<typeof commands>, world: World): Decision {
  const state = world.state(documentCategory, command.data.document);
  const content = contentOf(command.data.content, world);
  if (!content.ok) return content.refused;
  const stream = streamName("document", command.data.document);
  if (command.type === "RegisterDocument") {
    const { data } = command;
    if (state.document !== null) {
      return refused(
        "DOCUMENT_EXISTS",
        `${data.document} is registered already, as "${state.title}".`,
        { document: data.document },
        "Revise it, or register under a new id.",
      );
    }
    return accepted([{ stream, type: "DocumentRegistered", data: { ...data, length: content.bytes.length } }]);
  }
  const { data } = command;
  const newest = state.revisions.at(-1);
  if (state.document === null || newest === undefined) return documentUnknown(data.document);
  if (state.openRun !== null) {
    return refused(
      "RUN_OPEN",
      `Run ${state.openRun} is open on this document; its plan would go stale.`,
      { document: data.document, run: state.openRun },
      `Finish or abandon that run first: iu-ledger readiness ${state.openRun}`,
    );
  }
  const before = world.content(newest.content);
  if (before !== undefined && Buffer.compare(before.bytes, content.bytes) === 0) {
    return refused(
      "SAME_BYTES",
      `These are the bytes of revision ${state.revisions.length - 1} again, all ${newest.length} of them.`,
      { document: data.document, revision: state.revisions.length - 1, length: newest.length },
      "There is nothing to revise.",
    );
  }
  return accepted([
    {
      stream,
      type: "DocumentRevised",
      data: {
        document: data.document,
        revision: state.revisions.length,
        content: data.content,
        length: content.bytes.length,
      },
    },
  ]);
}

/** The refusal for a document that is not there. */
export function documentUnknown(document: string): Refused {
  return refused("DOCUMENT_UNKNOWN", `There is no document ${document}.`, { document }, "iu-ledger document list");
}

function contentOf(
  commitment: string,
  world: World,
): { ok: true; bytes: Uint8Array } | { ok: false; refused: Refused } {
  const content = world.content(commitment);
  if (content === undefined) {
    return {
      ok: false,
      refused: refused(
        "CONTENT_MISSING",
        `No content is stored under the commitment ${commitment.slice(0, 12)}….`,
        { content: commitment },
        "Put the bytes into the content store first, then send this command again.",
      ),
    };
  }
  const { bytes } = content;
  const sizeMax = policyInForce(world).policy.contentSizeMax;
  if (bytes.length === 0)
    return {
      ok: false,
      refused: refused("CONTENT_EMPTY", "The document has no bytes.", { length: 0 }, "Give a document with text."),
    };
  if (bytes.length > sizeMax) {
    return {
      ok: false,
      refused: refused(
        "CONTENT_TOO_LARGE",
        `The document is ${bytes.length} bytes; the policy allows ${sizeMax}.`,
        { length: bytes.length, sizeMax },
        "Split the document, or adopt a policy with a larger contentSizeMax.",
      ),
    };
  }
  const fault = findUtf8Fault(bytes);
  if (fault !== null) {
    const what = fault.code === "NUL_BYTE" ? "a NUL" : "not UTF-8";
    return {
      ok: false,
      refused: refused(
        fault.code,
        `Byte ${fault.offset} is ${what}; a document is UTF-8 text without NUL.`,
        { offset: fault.offset },
        "Convert the document to UTF-8 and add it again.",
      ),
    };
  }
  return { ok: true, bytes };
}
