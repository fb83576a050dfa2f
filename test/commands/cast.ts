/**
 * Who and what the scenarios are about: a ledger of a reading room, its people and their agents, one charter in three revisions. Keys come
 * from seeds and ids from a counter, so that every run of the tests writes the same bytes.
 */
import { commitContent } from "../../src/events/commitment.js";
import type { Policy } from "../../src/events/fields.js";
import { type Signer, signerFromSeed } from "../../src/keys/Signer.js";

/** The `n`-th UUID of the tests. */
export const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** A moment: minutes after the story's beginning (RFC 3339). */
export const minute = (n: number): string =>
  new Date(Date.parse("2026-01-05T09:00:00.000Z") + n * 60_000).toISOString();

export const ledgerId = uuid(0xfade);
export const document = uuid(0xd0c);
export const run = uuid(0x101);
export const run2 = uuid(0x102);
export const run3 = uuid(0x103);

/** Signers of the story. One principal each; who answers for the last five stands in `registrations`. */
export const names = [
  "sofia",
  "sam",
  "ada",
  "olga",
  "ed",
  "rex",
  "wanda",
  "vera",
  "rita",
  "otto",
  "bot",
  "lens",
  "quill",
  "mill",
  "samson",
] as const;
export type Name = (typeof names)[number];

/** The signer of a name; another `key` is another key pair under the same name. */
export function signerOf(name: string, key = 0): Signer {
  const seed = new Uint8Array(32).fill(key);
  seed.set(new TextEncoder().encode(name).subarray(0, 31));
  return signerFromSeed(name, seed);
}

interface Registration {
  readonly kind: "human" | "agent" | "service";
  readonly roles: readonly (
    | "sovereign"
    | "admin"
    | "editor"
    | "orchestrator"
    | "executor"
    | "writer"
    | "verifier"
    | "reviewer"
    | "operator"
  )[];
  readonly responsible?: Name;
}

/** Everyone but sofia, who opens the ledger. The agents and services have every role that is not for humans alone. */
export const registrations: Readonly<Record<Exclude<Name, "sofia">, Registration>> = {
  sam: { kind: "human", roles: ["sovereign"] },
  ada: { kind: "human", roles: ["admin"] },
  olga: { kind: "human", roles: ["orchestrator"] },
  ed: { kind: "human", roles: ["editor"] },
  rex: { kind: "human", roles: ["executor"] },
  wanda: { kind: "human", roles: ["writer"] },
  vera: { kind: "human", roles: ["verifier"] },
  rita: { kind: "human", roles: ["reviewer"] },
  otto: { kind: "human", roles: ["operator"] },
  bot: { kind: "agent", roles: ["orchestrator", "editor", "executor", "reviewer"], responsible: "olga" },
  lens: { kind: "agent", roles: ["verifier", "writer"], responsible: "vera" },
  quill: { kind: "agent", roles: ["writer", "verifier"], responsible: "wanda" },
  mill: { kind: "service", roles: ["executor", "writer", "verifier"], responsible: "rex" },
  samson: { kind: "agent", roles: ["orchestrator"], responsible: "sam" },
};

/** The policy the ledger is opened with, spelt out: another default of the product must not change what the tests pin. */
export const roomPolicy: Policy = {
  gateHours: 24,
  armHoursMax: 24,
  contentSizeMax: 64 * 1024 * 1024,
  findingsMax: 1000,
  backupHoursMax: null,
  grantAuditHoursMax: null,
};

/** Recipients of backups (age, X25519); their identities were thrown away. */
export const recipientA = "age1hvvzvh40amq8vwexk30ychsudm7gjytay3alnmjk7x0x5dttmfcq9juwqu";
export const recipientB = "age1hfvzrcf3452p9rdtuad9cyxe0wcf6ne2jjz4vqc68acp9vvysdpqt92l9u";

const text = new TextEncoder();

export interface Text {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
  readonly commitment: string;
}

/** Bytes with a salt of their own, and what commits to them. */
export function content(of: string | Uint8Array, salt = 1): Text {
  const bytes = typeof of === "string" ? text.encode(of) : of;
  const salted = new Uint8Array(32).fill(salt);
  return { salt: salted, bytes, commitment: commitContent(salted, bytes) };
}

/** Six units, no findings. Every word of four letters or more but the labels' is to be found nowhere on the ledger. */
export const charter = content(
  "Charter of the Reading Room\n\nArticle 1. Purpose\nThe room lends books to everyone who asks for one politely.\n\n" +
    "Article 2. Keeper\n(1) One keeper minds the shelves by day and by night.\n(2) The keeper serves for two winters and then rests.\n\n" +
    "Article 3. Lamp oil\nOil is bought from the common fund every autumn.\n",
);

/** Article 1 amended, article 3 gone, article 4 new: an open row of each kind. */
export const charter2 = content(
  "Charter of the Reading Room\n\nArticle 1. Purpose\nThe room lends books and maps to everyone who asks for one politely.\n\n" +
    "Article 2. Keeper\n(1) One keeper minds the shelves by day and by night.\n(2) The keeper serves for two winters and then rests.\n\n" +
    "Article 3. Mice\nWhoever meets a mouse between these walls tells the cat without delay.\n",
  2,
);

/** As the first, with white space more: nothing that a human must resolve. */
export const charter3 = content(Buffer.from(charter.bytes).toString("utf8").replace("Oil is", "Oil  is"), 3);

/** A gap and a repeated label: two blocking findings. */
export const oddCharter = content(
  "Charter of the Cellar\n\nArticle 1. Wine\nWine is kept lying down.\n\nArticle 3. Cheese\nCheese is kept apart from the wine.\n\n" +
    "Article 3. Bread\nBread is not kept at all.\n",
  4,
);
