/**
 * The public name of an age X25519 recipient (https://age-encryption.org/v1, "The X25519 recipient type"): `age1`, then 32 bytes and a checksum in
 * Bech32 (BIP 173). Checked here where one is put on the ledger: a mistyped recipient would make backups that nobody can open.
 */

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** 32 bytes are 52 characters of five bits; the checksum is six more. */
const shape = /^age1[02-9ac-hj-np-z]{58}$/;

/** Whether the text is an X25519 recipient with a right checksum. */
export function isAgeRecipient(text: string): boolean {
  if (!shape.test(text)) return false;
  const values = [...text.slice("age1".length)].map((char) => alphabet.indexOf(char));
  // BIP 173: the human-readable part goes in as its high bits, a zero, its low bits.
  const prefix = [...Buffer.from("age")];
  const expanded = [...prefix.map((byte) => byte >> 5), 0, ...prefix.map((byte) => byte & 31), ...values];
  // 52 characters hold 260 bits: the four behind the key must be zero, so that a recipient is written in one way only.
  return polymod(expanded) === 1 && ((values[51] ?? 1) & 15) === 0;
}

/** The BCH checksum of BIP 173; 1 where it is right. */
function polymod(values: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const value of values) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, word] of generator.entries()) if ((top >> bit) & 1) sum ^= word;
  }
  return sum;
}
