/** `document list` and `document show`. Reads only. */
import {
  type DocumentDetail,
  type DocumentRow,
  listDocuments,
  showDocument,
} from "../../../projections/document/queries.js";
import { redactionOf } from "../../../projections/redaction/queries.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { table } from "../output/table.js";
import { brief, counted, grouped, moment, shortId, visible, visibleLines } from "../output/text.js";
import { findDocument, one } from "../session/find.js";
import { type Reading, withReading } from "../session/reading.js";

export interface ShowOptions {
  readonly text?: boolean;
  readonly revision?: number;
}

export async function listAll(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const documents = await listDocuments(sql);
    answer(context, { documents }, () =>
      documents.length === 0
        ? [asTyped("No document yet: iu-ledger document add FILE", context.style, context.typing)]
        : listLines(documents, context),
    );
  });
  return undefined;
}

function listLines(documents: readonly DocumentRow[], { style, terminal }: Context): string[] {
  return table(
    [
      { title: "document", paint: style.strong },
      { title: "title", shrink: true },
      { title: "revision", align: "right" },
      { title: "bytes", align: "right" },
      { title: "open run" },
      { title: "in force" },
    ],
    documents.map((one) => [
      shortId(one.document),
      visible(one.title),
      String(one.revision),
      grouped(one.length),
      one.openRun === null ? "" : shortId(one.openRun),
      one.inForceRun === null ? "" : shortId(one.inForceRun),
    ]),
    { style, width: terminal.width },
  );
}

export async function showOne(context: Context, given: string, { text, revision }: ShowOptions): Promise<undefined> {
  await withReading(context, async (reading) => {
    const id = await findDocument(reading.sql, given);
    const document = one(await showDocument(reading.sql, id), "document", given);
    if (document === undefined)
      throw refusedStop("DOCUMENT_UNKNOWN", `There is no document ${given}.`, "iu-ledger document list", {
        document: given,
      });
    if (revision !== undefined && revision > document.revision) {
      throw refusedStop(
        "REVISION_UNKNOWN",
        `“${visible(document.title)}” has revisions 0 to ${document.revision}.`,
        "Name one of them.",
        { revision },
      );
    }
    if (text === true) await showText(context, reading, document, revision ?? document.revision);
    else answer(context, document, () => detailLines(document, context, revision));
  });
  return undefined;
}

async function showText(
  context: Context,
  { store, sql }: Reading,
  document: DocumentDetail,
  revision: number,
): Promise<void> {
  const content = document.revisions.find((row) => row.revision === revision)?.content ?? "";
  const stored = await store.content.get(content);
  if (stored === undefined) {
    const redaction = await redactionOf(sql, content);
    if (redaction !== null)
      throw refusedStop(
        "CONTENT_REDACTED",
        `The text of revision ${revision} was erased by authority, under redaction ${redaction}.`,
        "See by whom and why: iu-ledger redaction list",
        { content, redaction },
      );
    throw cannotStop(
      "CONTENT_MISSING",
      `The text of revision ${revision} is missing, and nothing on the ledger says why.`,
      "See what else is wrong with 'iu-ledger replay', and restore it from a backup.",
      { content },
    );
  }
  if (context.json) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stored.bytes);
    answer(context, { document: document.document, revision, content, length: stored.bytes.length, text }, () => []);
  } else if (context.terminal.width === undefined) context.terminal.outBytes(stored.bytes);
  // A person's terminal obeys what it is shown; a file or a pipe gets the bytes as they are.
  else context.terminal.out(visibleLines(new TextDecoder().decode(stored.bytes)));
}

function detailLines(document: DocumentDetail, { style, terminal }: Context, revision: number | undefined): string[] {
  const rows = document.revisions.filter((row) => revision === undefined || row.revision === revision);
  return [
    style.strong(visible(document.title)),
    ...pairs(
      [
        ["document", document.document],
        ["source", document.source === null ? null : visible(document.source)],
        ["length", counted(document.length, "byte")],
        ["open run", document.openRun],
        ["in force", document.inForceRun],
        ["registered", `${moment(document.registeredAt)} by ${document.registeredBy}`],
      ],
      style,
    ),
    "",
    ...table(
      [
        { title: "revision", align: "right" },
        { title: "bytes", align: "right" },
        { title: "added" },
        { title: "by" },
        { title: "content" },
      ],
      rows.map((row) => [
        String(row.revision),
        grouped(row.length),
        moment(row.addedAt),
        row.addedBy,
        brief(row.content),
      ]),
      { style, width: terminal.width, indent: "  " },
    ),
  ];
}
