/**
 * The pinned writers: name, version and the SHA-256 of the source file `<name>.v<version>.ts`. Lines are only ever added.
 * `test/writers/lock.test.ts` fails on a changed byte; replay compares with what the ledger ratified.
 */
import type { WriterRef } from "../events/fields.js";

export const writersLock: readonly WriterRef[] = [];

/** The pinned writer of that name and version, if this program carries one. */
export function pinnedWriter(name: string, version: number): WriterRef | undefined {
  return writersLock.find((one) => one.name === name && one.version === version);
}
