/** One attack's own ledger: a copy of the base, its people, the attacker's hands, and what was seen before and after. */
import { cpSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type GovernedLedger, loadKey, openLedger, type Signer } from "../../src/app.js";
import {
  type Answer,
  attackedMs,
  type Clock,
  clockFrom,
  doing,
  type Facts,
  keptCheckpoint,
  type Say,
  speaking,
} from "./base.js";
import type { Eye, Saw, StoreKind } from "./Eye.js";
import { answering, replaying } from "./eyes.js";
import type { Hands } from "./Hands.js";

/** What must be seen: one thing in which all of this is so. */
export interface Expected {
  readonly code: string;
  readonly position?: number;
  readonly rule?: string;
  readonly words?: RegExp;
  /** And nothing with another code. */
  readonly alone?: true;
}

/** Somebody noticed. */
export interface Noticed {
  readonly by: string;
  readonly saw: Saw;
}

export interface Room {
  readonly kind: StoreKind;
  readonly dir: string;
  readonly ledger: string;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly hands: Hands;
  /** The command line, whoever types. */
  readonly say: Say;
  /** As `say`, by people who succeed in what they do. */
  readonly done: Say;
  /** The auditor's copy of the signed checkpoint. */
  readonly kept: string;
  /** A key as its file has it: of its owner, or of the thief. */
  key(principal: string): Signer;
  /** The library on this ledger; the clock stands still meanwhile. */
  using<T>(work: (ledger: GovernedLedger) => Promise<T>): Promise<T>;
  readonly eyes: {
    /** `replay` of the database alone. */
    readonly replay: Eye;
    /** `replay --checkpoint --vkey`, with what the auditor kept. */
    readonly holder: Eye;
    /** `log checkpoint`, which compares with the place outside before it signs. */
    readonly signing: Eye;
  };
  /** A path in the room. */
  path(...names: string[]): string;
  /** Everything these see is in order. To be asked before the attack. */
  untouched(...eyes: readonly Eye[]): Promise<void>;
  /** It sees something now, and that is what was expected. */
  noticed(eye: Eye, expected: Expected): Promise<Saw>;
  /** It sees nothing, although there is something. */
  blind(eye: Eye): Promise<void>;
  readonly seen: {
    readonly before: readonly string[];
    readonly noticed: readonly Noticed[];
    readonly blind: readonly string[];
  };
}

/** What a base is for a room: how it is copied, and the hands on the copy. */
export interface Base {
  readonly kind: StoreKind;
  readonly dir: string;
  readonly facts: Facts;
  /** A folder for a room, which goes with the process at the latest. */
  newFolder(): Promise<string>;
  /** A copy of the database; `dir` is the room's folder. */
  copy(dir: string): Promise<{ readonly ledger: string; readonly hands: Hands }>;
}

export async function withRoom<T>(base: Base, use: (room: Room) => Promise<T>): Promise<T> {
  const dir = await base.newFolder();
  try {
    for (const name of ["keys", "outside", "auditor"])
      cpSync(join(base.dir, name), join(dir, name), { recursive: true });
    const { ledger, hands } = await base.copy(dir);
    const clock = clockFrom(attackedMs);
    const { say } = speaking({ dir, ledger }, { clock, drawn: "attack " });
    return await use(roomOf({ base, dir, ledger, hands, clock, say }));
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function roomOf(made: { base: Base; dir: string; ledger: string; hands: Hands; clock: Clock; say: Say }): Room {
  const { base, dir, ledger, hands, clock, say } = made;
  const before: string[] = [];
  const noticed: Noticed[] = [];
  const blind: string[] = [];
  const kept = keptCheckpoint(dir);
  const nothing = async ({ name, look }: Eye, when: string) => {
    const saw = await look();
    if (saw.length > 0) throw new Error(`${name} ${when}: ${JSON.stringify(saw[0])}`);
  };
  return {
    kind: base.kind,
    dir,
    ledger,
    facts: base.facts,
    clock,
    hands,
    say,
    done: doing(say),
    kept,
    key: (principal) => loadKey(join(dir, "keys"), principal),
    async using(work) {
      const at = clock.now();
      const opened = await openLedger(ledger, { clock: () => at });
      try {
        return await work(opened);
      } finally {
        await opened.close();
      }
    },
    eyes: {
      replay: replaying(say, "replay"),
      holder: replaying(say, "replay --checkpoint", "--checkpoint", kept, "--vkey", base.facts.vkey),
      signing: answering("log checkpoint", (): Promise<Answer> => say("log", "checkpoint")),
    },
    path: (...names) => join(dir, ...names),
    async untouched(...eyes) {
      for (const eye of eyes) {
        await nothing(eye, "found something before the attack");
        before.push(eye.name);
      }
    },
    async noticed(eye, { words, alone, ...fields }) {
      const saw = await eye.look();
      const found = saw.find(
        (one) =>
          Object.entries(fields).every(([name, value]) => one[name as keyof Saw] === value) &&
          (words === undefined || words.test(one.words)),
      );
      const others = alone === true ? saw.filter(({ code }) => code !== fields.code) : [];
      if (found === undefined || others.length > 0)
        throw new Error(
          `${eye.name} was to notice ${JSON.stringify(fields)} ${words ?? ""}${alone ? ", alone" : ""}; it saw ${JSON.stringify(saw)}`,
        );
      noticed.push({
        by: `${eye.name}: ${found.code}`,
        saw: { ...found, words: found.words.replaceAll(`${dir}/`, "") },
      });
      return found;
    },
    async blind(eye) {
      await nothing(eye, "was said to be blind to this, and sees");
      blind.push(eye.name);
    },
    seen: { before, noticed, blind },
  };
}
