/**
 * Unit ids: opaque, minted once, deterministic, so that a replay mints the same ones. Kept when a unit moves or is renumbered.
 */
import { uuidV5 } from "../events/uuid.js";

/**
 * UUIDv5 (RFC 9562, section 5.5) with the document's UUID as namespace and `${revision}/${address}` as name, where revision and
 * address are those of the unit's first version. Throws a TypeError when `document` is not a UUID.
 */
export function unitId(document: string, revision: number, address: string): string {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(document)) {
    throw new TypeError(`a document id is a UUID, not ${JSON.stringify(document)}`);
  }
  return uuidV5(document, `${revision}/${address}`);
}
