/**
 * Trust policies: C2SP tlog-policy. Which logs are trusted, which witnesses are known, and how many of them must have cosigned before a
 * checkpoint counts.
 *
 * Example: "log <vkey>\nwitness w1 <vkey>\nwitness w2 <vkey> https://w2.example/\ngroup both all w1 w2\nquorum both\n"
 *
 * Names are bytes to the format: they are kept as Latin-1 texts here, one character a byte, and read as UTF-8 only inside a vkey.
 */
import type { Checkpoint } from "./checkpoint.js";
import { parseNote } from "./note.js";
import { formatVkey, type NoteKey, type NoteKeyType, noteKeyTypes, parseVkey } from "./noteKey.js";
import { same } from "./proof.js";
import { openCheckpoint } from "./signedCheckpoint.js";
import { fails, TlogError } from "./TlogError.js";

/** A policy may have this many bytes, and as many logs, witnesses and groups each. */
export const policySizeMax = 256 * 1024;
const namesMax = 256;

export interface PolicyLog {
  readonly key: NoteKey;
  readonly url: string | null;
}

export interface PolicyWitness {
  readonly name: string;
  readonly key: NoteKey;
  readonly url: string | null;
}

/** Witnesses a checkpoint when at least `threshold` of its members do. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

export interface WitnessPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** In the order of the file: a group only names what stands before it. */
  readonly groups: readonly PolicyGroup[];
  /** The witness or group that must have witnessed, or null for none. */
  readonly quorum: string | null;
}

export type PolicyVerdict =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      readonly log: NoteKey;
      /** The policy's names of the witnesses that cosigned, and when. */
      readonly witnessed: readonly { readonly name: string; readonly timeS: number }[];
    }
  | { readonly ok: false; readonly why: string };

/** The policy of a file. Throws `MALFORMED` or `UNSUPPORTED`, naming the line. */
export function parsePolicy(bytes: Uint8Array): WitnessPolicy {
  if (bytes.length > policySizeMax)
    throw new TlogError(
      "OUT_OF_RANGE",
      `a policy of ${bytes.length} bytes; up to ${policySizeMax} are read`,
      "Shorten it.",
    );
  const text = Buffer.from(bytes).toString("latin1");
  const logs: PolicyLog[] = [];
  const witnesses: PolicyWitness[] = [];
  const groups: PolicyGroup[] = [];
  let quorum: string | null | undefined;
  const names = new Set<string>();

  const define = (name: string) => {
    if (name === "none") throw malformed("`none` is no name that can be defined");
    if (names.has(name)) throw malformed(`the name ${name} is defined twice`);
    names.add(name);
  };
  const defined = (name: string) => {
    if (!names.has(name)) throw malformed(`${name} is not defined on a line before`);
    return name;
  };

  const read = (line: string) => {
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
    if (keyword === undefined || keyword.startsWith("#")) return;
    if (keyword === "log") {
      const [vkey, url] = counted(items, 1, 2, "log <vkey> [<url>]");
      logs.push({ key: keyOf(vkey as string, noteKeyTypes.ed25519, logs, "a log"), url: url ?? null });
    } else if (keyword === "witness") {
      const [name, vkey, url] = counted(items, 2, 3, "witness <name> <vkey> [<url>]") as [string, string, string?];
      define(name);
      witnesses.push({ name, key: keyOf(vkey, noteKeyTypes.cosignature, witnesses, "a witness"), url: url ?? null });
    } else if (keyword === "group") {
      const [name, many, ...members] = counted(items, 3, namesMax, "group <name> all|any|<k> <name>...") as string[];
      // Looked up before the group's own name is known: a group is no member of itself.
      for (const member of members) defined(member);
      if (new Set(members).size < members.length) throw malformed(`a name is twice in group ${name}`);
      // Nothing may count twice towards the quorum by way of two groups.
      const taken = members.find((member) => groups.some((group) => group.members.includes(member)));
      if (taken !== undefined) throw malformed(`${taken} is in another group already`);
      define(name as string);
      groups.push({ name: name as string, threshold: thresholdOf(many as string, members.length), members });
    } else if (keyword === "quorum") {
      const [name] = counted(items, 1, 1, "quorum <name>") as [string];
      if (quorum !== undefined) throw malformed("there is a second quorum line");
      quorum = name === "none" ? null : defined(name);
    } else {
      throw malformed(`${keyword} is none of log, witness, group, quorum`);
    }
  };

  if (text !== "" && !text.endsWith("\n"))
    throw atLine(text.split("\n").length, malformed("it does not end in a newline"));
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    try {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them
      if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) throw malformed("it holds a control character");
      read(line);
      if (Math.max(logs.length, witnesses.length, groups.length) > namesMax)
        throw malformed(`there are more than ${namesMax} logs, witnesses or groups`);
    } catch (error) {
      throw error instanceof TlogError ? atLine(i + 1, error) : error;
    }
  }
  if (quorum === undefined) throw malformed("it has no quorum line");
  return { logs, witnesses, groups, quorum };
}

/** The policy as a file: logs, witnesses, groups, quorum. {@link parsePolicy} gives the same policy back. */
export function formatPolicy({ logs, witnesses, groups, quorum }: WitnessPolicy): Uint8Array {
  const withUrl = (url: string | null) => (url === null ? "" : ` ${url}`);
  const vkeyOf = (key: NoteKey) => Buffer.from(formatVkey(key), "utf8").toString("latin1");
  const lines = [
    ...logs.map(({ key, url }) => `log ${vkeyOf(key)}${withUrl(url)}`),
    ...witnesses.map(({ name, key, url }) => `witness ${name} ${vkeyOf(key)}${withUrl(url)}`),
    ...groups.map(({ name, threshold, members }) => `group ${name} ${threshold} ${members.join(" ")}`),
    `quorum ${quorum ?? "none"}`,
  ];
  return Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
}

/** Whether a checkpoint counts: signed by a log of the policy, under its own name, and witnessed as the quorum asks. */
export function evaluatePolicy(policy: WitnessPolicy, note: Uint8Array): PolicyVerdict {
  let origin: string;
  try {
    origin = parseNote(note).text.split("\n", 1)[0] as string;
  } catch (error) {
    if (error instanceof TlogError) return fails(error.message);
    throw error;
  }
  const keys = policy.logs.map(({ key }) => key).filter(({ name }) => name === origin);
  if (keys.length === 0) return fails(`${JSON.stringify(origin)} is none of the logs of the policy`);
  const others = policy.witnesses.map(({ key }) => key);
  const opened = openCheckpoint(note, { origin, keys }, others);
  if (!opened.ok) return opened;
  const log = opened.verified.find(({ key }) => keys.includes(key))?.key as NoteKey;
  const witnessed = policy.witnesses.flatMap(({ name, key }) => {
    const timeS = opened.verified.find((one) => one.key === key)?.timeS ?? null;
    return timeS === null ? [] : [{ name, timeS }];
  });
  // In the order of the file: a group's members are decided before the group.
  const done = new Set(witnessed.map(({ name }) => name));
  for (const { name, threshold, members } of policy.groups)
    if (members.filter((member) => done.has(member)).length >= threshold) done.add(name);
  if (policy.quorum !== null && !done.has(policy.quorum)) {
    const who = witnessed.map(({ name }) => name).join(", ") || "nobody";
    return fails(
      `the quorum ${policy.quorum} is not met: witnessed by ${who}, ${witnessed.length} of ${others.length}`,
    );
  }
  return { ok: true, checkpoint: opened.checkpoint, log, witnessed };
}

function keyOf(latin1: string, type: NoteKeyType, known: readonly { readonly key: NoteKey }[], what: string): NoteKey {
  const key = parseVkey(Buffer.from(latin1, "latin1").toString("utf8"));
  if (key.type !== type)
    throw malformed(`the key of ${what} must be of type 0x0${type}; that of ${key.name} is 0x0${key.type}`);
  // The same public key is the same party, whatever it is called.
  if (known.some((other) => same(other.key.publicKey, key.publicKey)))
    throw malformed(`the key of ${key.name} is there already`);
  return key;
}

function counted(items: string[], min: number, max: number, usage: string): string[] {
  if (items.length < min || items.length > max) throw malformed(`the line must read: ${usage}`);
  return items;
}

function thresholdOf(many: string, members: number): number {
  if (many === "any") return 1;
  if (many === "all") return members;
  const threshold = /^[1-9][0-9]{0,2}$/.test(many) ? Number(many) : 0;
  if (threshold < 1 || threshold > members)
    throw malformed(`the number of a group is all, any or 1 to ${members}, not ${many}`);
  return threshold;
}

function malformed(what: string): TlogError {
  return new TlogError("MALFORMED", `not a policy: ${what}`, "Correct that line.");
}

function atLine(line: number, { code, message, next }: TlogError): TlogError {
  return new TlogError(code, `line ${line}: ${message}`, next);
}
