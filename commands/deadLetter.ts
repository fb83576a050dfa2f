/**
 * Dead letters: messages on a broker that are no command at all. Each is recorded once, by the service that set it aside: where it stood,
 * how long it was, its digest and why. Must never carry anything of the message itself: it is anybody's, and the ledger keeps for ever.
 */

import { type DeadLetter, deadLetter } from "../src/events/deadLetterFacts.js";
import { asEvent } from "../src/events/decode.js";
import { streamName } from "../src/events/streams.js";
import { deadLetters, uuidV5 } from "../src/events/uuid.js";
import { accepted, type Category, type Decision, nothing, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";

export const commands = { RecordDeadLetter: deadLetter };

export interface DeadLetterState {
  recorded: boolean;
}

export const deadLetterCategory: Category<DeadLetterState> = {
  name: "deadletter",
  initial: () => ({ recorded: false }),
  evolve(state, envelope) {
    if (asEvent(envelope).type === "DeadLetterRecorded") state.recorded = true;
  },
};

/** One message, one key: its place on the broker and its bytes. A topic that was made anew has other bytes at the same place. */
export function deadLetterKey({ topic, partition, offset, digest }: Omit<DeadLetter, "size" | "code">): string {
  return uuidV5(deadLetters, `${topic}/${partition}/${offset}/${digest}`);
}

export function decideDeadLetter({ data }: CommandsOf<typeof commands>, world: World): Decision {
  const key = deadLetterKey(data);
  if (world.state(deadLetterCategory, key).recorded) return nothing;
  return accepted([{ stream: streamName("deadletter", key), type: "DeadLetterRecorded", data }]);
}
