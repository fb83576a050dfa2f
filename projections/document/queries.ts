/** Documents, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import { type Found, findId, found } from "../find.js";

export interface DocumentRow {
  /** UUID. */
  readonly document: string;
  readonly title: string;
  /** Where it came from, as given when it was registered. */
  readonly source: string | null;
  /** The newest revision, from 0. */
  readonly revision: number;
  /** Commitment of the newest revision's bytes. */
  readonly content: string;
  /** Bytes of the newest revision. */
  readonly length: number;
  /** The run that is open on it. */
  readonly openRun: string | null;
  /** The run whose units are in force. */
  readonly inForceRun: string | null;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly changedAt: string;
  /** Position of its newest event. */
  readonly position: number;
}

export interface RevisionRow {
  readonly revision: number;
  readonly content: string;
  readonly length: number;
  readonly addedBy: string;
  readonly addedAt: string;
  readonly position: number;
}

export interface DocumentDetail extends DocumentRow {
  /** Oldest first. */
  readonly revisions: readonly RevisionRow[];
}

const columns = `document, title, source, revision, content, length, open_run AS "openRun", in_force_run AS "inForceRun",
  registered_by AS "registeredBy", registered_at AS "registeredAt", changed_at AS "changedAt", position`;

/** All documents, in the order they were registered. */
export function listDocuments(sql: Sql): Promise<DocumentRow[]> {
  return sql.query<DocumentRow>(`SELECT ${columns} FROM document ORDER BY registered_at, document`);
}

/** What must be known of a document to find it again where it came from. */
export type DocumentOrigin = Pick<
  DocumentRow,
  "document" | "title" | "revision" | "content" | "length" | "openRun" | "inForceRun"
> & { readonly source: string };

/** All documents that came from somewhere, in the order they were registered. */
export function listOrigins(sql: Sql): Promise<DocumentOrigin[]> {
  return sql.query<DocumentOrigin>(
    `SELECT document, title, source, revision, content, length, open_run AS "openRun", in_force_run AS "inForceRun"
     FROM document WHERE source IS NOT NULL ORDER BY registered_at, document`,
  );
}

/** One document with its revisions, by its id or the beginning of it. */
export async function showDocument(sql: Sql, idOrPrefix: string): Promise<Found<DocumentDetail>> {
  return found(await findId(sql, "document", "document", idOrPrefix), async (id) => {
    const [row] = await sql.query<DocumentRow>(`SELECT ${columns} FROM document WHERE document = $1`, [id]);
    const revisions = await sql.query<RevisionRow>(
      `SELECT revision, content, length, added_by AS "addedBy", added_at AS "addedAt", position
       FROM document_revision WHERE document = $1 ORDER BY revision`,
      [id],
    );
    return { ...(row as DocumentRow), revisions };
  });
}
