/**
 * Who signs. Named with --as, or found: the one local key whose principal has the role the command needs. Where two could sign nobody is
 * guessed; where anyone may, the least powerful of the local keys signs. The ledger judges in the end: this only picks a key.
 */
import { permits } from "../../../commands/authorise.js";
import type { CommandType } from "../../../commands/Command.js";
import { type PrincipalState, principalCategory } from "../../../commands/principal.js";
import type { Role } from "../../events/fields.js";
import { KeyError } from "../../keys/keyFolder.js";
import type { Signer } from "../../keys/Signer.js";
import type { Category } from "../../ledger/Decision.js";
import type { Context } from "../Context.js";
import { cannotStop, malformedStop } from "../output/Problem.js";
import { keyRing } from "./keyRing.js";
import { finishRotations } from "./rotation.js";

/** From the least to the most powerful: whoever may act, does. */
const anyone: readonly Role[] = [
  "orchestrator",
  "editor",
  "reviewer",
  "verifier",
  "writer",
  "executor",
  "operator",
  "admin",
  "sovereign",
];

interface Candidate {
  readonly name: string;
  readonly principal: Readonly<PrincipalState>;
}

export interface SignerOptions {
  /** A condition beyond the role, such as not being the one who caused a HOLD, and how to say it. */
  readonly fit?: { readonly test: (principal: Readonly<PrincipalState>) => boolean; readonly words: string };
  /** What is signed, where it is no command: whoever may say the command may sign it. */
  readonly what?: string;
}

/** What finding a signer needs of an open ledger. */
export interface SigningLedger {
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
}

/** The signer of a command. Throws a {@link Stop} that says who is missing. */
export async function signerFor(
  context: Context,
  ledger: SigningLedger,
  type: CommandType,
  { fit, what = type }: SignerOptions = {},
): Promise<Signer> {
  await finishRotations(context, ledger);
  const ring = keyRing(context);
  if (context.as !== undefined) return ring.open(context.as);
  const { roles, human } = permits[type];
  const { candidates, unreadable } = await localPrincipals(context, ledger);
  const fitting = candidates.filter(
    ({ principal }) => (!human || principal.kind === "human") && (fit === undefined || fit.test(principal)),
  );
  for (const role of roles === "any" ? anyone : roles) {
    const holders = fitting.filter(({ principal }) => principal.roles.includes(role));
    const [first, second] = holders;
    if (first !== undefined && second === undefined) return ring.open(first.name);
    if (second !== undefined) {
      const names = holders.map(({ name }) => name);
      throw malformedStop(
        "SIGNER_AMBIGUOUS",
        `${names.length} of your keys may sign this: ${names.join(", ")}.`,
        `Say who acts: --as ${names[0]}`,
        { command: type, role },
      );
    }
  }
  // A key that cannot be read may be the one that is missing.
  if (unreadable !== undefined) throw unreadable;
  const noun = `${human ? "human " : ""}${roles === "any" ? "principal with any role" : roles.join(" or ")}`;
  const who = `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
  const there = candidates.map(({ name, principal }) => `${name} (${principal.roles.join(", ")})`);
  throw cannotStop(
    "SIGNER_MISSING",
    `${what} needs ${who}${fit === undefined ? "" : ` ${fit.words}`}; ${there.length === 0 ? `no key in ${context.keys} is in force on this ledger` : `your keys are ${there.join(", ")}`}.`,
    there.length === 0
      ? "Give the folder that holds your keys with --keys."
      : `Give the folder with such a key with --keys, or ask that person; if there is nobody yet, an admin registers one: 'iu-ledger principal add --help'.`,
    { command: type, keys: context.keys },
  );
}

/** The principals whose key in force is in the local folder. */
async function localPrincipals(
  context: Context,
  ledger: SigningLedger,
): Promise<{ candidates: Candidate[]; unreadable: KeyError | undefined }> {
  const candidates: Candidate[] = [];
  let unreadable: KeyError | undefined;
  const ring = keyRing(context);
  for (const name of ring.names()) {
    const principal = await ledger.state(principalCategory, name);
    if (principal.principal === null) continue;
    try {
      // By the public half: only the key that signs in the end is opened.
      const { keyid } = ring.half(name);
      if (principal.keys.some((key) => key.keyid === keyid)) candidates.push({ name, principal });
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      unreadable = error;
    }
  }
  return { candidates, unreadable };
}
