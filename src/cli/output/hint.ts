/**
 * Next steps. The data (`next`) is either one line to type, `iu-ledger run cut RUN`; or a sentence that ends in one after a colon; or a
 * sentence, in which commands are quoted: 'iu-ledger run list'. They always say `iu-ledger`; here they become what this person must type.
 */
import type { Style } from "./style.js";
import { visibleWords } from "./text.js";

/** How a line is typed here. */
export interface Typing {
  /** The program: `iu-ledger` where that is found by its name, else `npx iu-ledger`. */
  readonly program: string;
  /** The flags that named the place: empty, or like ` --ledger acme.sqlite`. */
  readonly flags: string;
}

const line = "(?:iu-ledger|chmod) .*[^.]";
const tail = new RegExp(`(?<=^|[:.!] )${line}$`, "s");
const command = new RegExp(`'(iu-ledger [^']+)'|${tail.source}`, "gs");
const uuids = /\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** A next step as a person types it: the program's name, ids shortened, the flags of the place, painted. What is no command stays as it is. */
export function asTyped(next: string, style: Style, typing: Typing): string {
  return visibleWords(next).replace(command, (whole: string, quoted: string | undefined) =>
    quoted === undefined ? style.command(typedLine(whole, typing)) : `'${style.command(typedLine(quoted, typing))}'`,
  );
}

function typedLine(words: string, { program, flags }: Typing): string {
  const short = words.replace(uuids, "$1");
  if (!short.startsWith("iu-ledger ")) return short;
  const placed = flags === "" || short.includes(flags) ? "" : visibleWords(flags);
  return `${program}${short.slice("iu-ledger".length)}${placed}`;
}

/** A next step in its two parts: what is said, and the line to type. `Release it: iu-ledger run release 7d1c …` has both. */
export function partsOf(next: string): { readonly said: string | null; readonly line: string | null } {
  const found = tail.exec(next);
  const said = (found === null ? next : next.slice(0, found.index)).trim().replace(/:$/, ".");
  return { said: said === "" ? null : said, line: found?.[0] ?? null };
}

/** A message and what is said of the next step, as one text: for JSON, where `next` is a line or nothing. */
export function messageWith(message: string, said: string | null): string {
  if (said === null || message === "") return said ?? message;
  return `${message}${/[.!?…]$/.test(message) ? "" : "."} ${said}`;
}
