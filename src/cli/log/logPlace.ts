/** Where the log's own things are: its keys in a folder of their own among the local keys, its checkpoints outside of the database. */
import { dirname, join } from "node:path";
import type { LogHistory } from "../../checkpoints/logHistory.js";
import { type Outside, outsideOf } from "../../checkpoints/outside.js";
import { formatVkey, type NoteSigner, noteKey, noteKeyTypes, noteSigner } from "../../tlog/noteKey.js";
import type { Context } from "../Context.js";
import { type KeyRing, keyRing } from "../session/keyRing.js";

/** The log's local keys. Not among those of principals: a log is nobody who acts. */
export function logRing(context: Context): KeyRing {
  return keyRing(context, { folder: logKeyFolder(context), home: context.keys });
}

export function logKeyFolder(context: Context): string {
  return join(context.keys, "log");
}

/** The local keys as verifier keys of a log. */
export function localKeys(ring: KeyRing, origin: string): { readonly name: string; readonly vkey: string }[] {
  return ring.names().map((name) => {
    const publicKey = Buffer.from(ring.half(name).public, "base64");
    return { name, vkey: formatVkey(noteKey(origin, noteKeyTypes.ed25519, publicKey)) };
  });
}

/** The signer in force, if its key is here; asks for its passphrase if it is under one. */
export async function logSigner(context: Context, origin: string, log: LogHistory): Promise<NoteSigner | null> {
  const ring = logRing(context);
  const inForce = log.keys.at(-1)?.vkey;
  const local = localKeys(ring, origin).find(({ vkey }) => vkey === inForce);
  if (local === undefined) return null;
  return noteSigner(origin, noteKeyTypes.ed25519, (await ring.open(local.name)).privateKey);
}

/** The place outside of the database. */
export function outsidePlace(context: Context, origin: string, named: string | undefined): Outside {
  return outsideOf(placeOf(context, named), origin);
}

/** Where checkpoints are kept as witnesses have cosigned them: beside those that were signed. */
export function cosignedPlace(context: Context, origin: string, named: string | undefined): Outside {
  return outsideOf(placeOf(context, named), origin, "cosigned");
}

function placeOf(context: Context, named: string | undefined): string {
  return named ?? context.config.checkpoints ?? join(dirname(context.keys), "checkpoints");
}
