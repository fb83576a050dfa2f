/** The policy: what must hold before a live cut. Adopting one changes what every later decision is judged by, and no earlier one. */
import { z } from "zod";
import { digestOf } from "../src/events/canonical.js";
import { asEvent } from "../src/events/decode.js";
import { embeddedPolicy, type Policy, policy } from "../src/events/fields.js";
import { policyKey, streamName } from "../src/events/streams.js";
import { accepted, type Category, type Decision, nothing, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";

export const commands = {
  AdoptPolicy: z.strictObject({ policy }),
};

export interface PolicyState {
  policy: Policy;
  /** SHA-256 of the canonical policy in force; null before one was adopted. */
  digest: string | null;
}

export const policyCategory: Category<PolicyState> = {
  name: "policy",
  initial: () => ({ policy: embeddedPolicy, digest: null }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "PolicyAdopted") {
      state.policy = event.data.policy;
      state.digest = event.data.digest;
    }
  },
};

/** The policy in force. */
export function policyInForce(world: World): Readonly<PolicyState> {
  return world.state(policyCategory, policyKey);
}

export function decidePolicy({ data }: CommandsOf<typeof commands>, world: World): Decision {
  const digest = digestOf(data.policy);
  if (policyInForce(world).digest === digest) return nothing;
  return accepted([
    { stream: streamName("policy", policyKey), type: "PolicyAdopted", data: { policy: data.policy, digest } },
  ]);
}
