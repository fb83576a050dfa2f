/**
 * What can go wrong with one call: drawn by chance, made to happen, written down. Every call of a store or of a database goes through here,
 * suspended until the scheduler lets it run; so calls in flight overtake each other as a matter of course.
 */
import type { Random } from "./random.js";
import type { Owner, Scheduler } from "./scheduler.js";

/** How often what happens, in percent of the calls that write (the rest works). */
export interface Faults {
  /** Fails before anything was written, and says so. */
  readonly refuse: number;
  /** Fails before anything was written, and cannot say so. */
  readonly vanish: number;
  /** Was written, and the answer is lost. */
  readonly answerLost: number;
  /** The answer is lost, and the write arrives later. */
  readonly late: number;
  /** Is delivered twice, one right after the other or later. */
  readonly twice: number;
  /** The process ends, with or without the call having been carried out. */
  readonly crash: number;
  /** Of the calls that read: fails. */
  readonly readFails: number;
}

export const noFaults: Faults = { refuse: 0, vanish: 0, answerLost: 0, late: 0, twice: 0, crash: 0, readFails: 0 };

/** A quiet world, a bad day, or the end of days. */
export function drawFaults(random: Random): Faults {
  const badness = random.pick([0, 1, 1, 2, 2, 3, 6]);
  const upTo = (percent: number) => (random.percent(75) ? random.int(percent * 100) / 100 : 0) * badness;
  return {
    refuse: upTo(3),
    vanish: upTo(2),
    answerLost: upTo(4),
    late: upTo(2),
    twice: upTo(4),
    crash: upTo(2),
    readFails: upTo(1),
  };
}

export interface Call<T> {
  /** What is called, for the history. */
  readonly what: string;
  readonly writes: boolean;
  /** Nobody on the way repeats it: a transaction is not a packet. */
  readonly once?: boolean;
  readonly effect: () => Promise<T>;
  /** In a few words, what was answered. */
  readonly said?: (answer: T) => string;
}

/** The errors of the kind of thing that is called. */
export interface Failures {
  /** Nothing was written. */
  refused(random: Random): Error;
  /** Something may have been, or may still be. */
  ambiguous(): Error;
}

export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  note(who: string, what: string): void;
  crash(owner: Owner): void;
}

/** Makes calls that go through the scheduler, for one owner. */
export function caller(world: World, owner: Owner, failures: Failures): <T>(call: Call<T>) => Promise<T> {
  const { scheduler, random } = world;

  function fate(writes: boolean): keyof Faults | "works" {
    const { faults } = world;
    if (!writes) {
      const drawn = random.int(10_000) / 100;
      return drawn < faults.readFails ? "readFails" : drawn < faults.readFails + faults.crash / 4 ? "crash" : "works";
    }
    let drawn = random.int(10_000) / 100;
    for (const name of ["refuse", "vanish", "answerLost", "late", "twice", "crash"] as const) {
      if (drawn < faults[name]) return name;
      drawn -= faults[name];
    }
    return "works";
  }

  return <T>({ what, writes, once = false, effect, said = () => "" }: Call<T>) =>
    new Promise<T>((resolve, reject) => {
      const note = (how: string) => world.note(owner.name, `${what}${how === "" ? "" : ` → ${how}`}`);
      const later = () => {
        const at = scheduler.now() + random.int(random.percent(25) ? 4_000 : 60);
        scheduler.add({
          owner: undefined,
          packet: true,
          at,
          async run() {
            world.note(owner.name, `${what} → arrives late: ${said(await effect())}`);
          },
        });
      };
      async function run(): Promise<void> {
        const drawn = fate(writes);
        switch (drawn === "twice" && once ? "works" : drawn) {
          case "works": {
            const answer = await effect();
            note(said(answer));
            return resolve(answer);
          }
          case "readFails":
          case "refuse":
            note("fails");
            return reject(failures.refused(random));
          case "vanish":
            note("is lost on the way, nobody knows");
            return reject(failures.ambiguous());
          case "answerLost":
            note(`${said(await effect())}, and the answer is lost`);
            return reject(failures.ambiguous());
          case "late":
            note("no answer, and still on its way");
            later();
            return reject(failures.ambiguous());
          case "twice": {
            const first = await effect();
            if (random.percent(50)) {
              const second = await effect();
              note(`twice: ${said(first)}, then ${said(second)}`);
              return resolve(random.percent(50) ? first : second);
            }
            note(`${said(first)}, and a copy is still on its way`);
            later();
            return resolve(first);
          }
          case "crash": {
            const done = random.percent(50);
            note(done ? `${said(await effect())}, and the process dies` : "the process dies before it");
            return world.crash(owner);
          }
        }
      }
      // A bug of ours, or of the caller: it must surface where it was called.
      const guarded = () => run().catch(reject);
      scheduler.add({ owner, at: scheduler.now(), run: guarded, ...(writes ? { afterlife: effect } : {}) });
    });
}
