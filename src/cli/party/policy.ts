/** `policy show` and `policy adopt`: what must hold before a live cut. */
import { policyCategory } from "../../../commands/policy.js";
import { listPolicies } from "../../../projections/policy/queries.js";
import { type Policy, policy as policySchema } from "../../events/fields.js";
import { policyKey } from "../../events/streams.js";
import { answer, type Context } from "../Context.js";
import { malformedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { brief, counted, grouped, moment } from "../output/text.js";
import { readInput } from "../readInput.js";
import { withReading } from "../session/reading.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface AdoptOptions {
  readonly set?: readonly string[];
}

const meanings: Readonly<Record<keyof Policy, (value: number | null) => string>> = {
  gateHours: (value) => `an approval lasts ${counted(value ?? 0, "hour")}`,
  armHoursMax: (value) => `execution may stay armed for ${counted(value ?? 0, "hour")}`,
  contentSizeMax: (value) => `a document has at most ${grouped(value ?? 0)} bytes`,
  findingsMax: (value) => `a plan carries at most ${counted(value ?? 0, "finding")} to a gate`,
  backupHoursMax: (value) =>
    value === null ? "no backup is asked for" : `a backup was restored within ${counted(value, "hour")}`,
  grantAuditHoursMax: (value) =>
    value === null ? "no grant audit is asked for" : `a grant audit was clean within ${counted(value, "hour")}`,
};

export async function show(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const { style } = context;
    const policies = await listPolicies(sql);
    const [inForce, ...earlier] = policies;
    answer(context, { policy: inForce?.policy ?? null, digest: inForce?.digest ?? null, policies }, () =>
      inForce === undefined
        ? ["No policy has been adopted."]
        : [
            `${style.strong(`Policy ${brief(inForce.digest)}`)}  adopted ${moment(inForce.adoptedAt)} by ${inForce.adoptedBy}`,
            ...pairs(policyPairs(inForce.policy), style),
            ...(earlier.length === 0
              ? []
              : [
                  "",
                  ...earlier.map(
                    (one) =>
                      `  ${style.faint(`before: ${brief(one.digest)}, adopted ${moment(one.adoptedAt)} by ${one.adoptedBy}`)}`,
                  ),
                ]),
          ],
    );
  });
  return undefined;
}

function policyPairs(policy: Policy): [string, string][] {
  return (Object.keys(meanings) as (keyof Policy)[]).map((name) => [
    name,
    `${policy[name] ?? "none"}  ${meanings[name](policy[name])}`,
  ]);
}

export async function adopt(
  context: Context,
  file: string | undefined,
  { set = [] }: AdoptOptions,
): Promise<undefined> {
  if (file === undefined && set.length === 0) {
    throw malformedStop(
      "POLICY_MISSING",
      "This says no policy.",
      "Give a file, or change values: iu-ledger policy adopt --set gateHours=48",
    );
  }
  const given = file === undefined ? undefined : parsed(await readInput(context, file));
  await withCurrentLedger(context, async (ledger) => {
    const base: Policy = given ?? (await ledger.state(policyCategory, policyKey)).policy;
    const changed: Record<string, unknown> = { ...base };
    for (const words of set) {
      const [, name, value] = /^(\w+)=(\d{1,15}|none)$/.exec(words) ?? [];
      if (name === undefined || value === undefined || !(name in meanings)) {
        throw malformedStop(
          "POLICY_MALFORMED",
          `${words} sets nothing that a policy has.`,
          `Write name=number, or name=none; there are ${Object.keys(meanings).join(", ")}.`,
        );
      }
      changed[name] = value === "none" ? null : Number(value);
    }
    const said = await submit(context, ledger, "AdoptPolicy", { policy: valid(changed) });
    await ledger.catchUp();
    report(context, said, {
      what: "Policy adopted",
      json: { policy: changed },
      lines: pairs(policyPairs(valid(changed)), context.style, "     "),
    });
  });
  return undefined;
}

function parsed(bytes: Uint8Array): Policy {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformedStop(
      "POLICY_MALFORMED",
      "The file holds no JSON.",
      "Start from the one in force: iu-ledger policy show --json",
    );
  }
  // As `policy show --json` writes it, or the policy alone.
  const inner = typeof value === "object" && value !== null && "policy" in value ? value.policy : value;
  return valid(inner);
}

function valid(value: unknown): Policy {
  const checked = policySchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw malformedStop(
    "POLICY_MALFORMED",
    `${issue?.path.join(".") || "The policy"}: ${issue?.message ?? "wrong shape"}.`,
    "Every value of 'policy show --json' must be there, and no other.",
  );
}
