/**
 * A world with its own time: everything that takes time (a call of a store, a pause) is a task, and chance decides which of the tasks
 * that could run next does. Between two tasks everybody runs until nobody can go on without one. So the same seed gives the same
 * history; nothing here may look at a real clock.
 */
import type { Random } from "./random.js";

/** Somebody whose tasks end with it: one life of a process. */
export interface Owner {
  readonly name: string;
  alive: boolean;
}

export interface Task {
  /** Undefined: belongs to nobody who can die, like a packet that is on its way. */
  readonly owner: Owner | undefined;
  /** Not before this moment, in milliseconds. */
  readonly at: number;
  readonly run: () => Promise<void> | void;
  /** Nobody waits for it any more, and it will still be done. */
  readonly packet?: boolean;
  /** What may still happen of it after its owner has died: a call that was sent already. */
  readonly afterlife?: () => Promise<unknown>;
}

export interface Scheduler {
  /** Milliseconds since the world began. */
  now(): number;
  add(task: Task): void;
  /** Resolves after so many milliseconds of this world; never, if the owner dies before. */
  sleep(ms: number, owner?: Owner): Promise<void>;
  /** Ends an owner: none of its tasks runs any more. Those that were sent already may arrive all the same. */
  kill(owner: Owner): void;
  /** Whether something that writes is under way: called and not answered, or a packet that nobody waits for any more. */
  writing(): boolean;
  /** Runs tasks until `over` says so. Throws where nobody can go on, or it takes too long. */
  run(over: () => boolean): Promise<void>;
  /** Something other than a task has happened: whoever waits for quiet waits on. */
  stir(): void;
  readonly steps: number;
}

/** Turns of the event loop in a row in which nothing is heard before all is taken to be quiet; the append queue takes one to gather. */
const quietTurns = 4;
const stepsMax = 20_000;

export function scheduler(random: Random): Scheduler {
  let tasks: Task[] = [];
  let now = 0;
  let steps = 0;
  let stirred = 0;

  async function quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; ) {
      const before = stirred;
      await new Promise(setImmediate);
      turns = stirred === before ? turns + 1 : 0;
    }
  }

  const world: Scheduler = {
    now: () => now,
    stir: () => void stirred++,
    add(task) {
      stirred++;
      if (task.owner?.alive !== false) tasks.push(task);
    },
    sleep: (ms, owner) => new Promise((resolve) => world.add({ owner, at: now + ms, run: resolve })),
    kill(owner) {
      owner.alive = false;
      const orphans = tasks.filter((task) => task.owner === owner);
      tasks = tasks.filter((task) => task.owner !== owner);
      for (const { afterlife } of orphans) {
        if (afterlife === undefined || random.percent(50)) continue;
        tasks.push({
          owner: undefined,
          packet: true,
          at: now + random.int(random.percent(20) ? 5_000 : 50),
          run: async () => void (await afterlife()),
        });
      }
    },
    writing: () => tasks.some(({ packet, afterlife }) => packet === true || afterlife !== undefined),
    async run(over) {
      for (;;) {
        await quiet();
        if (over()) return;
        if (tasks.length === 0) throw new Error("everybody waits and nothing is left that could happen");
        if (++steps > stepsMax) throw new Error(`no end after ${stepsMax} steps`);
        now += random.int(12);
        let ready = tasks.filter(({ at }) => at <= now);
        if (ready.length === 0) {
          now = Math.min(...tasks.map(({ at }) => at));
          ready = tasks.filter(({ at }) => at <= now);
        }
        const task = random.pick(ready);
        tasks = tasks.filter((one) => one !== task);
        await task.run();
      }
    },
    get steps() {
      return steps;
    },
  };
  return world;
}
