/** From intent to answer: picks the signer, submits, and gives the yes. Every no is thrown as the {@link Stop} that the invocation ends with. */
import type { CommandData, CommandType } from "../../../commands/Command.js";
import type { GovernedLedger } from "../../app.js";
import type { Signer } from "../../keys/Signer.js";
import type { Result } from "../../ledger/Decision.js";
import type { Context } from "../Context.js";
import { Stop } from "../output/Problem.js";
import { type Done, outcomeOf } from "../output/result.js";
import { type SignerOptions, signerFor } from "./signer.js";

/** A yes, and whose signature it stands on. */
export interface Said extends Done {
  readonly signer: string;
}

export interface SubmitOptions extends SignerOptions {
  /** Signs with this one, whoever else could. */
  readonly signer?: Signer;
}

/** Signs and submits a command. Throws a {@link Stop} unless it is done. */
export async function submit<T extends CommandType>(
  context: Context,
  ledger: GovernedLedger,
  type: T,
  data: CommandData<T>,
  options: SubmitOptions = {},
): Promise<Said> {
  const signer = options.signer ?? (await signerFor(context, ledger, type, options));
  return said(await ledger.submit(type, data, signer), signer.principal);
}

/** The yes of a result. Throws a {@link Stop} for every other answer. */
export function said(result: Result, signer: string): Said {
  const outcome = outcomeOf(result);
  if (!outcome.ok) throw new Stop(outcome.problem);
  return { ...outcome.done, signer };
}
