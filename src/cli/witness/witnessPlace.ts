/**
 * Where a witness's things are: its key among the local keys in a folder of its own, its vkey beside it (a key file does not know by what name the
 * witness signs), the marks beside that, and its state elsewhere, so that neither is restored with the other.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  formatVkey,
  type NoteKey,
  type NoteSigner,
  noteKey,
  noteKeyTypes,
  noteSigner,
  parseVkey,
} from "../../tlog/noteKey.js";
import { TlogError } from "../../tlog/TlogError.js";
import { type Marks, marksIn } from "../../witness/marks.js";
import { openWitnessState, type WitnessState } from "../../witness/witnessState.js";
import type { Context } from "../Context.js";
import { malformedStop, refusedStop } from "../output/Problem.js";
import { type KeyRing, keyRing } from "../session/keyRing.js";

export interface PlaceOptions {
  readonly key?: string;
  readonly state?: string;
}

/** The keys of local witnesses. */
export function witnessRing(context: Context): KeyRing {
  return keyRing(context, { folder: witnessKeyFolder(context), home: context.keys });
}

export function witnessKeyFolder(context: Context): string {
  return join(context.keys, "witness");
}

/** What the file of a key is called, without its ending. */
export function keyNameOf({ id }: NoteKey): string {
  return `witness-${id}`;
}

export function vkeyFile(context: Context, key: NoteKey): string {
  return join(witnessKeyFolder(context), `${keyNameOf(key)}.vkey`);
}

/** The key of a witness of that name with a local private key. */
export function witnessKey(ring: KeyRing, file: string, name: string): NoteKey {
  return said("NAME_MALFORMED", () =>
    noteKey(name, noteKeyTypes.cosignature, Buffer.from(ring.half(file).public, "base64")),
  );
}

/** The local witnesses: each key that has its vkey beside it. */
export function localWitnesses(context: Context, ring: KeyRing): NoteKey[] {
  return ring.names().flatMap((file) => {
    let text: string;
    try {
      text = readFileSync(join(witnessKeyFolder(context), `${file}.vkey`), "utf8").trim();
    } catch {
      return [];
    }
    const key = said("VKEY_MALFORMED", () => parseVkey(text));
    const mine = witnessKey(ring, file, key.name);
    if (formatVkey(mine) === text && keyNameOf(mine) === file) return [key];
    throw refusedStop(
      "WITNESS_KEY_OTHER",
      `${file}.vkey in ${witnessKeyFolder(context)} is not the public half of the key beside it.`,
      `Put it right: iu-ledger witness key ${key.name}`,
      { vkey: text },
    );
  });
}

/** The witness that was meant: the one that was named, by name or vkey, or the only one there is. */
export function chosenWitness(context: Context, ring: KeyRing, named: string | undefined): NoteKey {
  const all = localWitnesses(context, ring);
  const fitting = named === undefined ? all : all.filter((key) => key.name === named || formatVkey(key) === named);
  const [only, second] = fitting;
  if (only !== undefined && second === undefined) return only;
  if (only === undefined) {
    throw refusedStop(
      "WITNESS_KEY_MISSING",
      named === undefined
        ? `There is no witness's key in ${witnessKeyFolder(context)}.`
        : `There is no key of ${named} in ${witnessKeyFolder(context)}.`,
      "Make one, with a name that says who watches: iu-ledger witness key NAME",
    );
  }
  throw malformedStop(
    "WITNESS_AMBIGUOUS",
    `There are keys of ${fitting.map(formatVkey).join(", ")}.`,
    "Say which with --key: its name, or its vkey where names are the same.",
  );
}

/** The chosen witness with its private key; asks for its passphrase if it is under one. */
export async function witnessSigner(ring: KeyRing, key: NoteKey): Promise<NoteSigner> {
  return noteSigner(key.name, noteKeyTypes.cosignature, (await ring.open(keyNameOf(key))).privateKey);
}

export function statePlace(context: Context, key: NoteKey, { state }: PlaceOptions): string {
  return state ?? join(dirname(context.keys), "witness", key.id);
}

export function marksPlace(context: Context, key: NoteKey): Marks {
  return marksIn(join(witnessKeyFolder(context), `${keyNameOf(key)}.marks`));
}

/** Opens what a witness remembers for one piece of work and closes it, whatever happens. */
export async function withWitnessState<T>(
  context: Context,
  key: NoteKey,
  options: PlaceOptions,
  use: (state: WitnessState, folder: string) => Promise<T>,
): Promise<T> {
  const folder = statePlace(context, key, options);
  const state = await openWitnessState({ folder, marks: marksPlace(context, key), key });
  try {
    return await use(state, folder);
  } finally {
    await state.close();
  }
}

/** What the log's formats refuse, as something typed that cannot be meant. */
export function said<T>(code: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop(code, `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`, error.next);
  }
}
