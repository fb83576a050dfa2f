/**
 * Dead letters: messages on a broker that are no command at all. Each is recorded once, by the service that set it aside: where it stood,
 * how long it was, its digest and why. Must never carry anything of the message itself: it is anybody's, and the ledger keeps for ever.
 */

import { type DeadLetter, deadLetter } from "../src/events/deadLetterFacts.js";
import { asEvent } from "../src/events/decode.js";
import { streamName } from "../src/events/streams.js";
import { uuidV5 } from "../src/events/uuid.js";
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

/** Names that keys are derived under: a UUID of our own, for this purpose only. */
const namespace = "6f1f2f62-4a0e-4f0e-9b58-0c7d6b1b9a51";

/** One message, one key: its place on the broker and its bytes. A topic that was made anew has other bytes at the same place. */
export function deadLetterKey({ topic, partition, offset, digest }: Omit<DeadLetter, "size" | "code">): string {
  return uuidV5(namespace, `${topic}/${partition}/${offset}/${digest}`);
}

export function decideDeadLetter({ data }: CommandsOf<typeof commands>, world: World): Decision {
  const key = deadLetterKey(data);
  if (world.state(deadLetterCategory, key).recorded) return nothing;
  return accepted([{ stream: streamName("deadletter", key), type: "DeadLetterRecorded", data }]);
}
