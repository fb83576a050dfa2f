/** Asking a ledger by the library: what a command would be answered, or really. */
import type { CommandData, CommandType, Signer } from "../../src/app.js";
import type { Eye } from "./Eye.js";
import { taking } from "./eyes.js";
import type { Room } from "./room.js";

export interface Asking {
  /** Default: the command's type. */
  readonly name?: string;
  /** The command is submitted. Default: it is only considered, and nothing is written. */
  readonly really?: boolean;
}

export function asking({ using }: Room) {
  return <T extends CommandType>(
    type: T,
    data: CommandData<T>,
    by: Signer,
    { name = type, really = false }: Asking = {},
  ): Eye =>
    taking(name, () =>
      using<{ readonly kind: string }>((ledger) =>
        really ? ledger.submit(type, data, by) : ledger.consider(type, data, by),
      ),
    );
}

/** Approval of the waiting run's SG_1, as it is to be signed. */
export function rulingOf({ facts }: Room): CommandData<"RuleGate"> {
  const { waiting: run, gate, subject } = facts;
  return { run, gate, subject, outcome: "approved", acknowledge: [], reason: "read" };
}
