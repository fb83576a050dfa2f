/**
 * The contents that an event or a command names: the values of its members called `content`, `contents` or `…Content`, which is what every shape calls
 * a commitment to content (a test holds all shapes to it). Must not look deeper: other digests name nothing that is stored.
 */

const name = /^(?:contents?|[a-z]+Content)$/;
const digest = /^[0-9a-f]{64}$/;

/** In the order they stand there. */
export function commitmentsIn(data: unknown): string[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data)
    .filter(([member]) => name.test(member))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value): value is string => typeof value === "string" && digest.test(value));
}
