/**
 * The event envelope: what a leaf of the ledger is, formatted and parsed in one place. Its canonical bytes are the leaf;
 * nothing here may ever depend on where the event stands in the ledger (a position is the store's, not the event's).
 *
 * Example (one line in the ledger):
 * {"actor":"orchestrator","cause":null,"command":{"digest":"5f…","id":"0192…"},"data":{…},"id":"8c…","prev":null,
 *  "revision":0,"schema":1,"stream":"run-7d…","time":"2026-01-05T09:30:00.000Z","type":"RunOpened"}
 *
 * Future: a new shape of an event type gets schema 2 and an upcast; stored bytes never change.
 */
import { z } from "zod";
import { hashLeaf } from "../tlog/tree.js";
import { canonicalBytes } from "./canonical.js";
import { digest, instant, uuid } from "./fields.js";

export const envelopeSchema = z.strictObject({
  schema: z.int().min(1),
  type: z.string().regex(/^[A-Z][A-Za-z]+$/),
  id: uuid,
  stream: z.string().regex(/^[a-z]+-[A-Za-z0-9._-]+$/),
  revision: z.int().min(0),
  prev: digest.nullable(),
  time: instant,
  actor: z.string().min(1),
  command: z.strictObject({ id: uuid, digest }),
  cause: uuid.nullable(),
  data: z.record(z.string(), z.unknown()),
});

/** An event as it is stored. `prev` is the leaf hash of the stream's previous event; `command.digest` covers the signed envelope. */
export type Envelope = z.infer<typeof envelopeSchema>;

/** A leaf may hold this many bytes: what the two bytes before an entry of a bundle can count (C2SP tlog-tiles), and any store and any proof can carry. */
export const leafSizeMax = 65_535;

/** The canonical bytes of an event: the leaf. Throws `RangeError` beyond {@link leafSizeMax} (a decider must never produce one). */
export function formatEvent(event: Envelope): Uint8Array {
  const bytes = canonicalBytes(event);
  if (bytes.length > leafSizeMax) {
    throw new RangeError(
      `${event.type} in ${event.stream} would be ${bytes.length} bytes; a leaf holds at most ${leafSizeMax}`,
    );
  }
  return bytes;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses leaf bytes. Checks the envelope only; the data is checked by `decodeEvent`. Throws on bytes that are no envelope. */
export function parseEvent(bytes: Uint8Array): Envelope {
  return envelopeSchema.parse(JSON.parse(decoder.decode(bytes)));
}

/** RFC 6962 section 2.1 leaf hash: SHA-256(0x00 ‖ leaf), in hex. */
export function leafHash(bytes: Uint8Array): string {
  return Buffer.from(hashLeaf(bytes)).toString("hex");
}
