/** `witness key`: makes the key a witness cosigns with. The private half is saved before its vkey is shown or kept. Must never print a private key. */
import { existsSync, readFileSync } from "node:fs";
import { replaceFile } from "../../files/durableFile.js";
import { generateSigner, publicKeyOf, signerOf } from "../../keys/Signer.js";
import { formatVkey, noteKey, noteKeyTypes } from "../../tlog/noteKey.js";
import { answer, type Context } from "../Context.js";
import { marks } from "../output/style.js";
import { keyNameOf, said, vkeyFile, witnessKey, witnessRing } from "./witnessPlace.js";

export async function makeWitnessKey(context: Context, name: string): Promise<undefined> {
  const ring = witnessRing(context);
  // One that was made before, also where the call ended before its vkey was kept.
  const there = ring.names().map((file) => ({ file, key: witnessKey(ring, file, name) }));
  let key = there.find(({ file, key: one }) => keyNameOf(one) === file)?.key;
  let keyFile: string | null = null;
  if (key === undefined) {
    const fresh = (context.newSigner ?? generateSigner)("witness");
    const publicKey = Buffer.from(publicKeyOf(fresh.privateKey).public, "base64");
    key = said("NAME_MALFORMED", () => noteKey(name, noteKeyTypes.cosignature, publicKey));
    keyFile = await ring.save(signerOf(keyNameOf(key), fresh.privateKey));
  }
  const vkey = formatVkey(key);
  const beside = vkeyFile(context, key);
  if (!existsSync(beside) || readFileSync(beside, "utf8") !== `${vkey}\n`)
    await replaceFile(beside, Buffer.from(`${vkey}\n`));
  const next = "iu-ledger witness serve --log VKEY";
  answer(context, { name, vkey, made: keyFile !== null, keyFile, next }, () => [
    keyFile === null
      ? `The key of ${name} is here already.`
      : `${context.style.good(marks.good)} The witness's key is made`,
    `  ${vkey}`,
    ...(keyFile === null ? [] : [`  its private half is in ${keyFile}; whoever has it can cosign as this witness`]),
    "  Give the line above to everybody who is to rely on this witness: it goes into their policies.",
    `  next ${next}`,
  ]);
  return undefined;
}
