/**
 * `principal add`, `revoke`, `rotate`. A local key is saved before the event that names it, so that a crash in between
 * loses no key; the same command again goes on with it. Must never print a private key.
 */
import { createPublicKey } from "node:crypto";
import { rmSync } from "node:fs";
import type { z } from "zod";
import { principalCategory } from "../../../commands/principal.js";
import { keyidOf } from "../../events/dsse.js";
import { type PublicKey, principalId, principalKind, role } from "../../events/fields.js";
import { keyFile, publicHalf } from "../../keys/keyFolder.js";
import { generateSigner, publicKeyOf, type Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { malformedStop, Stop } from "../output/Problem.js";
import { readInput } from "../readInput.js";
import { wordsFor } from "../session/ask.js";
import { keyRing } from "../session/keyRing.js";
import { report } from "../session/report.js";
import { nextKey, takePlace } from "../session/rotation.js";
import { signerFor } from "../session/signer.js";
import { type Said, submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface AddOptions {
  readonly kind: string;
  readonly role: readonly string[];
  readonly name?: string;
  readonly responsible?: string;
  readonly publicKey?: string;
}

export interface RotateOptions {
  readonly publicKey?: string;
  readonly keep?: boolean;
  readonly retireOld?: boolean;
}

export async function addPrincipal(context: Context, principal: string, options: AddOptions): Promise<undefined> {
  const words = {
    principal: checked(principalId, principal, "id"),
    kind: checked(principalKind, options.kind, "--kind"),
    roles: options.role.flatMap((word) => word.split(",")).map((word) => checked(role, word, "--role")),
    name: options.name ?? principal,
  };
  const responsible = options.responsible ?? (words.kind === "human" ? principal : undefined);
  if (responsible === undefined) {
    throw malformedStop(
      "RESPONSIBLE_MISSING",
      `A human answers for every ${words.kind}, and this names nobody to answer for ${principal}. Whoever does can never rule on a gate it asks for.`,
      "Add --responsible HUMAN; a sovereign who is to rule on its gates is not the one.",
      { missing: "responsible" },
    );
  }
  const sent = options.publicKey === undefined ? undefined : await readPublicKey(context, options.publicKey);
  await withCurrentLedger(context, async (ledger) => {
    const admin = await signerFor(context, ledger, "RegisterPrincipal");
    const known = (await ledger.state(principalCategory, principal)).principal !== null;
    // Who is registered already gets no second key; the ledger says so.
    const local = sent === undefined && !known ? await localKey(context, principal) : undefined;
    const key = sent ?? publicKeyOf((local?.signer ?? fresh(context, principal)).privateKey);
    let said: Said;
    try {
      said = await submit(context, ledger, "RegisterPrincipal", { ...words, responsible, key }, { signer: admin });
    } catch (error) {
      // Refused: the key was never anybody's.
      if (local?.isNew === true && error instanceof Stop && error.problem.exit < 3) rmSync(local.file);
      throw error;
    }
    await ledger.catchUp();
    report(context, said, {
      what: `${principal} registered`,
      json: { principal, keyid: key.keyid, keyFile: local?.file ?? null },
      lines:
        local === undefined
          ? []
          : [
              `  its key is in ${local.file}${keptAs(local.file)}; in earnest it belongs with ${principal} and nowhere else`,
            ],
    });
  });
  return undefined;
}

function checked<T>(schema: z.ZodType<T>, word: string, what: string): T {
  const parsed = schema.safeParse(word);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues[0]?.message
    .replace(/^Invalid option: expected one of /, "must be one of ")
    .replaceAll('"', "")
    .replaceAll("|", ", ");
  throw malformedStop("WORD_MALFORMED", `${what} ${word}: ${said ?? "cannot be"}.`, "iu-ledger principal add --help", {
    given: word,
  });
}

export async function revokePrincipal(
  context: Context,
  principal: string,
  { reason }: { reason?: string },
): Promise<undefined> {
  const words = await wordsFor(context, reason, "reason");
  await withCurrentLedger(context, async (ledger) => {
    const said = await submit(context, ledger, "RevokePrincipal", { principal, reason: words });
    await ledger.catchUp();
    report(context, said, { what: `${principal} revoked: none of its keys is in force`, json: { principal } });
  });
  return undefined;
}

export async function rotateKey(context: Context, principal: string, options: RotateOptions): Promise<undefined> {
  const sent = options.publicKey === undefined ? undefined : await readPublicKey(context, options.publicKey);
  await withCurrentLedger(context, async (ledger) => {
    const admin = await signerFor(context, ledger, "RotateKey");
    const { keys } = await ledger.state(principalCategory, principal);
    const retires = options.keep === true ? [] : keys.map(({ keyid }) => keyid);
    // The end of an overlap: the key that stays is here already, or was sent.
    const stays = options.retireOld === true ? (sent ?? publicHalf(context.keys, principal)) : undefined;
    const next =
      sent === undefined && stays === undefined && keys.length > 0
        ? await nextKey(context, principal, () => fresh(context, principal))
        : undefined;
    const key = stays ?? sent ?? publicKeyOf((next ?? fresh(context, principal)).privateKey);
    const said = await submit(
      context,
      ledger,
      "RotateKey",
      { principal, key, retires: retires.filter((keyid) => keyid !== key.keyid) },
      { signer: admin },
    );
    const keyFile = next === undefined ? null : takePlace(context.keys, principal);
    await ledger.catchUp();
    report(context, said, {
      what: stays === undefined ? `${principal} has a new key` : `${principal} signs with ${key.keyid} only`,
      json: { principal, keyid: key.keyid, retires, keyFile },
      lines: keyFile === null ? [] : [`  it is in ${keyFile}${keptAs(keyFile)}; the old one is kept beside it`],
    });
  });
  return undefined;
}

/** How a key is kept, where that must be said. */
function keptAs(file: string): string {
  return file.endsWith(".age") ? ", under a passphrase" : "";
}

function fresh(context: Context, principal: string): Signer {
  return (context.newSigner ?? generateSigner)(principal);
}

/** The key in the folder (left by an earlier try), or a new one saved there. */
async function localKey(
  context: Context,
  principal: string,
): Promise<{ readonly signer: Signer; readonly isNew: boolean; readonly file: string }> {
  const ring = keyRing(context);
  const there = keyFile(context.keys, principal);
  if (there !== undefined) return { signer: await ring.open(principal), isNew: false, file: there.file };
  const signer = fresh(context, principal);
  return { signer, isNew: true, file: await ring.save(signer) };
}

/** A public Ed25519 key from a PEM file; - reads stdin. */
export async function readPublicKey(context: Context, path: string): Promise<PublicKey> {
  const pem = Buffer.from(await readInput(context, path)).toString("latin1");
  if (pem.includes("PRIVATE KEY")) {
    throw malformedStop(
      "KEY_PRIVATE",
      "This file holds a private key; it must stay with its owner.",
      "Send the public half: openssl pkey -in key.pem -pubout",
    );
  }
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "ed25519") {
      // RFC 8410 section 4: the last 32 bytes of the SPKI are the key itself.
      const raw = key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
      return { keyid: keyidOf(raw), public: raw };
    }
  } catch {
    // Said below, in the same words as for a key of another kind.
  }
  throw malformedStop(
    "KEY_MALFORMED",
    `${path} holds no public Ed25519 key in PEM.`,
    "Make one with: openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out key.pub",
  );
}
