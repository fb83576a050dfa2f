// What must never be seen of a private key, in each writing somebody might print it in; and a scanner that finds secrets nobody told it of.
import { createPrivateKey } from "node:crypto";
import type { Signer } from "../../src/keys/Signer.js";

/** Everything of a private key that must never be seen: PEM lines, DER, seed, in each common writing. */
export function secretsOf({ privateKey }: Pick<Signer, "privateKey">): string[] {
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const seed = der.subarray(der.length - 32);
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return [
    ...lines,
    ...[der, seed].flatMap((bytes) =>
      (["base64", "base64url", "hex"] as const).flatMap((encoding) => {
        const text = bytes.toString(encoding).replace(/=+$/, "");
        return encoding === "hex" ? [text, text.toUpperCase()] : [text];
      }),
    ),
  ];
}

export interface Leak {
  readonly what: string;
  readonly line: number;
}

/** The fixed head of a PKCS #8 Ed25519 key (RFC 8410 section 7): whatever follows it is a private key. */
const pkcs8 = "302e020100300506032b657004220420";
const pkcs8Base64 = Buffer.from(pkcs8, "hex").toString("base64").slice(0, 20);

const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key in PEM", /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n(?=[A-Za-z0-9+/=\s]{40,})/],
  ["a private key in hex", new RegExp(`${pkcs8}[0-9a-f]{64}`, "i")],
  [
    "a private key in base64",
    new RegExp(`${pkcs8Base64.replaceAll("+", "[+-]").replaceAll("/", "[/_]")}[A-Za-z0-9+/_-]{40,}`),
  ],
  ["an age identity", /AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{20,}/i],
  ["a private key as a JWK", /"d"\s*:\s*"[A-Za-z0-9_-]{43}"/],
  // A password of stars, of dots, in capitals, or the word itself stands for one.
  [
    "a password in a connection string",
    /\b(?:postgres(?:ql)?|esdb(?:\+discover)?|kurrentdb(?:\+discover)?|kafka|https?|amqp|redis):\/\/[^\s/@:"'`]*:(?![*.•]+@|[A-Z_]+@|password@|\$\{)[^\s/@"'`]+@/,
  ],
  [
    "a password in a connection string",
    /\b(?:postgres(?:ql)?|esdb):\/\/[^\s"'`]*[?&](?:password|sslpassword)=(?!\*+|\$\{|[A-Z_]+\b)[^\s&"'`]+/i,
  ],
];

/** Secrets in a text, by their shapes, and those that were named, wherever in it. */
export function leaksIn(text: string, known: readonly string[] = []): Leak[] {
  const found: Leak[] = [];
  const lineAt = (index: number) => text.slice(0, index).split("\n").length;
  for (const [what, pattern] of patterns) {
    for (const match of text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`)))
      found.push({ what, line: lineAt(match.index) });
  }
  for (const secret of known) {
    const index = text.indexOf(secret);
    if (index >= 0) found.push({ what: "a known secret", line: lineAt(index) });
  }
  return found;
}

/** Whether a PEM is one that opens: for tests of the scanner. */
export function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}
