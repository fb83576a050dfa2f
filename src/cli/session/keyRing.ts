/**
 * The local keys of one invocation: each opened once, its passphrase asked for once. New keys are kept under a passphrase, unless somebody chose
 * otherwise: `--passphrase-from none` says so, and a folder whose keys are all plain says it was said.
 */

import type { PublicKey } from "../../events/fields.js";
import {
  type AskPassphrase,
  KeyError,
  keyFile,
  keyNames,
  openKey,
  publicHalf,
  saveKey,
  saveSealedKey,
} from "../../keys/keyFolder.js";
import type { Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { readNewPassphrase, readPassphrase, type SecretContext, sourceOf } from "./passphrase.js";

export interface KeyRing {
  /** The principals whose keys are here, in order. */
  names(): string[];
  /** The public half of a key, without its passphrase. Throws `KeyError`. */
  half(principal: string): PublicKey;
  /** The signer of a key; asks for its passphrase if it is under one. Throws `KeyError`, or a Stop where nobody can be asked. */
  open(principal: string): Promise<Signer>;
  /** Sees that a new key can be saved: gets the passphrase for it. Throws a Stop where nobody can be asked. */
  ready(): Promise<void>;
  /** Saves a new key as keys are kept here. Answers the file. */
  save(signer: Signer): Promise<string>;
}

interface Opened {
  readonly signers: Map<string, Signer>;
  /** The newest passphrase that opened or sealed a key. */
  passphrase: string | undefined;
}

/** What the keys of an invocation need of its context. */
export type RingContext = SecretContext & Pick<Context, "keys" | "passphraseFrom" | "workFactor">;

const openedBy = new WeakMap<RingContext, Opened>();

export interface RingOptions {
  /** Default: the context's. */
  readonly folder?: string;
  /** The folder whose keys say how new ones are kept. Default: the same. */
  readonly home?: string;
  /** People made for a demonstration: where nobody said how their keys are to be kept, they are plain. Default: false. */
  readonly demonstration?: boolean;
}

/** The keys of a folder. */
export function keyRing(context: RingContext, options: RingOptions = {}): KeyRing {
  const { folder = context.keys, home = folder, demonstration = false } = options;
  const source = sourceOf(context.passphraseFrom);
  const known = openedBy.get(context) ?? { signers: new Map(), passphrase: undefined };
  openedBy.set(context, known);
  const { signers } = known;

  async function open(principal: string): Promise<Signer> {
    const file = keyFile(folder, principal)?.file ?? "";
    const before = signers.get(file);
    if (before !== undefined) return before;
    let given: string | undefined;
    const ask: AskPassphrase = async (_, path) => {
      given = known.passphrase ?? (await readPassphrase(context, source, path));
      return given;
    };
    let signer: Signer;
    try {
      signer = await openKey(folder, principal, ask);
    } catch (error) {
      // Another key's passphrase, which nobody said was this one's.
      if (!(error instanceof KeyError) || error.code !== "PASSPHRASE_WRONG" || known.passphrase === undefined)
        throw error;
      signer = await openKey(folder, principal, async (_, path) => {
        given = await readPassphrase(context, source, path);
        return given;
      });
    }
    known.passphrase = given ?? known.passphrase;
    signers.set(file, signer);
    return signer;
  }

  /** Whether a new key goes without a passphrase. */
  function isPlain(): boolean {
    if (source !== undefined) return source.kind === "none";
    const kept = keyNames(home).map((name) => keyFile(home, name)?.sealed === true);
    return kept.length === 0 ? demonstration : !kept.includes(true);
  }

  return {
    names: () => keyNames(folder),
    half: (principal) => publicHalf(folder, principal),
    open,
    async ready() {
      if (!isPlain()) await newPassphrase();
    },
    async save(signer) {
      const file = await saved(signer);
      signers.set(file, signer);
      return file;
    },
  };

  async function newPassphrase(): Promise<string> {
    known.passphrase ??= await readNewPassphrase(context, source, `the new keys in ${folder}`);
    return known.passphrase;
  }

  async function saved(signer: Signer): Promise<string> {
    return isPlain()
      ? saveKey(folder, signer)
      : saveSealedKey(folder, signer, await newPassphrase(), context.workFactor);
  }
}
