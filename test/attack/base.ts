/**
 * The ledger that every attack begins from, made by its people on the command line: a charter that is cut, enacted, and under a signed checkpoint of
 * which an auditor keeps a copy; and by-laws whose run waits for SG_1. Made once for each kind of store, and copied for each attack.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Setting } from "../../src/cli/Context.js";
import type { ExitCode } from "../../src/cli/output/Problem.js";
import { type Cli, cliIn } from "../cli/withCli.js";
import { smallStatute } from "../support/governedRun.js";

/** Where a ledger and its people's things are. */
export interface Places {
  readonly dir: string;
  /** A path or a URL. */
  readonly ledger: string;
}

/** What the attacks need to know of it. */
export interface Facts {
  /** The charter's run: enacted. */
  readonly run: string;
  readonly document: string;
  /** The by-laws' run: rehearsed, its SG_1 requested. */
  readonly waiting: string;
  readonly bylaws: string;
  /** Of the waiting gate. */
  readonly gate: string;
  readonly subject: string;
  readonly vkey: string;
  /** How many events there are. */
  readonly size: number;
  readonly root: string;
}

/** What an invocation with `--json` answered. */
export interface Answer {
  readonly exit: number;
  readonly json: Record<string, unknown>;
  readonly error: { readonly code: string; readonly message: string; readonly numbers: Record<string, unknown> } | null;
}

/** A clock that attacks and people share: each reading is a minute after the last. */
export interface Clock {
  now(): string;
  /** As `now`, and time stands still. */
  read(): string;
  skip(hours: number): void;
}

export function clockFrom(ms: number): Clock {
  let at = ms;
  return {
    now() {
      at += 60_000;
      return new Date(at).toISOString();
    },
    read: () => new Date(at).toISOString(),
    skip(hours) {
      at += hours * 3_600_000;
    },
  };
}

export const beginsMs = Date.UTC(2026, 0, 5, 9, 30);
/** When the attacks begin: the base is made, and the approvals in it are still good. */
export const attackedMs = Date.UTC(2026, 0, 5, 20, 0);

export type Say = (...words: readonly string[]) => Promise<Answer>;

/** The command line on a ledger, every answer as JSON. */
export function speaking(
  { dir, ledger }: Places,
  {
    clock,
    drawn,
    run,
  }: { clock: Clock; drawn: string; run?: (argv: readonly string[], setting: Setting) => Promise<ExitCode> },
): { readonly say: Say; readonly cli: Cli } {
  const places = {
    IU_LEDGER: ledger,
    IU_KEYS: join(dir, "keys"),
    IU_CHECKPOINTS: join(dir, "outside"),
    IU_PASSPHRASE_FROM: "none",
  };
  const cli = cliIn(dir, { places, drawn, ...(run === undefined ? {} : { run }) });
  return {
    cli,
    async say(...words) {
      const { exit, out, err } = await cli.iu([...words, "--json"], { now: clock.now() });
      if (out === "") throw new Error(`${words.join(" ")}: said no JSON, exit ${exit}: ${err}`);
      const json = JSON.parse(out) as Record<string, unknown>;
      return { exit, json, error: (json["error"] as Answer["error"] | undefined) ?? null };
    },
  };
}

/** As `say`; a "no" ends the attack as a mistake of its own. */
export function doing(say: Say): Say {
  return async (...words) => {
    const answer = await say(...words);
    if (answer.exit !== 0) throw new Error(`${words.join(" ")}: ${JSON.stringify(answer.json)}`);
    return answer;
  };
}

/** Makes it. */
export async function makeBase(places: Places): Promise<Facts> {
  const clock = clockFrom(beginsMs);
  const say = doing(speaking(places, { clock, drawn: "base " }).say);
  const as = (principal: string, ...words: string[]) => say(...words, "--as", principal);
  const charter = join(places.dir, "charter.txt");
  const laws = join(places.dir, "bylaws.txt");
  writeFileSync(charter, smallStatute);
  writeFileSync(laws, smallStatute.toString().replace("Charter", "By-laws").replace("thirty", "twenty"));

  await say("init", "--name", "Reading Room", "--origin", "ledger.example/room");
  await as("sovereign", "principal", "add", "second", "--kind", "human", "--role", "sovereign");
  await as("sovereign", "principal", "add", "admin", "--kind", "human", "--role", "admin");
  await as("sovereign", "principal", "add", "operator", "--kind", "human", "--role", "operator");
  const { json: key } = await as("sovereign", "log", "key");

  const opened = async (file: string, title: string) => {
    await as("editor", "document", "add", file, "--title", title);
    const { json } = await as("orchestrator", "run", "open", title);
    const run = json["run"] as string;
    for (const step of ["assess", "plan", "dry-run"]) await as("orchestrator", "run", step, run);
    const { json: gate } = await as("orchestrator", "gate", "request", run, "SG_1");
    return { run, document: await documentOf(say, run), gate: String(gate["gate"]), subject: String(gate["subject"]) };
  };
  const first = await opened(charter, "Charter");
  const rule = (gate: string, subject: string) =>
    as("second", "gate", "rule", first.run, gate, "--approve", "--reason", "read in full", "--subject", subject);
  await rule(first.gate, first.subject);
  await as("sovereign", "switch", "arm", first.run, "--reason", "SG_1 is given");
  await as("orchestrator", "run", "cut", first.run);
  await as("orchestrator", "run", "leg-b", first.run);
  await as("verifier", "run", "verify", first.run);
  await as("editor", "run", "review", first.run, "--note", "reads well");
  const { json: second } = await as("orchestrator", "gate", "request", first.run, "SG_2");
  // The ruling takes its time: what it is worth to make it look earlier is an attack's.
  clock.skip(5);
  await rule(String(second["gate"]), String(second["subject"]));
  await as("second", "run", "enact", first.run);
  const waiting = await opened(laws, "By-laws");
  const { json: signed } = await say("log", "checkpoint");
  mkdirSync(join(places.dir, "auditor"));
  copyFileSync(String(signed["outside"]), keptCheckpoint(places.dir));
  return {
    run: first.run,
    document: first.document,
    waiting: waiting.run,
    bylaws: waiting.document,
    gate: waiting.gate,
    subject: waiting.subject,
    vkey: String(key["vkey"]),
    size: Number(signed["size"]),
    root: String(signed["root"]),
  };
}

/** The auditor's own copy of the checkpoint: on no machine of the ledger's. */
export function keptCheckpoint(dir: string): string {
  return join(dir, "auditor", "kept.checkpoint");
}

async function documentOf(say: Say, run: string): Promise<string> {
  const { json } = await say("run", "list");
  const runs = json["runs"] as { run: string; document: string }[];
  const found = runs.find((one) => one.run === run);
  if (found === undefined) throw new Error(`no run ${run}`);
  return found.document;
}
