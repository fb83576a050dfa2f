/**
 * A local key that takes another's place. The new one waits in a folder of its own until the ledger knows it; then it takes the place, and
 * the old one is kept beside it. Interrupted anywhere, the next command that signs finishes it.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { principalCategory } from "../../../commands/principal.js";
import { keyFile, keyNames, publicHalf } from "../../keys/keyFolder.js";
import type { Signer } from "../../keys/Signer.js";
import type { Category } from "../../ledger/Decision.js";
import type { Context } from "../Context.js";
import { keyRing } from "./keyRing.js";

const waiting = (keys: string) => join(keys, "next");

/** The key that is to take the place of a principal's: one that waits already, or a new one. */
export async function nextKey(context: Context, principal: string, fresh: () => Signer): Promise<Signer> {
  const ring = keyRing(context, { folder: waiting(context.keys), home: context.keys });
  if (ring.names().includes(principal)) return ring.open(principal);
  const signer = fresh();
  await ring.save(signer);
  return signer;
}

/** Puts the waiting key of a principal in its place; answers where it is. The old file is kept: what it signed must stay explainable. */
export function takePlace(keys: string, principal: string): string {
  for (let old = keyFile(keys, principal); old !== undefined; old = keyFile(keys, principal)) {
    let kept = `${old.file}.old`;
    for (let count = 2; existsSync(kept); count += 1) kept = `${old.file}.old${count}`;
    renameSync(old.file, kept);
  }
  const fresh = keyFile(waiting(keys), principal)?.file ?? "";
  const file = join(keys, basename(fresh));
  renameSync(fresh, file);
  if (keyNames(waiting(keys)).length === 0) rmSync(waiting(keys), { recursive: true, force: true });
  return file;
}

/** Finishes rotations that were interrupted after the ledger took the new key. Opens no key. */
export async function finishRotations(
  { keys }: Context,
  ledger: { state<S>(category: Category<S>, key: string): Promise<Readonly<S>> },
): Promise<void> {
  for (const principal of keyNames(waiting(keys))) {
    const { keyid } = publicHalf(waiting(keys), principal);
    const inForce = (await ledger.state(principalCategory, principal)).keys;
    if (inForce.some((key) => key.keyid === keyid)) takePlace(keys, principal);
  }
}
