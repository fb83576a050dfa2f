/** The names of the streams: one history each. The category is the part before the first hyphen. */

/** The one stream of the execution switch, of the backups, and of the policy: their keys. */
export const switchKey = "switch";
export const backupKey = "ledger";
export const policyKey = "ledger";

/** The key of the one stream of the log's own key and incarnations, `log-ledger`. */
export const logKey = "ledger";

/** The key of the one stream of grant audits, `audit-grants`. */
export const grantAuditKey = "grants";

/** `<category>-<key>`. */
export function streamName(category: string, key: string): string {
  return `${category}-${key}`;
}

/** The category of a stream: what stands before its first hyphen. */
export function categoryOf(stream: string): string {
  return stream.slice(0, stream.indexOf("-"));
}

/** The key of a stream: what stands after its first hyphen. */
export function keyOf(stream: string): string {
  return stream.slice(stream.indexOf("-") + 1);
}
