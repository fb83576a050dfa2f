/**
 * Which contents an event or a command names, by the names of its fields: every field that holds a commitment to content is called `content`,
 * or ends so (`planContent`, `reportContent`); several stand in `contents`. New facts and commands must keep to that.
 */

const digest = /^[0-9a-f]{64}$/;
const naming = /^(?:content|contents|[a-z]\w*Contents?)$/;

/** The commitments named anywhere in a parsed JSON value, in order, each as often as it is named. */
export function contentsNamed(value: unknown): string[] {
  const found: string[] = [];
  look(value, false, found);
  return found;
}

function look(value: unknown, named: boolean, found: string[]): void {
  if (typeof value === "string") {
    if (named && digest.test(value)) found.push(value);
  } else if (Array.isArray(value)) {
    for (const one of value) look(one, named, found);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, one] of Object.entries(value)) look(one, naming.test(name), found);
  }
}
