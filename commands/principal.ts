/**
 * Principals: humans, and the agents and services humans answer for. A key belongs to one principal for ever (stream `key-<keyid>`),
 * so that "another human's key" can be trusted to mean another human. Must never leave an agent able to rule.
 */
import { z } from "zod";
import { asEvent } from "../src/events/decode.js";
import { keyidOf } from "../src/events/dsse.js";
import {
  aPrincipal,
  keyid,
  type PrincipalKind,
  type PublicKey,
  principalId,
  principalKind,
  publicKey,
  type Role,
  role,
  text,
} from "../src/events/fields.js";
import { streamName } from "../src/events/streams.js";
import { weaknessOf } from "../src/events/weakKey.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  type Refused,
  refused,
  type World,
} from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";

export const commands = {
  RegisterPrincipal: z.strictObject({
    principal: principalId,
    kind: principalKind,
    name: text,
    roles: z.array(role).min(1).max(role.options.length),
    responsible: principalId,
    key: publicKey,
  }),
  RotateKey: z.strictObject({
    principal: principalId,
    key: publicKey,
    /** Key ids that end with this; leave one out to let both be good for a while, and retire it by naming the same new key again. */
    retires: z.array(keyid).max(100),
  }),
  RevokePrincipal: z.strictObject({ principal: principalId, reason: text }),
};

export interface PrincipalState {
  principal: string | null;
  kind: PrincipalKind;
  name: string;
  roles: Role[];
  responsible: string;
  /** Keys in force. */
  keys: PublicKey[];
  revoked: boolean;
}

export const principalCategory: Category<PrincipalState> = {
  name: "principal",
  initial: () => ({ principal: null, kind: "service", name: "", roles: [], responsible: "", keys: [], revoked: false }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "PrincipalRegistered":
        state.principal = event.data.principal;
        state.kind = event.data.kind;
        state.name = event.data.name;
        state.roles = [...event.data.roles];
        state.responsible = event.data.responsible;
        state.keys = [event.data.key];
        break;
      case "KeyRotated": {
        const { key, retires } = event.data;
        state.keys = [...state.keys.filter((old) => old.keyid !== key.keyid && !retires.includes(old.keyid)), key];
        break;
      }
      case "PrincipalRevoked":
        state.revoked = true;
        state.keys = [];
        break;
    }
  },
};

export interface KeyState {
  principal: string | null;
}

export const keyCategory: Category<KeyState> = {
  name: "key",
  initial: () => ({ principal: null }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "KeyBound") state.principal = event.data.principal;
  },
};

export function decidePrincipal(command: CommandsOf<typeof commands>, world: World): Decision {
  switch (command.type) {
    case "RegisterPrincipal":
      return register(command, world);
    case "RotateKey":
      return rotate(command, world);
    case "RevokePrincipal":
      return revoke(command, world);
  }
}

function register({ actor, data }: CommandsOf<typeof commands, "RegisterPrincipal">, world: World): Decision {
  if (world.state(principalCategory, data.principal).principal !== null) {
    return refused(
      "PRINCIPAL_EXISTS",
      `${data.principal} is registered already.`,
      { principal: data.principal },
      "Choose another id; an id is never given twice.",
    );
  }
  const powers = powersOf(data.roles);
  if (powers.length > 0 && data.kind !== "human") {
    return refused(
      "HUMAN_REQUIRED",
      `Only a human can be ${powers.join(" and ")}; ${data.principal} is to be ${aPrincipal(data.kind)}.`,
      { principal: data.principal, kind: data.kind },
      "Register it without that role.",
    );
  }
  if (powers.length > 0 && !isSovereign(actor, world)) {
    return refused(
      "ROLE_REQUIRED",
      `Only a sovereign can make someone ${powers.join(" and ")}; ${actor} is not one.`,
      { actor },
      "Ask a sovereign to register this principal.",
    );
  }
  if (data.kind === "human" && data.responsible !== data.principal) {
    return refused(
      "RESPONSIBLE_SELF",
      `A human answers for themselves, so 'responsible' must be ${data.principal}.`,
      { responsible: data.responsible },
      "Set 'responsible' to the principal itself.",
    );
  }
  if (data.kind !== "human") {
    const human = world.state(principalCategory, data.responsible);
    if (human.kind !== "human" || human.principal === null || human.revoked) {
      return refused(
        "RESPONSIBLE_UNKNOWN",
        `${data.responsible} is no registered human in force, so cannot answer for ${data.principal}.`,
        { responsible: data.responsible },
        "Name a registered human.",
      );
    }
  }
  const taken = keyRefusal(data.key, world);
  if (taken !== null) return taken;
  return accepted([
    {
      stream: streamName("principal", data.principal),
      type: "PrincipalRegistered",
      data: { ...data, roles: [...new Set(data.roles)] },
    },
    {
      stream: streamName("key", data.key.keyid),
      type: "KeyBound",
      data: { keyid: data.key.keyid, principal: data.principal },
    },
  ]);
}

function rotate({ actor, data }: CommandsOf<typeof commands, "RotateKey">, world: World): Decision {
  const state = world.state(principalCategory, data.principal);
  const gone = unknownPrincipal(data.principal, state);
  if (gone !== null) return gone;
  // Whoever gives a sovereign a key can rule as that sovereign: making a sovereign takes no less.
  const powers = powersOf(state.roles);
  if (powers.length > 0 && actor !== data.principal && !isSovereign(actor, world)) {
    return refused(
      "ROLE_REQUIRED",
      `${data.principal} is ${powers.join(" and ")}; only a sovereign, or ${data.principal}, can change its keys.`,
      { actor, principal: data.principal },
      "Ask a sovereign.",
    );
  }
  if (data.retires.includes(data.key.keyid)) {
    return refused(
      "KEY_KEPT_AND_RETIRED",
      `${data.key.keyid} cannot be both the key to use and a key that ends.`,
      { principal: data.principal, keyid: data.key.keyid },
      "Leave it out of 'retires', or give another new key.",
    );
  }
  const known = state.keys.some((key) => key.keyid === data.key.keyid && key.public === data.key.public);
  if (known && !state.keys.some((key) => data.retires.includes(key.keyid))) return nothing;
  const strange = data.retires.find((keyid) => !state.keys.some((key) => key.keyid === keyid));
  if (strange !== undefined) {
    return refused(
      "KEY_UNKNOWN",
      `${strange} is not a key in force of ${data.principal}.`,
      { keyid: strange, inForce: state.keys.length },
      "Name only keys in force: iu-ledger principal list",
    );
  }
  const rotated = { stream: streamName("principal", data.principal), type: "KeyRotated", data };
  if (known) return accepted([rotated]);
  const taken = keyRefusal(data.key, world);
  if (taken !== null) return taken;
  return accepted([
    rotated,
    {
      stream: streamName("key", data.key.keyid),
      type: "KeyBound",
      data: { keyid: data.key.keyid, principal: data.principal },
    },
  ]);
}

function revoke({ actor, data }: CommandsOf<typeof commands, "RevokePrincipal">, world: World): Decision {
  const state = world.state(principalCategory, data.principal);
  if (state.principal !== null && state.revoked) return nothing;
  const gone = unknownPrincipal(data.principal, state);
  if (gone !== null) return gone;
  if (data.principal === actor) {
    return refused(
      "REVOKE_SELF",
      "Nobody revokes themselves: the last sovereign could lock everyone out.",
      { principal: actor },
      "Ask another sovereign or admin.",
    );
  }
  if (state.roles.includes("sovereign") && !isSovereign(actor, world)) {
    return refused(
      "ROLE_REQUIRED",
      `${data.principal} is a sovereign; only a sovereign can revoke one.`,
      { principal: data.principal },
      "Ask a sovereign.",
    );
  }
  return accepted([{ stream: streamName("principal", data.principal), type: "PrincipalRevoked", data }]);
}

/** The roles that rule over others. */
function powersOf(roles: readonly Role[]): Role[] {
  return roles.filter((one) => one === "sovereign" || one === "admin");
}

function isSovereign(id: string, world: World): boolean {
  return world.state(principalCategory, id).roles.includes("sovereign");
}

function unknownPrincipal(id: string, state: Readonly<PrincipalState>): Refused | null {
  if (state.principal === null)
    return refused("PRINCIPAL_UNKNOWN", `${id} is not registered.`, { principal: id }, "iu-ledger principal list");
  if (state.revoked)
    return refused("PRINCIPAL_REVOKED", `${id} has been revoked.`, { principal: id }, "Register a new principal.");
  return null;
}

/** The no to a key that binds nobody, or null. */
export function weakKeyRefusal({ keyid, public: publicKey }: PublicKey): Refused | null {
  const weakness = weaknessOf(publicKey);
  if (weakness === null) return null;
  return refused(
    "KEY_WEAK",
    `The key ${keyid} cannot be used: ${weakness}.`,
    { keyid },
    "Make a new Ed25519 key with a tool you trust.",
  );
}

function keyRefusal(key: PublicKey, world: World): Refused | null {
  if (keyidOf(key.public) !== key.keyid) {
    return refused(
      "KEYID_WRONG",
      `The key's id is ${keyidOf(key.public)}, not ${key.keyid}.`,
      { keyid: key.keyid },
      "Derive the id from the key: the first 16 hex digits of its SHA-256.",
    );
  }
  const weak = weakKeyRefusal(key);
  if (weak !== null) return weak;
  const owner = world.state(keyCategory, key.keyid).principal;
  if (owner === null) return null;
  return refused(
    "KEY_TAKEN",
    `This key belongs to ${owner}; a key is never shared or reused.`,
    { keyid: key.keyid, owner },
    "Make a new key.",
  );
}
