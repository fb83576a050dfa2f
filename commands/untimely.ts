/**
 * When a command may be said: near the time it was signed for. Without that an approval could be held back, by whoever got hold of it, and
 * used on the day it suits them. Comes after the question who may say it.
 */
import { clockSkewMsMax } from "../src/events/fields.js";
import { type Refused, refused, type SignedCommand } from "../src/ledger/Decision.js";
import type { Command } from "./Command.js";

/** How old a command may be, in hours: enough for a person to sign today what is sent tomorrow, too short to keep an approval in a drawer. */
export const commandAgeHoursMax = 24;

/** Why a command comes at the wrong time, or null. Whoever signs something decides now: it is not for others to choose when it counts. */
export function untimely(signed: SignedCommand, now: string): Refused | null {
  const { at } = signed.command as Command;
  const ageMs = Date.parse(now) - Date.parse(at);
  if (ageMs > commandAgeHoursMax * 3_600_000) {
    return refused(
      "COMMAND_EXPIRED",
      `The command was signed for ${at}, more than ${commandAgeHoursMax} hours before now, ${now}.`,
      { at, now, hoursMax: commandAgeHoursMax },
      "If it is still meant, sign it again, with a new id.",
    );
  }
  if (-ageMs > clockSkewMsMax) {
    return refused(
      "COMMAND_EARLY",
      `The command was signed for ${at}, more than ${clockSkewMsMax / 60_000} minutes after now, ${now}.`,
      { at, now, minutesMax: clockSkewMsMax / 60_000 },
      "Check the clock of the machine it was signed on, then sign it again, with a new id.",
    );
  }
  return null;
}
