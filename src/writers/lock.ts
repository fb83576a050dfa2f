/**
 * The pinned writers: name, version and the SHA-256 of the source file `<name>.v<version>.ts`. Lines are only ever added, by
 * `node scripts/lock-writers.mjs`.
 * `test/writers/lock.test.ts` fails on a changed byte; replay compares with what the ledger ratified.
 */
import type { WriterRef } from "../events/fields.js";

export const writersLock: readonly WriterRef[] = [
  { name: "compensationB", version: 1, source: "d6b12b3ba503b884b8a7d2167bd51fdacc2db3d098de143b13b7ba630caf3a50" },
  { name: "legB", version: 1, source: "1d85d7af4ab4c6032669ae5131bfd96a58b8e0ca98ffb3220f644c0b2aa4009e" },
  { name: "verify", version: 1, source: "ee5a154ddcacb8754b7270eb950b2406e0a4844f5369cb162720a40ee45fe169" },
  {
    name: "verifyCompensation",
    version: 1,
    source: "3922549e0776400f90a680d7d86e72ca4fb7e76cb73fa60f1ab0ecdad3af7524",
  },
];

/** The pinned writer of that name and version, if this program carries one. */
export function pinnedWriter(name: string, version: number): WriterRef | undefined {
  return writersLock.find((one) => one.name === name && one.version === version);
}
