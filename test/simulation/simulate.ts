/**
 * One history: a few processes on one ledger, clients that ask them for governed commands, chance in every call, and at the end the checks.
 * The same seed gives the same history, byte for byte. Nothing here knows what is right: that is in `checkHistory.ts`.
 */
import { createHash } from "node:crypto";
import type { CommandOf, CommandType } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { runCategory } from "../../commands/run/State.js";
import { commitContent } from "../../src/events/commitment.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { Result } from "../../src/ledger/Decision.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { type Base, withFile, withMemory } from "./base.js";
import { beginning, smallParts, stages } from "./beginnings.js";
import { checkHistory } from "./checkHistory.js";
import { drawFaults, noFaults, type World } from "./faults.js";
import { short } from "./faultyStore.js";
import { type Asked, type Attempt, isAnswer } from "./History.js";
import { type Plant, unplanted } from "./plants.js";
import { seeded } from "./random.js";
import { died, type Life, type SimulatedProcess, simulatedProcess } from "./SimulatedProcess.js";
import { scheduler } from "./scheduler.js";
import { nextWanted } from "./workload.js";

export interface Outcome {
  readonly seed: number;
  /** What was wrong; empty: nothing. */
  readonly wrong: readonly string[];
  /** The history, a line for each thing that happened. */
  readonly lines: readonly string[];
  /** SHA-256 over the lines and the root. */
  readonly digest: string;
  readonly steps: number;
  /** Events on the ledger at the end, commands committed, times a process died. */
  readonly counts: { readonly events: number; readonly answered: number; readonly crashes: number };
}

export interface SimulationOptions {
  readonly plant?: Plant;
  /** What lasts. Default: a file for each 25th seed, memory for the others. */
  readonly base?: "memory" | "sqlite";
  /** Whether projections are kept. Default: for each fourth seed. */
  readonly follows?: boolean;
  /** A document whose cut takes several of the product's own chunks. Default: never. */
  readonly long?: boolean;
}

export function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const base = options.base ?? (seed % 25 === 24 ? "sqlite" : "memory");
  return (base === "sqlite" ? withFile : withMemory)((durable) => history(seed, durable, options));
}

async function history(seed: number, base: Base, options: SimulationOptions): Promise<Outcome> {
  const { plant = unplanted, long = false, follows = seed % 4 === 0 } = options;
  const random = seeded(seed);
  const lines: string[] = [];
  const wrong: string[] = [];
  let crashes = 0;
  const time = scheduler(random);
  const from = await beginning(random.pick(stages), long);
  let startMs = from.ms;
  const nowMs = () => startMs + time.now();
  const processes: SimulatedProcess[] = [];
  const world: World & { faults: World["faults"] } = {
    scheduler: time,
    random,
    faults: drawFaults(random),
    note: (who, what) => lines.push(`${String(time.now()).padStart(6)} ms  ${who.padEnd(5)}  ${what}`),
    crash(owner) {
      if (!owner.alive) return;
      crashes++;
      // Now and then it is not one process but the whole machine.
      const all = random.percent(25);
      if (all) world.note("all", "the power is cut");
      const dead = processes.filter((one) => one.life !== undefined && (all || one.life.owner === owner));
      for (const one of dead) one.crash();
      if (all) base.powerCut();
      for (const one of dead)
        time.add({ owner: undefined, at: time.now() + 20 + random.int(300), run: () => one.start() });
    },
  };
  const fail = (error: unknown) => {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    time.stir();
  };
  const asked: Asked[] = [];
  const documents = [from.document];
  const runs = [from.run];
  let ids = 0;
  let salts = 0;
  const newId = () => uuidV5("00000000-0000-4000-8000-00000000051a", `simulated ${seed} ${ids++}`);

  const first = await base.open();
  await from.fill(first.store);
  const planted = plant.make(random);
  const writtenAtMs = new Map<number, number>();
  /** Notes when what was written, as only the world knows. */
  const plantStore = (inner: Store): Store => {
    const store = planted.plantStore(inner);
    return {
      ...store,
      async append(appends) {
        const outcomes = await store.append(appends);
        for (const outcome of outcomes) {
          if (outcome.kind !== "committed") continue;
          for (let i = 0; i < outcome.count; i++) writtenAtMs.set(outcome.position + i, nowMs());
        }
        return outcomes;
      },
    };
  };
  const { plantSql } = planted;
  const decider = long ? decide : smallParts(decide);
  for (let n = 1 + random.int(3); n > 0; n--) {
    processes.push(
      simulatedProcess(`p${processes.length + 1}`, {
        world,
        base,
        decide: decider,
        nowMs,
        fail,
        plantStore,
        plantSql,
        follows,
      }),
    );
  }

  /** A process that is up, after waiting for one if need be. */
  async function someLife(): Promise<Life> {
    for (;;) {
      const up = processes.flatMap(({ life }) => (life === undefined ? [] : [life]));
      if (up.length > 0) return random.pick(up);
      await time.sleep(50);
    }
  }

  async function putContent(bytes: Uint8Array): Promise<string> {
    const salt = createHash("sha256").update(`simulated salt ${seed} ${salts++}`).digest();
    const commitment = commitContent(salt, bytes);
    for (let tries = 0; ; tries++) {
      const done = await (await someLife())
        .ask(({ store }) => store.content.put(commitment, { salt, bytes }))
        .then(() => true)
        .catch((error: unknown) => tries > 4 || passes(error));
      if (done) return commitment;
    }
  }

  /** Whether it is trouble of this world: asked again, it may work. Everything else surfaces. */
  function passes(error: unknown): boolean {
    if (error === died || (error instanceof StoreError && error.code !== "CORRUPT")) return false;
    throw error;
  }

  async function send(one: Asked, life: Life): Promise<Attempt> {
    const attempt: Attempt = { outcome: "waiting" };
    one.attempts.push(attempt);
    world.note(life.owner.name, `asked for ${one.type} ${short(one.id)}`);
    try {
      attempt.outcome = await life.ask(({ ledger }) => ledger.submit(one.envelope));
    } catch (error) {
      if (error === died) attempt.outcome = "died";
      else if (error instanceof StoreError && error.code !== "CORRUPT") attempt.outcome = error;
      else throw error;
    }
    world.note(life.owner.name, `answers ${one.type} ${short(one.id)}: ${answerText(attempt.outcome)}`);
    return attempt;
  }

  /** Asks until there is an answer, or patience ends; sometimes at two places at once. */
  async function insist(one: Asked): Promise<void> {
    for (let patience = 1 + random.int(5); patience > 0; patience--) {
      const sent = [send(one, await someLife())];
      if (random.percent(8)) sent.push(send(one, await someLife()));
      const attempts = await Promise.all(sent);
      if (attempts.some(({ outcome }) => isAnswer(outcome)) && random.percent(92)) return;
      await time.sleep(random.int(120));
    }
  }

  function sign(wanted: Awaited<ReturnType<typeof nextWanted>>): Asked {
    const id = newId();
    const at = new Date(nowMs()).toISOString();
    const { type, data, who } = wanted;
    const envelope = signCommand(
      type,
      data as CommandOf<CommandType>["data"],
      { id, ledger: from.ledger, at },
      from.signers[who],
    );
    return { id, type: `${type} by ${who}`, envelope, attempts: [] };
  }

  async function client(commands: number): Promise<void> {
    for (let n = 0; n < commands; n++) {
      await time.sleep(random.int(80));
      const again = asked.length > 0 && random.percent(6);
      if (again) {
        await insist(random.pick(asked));
        continue;
      }
      const view = {
        random,
        documents,
        runs,
        nowMs: nowMs(),
        newId,
        putContent,
        state: async (run: string) => (await someLife()).ask(({ ledger }) => ledger.state(runCategory, run)),
        content: async (commitment: string) => (await someLife()).ask(({ store }) => store.content.get(commitment)),
      };
      const wanted = await nextWanted(view).catch((error: unknown) => void passes(error));
      if (wanted === undefined) continue;
      const one = sign(wanted);
      asked.push(one);
      await insist(one);
    }
  }

  /** Now and then much time goes by at once, as when a machine was asleep: gates, armings and commands lapse, decisions in the middle grow old. */
  async function sleepy(): Promise<void> {
    for (;;) {
      await time.sleep(20 + random.int(400));
      if (world.faults === noFaults) return;
      // What is on its way to the store arrives first: no clock of ours could tell when it was sent.
      if (time.writing() || random.percent(30)) continue;
      const minutes = random.pick([10, 10, 10, 60, 25 * 60]);
      world.note("all", `are asleep for ${minutes} min`);
      startMs += minutes * 60_000;
    }
  }

  for (const one of processes) await one.start();
  if (random.percent(30)) void sleepy();
  let waiting = 0;
  for (let n = 2 + random.int(3); n > 0; n--) {
    waiting++;
    void client(2 + random.int(5))
      .catch(fail)
      .finally(() => {
        waiting--;
        time.stir();
      });
  }
  try {
    await time.run(() => waiting === 0 || wrong.length > 0);
    if (wrong.length === 0) wrong.push(...(await epilogue()));
  } catch (error) {
    fail(error);
  }
  return {
    seed,
    wrong,
    lines,
    digest: createHash("sha256")
      .update(lines.join("\n"))
      .update((await headOf(base)).root)
      .digest("hex"),
    steps: time.steps,
    counts: { events: (await headOf(base)).size, answered: asked.filter(hasAnswer).length, crashes },
  };

  /** The processes end, and what is still on its way may arrive; then a new one comes up in a world without faults. */
  async function epilogue(): Promise<readonly string[]> {
    world.note("all", "the faults end");
    for (const one of processes) one.crash();
    world.faults = noFaults;
    const rest = time.now() + 6_000;
    time.add({ owner: undefined, at: rest, run: () => undefined });
    await time.run(() => time.now() >= rest);
    const last = simulatedProcess("last", { world, base, decide: decider, nowMs, fail, plantStore, plantSql, follows });
    await last.start();
    const survivor = last.life as Life;
    const during = async <T>(work: Promise<T>): Promise<T> => {
      let over = false;
      const end = () => {
        over = true;
        time.stir();
      };
      work.then(end, end);
      await time.run(() => over || wrong.length > 0);
      return work;
    };
    const ask = async (one: Asked) => {
      const { outcome } = await during(send(one, survivor));
      if (typeof outcome === "string" || outcome instanceof StoreError)
        throw new Error(`in quiet: ${answerText(outcome)}`);
      return outcome;
    };
    return checkHistory({ seed, base, asked, survivor, long, follows, nowMs, writtenAtMs, ask, during });
  }
}

async function headOf(base: Base): Promise<{ size: number; root: string }> {
  return (await base.open()).store.head();
}

function hasAnswer({ attempts }: Asked): boolean {
  return attempts.some(({ outcome }) => isAnswer(outcome));
}

function answerText(outcome: Attempt["outcome"]): string {
  if (typeof outcome === "string") return outcome;
  if (outcome instanceof StoreError) return `${outcome.code}, nothing was written`;
  switch (outcome.kind) {
    case "committed":
      return `committed at ${outcome.events.map(({ position }) => position).join(", ")}`;
    case "duplicate":
      return `duplicate; first ${answerText(outcome.first as Result)}`;
    case "refused":
      return `refused ${outcome.code}${outcome.position === null ? "" : ` at ${outcome.position}`}`;
    case "conflict":
      return `conflict on ${short(outcome.stream)}`;
    case "malformed":
      return `malformed at ${outcome.at}: ${outcome.message}`;
    case "unknown":
      return "unknown";
  }
}
