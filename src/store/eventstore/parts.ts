/** From the events of the cluster's stream, in order, back to the appends they were written by. Pure; trusts nothing. */
import type { Append } from "../../ledger/Store.js";
import { corrupt, type Recorded } from "./record.js";

/** An append of the port, with where it stands. Its guards have been judged when it was written. */
export interface Placed {
  readonly position: number;
  readonly append: Append;
}

/** Collects events, one after the other. */
export interface PartReader {
  /** The append that this event completes; undefined while more of it is to come. Throws `CORRUPT` on one that does not continue it. */
  take(event: Recorded): Placed | undefined;
  /** The position of the first event of an append that is not complete. */
  readonly open: number | undefined;
}

const noEnvelope = new Uint8Array();

export function partReader(): PartReader {
  let begun: Recorded[] = [];
  return {
    take(event) {
      const first = begun[0];
      const continues =
        first === undefined ||
        (event.command === first.command &&
          event.part === first.part &&
          event.count === first.count &&
          event.last === first.last);
      if (!continues || event.index !== begun.length)
        throw corrupt(
          event.position,
          `position ${event.position} is event ${event.index + 1} of ${event.count} of part ${event.part} of command ${event.command}; before it stand ${begun.length} events of ${first === undefined ? "none" : `part ${first.part} of command ${first.command}`}`,
        );
      begun.push(event);
      if (begun.length < event.count) return undefined;
      const whole = begun;
      begun = [];
      return placed(whole);
    },
    get open() {
      return begun[0]?.position;
    },
  };
}

function placed(events: readonly Recorded[]): Placed {
  const { position, command, part, last, envelope } = events[0] as Recorded;
  const entries = events.map(({ stream, revision, bytes }) => ({ stream, revision, bytes }));
  return {
    position,
    append: { command: { id: command, part, last, envelope: envelope ?? noEnvelope }, entries, guards: [] },
  };
}
