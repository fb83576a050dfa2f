/** One process on the ledger: the real engine and the real follower over ports that fail. It can die at any call, and is started anew on what lasts. */
import { parseCommand } from "../../commands/Command.js";
import { type Sql, SqlError } from "../../src/database/Sql.js";
import { decodeEvent } from "../../src/events/decode.js";
import { type Envelope, parseEvent } from "../../src/events/envelope.js";
import { createLedger, type Ledger } from "../../src/ledger/createLedger.js";
import type { Decide } from "../../src/ledger/Decision.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import type { Base } from "./base.js";
import type { World } from "./faults.js";
import { faultySql, faultyStore } from "./faultyStore.js";
import type { Owner } from "./scheduler.js";

/** Thrown to whoever waits for an answer of a process that has died. */
export const died = new Error("the process died before it answered");

export interface Life {
  readonly owner: Owner;
  readonly ledger: Ledger;
  readonly store: Store;
  /** The database of the projections; null where nobody follows. */
  readonly sql: Sql | null;
  readonly skewMs: number;
  /** Gives the answer, or throws `died`. */
  ask<T>(question: (life: Life) => Promise<T>): Promise<T>;
}

export interface SimulatedProcess {
  readonly name: string;
  /** Undefined while it is down. */
  life: Life | undefined;
  start(): Promise<void>;
  crash(): void;
}

export interface ProcessOptions {
  readonly world: World;
  readonly base: Base;
  readonly decide: Decide;
  /** The time of the simulated world, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Tells of what must not happen. */
  readonly fail: (error: unknown) => void;
  /** A store or a database with a bug planted in it, for the test of the simulation itself. */
  readonly plantStore: (inner: Store) => Store;
  readonly plantSql: (sql: Sql) => Sql;
  /** Whether it keeps projections. */
  readonly follows: boolean;
}

export function simulatedProcess(name: string, options: ProcessOptions): SimulatedProcess {
  const { world, base, decide, nowMs, fail } = options;
  const { scheduler, random } = world;
  let lives = 0;
  let bury: () => void = () => undefined;

  async function follow(life: Life, sql: Sql): Promise<void> {
    for (;;) {
      await scheduler.sleep(random.int(60), life.owner);
      try {
        await catchUp(life.store, sql, { batchSize: 1 + random.int(7) });
      } catch (error) {
        const passing = (error instanceof StoreError || error instanceof SqlError) && error.code !== "CORRUPT";
        if (!passing) return fail(error);
        world.note(life.owner.name, `follower: ${error.message}`);
      }
    }
  }

  const process: SimulatedProcess = {
    name,
    life: undefined,
    async start() {
      const owner: Owner = { name: `${name}${++lives > 1 ? `.${lives}` : ""}`, alive: true };
      const handle = await base.open();
      const store = faultyStore(options.plantStore(handle.store), world, owner);
      const sql = options.follows ? options.plantSql(faultySql(await handle.sql(), world, owner)) : null;
      const skewMs = random.int(4 * 60_000) - 2 * 60_000;
      const death = new Promise<never>((_, reject) => {
        bury = () => reject(died);
      });
      death.catch(() => undefined);
      const ledger = createLedger({
        store,
        decide,
        parseCommand,
        clock: () => new Date(nowMs() + skewMs).toISOString(),
        pause: (attempt) => scheduler.sleep(random.int(Math.min(2 ** attempt, 200)), owner),
        parseEvent: (bytes) => decodeEvent(parseEvent(bytes)) as Envelope,
        cachedEventsMax: random.pick([1, 500_000, 500_000, 500_000]),
        attemptsMax: random.pick([3, 50]),
      });
      const life: Life = {
        owner,
        ledger,
        store,
        sql,
        skewMs,
        ask: (question) => Promise.race([question(life), death]),
      };
      process.life = life;
      world.note(owner.name, `starts, its clock ${skewMs} ms off`);
      if (sql !== null) void follow(life, sql);
      // Whoever asks for read models catches up as well, at the same time.
      if (sql !== null && random.percent(40)) void follow(life, sql);
    },
    crash() {
      if (process.life === undefined) return;
      world.note(process.life.owner.name, "is dead");
      scheduler.kill(process.life.owner);
      process.life = undefined;
      bury();
      scheduler.stir();
    },
  };
  return process;
}
