/**
 * `keys list` and `keys protect`: how local keys are kept. Needs no ledger: which key is in force is the ledger's business (`principal list`).
 * Must never print any of a key or of a passphrase.
 */
import { KeyError, keyFile, keyNames, publicHalf } from "../../keys/keyFolder.js";
import { type Protection, protectKey } from "../../keys/protectKey.js";
import { answer, type Context } from "../Context.js";
import { cannotStop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { table } from "../output/table.js";
import { counted } from "../output/text.js";
import { readNewPassphrase, readPassphrase, sourceOf } from "../session/passphrase.js";

export interface ProtectOptions {
  readonly newPassphraseFrom?: string;
}

interface Kept {
  readonly principal: string;
  readonly keyid: string;
  readonly sealed: boolean;
  readonly file: string;
}

export async function listKeys(context: Context): Promise<undefined> {
  const keys = keyNames(context.keys).map((principal) => keptOf(context, principal));
  const { style, terminal } = context;
  answer(context, { keys }, () =>
    keys.length === 0
      ? [`There are no keys in ${context.keys}.`]
      : table(
          [{ title: "principal", paint: style.strong }, { title: "key" }, { title: "kept" }, { title: "file" }],
          keys.map(({ principal, keyid, sealed, file }) => [
            principal,
            keyid,
            sealed ? "under a passphrase" : { text: "plain", paint: style.open },
            file,
          ]),
          { style, width: terminal.width },
        ),
  );
  return undefined;
}

export async function protectKeys(
  context: Context,
  named: readonly string[],
  { newPassphraseFrom }: ProtectOptions,
): Promise<undefined> {
  const fresh = sourceOf(newPassphraseFrom, "--new-passphrase-from");
  const principals = named.length > 0 ? named : keyNames(context.keys);
  if (principals.length === 0) {
    throw cannotStop(
      "KEY_MISSING",
      `There are no keys in ${context.keys}.`,
      "Give the folder that holds the keys with --keys.",
    );
  }
  // Every one is looked at before any is changed.
  const before = principals.map((principal) => keptOf(context, principal));
  const old = before.some(({ sealed }) => sealed)
    ? await readPassphrase(context, sourceOf(context.passphraseFrom), `the keys in ${context.keys}`)
    : "";
  const protection =
    fresh?.kind === "none"
      ? "plain"
      : {
          passphrase: await readNewPassphrase(context, fresh, `the keys in ${context.keys} from now on`),
          ...(context.workFactor === undefined ? {} : { workFactor: context.workFactor }),
        };
  for (const { principal } of before) await protectOne(context, principal, old, protection);
  const keys = principals.map((principal) => keptOf(context, principal));
  const wasPlain = before.some(({ sealed }) => !sealed);
  answer(context, { keys }, () => [
    `${context.style.good(marks.good)} ${counted(keys.length, "key")} in ${context.keys} ${protection === "plain" ? "kept plain: whoever can read the folder can sign" : "under the new passphrase"}`,
    ...(protection !== "plain" && wasPlain
      ? [
          "  The plain files were removed, but disks and backups may still hold what was in them. Whoever may have read one: iu-ledger principal rotate PRINCIPAL",
        ]
      : []),
  ]);
  return undefined;
}

/** Goes on after an interruption: a key that the new passphrase opens already is one that is done. */
async function protectOne(context: Context, principal: string, old: string, protection: Protection): Promise<void> {
  try {
    await protectKey(context.keys, principal, async () => old, protection);
  } catch (error) {
    if (protection === "plain" || !(error instanceof KeyError) || error.code !== "PASSPHRASE_WRONG") throw error;
    try {
      await protectKey(context.keys, principal, async () => protection.passphrase, protection);
    } catch {
      throw error;
    }
  }
}

function keptOf({ keys }: Context, principal: string): Kept {
  const { keyid } = publicHalf(keys, principal);
  const found = keyFile(keys, principal);
  return { principal, keyid, sealed: found?.sealed ?? false, file: found?.file ?? "" };
}
