/**
 * `log key` and `log adopt`. A key is saved before the event that names it, so that a crash in between loses none; the same command again
 * goes on with it. Must never print a private key.
 */
import { readLogHistory } from "../../checkpoints/logHistory.js";
import { generateSigner, publicKeyOf, signerOf } from "../../keys/Signer.js";
import { formatVkey, noteKey, noteKeyTypes } from "../../tlog/noteKey.js";
import { answer, type Context } from "../Context.js";
import { refusedStop } from "../output/Problem.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { localKeys, logKeyFolder, logRing } from "./logPlace.js";

export interface KeyOptions {
  readonly rotate?: boolean;
  readonly makeOnly?: boolean;
}

export async function makeKey(context: Context, { rotate = false, makeOnly = false }: KeyOptions): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const origin = (await ledger.identity())?.origin ?? "";
    const { keys } = await readLogHistory(ledger.store);
    const ring = logRing(context);
    const local = localKeys(ring, origin);
    const inForce = keys.at(-1)?.vkey;
    const isHere = local.some(({ vkey }) => vkey === inForce);
    if (inForce !== undefined && !rotate && !makeOnly) {
      if (!isHere) {
        throw refusedStop(
          "LOG_KEY_ELSEWHERE",
          `The log signs with ${inForce}, and that key is not in ${logKeyFolder(context)}.`,
          "Use the folder that has it, with --keys. If it is lost, put a new one in its place: iu-ledger log key --rotate",
          { vkey: inForce },
        );
      }
      answer(context, { vkey: inForce, adopted: true, keyFile: null, next: "iu-ledger log checkpoint" }, () => [
        `The log signs with ${inForce} already; its key is here.`,
      ]);
      return;
    }
    // One that was made and never adopted: an interrupted call, or a --make-only.
    let vkey = local.find((one) => !keys.some((known) => known.vkey === one.vkey))?.vkey;
    let keyFile: string | null = null;
    if (vkey === undefined) {
      const fresh = (context.newSigner ?? generateSigner)("log");
      const publicKey = Buffer.from(publicKeyOf(fresh.privateKey).public, "base64");
      const key = noteKey(origin, noteKeyTypes.ed25519, publicKey);
      keyFile = await ring.save(signerOf(key.id, fresh.privateKey));
      vkey = formatVkey(key);
    }
    if (makeOnly) {
      answer(context, { vkey, adopted: false, keyFile, next: `iu-ledger log adopt ${vkey}` }, () => [
        `${vkey}`,
        `  Made, and not adopted yet: a sovereign adopts it with iu-ledger log adopt ${vkey}`,
      ]);
      return;
    }
    const said = await submit(context, ledger, "AdoptLogKey", { vkey });
    await ledger.catchUp();
    report(context, said, {
      what: "The log's key adopted",
      json: { vkey, adopted: true, keyFile },
      lines: [
        `  ${vkey}`,
        ...(keyFile === null ? [] : [`  its private half is in ${keyFile}; whoever has it can sign for the log`]),
        "  Give the line above to everybody who is to check proofs: they pin it.",
      ],
      next: "iu-ledger log checkpoint",
    });
  });
  return undefined;
}

export async function adoptKey(context: Context, vkey: string): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const said = await submit(context, ledger, "AdoptLogKey", { vkey });
    await ledger.catchUp();
    report(context, said, { what: "The log's key adopted", json: { vkey }, next: "iu-ledger log checkpoint" });
  });
  return undefined;
}
