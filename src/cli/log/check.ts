/**
 * `log check`: a proof file against a key that was pinned, offline. Reads the files it is given and nothing else: no ledger, no
 * keys, no network.
 */

import { type NoteKey, parseVkey } from "../../tlog/noteKey.js";
import { evaluatePolicy, parsePolicy, type WitnessPolicy } from "../../tlog/policy.js";
import { type CheckedProofFile, checkProofFile, parseProofFile, proofFileSizeMax } from "../../tlog/proofFile.js";
import { TlogError } from "../../tlog/TlogError.js";
import { hashLeaf } from "../../tlog/tree.js";
import { answer, type Context } from "../Context.js";
import { eventText } from "../output/eventText.js";
import { malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks } from "../output/style.js";
import { moment, visible } from "../output/text.js";
import { readInput } from "../readInput.js";

export interface CheckOptions {
  readonly vkey?: readonly string[];
  readonly policy?: string;
  readonly entry?: string;
}

export async function checkProof(context: Context, file: string, options: CheckOptions): Promise<undefined> {
  const { vkey = [], policy, entry } = options;
  if ((vkey.length === 0) === (policy === undefined)) {
    throw malformedStop(
      "KEY_MISSING",
      "A proof is checked against a key that you trust: give it with --vkey, or a policy with --policy, not both.",
      "Ask the log's operator for its verifier key, on a way that is not the proof's: iu-ledger log key",
    );
  }
  const bytes = await readInput(context, file, proofFileSizeMax);
  const given = entry === undefined ? undefined : await readInput(context, entry);
  const checked =
    policy === undefined
      ? byKeys(bytes, vkey.map(keyOf), given)
      : byPolicy(bytes, policyOf(await readInput(context, policy)), given);
  if (!checked.ok) {
    throw refusedStop(
      "PROOF_WRONG",
      `The proof does not hold: ${checked.why}.`,
      "Do not rely on it. Ask for the proof again, and compare the key with the one you were given.",
    );
  }
  const leaf = given ?? parseProofFile(bytes).extra ?? new Uint8Array();
  const { index, checkpoint, verified } = checked;
  const root = Buffer.from(checkpoint.root).toString("hex");
  const hash = Buffer.from(hashLeaf(leaf)).toString("hex");
  const said = verified.map(({ key, timeS }) => ({ name: key.name, id: key.id, timeS }));
  const event = eventOf(leaf);
  answer(
    context,
    {
      verdict: "PASS",
      position: index,
      leafHash: hash,
      origin: checkpoint.origin,
      size: checkpoint.size,
      root,
      signatures: said,
      event,
    },
    () => [
      `${context.style.good(marks.good)} The proof holds: this entry is at position ${index} of the log ${visible(checkpoint.origin)}`,
      ...pairs(
        [
          ["size", String(checkpoint.size)],
          ["root", root],
          ["leaf", hash],
          ...said.map(({ name, id, timeS }): [string, string] => [
            timeS === null ? "signed" : "witness",
            `${visible(name)} (key ${id})${timeS === null ? "" : ` at ${moment(new Date(timeS * 1000).toISOString())}`}`,
          ]),
          ...(event === null ? [] : eventPairs(event)),
        ],
        context.style,
      ),
    ],
  );
  return undefined;
}

function byKeys(bytes: Uint8Array, keys: readonly NoteKey[], entry: Uint8Array | undefined): CheckedProofFile {
  const [first] = keys;
  const other = keys.find(({ name }) => name !== first?.name);
  if (first === undefined || other !== undefined) {
    throw malformedStop(
      "KEYS_DIFFER",
      `The keys are of different logs: ${first?.name} and ${other?.name}.`,
      "Give the keys of one log; several only where it was rotated.",
    );
  }
  return checkProofFile(bytes, { origin: first.name, keys }, entry === undefined ? {} : { entry });
}

function byPolicy(bytes: Uint8Array, policy: WitnessPolicy, entry: Uint8Array | undefined): CheckedProofFile {
  let note: Uint8Array;
  try {
    note = parseProofFile(bytes).checkpoint;
  } catch (error) {
    if (error instanceof TlogError) return { ok: false, why: error.message };
    throw error;
  }
  const verdict = evaluatePolicy(policy, note);
  if (!verdict.ok) return verdict;
  const others = policy.witnesses.map(({ key }) => key);
  const options = entry === undefined ? { others } : { entry, others };
  return checkProofFile(bytes, { origin: verdict.log.name, keys: [verdict.log] }, options);
}

function keyOf(vkey: string): NoteKey {
  return said("VKEY_MALFORMED", () => parseVkey(vkey));
}

function policyOf(bytes: Uint8Array): WitnessPolicy {
  return said("POLICY_MALFORMED", () => parsePolicy(bytes));
}

function said<T>(code: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop(code, `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`, error.next);
  }
}

/** The entry as an event, where it is one; it is proven byte for byte, and only shown here. */
function eventOf(leaf: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(leaf));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function eventPairs(event: Record<string, unknown>): [string, string][] {
  const { type, stream, revision, time, actor, data } = event;
  const known = typeof type === "string" && typeof data === "object" && data !== null;
  return [
    ["event", visible(`${type} in ${stream} ${revision}`)],
    ["by", visible(`${actor} at ${time}`)],
    ...(known ? ([["says", wordsOf(type, data as Record<string, unknown>)]] as [string, string][]) : []),
  ];
}

/** Words for people; an entry that only looks like an event has none. */
function wordsOf(type: string, data: Readonly<Record<string, unknown>>): string {
  try {
    return eventText({ type, data });
  } catch {
    return "";
  }
}
