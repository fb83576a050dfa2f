/**
 * A local key that takes another's place. The new one waits in a folder of its own until the ledger knows it; then it takes the place, and
 * the old one is kept beside it. Interrupted anywhere, the next command that signs finishes it.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { principalCategory } from "../../../commands/principal.js";
import type { GovernedLedger } from "../../app.js";
import { keyNames, loadKey, saveKey } from "../../keys/keyFolder.js";
import type { Signer } from "../../keys/Signer.js";

const waiting = (keys: string) => join(keys, "next");

/** The key that is to take the place of a principal's: one that waits already, or a new one. */
export function nextKey(keys: string, principal: string, fresh: () => Signer): Signer {
  const folder = waiting(keys);
  if (keyNames(folder).includes(principal)) return loadKey(folder, principal);
  const signer = fresh();
  saveKey(folder, signer);
  return signer;
}

/** Puts the waiting key of a principal in its place. The old file is kept: what it signed must stay explainable. */
export function takePlace(keys: string, principal: string): void {
  const file = join(keys, `${principal}.pem`);
  if (existsSync(file)) {
    let old = `${file}.old`;
    for (let count = 2; existsSync(old); count += 1) old = `${file}.old${count}`;
    renameSync(file, old);
  }
  renameSync(join(waiting(keys), `${principal}.pem`), file);
  if (keyNames(waiting(keys)).length === 0) rmSync(waiting(keys), { recursive: true, force: true });
}

/** Finishes rotations that were interrupted after the ledger took the new key. */
export async function finishRotations(keys: string, ledger: GovernedLedger): Promise<void> {
  for (const principal of keyNames(waiting(keys))) {
    const { keyid } = loadKey(waiting(keys), principal);
    const inForce = (await ledger.state(principalCategory, principal)).keys;
    if (inForce.some((key) => key.keyid === keyid)) takePlace(keys, principal);
  }
}
