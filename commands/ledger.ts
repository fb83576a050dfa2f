/**
 * The ledger itself: opened once, by the first command, which brings its own sovereign, policy and writers. That sovereign's key is the
 * root of trust: the command is signed with the key it registers, and every later principal is registered by one already there.
 */
import { z } from "zod";
import { digestOf } from "../src/events/canonical.js";
import { asEvent } from "../src/events/decode.js";
import { policy, principalId, publicKey, text, writerRef } from "../src/events/fields.js";
import { policyKey, streamName } from "../src/events/streams.js";
import { accepted, type Category, type Decision, refused, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";

export const commands = {
  OpenLedger: z.strictObject({
    name: text,
    /** The checkpoint origin: a schema-less URL that names the log, such as `ledger.example/acme`. */
    origin: z
      .string()
      .max(200)
      .regex(/^[a-z0-9.-]+(\/[A-Za-z0-9._-]+)*$/, "must look like ledger.example/acme"),
    sovereign: z.strictObject({ principal: principalId, name: text, key: publicKey }),
    policy,
    /** One version of each: which of two is in force would be an accident of their order. */
    writers: z
      .array(writerRef)
      .min(1)
      .max(100)
      .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, "must name each writer once"),
  }),
};

export interface LedgerState {
  /** The ledger's id, or null before it is opened. */
  ledger: string | null;
  origin: string | null;
}

export const ledgerCategory: Category<LedgerState> = {
  name: "ledger",
  initial: () => ({ ledger: null, origin: null }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "LedgerOpened") {
      state.ledger = event.data.ledger;
      state.origin = event.data.origin;
    }
  },
};

/** The key of the ledger's one stream of its own. */
export const ledgerKey = "root";

export function decideLedger(command: CommandsOf<typeof commands>, world: World): Decision {
  const state = world.state(ledgerCategory, ledgerKey);
  if (state.ledger !== null) {
    // Anyone can sign such a command with a key of their own: it is answered, and leaves nothing behind.
    return {
      ...refused(
        "LEDGER_OPEN",
        `This ledger is open already, as ${state.ledger}.`,
        { ledger: state.ledger },
        "Use it, or open another in an empty place.",
      ),
      record: false,
    };
  }
  const { sovereign, origin, writers } = command.data;
  return accepted([
    {
      stream: streamName("ledger", ledgerKey),
      type: "LedgerOpened",
      data: { ledger: command.ledger, format: 1, origin },
    },
    {
      stream: streamName("principal", sovereign.principal),
      type: "PrincipalRegistered",
      data: {
        principal: sovereign.principal,
        kind: "human",
        name: sovereign.name,
        roles: ["sovereign", "admin"],
        responsible: sovereign.principal,
        key: sovereign.key,
      },
    },
    {
      stream: streamName("key", sovereign.key.keyid),
      type: "KeyBound",
      data: { keyid: sovereign.key.keyid, principal: sovereign.principal },
    },
    {
      stream: streamName("policy", policyKey),
      type: "PolicyAdopted",
      data: { policy: command.data.policy, digest: digestOf(command.data.policy) },
    },
    ...writers.map((writer) => ({ stream: streamName("writer", writer.name), type: "WriterRatified", data: writer })),
  ]);
}
