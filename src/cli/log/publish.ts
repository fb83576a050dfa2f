/**
 * `log publish`: has the newest checkpoint cosigned by the witnesses of a policy. It counts as published when the policy's quorum is met; until then
 * the answer says who is missing and why, and the same command goes on.
 */
import { consistencyProof, merkleRoot } from "../../../projections/merkle_log/queries.js";
import { formatVkey } from "../../tlog/noteKey.js";
import { parsePolicy, policySizeMax, type WitnessPolicy } from "../../tlog/policy.js";
import { same } from "../../tlog/proof.js";
import { TlogError } from "../../tlog/TlogError.js";
import { askOverHttp } from "../../witness/askWitness.js";
import type { WitnessReport } from "../../witness/collectCosignatures.js";
import { type Published, publishCheckpoint } from "../../witness/publishCheckpoint.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks } from "../output/style.js";
import { counted, moment, visible } from "../output/text.js";
import { readInput } from "../readInput.js";
import { withReading } from "../session/reading.js";
import { quoted } from "../words.js";
import { cosignedPlace } from "./logPlace.js";
import { newestCheckpoint } from "./prove.js";

export interface PublishOptions {
  readonly witnessPolicy: string;
  readonly timeout?: number;
  readonly outside?: string;
}

const timeoutMsDefault = 10_000;

export async function publishLog(context: Context, options: PublishOptions): Promise<ExitCode> {
  const given = policyOf(await readInput(context, options.witnessPolicy, policySizeMax));
  const timeoutMs = options.timeout ?? timeoutMsDefault;
  if (timeoutMs < 1) throw malformedStop("OPTION_OUT_OF_RANGE", "--timeout must be more than nothing.", "Write 10s.");
  return withReading(context, async (reading) => {
    const { sql } = reading;
    const { note, checkpoint, key } = await newestCheckpoint(reading);
    if (!same(await merkleRoot(sql, checkpoint.size), checkpoint.root)) {
      throw refusedStop(
        "TREE_WRONG",
        `The tiles of the Merkle log do not give the root that was signed for ${counted(checkpoint.size, "event")}.`,
        "See what was changed: iu-ledger replay",
        { size: checkpoint.size },
      );
    }
    const policy = given.logs.length === 0 ? { ...given, logs: [{ key, url: null }] } : given;
    if (!policy.logs.some((log) => formatVkey(log.key) === formatVkey(key))) {
      throw refusedStop(
        "POLICY_OTHER_LOG",
        `The policy is of ${policy.logs.map((log) => formatVkey(log.key)).join(", ")}; the checkpoint is signed with ${formatVkey(key)}.`,
        "Put the log's key into the policy: iu-ledger log key",
        { log: formatVkey(key) },
      );
    }
    const done = await publishCheckpoint({
      policy,
      checkpoint,
      note,
      cosigned: cosignedPlace(context, checkpoint.origin, options.outside),
      proofFrom: async (size) => ({
        root: await merkleRoot(sql, size),
        proof: await consistencyProof(sql, size, checkpoint.size),
      }),
      ask: askOverHttp({ timeoutMs, signal: context.signal }),
      now: () => Date.parse(context.now()),
    });
    tell(context, options, { origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root }, done);
    return done.verdict.ok && !isAlarmed(done) ? 0 : 1;
  });
}

/** The outcomes that say that somebody's history was changed: ours or theirs. */
const alarms: readonly WitnessReport["outcome"][] = ["forked", "ahead", "forgot"];

function isAlarmed({ witnesses }: Published): boolean {
  return witnesses.some(({ outcome }) => alarms.includes(outcome));
}

function tell(
  context: Context,
  { witnessPolicy }: PublishOptions,
  { origin, size, root }: { origin: string; size: number; root: Uint8Array },
  done: Published,
): void {
  const { verdict, witnesses, note, file } = done;
  const { style } = context;
  const rootHex = Buffer.from(root).toString("hex");
  const alarmed = isAlarmed(done);
  const again = `iu-ledger log publish --witness-policy ${quoted(witnessPolicy)}`;
  const next = alarmed ? "iu-ledger replay" : verdict.ok ? "iu-ledger log prove POSITION" : again;
  const why = verdict.ok ? null : verdict.why;
  answer(
    context,
    {
      published: verdict.ok,
      why,
      origin,
      size,
      root: rootHex,
      witnesses,
      file,
      note: Buffer.from(note).toString(),
      next,
    },
    () => [
      verdict.ok
        ? `${style.good(marks.good)} Published: the checkpoint of ${counted(size, "event")} is witnessed as the policy asks`
        : `${style.bad(marks.bad)} Not published: ${visible(verdict.why)}`,
      ...pairs(
        [
          ["log", visible(origin)],
          ["size", String(size)],
          ["root", rootHex],
          ["kept", file],
        ],
        style,
      ),
      ...witnesses.map((one) => `  ${lineOf(context, one)}`),
      ...(alarmed
        ? ["  A witness has seen another history of this log. Find out which is true before anybody relies on either."]
        : []),
      `  next ${asTyped(next, context.style, context.typing)}`,
    ],
  );
}

function lineOf({ style }: Context, { name, outcome, timeS, why }: WitnessReport): string {
  if (timeS !== null) {
    const at = moment(new Date(timeS * 1000).toISOString());
    return `${style.good(marks.good)} ${visible(name)}  cosigned at ${at}${outcome === "kept" ? ", before" : ""}`;
  }
  return `${style.bad(marks.bad)} ${visible(name)}  ${outcome}: ${visible(why ?? "")}`;
}

function policyOf(bytes: Uint8Array): WitnessPolicy {
  try {
    return parsePolicy(bytes);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop("POLICY_MALFORMED", `The policy cannot be read: ${error.message}.`, error.next);
  }
}
