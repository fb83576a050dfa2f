/**
 * Who can open backups: an age X25519 identity in a file of its own, readable by its owner only, under a passphrase unless somebody chose otherwise. Lines
 * that begin with # are remarks, as `age-keygen` writes them. Must never print an identity, nor put one into an error.
 */
import { readFileSync, statSync } from "node:fs";
import { writeFlushed } from "../export/writeFolder.js";
import { BackupError } from "./BackupError.js";

export interface BackupIdentity {
  /** What opens: for the library only. */
  readonly secret: string;
  /** The public half, which goes on the ledger. */
  readonly recipient: string;
}

const armor = "-----BEGIN AGE ENCRYPTED FILE-----";
const line = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;

/** Makes an identity and writes it to a new file; answers its recipient. `passphrase` null: as it is. */
export async function makeIdentity(path: string, passphrase: string | null, workFactor = 17): Promise<string> {
  const age = await import("age-encryption");
  const secret = await age.generateX25519Identity();
  const recipient = await age.identityToRecipient(secret);
  let text = `# an identity of backups of iu-ledger: whoever has it can read them\n# recipient: ${recipient}\n${secret}\n`;
  if (passphrase !== null) {
    const encrypter = new age.Encrypter();
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(workFactor);
    text = age.armor.encode(await encrypter.encrypt(text));
  }
  try {
    await writeFlushed(path, [Buffer.from(text)]);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw unusable(
      path,
      code === "EEXIST" ? "is there already" : `cannot be written (${code})`,
      code === "EEXIST" ? "Name another file; an identity that opens backups must not be lost." : "Name another place.",
    );
  }
  return recipient;
}

/** The identity in a file; `ask` gives its passphrase, if it is under one. Throws {@link BackupError} `IDENTITY_UNUSABLE`. */
export async function readIdentity(path: string, ask: () => Promise<string>): Promise<BackupIdentity> {
  let text: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw unusable(path, "can be read by others than its owner", `chmod 600 ${path}`);
    text = readFileSync(path, "latin1");
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw unusable(
      path,
      `cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      "Name the file that holds the identity.",
    );
  }
  const age = await import("age-encryption");
  if (text.trimStart().startsWith(armor)) {
    const decrypter = new age.Decrypter();
    decrypter.addPassphrase(await ask());
    try {
      text = await decrypter.decrypt(age.armor.decode(text), "text");
    } catch {
      throw unusable(
        path,
        "does not open: the passphrase is another one, or the file was changed",
        "Try again with its passphrase.",
      );
    }
  }
  const secrets = text.split(/\r?\n/).filter((each) => each !== "" && !each.startsWith("#"));
  const [secret = ""] = secrets;
  if (secrets.length !== 1 || !line.test(secret))
    throw unusable(path, "does not hold one age X25519 identity", "Make one with: iu-ledger backup identity FILE");
  try {
    return { secret, recipient: await age.identityToRecipient(secret) };
  } catch {
    throw unusable(path, "holds an identity with a wrong checksum", "Restore the file from where you keep your keys.");
  }
}

function unusable(path: string, what: string, next: string): BackupError {
  return new BackupError("IDENTITY_UNUSABLE", `${path} ${what}`, next);
}
