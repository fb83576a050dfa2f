/** What every content store checks before it keeps anything: that the bytes are what the commitment says. */
import { commitContent } from "../events/commitment.js";
import type { Content } from "./Store.js";

/** Throws `RangeError` naming both commitments if the content is not the one committed to: a bug of the caller. */
export function assertContent(commitment: string, content: Content): void {
  const actual = commitContent(content.salt, content.bytes);
  if (actual !== commitment)
    throw new RangeError(`the content commits to ${actual}, not to ${commitment}; nothing was stored`);
}
