/**
 * The newest time on the whole ledger, as far as this process knows: of its last event, of what was loaded, of what it wrote itself. The
 * engine stamps nothing before it, and does not write at all while its own clock is far behind it. It must never delay a
 * decision by more than one look at the ledger's end a second.
 */
import { parseEvent } from "../events/envelope.js";
import { clockSkewMsMax } from "../events/fields.js";
import { type Refused, refused } from "./Decision.js";
import { parseStored } from "./load.js";
import type { Store } from "./Store.js";

export interface NewestTime {
  /** RFC 3339; empty for none. */
  known(): string;
  /** Takes a time into account. */
  note(time: string): void;
  /** Looks at the ledger's end, if the last look was a second or more from `clock`; undefined where there is nothing to wait for. */
  lookUp(clock: string): Promise<void> | undefined;
}

/** How often the ledger's end is looked at, in milliseconds: other processes write too. Far less than the skew allowed. */
const lookMsMin = 1000;

export function newestTime(store: Pick<Store, "head" | "read">): NewestTime {
  let newest = "";
  let lookedAtMs = Number.NaN;
  let sizeSeen = 0;
  let looking: Promise<void> | undefined;

  function note(time: string): void {
    if (time > newest) newest = time;
  }

  async function look(): Promise<void> {
    const { size } = await store.head();
    if (size === sizeSeen) return;
    const [last] = await store.read(size - 1, 1);
    if (last !== undefined) note(parseStored(last, parseEvent).time);
    sizeSeen = size;
  }

  return {
    known: () => newest,
    note,
    lookUp(clock) {
      const clockMs = Date.parse(clock);
      if (Math.abs(clockMs - lookedAtMs) < lookMsMin) return looking;
      lookedAtMs = clockMs;
      looking = look().then(
        () => {
          looking = undefined;
        },
        (error: unknown) => {
          looking = undefined;
          lookedAtMs = Number.NaN;
          throw error;
        },
      );
      return looking;
    },
  };
}

/** Why nothing is decided by this clock, or null: the ledger is further on than honest clocks stand apart. Not recorded: by which time? */
export function clockBehind(clock: string, newest: string): Refused | null {
  if (newest <= clock) return null;
  const behindMs = Date.parse(newest) - Date.parse(clock);
  if (behindMs <= clockSkewMsMax) return null;
  const minutesMax = clockSkewMsMax / 60_000;
  return {
    ...refused(
      "CLOCK_BEHIND",
      `The ledger's newest event is of ${newest}; this machine's clock says ${clock}, more than ${minutesMax} minutes before it.`,
      { newest, clock, minutesMax },
      "Check this machine's clock. If it is right, 'iu-ledger replay' names the event whose time is wrong.",
    ),
    record: false,
  };
}
