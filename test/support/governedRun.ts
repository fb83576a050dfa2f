/**
 * A ledger with people on it, and real runs through real commands: for every test that needs history rather than a fixture. Keys,
 * clock, ids and salts are counted, not drawn: the same calls give the same bytes. Must never reach around `submit`.
 */
import { createHash } from "node:crypto";
import { type CommandData, type CommandType, parseCommand } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { type Phase, type RunState, runCategory } from "../../commands/run/State.js";
import { planCut } from "../../src/documents/planCut.js";
import { commitContent } from "../../src/events/commitment.js";
import type { NonMutation } from "../../src/events/facts.js";
import { embeddedPolicy, type PrincipalKind, type Role } from "../../src/events/fields.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { publicKeyOf, type Signer, signerFromSeed } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { createLedger, type Ledger } from "../../src/ledger/createLedger.js";
import type { Decide, Result } from "../../src/ledger/Decision.js";
import type { Store } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { writersLock } from "../../src/writers/lock.js";

/** Who is on a governed ledger. Carl answers for the agent and the service. */
const people: readonly { id: string; kind: PrincipalKind; roles: Role[]; responsible: string }[] = [
  { id: "ada", kind: "human", roles: ["sovereign", "admin"], responsible: "ada" },
  { id: "bela", kind: "human", roles: ["sovereign"], responsible: "bela" },
  { id: "carl", kind: "human", roles: ["editor"], responsible: "carl" },
  { id: "otto", kind: "agent", roles: ["orchestrator", "executor"], responsible: "carl" },
  { id: "wanda", kind: "service", roles: ["writer"], responsible: "carl" },
  { id: "vera", kind: "human", roles: ["verifier"], responsible: "vera" },
  { id: "rhea", kind: "human", roles: ["reviewer"], responsible: "rhea" },
];

export type Person = "ada" | "bela" | "carl" | "otto" | "wanda" | "vera" | "rhea";

/** The order a run goes in; `until` names the phase it stops in. */
const route = [
  "opened",
  "assessed",
  "planned",
  "rehearsed",
  "cut",
  "recorded",
  "verified",
  "reviewed",
  "enacted",
  "compensated",
  "compensation-recorded",
  "reverted",
] as const satisfies readonly Phase[];
export type Until = (typeof route)[number];

export interface GovernedLedger {
  readonly ledger: Ledger;
  readonly store: Store;
  /** The ledger's id. */
  readonly id: string;
  readonly signers: Readonly<Record<Person, Signer>>;
  /** A fresh id: the next of a fixed sequence. */
  newId(): string;
  /** The clock: each reading is a second after the last. */
  now(): string;
  /** The clock goes on by so many hours. */
  wait(hours: number): void;
  /** The envelope of a command, signed and not yet sent. */
  sign<T extends CommandType>(type: T, data: CommandData<T>, who: Person): Uint8Array;
  /** Signs and submits. */
  submit<T extends CommandType>(type: T, data: CommandData<T>, who: Person): Promise<Result>;
  /** As `submit`; throws what was answered unless it was committed. */
  done<T extends CommandType>(type: T, data: CommandData<T>, who: Person): Promise<Result>;
  /** Stores bytes under the next salt. */
  putContent(bytes: Uint8Array): Promise<string>;
  /** Registers a document. */
  register(bytes: Uint8Array, title?: string): Promise<string>;
  /** Registers a document (unless one is given) and takes a run on it as far as `until`. */
  run(options?: {
    bytes?: Uint8Array;
    document?: string;
    until?: Until;
  }): Promise<{ readonly run: string; readonly document: string }>;
  /** Takes a run on from where it is. */
  advance(run: string, until: Until): Promise<void>;
  state(run: string): Promise<RunState>;
}

/** A small statute: two chapters, five articles, one of them with clauses. */
export const smallStatute = Buffer.from(
  [
    "Charter of the Reading Room",
    "",
    "Chapter I",
    "General",
    "",
    "Article 1. The room is open to all.",
    "",
    "Article 2. Readers keep quiet.",
    "1. Talking is done outside.",
    "2. Whispering counts as talking.",
    "",
    "Chapter II",
    "Books",
    "",
    "Article 3. A book is lent for thirty days.",
    "",
    "Article 4. Whoever loses a book replaces it.",
    "",
    "Article 5. The fine is one coin a day.",
    "",
  ].join("\n"),
);

/** Opens a ledger on a store (default: memory) and registers everybody. */
export async function governedLedger(options: { store?: Store; decide?: Decide } = {}): Promise<GovernedLedger> {
  const store = options.store ?? memoryStore();
  let ticks = Date.parse("2026-01-05T09:30:00.000Z");
  let ids = 0;
  let salts = 0;
  const now = () => {
    ticks += 1000;
    return new Date(ticks).toISOString();
  };
  const newId = () => uuidV5("00000000-0000-4000-8000-000000000000", `governed ${ids++}`);
  const deciding = options.decide ?? decide;
  const ledger = createLedger({ store, decide: deciding, parseCommand, clock: now, pause: async () => undefined });
  const signers = Object.fromEntries(people.map(({ id }) => [id, signerOfName(id)])) as Record<Person, Signer>;
  const id = newId();

  const sign: GovernedLedger["sign"] = (type, data, who) =>
    signCommand(type, data, { id: newId(), ledger: id, at: now() }, signers[who]);
  const submit: GovernedLedger["submit"] = (type, data, who) => ledger.submit(sign(type, data, who));
  const done: GovernedLedger["done"] = async (type, data, who) => {
    const result = await submit(type, data, who);
    if (result.kind !== "committed") throw new Error(`${type} by ${who}: ${JSON.stringify(result)}`);
    return result;
  };
  const state: GovernedLedger["state"] = (run) => ledger.state(runCategory, run);

  async function putContent(bytes: Uint8Array): Promise<string> {
    const salt = createHash("sha256").update(`salt ${salts++}`).digest();
    const commitment = commitContent(salt, bytes);
    await store.content.put(commitment, { salt, bytes });
    return commitment;
  }

  async function register(bytes: Uint8Array, title = "Charter"): Promise<string> {
    const document = newId();
    await done("RegisterDocument", { document, title, source: null, content: await putContent(bytes) }, "carl");
    return document;
  }

  async function gate(run: string, kind: "SG_1" | "SG_2" | "SG_C"): Promise<void> {
    await done("RequestGate", { run, kind }, "otto");
    const { gates, plan } = await state(run);
    const { gate: name, subject } = gates.at(-1) as RunState["gates"][number];
    const acknowledge = kind === "SG_1" ? (plan?.findings.blocking ?? []).map((finding) => finding.id) : [];
    await done(
      "RuleGate",
      { run, gate: name, outcome: "approved", subject, acknowledge, reason: "read and agreed" },
      "bela",
    );
  }

  const steps: Readonly<Record<Until, (run: string) => Promise<unknown>>> = {
    opened: async () => undefined,
    assessed: (run) => done("AssessTarget", { run }, "otto"),
    async planned(run) {
      const content = await store.content.get((await state(run)).content);
      const plan = planCut(content?.bytes ?? new Uint8Array());
      if (!plan.ok) throw new Error(plan.message);
      await done("PlanCut", { run, plan: plan.digest, planContent: await putContent(plan.bytes) }, "otto");
    },
    rehearsed: (run) => done("DryRun", { run, nonMutation: untouched }, "otto"),
    async cut(run) {
      await gate(run, "SG_1");
      const until = new Date(ticks + 3_600_000).toISOString();
      await done("ArmExecution", { run, until, reason: "the cut of today" }, "ada");
      await done("ExecuteCut", { run }, "otto");
    },
    recorded: (run) => done("RecordLegB", { run }, "wanda"),
    verified: (run) => done("RecordVerify", { run }, "vera"),
    async reviewed(run) {
      const { open, units } = await state(run);
      const rows = units.filter((unit) => open.has(unit.address));
      if (open.size > rows.length) throw new Error("repeals are for the test itself to resolve");
      if (rows.length > 0) {
        const resolved = rows.map(({ address, unit, transition }) => ({ row: address, class: transition.class, unit }));
        await done("ResolveTransition", { run, rows: resolved, reason: "as proposed" }, "rhea");
      }
      await done("ReviewRun", { run, note: "reads well" }, "rhea");
    },
    async enacted(run) {
      await gate(run, "SG_2");
      await done("EnactRun", { run }, "ada");
    },
    async compensated(run) {
      await done("PlanCompensation", { run, reason: "a mistake in the text" }, "otto");
      await gate(run, "SG_C");
      await done("Compensate", { run }, "otto");
    },
    "compensation-recorded": (run) => done("RecordCompensationB", { run }, "wanda"),
    reverted: (run) => done("VerifyCompensation", { run }, "vera"),
  };

  async function advance(run: string, until: Until): Promise<void> {
    const from = route.indexOf((await state(run)).phase as Until);
    for (const phase of route.slice(from + 1, route.indexOf(until) + 1)) await steps[phase](run);
  }

  await openLedger();
  return {
    ledger,
    store,
    id,
    signers,
    newId,
    now,
    wait: (hours) => {
      ticks += hours * 3_600_000;
    },
    sign,
    submit,
    done,
    putContent,
    register,
    async run({ bytes = smallStatute, document, until = "enacted" } = {}) {
      const on = document ?? (await register(bytes));
      const run = newId();
      await done("OpenRun", { run, document: on, mode: "live" }, "otto");
      await advance(run, until);
      return { run, document: on };
    },
    advance,
    state,
  };

  async function openLedger(): Promise<void> {
    const sovereign = { principal: "ada", name: "Ada", key: publicKeyOf(signers.ada.privateKey) };
    const data = {
      name: "Reading Room",
      origin: "ledger.example/room",
      sovereign,
      policy: embeddedPolicy,
      writers: [...writersLock],
    };
    await done("OpenLedger", data, "ada");
    for (const { id: principal, kind, roles, responsible } of people.slice(1)) {
      const key = publicKeyOf(signers[principal as Person].privateKey);
      await done("RegisterPrincipal", { principal, kind, name: principal, roles, responsible, key }, "ada");
    }
  }
}

/** A governed ledger with one run on it, as far as `until` (default: enacted). */
export async function governedRun(
  options: { store?: Store; decide?: Decide; bytes?: Uint8Array; until?: Until } = {},
): Promise<GovernedLedger & { readonly runId: string; readonly document: string }> {
  const { store, decide: deciding, ...rest } = options;
  const governed = await governedLedger({
    ...(store === undefined ? {} : { store }),
    ...(deciding === undefined ? {} : { decide: deciding }),
  });
  const { run, document } = await governed.run(rest);
  return { ...governed, runId: run, document };
}

/** The same key for the same name. */
export function signerOfName(name: string): Signer {
  return signerFromSeed(name, createHash("sha256").update(`test key of ${name}`).digest());
}

const surfaces = { size: 0, root: "0".repeat(64), tables: {}, schema: "0".repeat(64) };

/** A proof that nothing was touched, as a dry run brings it. */
export const untouched: NonMutation = {
  verdict: "PASS",
  before: surfaces,
  after: surfaces,
  differs: [],
  control: { mutation: "one row more", detected: true, differs: ["tables.event"] },
};
