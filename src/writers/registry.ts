/** From a pinned name and version to the code. A writer that is on a ledger stays in this table for ever. */
import { compensationB } from "./compensationB.v1.js";
import type { Writer } from "./LiveState.js";
import { legB } from "./legB.v1.js";
import { verify } from "./verify.v1.js";
import { verifyCompensation } from "./verifyCompensation.v1.js";

const writers: Readonly<Record<string, Writer>> = {
  "legB.v1": legB,
  "verify.v1": verify,
  "compensationB.v1": compensationB,
  "verifyCompensation.v1": verifyCompensation,
};

/** The writer's code. Throws on one this program does not carry: `writerInForce` has refused before. */
export function writerCode(name: string, version: number): Writer {
  const writer = writers[`${name}.v${version}`];
  if (writer === undefined) throw new Error(`this program carries no writer ${name}.v${version}`);
  return writer;
}
