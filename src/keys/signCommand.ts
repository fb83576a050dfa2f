/** From intent to a signed envelope: the one place where a command's bytes are made and signed. */
import type { CommandData, CommandType } from "../../commands/Command.js";
import { canonicalBytes } from "../events/canonical.js";
import { sealEnvelope } from "../events/dsse.js";
import type { Signer } from "./Signer.js";

export interface CommandFrameInput {
  readonly id: string;
  readonly ledger: string;
  readonly at: string;
  readonly cause?: string | null;
}

/** The canonical DSSE envelope of a command. The same input gives the same bytes: Ed25519 is deterministic. */
export function signCommand<T extends CommandType>(
  type: T,
  data: CommandData<T>,
  frame: CommandFrameInput,
  signer: Signer,
): Uint8Array {
  const { id, ledger, at, cause = null } = frame;
  return sealEnvelope(
    canonicalBytes({ schema: 1, id, type, ledger, actor: signer.principal, at, cause, data }),
    signer,
  );
}
